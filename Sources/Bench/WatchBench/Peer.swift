internal import FoundationEssentials

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Musl
#endif

/// Another program that reads the same pages as often.
enum Peer: String, CaseIterable {
  case prometheus = "Prometheus"
  case victoriaMetrics = "VictoriaMetrics"

  private var name: String { self == .prometheus ? "prometheus" : "victoria-metrics" }

  /// Installed, or fetched for the tests.
  var path: String? {
    ["/usr/bin/\(name)", "/usr/local/bin/\(name)", ".build/tools/usr/bin/\(name)"]
      .first { access($0, X_OK) == 0 }
  }

  /// Starts it on an empty folder, which is removed by the caller; nil where it is not installed.
  func start(in folder: String, scraping places: [String]) throws -> Child? {
    guard let path else { return nil }
    let own = "\(folder)/\(name)"
    let targets = places.map { "'\($0)'" }.joined(separator: ", ")
    let configuration = """
      global: {scrape_interval: 1s, scrape_timeout: 1s}
      scrape_configs: [{job_name: vtgate, static_configs: [{targets: [\(targets)]}]}]

      """
    try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
    try configuration.write(toFile: "\(own)/scrape.yml", atomically: false, encoding: .utf8)
    switch self {
    case .prometheus:
      return try Child([
        path, "--config.file=\(own)/scrape.yml", "--storage.tsdb.path=\(own)/data",
        "--web.listen-address=127.0.0.1:0", "--log.level=error",
      ])
    case .victoriaMetrics:
      return try Child([
        path, "-promscrape.config=\(own)/scrape.yml", "-storageDataPath=\(own)/data",
        "-httpListenAddr=127.0.0.1:0", "-loggerLevel=ERROR",
      ])
    }
  }
}

extension String {
  fileprivate func write(
    toFile path: String, atomically: Bool, encoding: String.Encoding
  ) throws {
    try write(to: URL(filePath: path), atomically: atomically, encoding: encoding)
  }
}
