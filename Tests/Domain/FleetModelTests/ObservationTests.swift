import FleetModel
import Foundation
import Terms
import Testing

/// What is observed comes back from its encoded form as it was.
@Suite struct ObservationTests {
  private static let shard = ShardName(keyspace: "commerce", shard: "-80")
  private static let gate = Target(.vtgate, Address(host: "::1", port: 15001))
  private static let now = Instant(nanoseconds: 1_795_000_000_123_456_789)

  private static var vtgate: VtgateReading {
    var reading = VtgateReading()
    reading.processStart = 1_794_999_000.25
    reading.bufferSize = 1000
    var counters = BufferCounters()
    counters.unreported = [.evicted]
    counters.starts = 2
    counters.stops = [.newPrimarySeen: 1, StopReason(rawValue: "of a later release"): 1]
    counters.skipped = [.bufferFull: 4]
    counters.lastFailoverDuration = .milliseconds(2731)
    reading.buffers = [shard: counters]
    reading.combined = [ShardName(keyspace: "", shard: "all"): counters]
    reading.callErrors = [ShardName(keyspace: "of", shard: "a/slash"): 3]
    reading.clientErrors = ["commerce": ["UNAVAILABLE": 6]]
    var flags = BufferFlags(source: .commandLine)
    flags.window = .seconds(15)
    reading.flags = flags
    reading.tablets = GatewayTablets(
      [
        GatewayTablet(
          alias: TabletAlias(cell: "zone-1", uid: 101), shard: shard, type: .primary,
          isServing: true, primaryTermStart: 5, replicationLag: 0,
          address: Address(host: "db1", port: 15101))
      ], complaint: .unreadableEntries(path: "/debug/gateway", 1, reason: "an entry has no alias"))
    return reading
  }

  private static var tablet: TabletReading {
    var throttler = ThrottlerReading(source: .metrics)
    throttler.metric = .custom(query: "show global status like 'threads_running'", scope: .itself)
    throttler.checkAs = .topoOrFlag(true)
    throttler.selfValue = 4
    throttler.throttledApps = [ThrottledApp(name: "vreplication", expiresAt: now, ratio: 0.25)]
    var reading = TabletReading(throttler: throttler)
    reading.alias = TabletAlias(cell: "zone1", uid: 7)
    reading.serverState = .other("DRAINING")
    return reading
  }

  private static var keyspace: TopoKeyspace {
    var keyspace = TopoKeyspace(name: "commerce")
    keyspace.durabilityPolicy = "semi_sync"
    keyspace.throttler = .init(isEnabled: true, threshold: 5, throttledApps: [])
    return keyspace
  }

  private static let routing = ShardRouting(
    readAt: now, deniedTables: ["t1"], isPrimaryServing: true,
    workflows: [
      TrafficWorkflow(
        name: "m1", source: "commerce", sourceShards: ["-80"], target: "customer", tables: ["t1"],
        trafficState: nil, isFrozen: true)
    ])

  private static func outcome(_ result: ScrapeOutcome.Result) -> Observation.News {
    .outcome(ScrapeOutcome(target: gate, at: now, took: .milliseconds(3), result: result))
  }

  static let news: [Observation.News] = [
    .watching(gate), outcome(.gate(vtgate)), outcome(.member(tablet)),
    outcome(.failed(ScrapeFailure.refused(path: "/metrics", .denied))), .forgot(gate),
    .pace(Pace()), .topo([keyspace]), .routings([shard: routing]),
    .shards([shard: TopoShard(primary: TabletAlias(cell: "zone1", uid: 7))]),
    .source(
      .file("/etc/gates.yml"),
      SourceStanding(fault: "no such file", namesServers: true, remarks: ["a server is left out"])),
    .topoFailed(
      CallFailure(
        .unreachable, .vtctld(Address(host: "db", port: 15999)), .connection(.refused))),
    .event(
      FleetEvent(
        at: now, shard: shard, .buffering(.evicted(.bufferFull)),
        sources: [.init(gate.address, count: 3)], failover: 4)),
  ]

  @Test(arguments: news) func comesBackAsItWas(_ news: Observation.News) throws {
    let observation = Observation(of: "prod-eu", at: Self.now, news)
    let bytes = try JSONEncoder().encode(observation)
    #expect(try JSONDecoder().decode(Observation.self, from: bytes) == observation)
  }

  /// A recording is read with other tools too.
  @Test func namesAreWrittenAsPeopleWriteThem() throws {
    let bytes = try JSONEncoder().encode(Self.outcome(.gate(Self.vtgate)))
    let text = String(decoding: bytes, as: UTF8.self).replacing("\\/", with: "/")
    for part in [
      "\"commerce/-80\":{", "\"NewPrimarySeen\":1", "\"zone-1-0000000101\"", "\"[::1]:15001\"",
    ] {
      #expect(text.contains(part), "\(part) in \(text)")
    }
  }
}
