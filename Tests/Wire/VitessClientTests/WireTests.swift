import FleetModel
import Foundation
import Terms
import TestSupport
import Testing
import Wording
import VitessClient

private let commerce = ShardName(keyspace: "commerce", shard: "0")

@Suite struct VtgateMetricsTests {
  @Test func countersOfASlowFailoverAreTaken() throws {
    let body = try Fixtures.data("vitess-22/http/mid-failover-slow-catch-up/vtgate.metrics.txt.gz")
    let reading = VtgateMetrics(body: body).reading
    let counters = try #require(reading.buffers[commerce])
    #expect(counters.isBuffering == true)
    #expect(counters.starts == 1)
    #expect(counters.buffered == 6)
    #expect(counters.held == 6)
    #expect(reading.bufferSize == 1000)
    #expect(reading.processStart != nil)
    #expect(reading.complaint == nil)
  }

  @Test func aVtgateWithoutBufferingHasOnlyTheSize() throws {
    let body = try Fixtures.data("vitess-22/http/vtgate-fresh-buffer-off/vtgate.metrics.txt.gz")
    let metrics = VtgateMetrics(body: body)
    #expect(metrics.failure == nil)
    #expect(metrics.reading.buffers.isEmpty)
    #expect(metrics.reading.bufferSize == 1000)
    #expect(metrics.reading.primaryConnections == [commerce: 1])
  }

  @Test func lastGaugesAreNoDataBeforeTheFirstFailover() throws {
    let body = try Fixtures.data("vitess-16/http/vtgate-fresh-no-traffic/vtgate.metrics.txt.gz")
    let counters = VtgateMetrics(body: body).reading.buffers[commerce]
    #expect(counters?.lastFailoverDuration == nil)
    #expect(counters?.lastRequestsInFlightMax == nil)
  }

  /// By hand from go/vt/vtgate/buffer/variables.go at v10.0.5, and a reason no release has.
  @Test func oldAndUnknownReasonsAreKept() throws {
    let text = """
      vtgate_buffer_stops{keyspace="a",reason="NewMasterSeen",shard_name="-80"} 2
      vtgate_buffer_requests_skipped{keyspace="a",reason="MoonTooBright",shard_name="-80"} 3
      vtgate_healthcheck_connections{keyspace="a",shard_name="-80",tablet_type="master"} 1
      vtgate_vttablet_call_error_count{db_type="primary",keyspace="a",operation="Execute",shard_name="-80"} 4
      vtgate_vttablet_call_error_count{db_type="primary",keyspace="a",operation="Begin",shard_name="-80"} 5
      vtgate_vttablet_call_error_count{db_type="replica",keyspace="a",operation="Execute",shard_name="-80"} 9
      vtgate_buffer_requests_buffered{keyspace="a",shard_name="-80"} NaN
      """
    let shard = ShardName(keyspace: "a", shard: "-80")
    let reading = VtgateMetrics(body: text.utf8).reading
    let counters = try #require(reading.buffers[shard])
    #expect(counters.stops == [.newPrimarySeen: 2])
    #expect(counters.skipped == [SkipReason(rawValue: "MoonTooBright"): 3])
    #expect(counters[.buffered] == nil)
    #expect(reading.primaryConnections == [shard: 1])
    #expect(reading.callErrors == [shard: 9])
  }

  @Test(
    arguments: zip(
      [
        "<!DOCTYPE html><html></html>", "", "go_goroutines 5\n",
        "vtgate_buffer_size 10\nvtgate_buffer_starts{ 1\n",
      ],
      [
        "/metrics is not understood: line 1 is neither a comment nor a sample",
        "/metrics has nothing of a vtgate in it",
        "/metrics has nothing of a vtgate in it", nil,
      ]))
  func whatIsNoVtgateSaysSo(_ body: String, _ expected: String?) {
    #expect(VtgateMetrics(body: body.utf8).failure.map(Wording().words) == expected)
  }

