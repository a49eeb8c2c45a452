import Alerting
import Foundation
import Lab
import LabServer
import Terms
import TestSupport
import Testing
import Timing
import VitessClient

/// Rules and dashboards as Prometheus itself reads them.
@Suite(.timeLimit(.minutes(2)), .serialized) struct RulesTests {
  /// Runs promtool on files of a folder; nil where it is content.
  private func complaint(of arguments: [String], _ files: [String: String]) throws -> String? {
    let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, text) in files {
      try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
    }
    let process = Process()
    process.executableURL = URL(filePath: try #require(PeerProgram.path("promtool")))
    process.arguments = arguments
    process.currentDirectoryURL = folder
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(
      decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    return process.terminationStatus == 0 ? nil : text
  }

  private var rules: TroubleRules.Settings {
    var settings = TroubleRules.Settings()
    settings.ignored = [NamePattern("restore_*/0")]
    return settings
  }

  @Test(.needs("promtool")) func promtoolTakesTheRules() throws {
    let plain = TroubleRules(TroubleRules.Settings()).yaml
    #expect(try complaint(of: ["check", "rules", "rules.yml"], ["rules.yml": plain]) == nil)
    var settings = rules
    settings.queries = FleetQueries(clusterLabel: "env", matchers: [#"env="prod""#])
    settings.lasting = .zero
    settings.lagThreshold = 2.5
    let other = TroubleRules(settings).yaml
    #expect(try complaint(of: ["check", "rules", "rules.yml"], ["rules.yml": other]) == nil)
    #expect(other.contains(#"env="prod""#) && other.contains("> 2.5"))
  }

  /// What `--ignore` names in any of its ways is quiet, and nothing else is.
  @Test(
    .needs("promtool"),
    arguments: [
      ("restore_*", 0), ("restore_1/0", 0), ("restore_?/*", 0), ("restore", 1),
      ("restore_1/-80", 1),
      (#"re"st\"#, 1),
    ])
  func shardsAreIgnoredByPattern(_ pattern: String, _ alerts: Int) throws {
    try expect(
      "VitessNoPrimary", ignoring: pattern, firing: alerts,
      """
          - series: 'vtgate_buffer_starts{job="vtgate",instance="gate:15001",keyspace="restore_1",shard_name="0"}'
            values: '0x40'
      """)
  }

  @Test(
    .needs("promtool"),
    arguments: [
      ("zone3", 0), ("zone3-100", 0), ("zone3-0000000100", 0), ("db-1:*", 0),
      ("vttablet db-1:15100", 0),
      ("commerce", 0), ("commerce/-80", 0), ("vtgate db-1:15100", 1), ("zone", 1),
      ("commerce/80-", 1),
      ("db.1:15100", 1),
    ])
  func tabletsAreIgnoredByPattern(_ pattern: String, _ alerts: Int) throws {
    let labels =
      #"job="vttablet",instance="db-1:15100",keyspace="commerce",shard="-80",alias="zone3-0000000100""#
    let series = """
          - series: 'up{\(labels)}'
            values: '1x4 0x36'
          - series: 'vttablet_tablet_state{\(labels)}'
            values: '1x4 stale'
          - series: 'vttablet_replication_lag_sec{\(labels)}'
            values: '9x40'
      """
    try expect("VitessTabletDown", ignoring: pattern, firing: alerts, series)
    try expect("VitessLagOverThreshold", ignoring: pattern, firing: alerts, series)
  }

  @Test(
    .needs("promtool"),
    arguments: [
      ("gate-1:15001", 0), ("vtgate gate-?:*", 0), ("vttablet gate-1:*", 1), ("zone1", 1),
    ])
  func vtgatesAreIgnoredByPattern(_ pattern: String, _ alerts: Int) throws {
    try expect(
      "VitessVtgateDown", ignoring: pattern, firing: alerts,
      """
          - series: 'up{job="vtgate",instance="gate-1:15001"}'
            values: '1x4 0x36'
          - series: 'vtgate_buffer_size{job="vtgate",instance="gate-1:15001"}'
            values: '10x4 stale'
      """)
  }

  /// How many alerts of a name fire after eight minutes.
  private func expect(
    _ alert: String, ignoring pattern: String, firing count: Int, _ series: String
  ) throws {
    var settings = TroubleRules.Settings()
    settings.ignored = [NamePattern(pattern)]
    let samples = count == 0 ? "[]" : "[{labels: '{}', value: \(count)}]"
    let test = """
      rule_files: [rules.yml]
      evaluation_interval: 15s
      tests:
      - interval: 15s
        input_series:
      \(series)
        promql_expr_test:
        - expr: 'count(ALERTS{alertname="\(alert)",alertstate="firing"})'
          eval_time: 8m
          exp_samples: \(samples)

      """
    let found = try complaint(
      of: ["test", "rules", "test.yml"],
      ["rules.yml": TroubleRules(settings).yaml, "test.yml": test])
    #expect(found == nil, "\(alert) ignoring \(pattern): \(found ?? "")")
  }

  /// Each alert fires when its trouble is there, and not for what is ignored or was before.
  @Test(.needs("promtool")) func theyFireWhenTheyShould() throws {
    let test = """
      rule_files: [rules.yml]
      evaluation_interval: 15s
      tests:
      - interval: 15s
        input_series:
        - series: 'up{job="vtgate",instance="gate:15001"}'
          values: '1x40 0x40'
        - series: 'vtgate_buffer_size{job="vtgate",instance="gate:15001"}'
          values: '1000x40'
        - series: 'vtgate_buffer_starts{job="vtgate",instance="gate:15001",keyspace="commerce",shard_name="0"}'
          values: '0x10 1x70'
        - series: 'vtgate_buffer_stops{job="vtgate",instance="gate:15001",keyspace="commerce",shard_name="0",reason="NewPrimarySeen"}'
          values: '0x12 1x70'
        - series: 'vtgate_buffer_starts{job="vtgate",instance="gate:15001",keyspace="restore_1",shard_name="0"}'
          values: '0x80'
        - series: 'vtgate_healthcheck_connections{job="vtgate",instance="gate:15001",keyspace="commerce",shard_name="0",tablet_type="primary"}'
          values: '1x10 stale _x19 1x50'
        - series: 'vtgate_buffer_requests_evicted{job="vtgate",instance="gate:15001",keyspace="commerce",shard_name="0",reason="BufferFull"}'
          values: '0x11 0+4x1 4x66'
        - series: 'vtgate_buffer_requests_skipped{job="vtgate",instance="gate:15001",keyspace="commerce",shard_name="0",reason="BufferFull"}'
          values: '0x80'
        - series: 'vttablet_replication_lag_sec{job="vttablet",instance="tab:15100",keyspace="commerce",shard="0"}'
          values: '0x4 7x20 0x60'
        alert_rule_test:
        - eval_time: 2m
          alertname: VitessNoPrimary
          exp_alerts: []
        - eval_time: 6m
          alertname: VitessNoPrimary
          exp_alerts:
          - exp_labels: {severity: critical, keyspace: commerce, shard_name: "0"}
            exp_annotations:
              summary: 'commerce/0: no vtgate sees a serving primary'
              description: 'Writes wait in vtgates'' buffers or fail. A shard without a primary on purpose, as of a snapshot keyspace, is set aside with --ignore.'
        - eval_time: 9m
          alertname: VitessNoPrimary
          exp_alerts: []
        - eval_time: 2m45s
          alertname: VitessBuffering
          exp_alerts:
          - exp_labels: {severity: info, keyspace: commerce, shard_name: "0"}
            exp_annotations:
              summary: 'commerce/0: BUFFERING on 1 vtgates'
              description: 'A failover is going on, or tables are being moved: requests wait.'
        - eval_time: 6m
          alertname: VitessBuffering
          exp_alerts: []
        - eval_time: 4m
          alertname: VitessLagOverThreshold
          exp_alerts:
          - exp_labels: {severity: warning, keyspace: commerce, shard: "0", instance: "tab:15100"}
            exp_annotations:
              summary: 'commerce/0 tab:15100: lag is 7 s by replication status, over its threshold of 5 s'
              description: 'A throttler with that threshold holds its apps back, and a reparent takes longer.'
        - eval_time: 8m
          alertname: VitessLagOverThreshold
          exp_alerts: []
        - eval_time: 15m
          alertname: VitessVtgateDown
          exp_alerts:
          - exp_labels: {severity: warning, job: vtgate, instance: "gate:15001"}
            exp_annotations:
              summary: 'vtgate gate:15001: it could not be scraped'
              description: 'What it holds, drains and loses is not known.'
        - eval_time: 15m
          alertname: VitessBlind
          exp_alerts:
          - exp_labels: {severity: critical}
            exp_annotations:
              summary: 'blind: no vtgate answers'
              description: 'Prometheus cannot scrape a single vtgate, so nothing is known of any shard.'
        - eval_time: 9m
          alertname: VitessBlind
          exp_alerts: []
        promql_expr_test:
        - expr: 'count(ALERTS{alertname="VitessRequestsLost",alertstate="firing"})'
          eval_time: 4m
          exp_samples: [{labels: '{}', value: 1}]

      """
    let found = try complaint(
      of: ["test", "rules", "test.yml"],
      ["rules.yml": TroubleRules(rules).yaml, "test.yml": test])
    #expect(found == nil, "\(found ?? "")")
  }

  /// Every query of the dashboard and of the recording rules gives data of a lab that is scraped.
  @Test(.needs("prometheus", "victoria-metrics"), arguments: ScrapingServer.Kind.allCases)
  func theBoardsQueriesGiveData(
    _ kind: ScrapingServer.Kind
  ) async throws {
    let clock = RunClock()
    var configuration = LabCluster.Configuration()
    configuration.traffic = [Traffic(.steady, to: ShardName(keyspace: "commerce", shard: "-80"))]
    configuration.promotion = .seconds(3)
    let host = LabHost(configuration) { clock.now }
    let addresses = try await host.start(.free)
    let server = try await ScrapingServer(
      kind,
      scraping: [
        .init("vtgate", [(addresses.vtgates.map(\.description), [:])]),
        .init(
          "vttablet",
          [(addresses.tablets.values.map(\.description), ["keyspace": "commerce", "shard": "-80"])]),
      ])
    let fetcher = HTTPFetcher(deadline: .seconds(5))
    let address = Address(host: "127.0.0.1", port: server.port)
    func data(_ query: String) async throws -> (text: String, hasData: Bool) {
      let query = query.replacing("$__rate_interval", with: "1m").replacing("$__range", with: "1m")
        .replacing("$cluster", with: ".*").replacing("$keyspace", with: ".*")
        .replacing("$shard", with: ".*")
      let encoded = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
      let page = try await fetcher.page(
        "/api/v1/query?nocache=1&query=\(encoded)", at: address, isLong: true)
      return (page.text, page.text.contains(#""value":["#))
    }
    // All but the first fall into the cool-down, are not buffered, and fail queries.
    await host.reparent(every: .seconds(5), first: .seconds(1)) { _ in }
    let board = HistoryBoard()
    #expect(board.panelQueries.count >= 12)
    for (panel, query) in board.panelQueries {
      var last = ""
      try await wait(for: "data of \(panel): \(query)", upTo: .seconds(20)) {
        guard let answer = try? await data(query) else { return false }
        last = answer.text
        // Once the failover is over, nothing buffers; that it can be asked for is enough then.
        return answer.hasData
          || panel == "Vtgates that buffer" && last.contains(#""status":"success""#)
      }
      #expect(last.contains(#""status":"success""#), "\(panel): \(last)")
    }
    await fetcher.shutdown()
    server.end()
    await host.stop()
  }

  @Test func theBoardIsWhatGrafanaReads() throws {
    let json = try HistoryBoard(clusterLabel: "env").json
    let board = try #require(
      try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    let panels = try #require(board["panels"] as? [[String: Any]])
    #expect(Set(panels.compactMap { $0["id"] as? Int }).count == panels.count)
    let variables = try #require(
      (board["templating"] as? [String: Any])?["list"] as? [[String: Any]])
    #expect(
      variables.compactMap { $0["name"] as? String }
        == ["datasource", "cluster", "keyspace", "shard"])
    #expect(json.contains(#"env=~\"$cluster\""#) && json.contains("${datasource}"))
  }
}
