internal import Foundation

/// A Prometheus or VictoriaMetrics of a test's own, which scrapes what it is told to once a second.
package final class ScrapingServer: Sendable {
  package enum Kind: String, CaseIterable, Sendable {
    case prometheus
    case victoriaMetrics = "victoria-metrics"

    fileprivate var program: String? { PeerProgram.path(rawValue) }
  }

  /// Some targets that have labels in common.
  package struct Job: Sendable {
    let name: String
    let groups: [(targets: [String], labels: [String: String])]

    package init(_ name: String, _ groups: [(targets: [String], labels: [String: String])]) {
      self.name = name
      self.groups = groups
    }
  }

  package let port: Int
  private let process: Process
  private let folder: URL

  package init(_ kind: Kind, scraping jobs: [Job]) async throws {
    port = try await LoopbackPort.free()
    folder = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let configuration = folder.appending(path: "scrape.yml").path
    try Self.configuration(jobs).write(toFile: configuration, atomically: true, encoding: .utf8)
    process = Process()
    process.executableURL = URL(filePath: kind.program ?? kind.rawValue)
    process.arguments =
      switch kind {
      case .prometheus:
        [
          "--config.file=\(configuration)", "--storage.tsdb.path=\(folder.path)/data",
          "--web.listen-address=127.0.0.1:\(port)", "--log.level=error",
        ]
      case .victoriaMetrics:
        [
          "-promscrape.config=\(configuration)", "-storageDataPath=\(folder.path)/data",
          "-httpListenAddr=127.0.0.1:\(port)", "-loggerLevel=ERROR", "-memory.allowedPercent=5",
        ]
      }
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    process.currentDirectoryURL = folder
    try process.run()
  }

  package func end() {
    process.terminate()
    process.waitUntilExit()
    try? FileManager.default.removeItem(at: folder)
  }

  private static func configuration(_ jobs: [Job]) -> String {
    var lines = ["global: {scrape_interval: 1s, scrape_timeout: 1s}"]
    if !jobs.isEmpty { lines.append("scrape_configs:") }
    for job in jobs {
      lines += ["- job_name: \(job.name)", "  static_configs:"]
      for group in job.groups {
        let targets = group.targets.map { "'\($0)'" }.joined(separator: ", ")
        let labels = group.labels.sorted { $0.key < $1.key }.map { "\($0.key): '\($0.value)'" }
          .joined(separator: ", ")
        lines.append("  - {targets: [\(targets)], labels: {\(labels)}}")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