  @Test(arguments: Fixtures.paths { $0.contains("http/") && $0.hasSuffix("vtgate.metrics.txt.gz") })
  func theInvariantHoldsInEveryRecording(_ path: String) throws {
    let reading = VtgateMetrics(body: try Fixtures.data(path)).reading
    for counters in reading.buffers.values {
      #expect(counters.buffered >= counters.drained + counters.evictedTotal)
      #expect(counters.starts - counters.stopsTotal == (counters.isBuffering == true ? 1 : 0))
    }
  }
}

@Suite struct DebugGatewayTests {
  @Test(arguments: Fixtures.paths { $0.hasSuffix("debug-gateway.json") })
  func everyRecordingNamesThreeTabletsWithTheirPorts(_ path: String) throws {
    let tablets = try DebugGateway.decode(try Fixtures.data(path)).all
    #expect(Set(tablets.map(\.alias.uid)) == [100, 101, 102])
    for tablet in tablets {
      #expect(tablet.shard == commerce)
      #expect(tablet.address == Address(host: "127.0.0.1", port: 15000 + Int(tablet.alias.uid)))
    }
  }

  @Test func theNewestTermIsThePrimaryOfTheRecordedReparent() throws {
    var primaries: [UInt32] = []
    for tick in try Fixtures.objects("vitess-16/http/gateway/planned-reparent.timeline.ndjson.gz") {
      let body: Data
      if let text = tick["body"] as? String {
        body = Data(text.utf8)
      } else {
        body = try JSONSerialization.data(withJSONObject: tick["body"] ?? [])
      }
      let serving = try DebugGateway.decode(body).all.filter { $0.type == .primary && $0.isServing }
      if let primary = serving.max(by: { $0.primaryTermStart < $1.primaryTermStart }),
        primaries.last != primary.alias.uid
      {
        primaries.append(primary.alias.uid)
      }
    }
    #expect(primaries.count == 2)
  }

  /// By hand from go/vt/discovery at v10.0.5: other names, extra fields, an error as `{}`.
  @Test func theOldShapeIsRead() throws {
    let body = """
      [{"Cell":"c","Target":{"keyspace":"k","shard":"-","tablet_type":1},"TabletsStats":[
      {"Key":"x","Tablet":{"alias":{"cell":"c","uid":7},"hostname":"h","port_map":{"vt":1,"grpc":2},
      "keyspace":"k","shard":"-","type":1},"Name":"c-7","Target":{"keyspace":"k","shard":"-",
      "tablet_type":1},"Up":true,"Serving":true,"TabletExternallyReparentedTimestamp":5,
      "MasterTermStartTime":5,"Stats":{"seconds_behind_master":3},"LastError":{}}]}]
      """
    let tablet = try #require(try DebugGateway.decode(Data(body.utf8)).all.first)
    #expect(tablet.primaryTermStart == 5)
    #expect(tablet.replicationLag == 3)
    #expect(tablet.hasError)
  }

  @Test func aTabletWithAnEmptiedRecordHasNoAddress() throws {
    let body = """
      [{"Cell":"c","Target":{"keyspace":"k","shard":"0","tablet_type":2},"TabletsStats":[{"Tablet":
      {"alias":{"cell":"c","uid":7}},"Target":{"keyspace":"k","shard":"0","tablet_type":2},
      "Serving":false,"Stats":null,"LastError":null}]}]
      """
    let tablet = try #require(try DebugGateway.decode(Data(body.utf8)).all.first)
    #expect(tablet.address == nil)
    #expect(tablet.replicationLag == nil)
  }

  @Test func nullIsAnEmptyListAndHTMLAnError() throws {
    #expect(try DebugGateway.decode(Data("null".utf8)).all.isEmpty)
    #expect(
      throws: ScrapeFailure.notUnderstood(
        path: "/debug/gateway", .malformed(reason: "it is not JSON"))
    ) {
      try DebugGateway.decode(Data("<html>".utf8))
    }
  }
}

