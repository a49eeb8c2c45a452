import Foundation
import TestSupport
import Testing

/// Watching through Prometheus, and what it is given, by the program itself.
@Suite(.timeLimit(.minutes(2))) struct PrometheusTests {
  @Test func whoDoesNotAnswerIsNamed() throws {
    let check = try ProgramRun("check --prometheus http://127.0.0.1:1")
    #expect(check.status == 2, "\(check)")
    #expect(
      check.output.contains("failing: fleet: Prometheus at 127.0.0.1:1: connection refused"),
      "\(check)")
    let json = try ProgramRun("check --prometheus 127.0.0.1:1 --json")
    #expect(json.output.contains(#""kind":"relay-fails""#), "\(json)")
    let snapshot = try ProgramRun("snapshot --prometheus http://127.0.0.1:1")
    #expect(
      snapshot.output.contains("Prometheus at 127.0.0.1:1: connection refused"), "\(snapshot)")
    // What a check finds, for whoever gets the picture.
    let found = "failing: fleet: Prometheus at 127.0.0.1:1: connection refused"
    #expect(snapshot.errors.contains(found), "\(snapshot)")
    let masked = try ProgramRun("snapshot --mask --prometheus http://127.0.0.1:1")
    #expect(masked.output.contains("Prometheus at prometheus-1: connection refused"), "\(masked)")
    #expect(masked.errors.contains("Prometheus at prometheus-1: connection refused"), "\(masked)")
    #expect(!masked.errors.contains("127.0.0.1"), "\(masked)")
  }

  @Test(.needs("prometheus")) func aFleetThatIsScrapedIsChecked() async throws {
    let lab = try LabProgram("--traffic steady 2>&1")
    defer { lab.end() }
    let vtgates = lab.greeting.matches(of: /--vtgate (127\.0\.0\.1:\d+)/).map { String($0.1) }
    try #require(!vtgates.isEmpty, "\(lab.greeting)")
    let server = try await ScrapingServer(
      .victoriaMetrics, scraping: [.init("vtgate", [(vtgates, ["cluster": "prod"])])])
    defer { server.end() }
    var check: ProgramRun?
    try await wait(for: "two scrapes of each", upTo: .seconds(30)) {
      let run = try await ProgramRun.besideServers(
        "check --prometheus http://127.0.0.1:\(server.port) --match 'cluster=\"prod\"'")
      check = run
      return run.status == 0
    }
    let run = try #require(check)
    #expect(run.output.hasPrefix("healthy; shards: 3, problems: 0\n"), "\(run)")
    #expect(
      run.output.contains(
        "note: fleet: told by Prometheus at 127.0.0.1:\(server.port), which scrapes"),
      "\(run)")
    let other = try await ProgramRun.besideServers(
      "check --prometheus http://127.0.0.1:\(server.port) --match 'cluster=\"dev\"'")
    #expect(other.status == 2, "\(other)")
    #expect(other.output.contains("--match may leave it out"), "\(other)")
    // What is recorded through it says so, too.
    let folder = try ScratchFolder()
    defer { folder.remove() }
    _ = try await ProgramRun.besideServers(
      "record --prometheus http://127.0.0.1:\(server.port) --into \(folder.path) --for 4s")
    let file = try #require(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).first {
        $0.hasSuffix(".sluice")
      })
    let replayed = try ProgramRun("snapshot --size 160x40 --recording \(folder.path)/\(file)")
    #expect(replayed.output.contains("PROMETHEUS ±"), "\(replayed)")
  }

  /// By the same file as the dashboard, and for the same cluster.
  @Test func rulesAreMadeOfTheSettings() throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    try folder.write(
      """
      cluster-label = "env"
      [clusters.prod-eu]
      prometheus = "http://prom:9090"
      match = 'env="eu"'
      ignore = ["restore_*"]
      lag-threshold = "12s"
      [clusters.prod-us]
      prometheus = "http://prom:9090"

      """, to: "sluice/config.toml")
    let environment = ["XDG_CONFIG_HOME": folder.path]
    let rules = try ProgramRun("rules --cluster prod-eu", environment)
    for part in [#"env="eu""#, #"keyspace=~"restore_.*""#, "> 12 <", "by (env, "] {
      #expect(rules.output.contains(part), "\(part) in \(rules)")
    }
    let other = try ProgramRun("rules --cluster prod-us --lag-threshold 3s", environment)
    #expect(!other.output.contains("restore_") && !other.output.contains(#"env="eu""#), "\(other)")
    #expect(other.output.contains("> 3 <") && other.output.contains("by (env, "), "\(other)")
    #expect(rules.errors.isEmpty && other.errors.isEmpty, "\(rules.errors)\(other.errors)")
    let none = try ProgramRun("rules", environment)
    #expect(none.status == 0 && !none.output.contains(#"env="eu""#), "\(none)")
    #expect(
      none.errors.hasSuffix("sets for prod-eu does not count: --cluster NAME takes one\n"),
      "\(none.errors)")
    let board = try ProgramRun("grafana", environment)
    // Its label is the file's own.
    #expect(board.errors.isEmpty, "\(board.errors)")
    #expect(board.output.contains(#"env=~\"$cluster\""#), "\(board)")
  }

  @Test func rulesAndBoardArePrinted() throws {
    let rules = try ProgramRun(
      "rules --for 2m --lag-threshold 10s --ignore 'restore_*/0' --match 'cluster=\"prod\"'")
    #expect(rules.status == 0 && rules.output.contains("- alert: VitessNoPrimary"), "\(rules)")
    let board = try ProgramRun("grafana --cluster-label env")
    #expect(
      try JSONSerialization.jsonObject(with: Data(board.output.utf8)) is [String: Any], "\(board)")
  }
}