@Suite struct ThrottlerStatusTests {
  private static func decode(_ text: String) throws -> ThrottlerReading {
    try ThrottlerStatus.decode(Data(text.utf8)).reading
  }

  @Test(arguments: Fixtures.paths { $0.hasSuffix("throttler-status.json") })
  func everyRecordedStatusIsRead(_ path: String) throws {
    let (reading, shard) = try ThrottlerStatus.decode(try Fixtures.data(path))
    #expect(shard == commerce)
    #expect(reading.isOpen != nil)
    #expect(reading.metric == .lag)
  }

  /// A name that is escaped is left to a decoder, and with it the whole page.
  @Test func whatIsScannedIsWhatADecoderReads() throws {
    let recorded = try Fixtures.paths { $0.hasSuffix("throttler-status.json") }
      .map { String(decoding: try Fixtures.data($0), as: UTF8.self) }
    let others = [
      #"{"IsOpen":true,"AggregatedMetrics":{"self":{"Value":1},"mysql/self":{"Value":2e-1}}}"#,
      #"{"IsOpen":true,"AggregatedMetrics":{"shard":{"Value":1,"Err":null}},"Threshold":null}"#,
      #"{"IsOpen":true,"ThrottledApps":[{"AppName":"a","ExpireAt":"2026-11-21T02:48:05Z"}]}"#,
      #"{"IsOpen":true,"ThrottledApps":null,"Query":"a \u003c b","Keyspace":"","Shard":"0"}"#,
    ]
    for text in recorded + others {
      let escaped = #"{"\u0058":0,"# + text.drop { $0 != "{" }.dropFirst()
      #expect(try Self.decode(text) == Self.decode(escaped), "\(text)")
    }
  }

  /// As a lag it would be endless.
  @Test(arguments: ["1e999", "-1e999"]) func aNumberThatNothingHoldsIsNone(_ number: String) {
    #expect(throws: ScrapeFailure.self) {
      try Self.decode(#"{"IsOpen":true,"AggregatedMetrics":{"self":{"Value":\#(number)}}}"#)
    }
  }

  @Test func aKilledReplicasErrorIsNoData() throws {
    // By hand after a recorded answer of v16: the text of Err is lost and Value is 0.
    let reading = try Self.decode(
      """
      {"Keyspace":"commerce","Shard":"0","IsLeader":true,"IsOpen":true,"IsEnabled":true,
      "IsDormant":false,"Query":"select 1 from _vt.heartbeat","Threshold":1,"AggregatedMetrics":{
      "mysql/self":{"Value":0.2},"mysql/shard":{"ClusterName":"mysql/shard","Key":{"Hostname":"h",
      "Port":1},"Value":0,"Err":{}}},"MetricsHealth":{}}
      """)
    #expect(reading.selfValue == 0.2)
    #expect(reading.shardValue == nil)
  }

  /// By hand from throttler.go at v15.0.5: no IsEnabled, Query or Threshold.
  @Test func theShapeOfV15() throws {
    let reading = try Self.decode(
      """
      {"Keyspace":"k","Shard":"0","IsLeader":false,"IsOpen":true,"IsDormant":false,
      "AggregatedMetrics":{"mysql/self":{"Value":0.5},"mysql/shard":{}},"MetricsHealth":{}}
      """)
    #expect(reading.selfValue == 0.5)
    #expect(reading.shardValue == nil)
    #expect(reading.threshold == nil)
    #expect(reading.isEnabled == true)
  }

  /// By hand from throttler.go at v20.0.8.
  @Test func theShapeOfV20() throws {
    let reading = try Self.decode(
      """
      {"Keyspace":"k","Shard":"0","IsLeader":true,"IsOpen":true,"IsEnabled":true,"IsDormant":true,
      "IsRecentlyChecked":false,"Query":"select 7","Threshold":5,"AggregatedMetrics":{"mysql/self":
      {"Value":0.5},"mysql/shard":{"Alias":"z-1","Value":0,"Err":{}}},"MetricsHealth":{}}
      """)
    #expect(reading.isDormant == true)
    #expect(reading.metric == .custom(query: "select 7", scope: .shard))
    #expect(reading.isRecentlyChecked == false)
    #expect(reading.shardValue == nil)
  }

  /// By hand from throttler.go at v21.0.5.
  @Test func theShapeOfV21() throws {
    let reading = try Self.decode(
      """
      {"Keyspace":"k","Shard":"0","IsLeader":true,"IsOpen":true,"IsEnabled":true,"IsDormant":false,
      "RecentlyChecked":true,"Query":"select x from _vt.heartbeat","CustomQuery":"","Threshold":5,
      "MetricNameUsedAsDefault":"lag","AggregatedMetrics":{"self":{"Value":0.1},"self/lag":{"Value":9},
      "shard":{"Value":0.3},"shard/lag":{"Value":9}},"MetricsThresholds":{"lag":5},"MetricsHealth":{},
      "ThrottledApps":[{"AppName":"test","ExpireAt":"2026-11-21T02:48:05.5+01:00","Ratio":0.5,
      "Exempt":true}],"AppCheckedMetrics":{},"RecentApps":[]}
      """)
    #expect(reading.selfValue == 0.1)
    #expect(reading.shardValue == 0.3)
    let app = try #require(reading.throttledApps?.first)
    #expect(
      app
        == ThrottledApp(
          name: "test", expiresAt: Instant(secondsSinceEpoch: 1_795_225_685.5), ratio: 0.5,
          isExempt: true))
  }

  @Test func recordedAppListsAreRead() throws {
    let paths = Fixtures.paths { $0.contains("throttled-apps") && $0.hasSuffix(".json") }
    #expect(!paths.isEmpty)
    for path in paths {
      let data = try Fixtures.data(path)
      // A ratio of NaN makes the server answer with nothing at all.
      guard !data.isEmpty else { continue }
      #expect(try ThrottledApps.decode(data).contains { $0.isBuiltIn })
    }
    #expect(try ThrottledApps.decode(Data("null".utf8)).isEmpty)
  }

  @Test func anExpiryFarAwayIsNoTrap() throws {
    let body = "[{\"AppName\":\"x\",\"ExpireAt\":\"9999-12-31T23:59:59Z\",\"Ratio\":1}]"
    let app = try #require(try ThrottledApps.decode(Data(body.utf8)).first)
    #expect(app.expiresAt > Instant(secondsSinceEpoch: 9e9))
  }

  @Test func aPageThatIsNoStatusSaysSo() {
    #expect(throws: ScrapeFailure.self) { try Self.decode("{}") }
    #expect(throws: ScrapeFailure.self) { try Self.decode("<html>") }
  }
}

@Suite struct TabletMetricsTests {
  @Test func gaugesOfV22() throws {
    let new = TabletMetrics(
      body: try Fixtures.data("vitess-22/http/throttler-enabled-healthy/tablet-100.metrics.txt.gz"))
    #expect(new.gauges.selfValue == 0.204434)
    #expect(new.gauges.shardValue == 0.205481)
    #expect(new.gauges.serverState == .serving)
    #expect(new.gauges.replicationLag == 0)
  }

  @Test func aThrottlerNeverEnabledHasNoGauges() throws {
    let metrics = TabletMetrics(
      body: try Fixtures.data(
        "vitess-22/http/throttler-never-enabled-since-start/tablet-100.metrics.txt.gz"))
    #expect(metrics.gauges.selfValue == nil)
    #expect(metrics.failure == nil)
  }

  @Test func aDisabledThrottlerIsToldFromAZero() throws {
    let off = ThrottlerCheck.decode(
      try Fixtures.data("vitess-22/http/throttler-disabled/tablet-100.check-self-vitess.json"))
    #expect(off?.isEnabled == false)
    #expect(off?.threshold == nil)
    let on = ThrottlerCheck.decode(
      try Fixtures.data(
        "vitess-22/http/throttler-enabled-healthy/tablet-100.check-self-vitess.json"))
    #expect(on?.isEnabled == true)
    #expect(on?.threshold == 1)
    #expect(on?.metric == .lag)
    #expect(on?.isRecentlyChecked != nil)
    let custom = ThrottlerCheck.decode(
      try Fixtures.data(
        "vitess-22/http/throttler-custom-query/tablet-100.check-self-vitess.json"))
    #expect(custom?.metric == .custom(query: nil, scope: .itself))
  }
}

@Suite struct DebugVarsTests {
  @Test func flagsOfTheRecordedCommandLine() throws {
    let vars = try DebugVars.decode(
      try Fixtures.data("vitess-22/http/throttler-enabled-healthy/vtgate.debug-vars.json.gz"))
    let flags = try #require(vars.bufferFlags)
    #expect(vars.version == "22.0.3")
    #expect(flags.isEnabled == true)
    #expect(flags.window == .seconds(10))
    #expect(flags.source == .commandLine)
    let off = try DebugVars.decode(
      try Fixtures.data("vitess-22/http/vtgate-fresh-buffer-off/vtgate.debug-vars.json.gz"))
    #expect(off.bufferFlags?.isEnabled == false)
  }

  /// A name that is escaped is left to a decoder, and with it the whole page.
  @Test func whatIsScannedIsWhatADecoderReads() throws {
    let paths = Fixtures.paths { $0.contains("debug-vars.json") }
    #expect(!paths.isEmpty)
    for path in paths {
      let text = String(decoding: try Fixtures.data(path), as: UTF8.self)
      let escaped = #"{"\u0058":0,"# + text.drop { $0 != "{" }.dropFirst()
      #expect(
        try DebugVars.decode(Data(text.utf8)) == DebugVars.decode(Data(escaped.utf8)), "\(path)")
    }
  }

  @Test func whoATabletIs() throws {
    let vars = try DebugVars.decode(
      try Fixtures.data("vitess-22/http/throttler-enabled-healthy/tablet-100.debug-vars.json.gz"))
    #expect(vars.tabletAlias == TabletAlias(cell: "zone1", uid: 100))
    #expect(vars.tabletShard == commerce)
    #expect(vars.tabletType == .primary)
  }

  @Test(
    arguments: zip(
      [
        [], ["--retry-count=0"], ["--retry_count=5"], ["-retry-count", "1"], ["--retry-count=x"],
        ["--retry-count=-1"], ["--retry-count=9223372036854775807"], ["--retry-count"],
      ],
      [2, 0, 5, 1, 2, 0, 1000, 2]))
  func howOftenAQueryIsTriedAgain(_ arguments: [String], _ count: Int) throws {
    let body = try JSONSerialization.data(withJSONObject: ["cmdline": ["vtgate"] + arguments])
    #expect(try DebugVars.decode(body).bufferFlags?.retryCount == count)
  }

  @Test func bothSpellingsAndAllForms() throws {
    let arguments = [
      "vtgate", "-enable_buffer", "--buffer-window", "1m30s", "--buffer_max_failover_duration=2m",
      "--buffer-min-time-between-failovers", "5m", "--buffer_keyspace_shards=a,b/-80",
      "--enable-buffer-dry-run=false", "--retry-count", "4",
    ]
    let body = try JSONSerialization.data(withJSONObject: ["cmdline": arguments])
    let flags = try DebugVars.decode(body).bufferFlags
    #expect(flags?.isEnabled == true)
    #expect(flags?.isDryRun == false)
    #expect(flags?.window == .seconds(90))
    #expect(flags?.maxFailoverDuration == .seconds(120))
    #expect(flags?.minTimeBetweenFailovers == .seconds(300))
    #expect(flags?.retryCount == 4)
    #expect(flags?.covers(ShardName(keyspace: "b", shard: "80-")) == false)
    #expect(flags?.covers(ShardName(keyspace: "a", shard: "80-")) == true)
  }
}
