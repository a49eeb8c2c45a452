import Buffering
import Lab
import Terms
import Testing

/// Whole clusters on a simulated clock: one after another, because each takes a core for a while and
/// others have sockets to answer.
@Suite(.serialized) struct EngineTests {}

/// A small cluster on a manual clock; its invariants are asserted as time passes.
struct ClusterBench {
  static let start = Instant(secondsSinceEpoch: 1_700_000_000)
  static let shard = ShardName(keyspace: "commerce", shard: "0")
  static let primary = TabletAlias(cell: "zone1", uid: 100)
  static let replica = TabletAlias(cell: "zone1", uid: 101)
  static let other = TabletAlias(cell: "zone1", uid: 102)

  var cluster: LabCluster
  var outcomes: [Int: Reparent] = [:]

  /// One shard, calm replicas, heartbeats all the time, one vtgate with six steady connections, unless changed.
  init(
    _ release: VitessRelease = .v22, profile: TrafficProfile = .steady,
    _ change: (inout LabCluster.Configuration) -> Void = { _ in }
  ) {
    var configuration = LabCluster.Configuration()
    configuration.release = release
    configuration.keyspaces = [("commerce", ["0"])]
    configuration.vtgates = 1
    configuration.hasBusyReplicas = false
    configuration.threshold = 1
    configuration.areHeartbeatsEnabled = true
    configuration.traffic = [Traffic(profile, to: Self.shard)]
    change(&configuration)
    cluster = LabCluster(configuration, at: Self.start)
  }

  /// Lets time pass in small cuts, and looks at every invariant after each.
  mutating func pass(_ duration: Duration, sourceLocation: SourceLocation = #_sourceLocation) {
    let end = cluster.now + duration
    while cluster.now < end {
      cluster.advance(to: min(end, cluster.now + .milliseconds(20)))
      outcomes.merge(cluster.takeOutcomes()) { _, new in new }
      let violation = cluster.violation()
      #expect(violation == nil, sourceLocation: sourceLocation)
      if violation != nil { return }
    }
  }

  mutating func run(_ command: String, _ parameters: [String: String]) throws {
    try cluster.perform(DrillCommand(command, parameters, at: cluster.now))
  }

  /// Does a reparent and lets it come to its end.
  mutating func reparent(
    _ kind: Reparent.Kind = .planned, _ change: (inout Reparent.Request) -> Void = { _ in }
  ) throws -> Reparent {
    var request = Reparent.Request(kind, Self.shard)
    change(&request)
    let operation = cluster.reparent(request)
    for _ in 0..<6000 where outcomes[operation] == nil { pass(.milliseconds(20)) }
    return try #require(outcomes[operation])
  }

  var counters: RequestBuffer.Counters {
    cluster.vtgates[0].buffer.counters(of: Self.shard) ?? .init()
  }

  var errors: [String: Int] { cluster.vtgates[0].statistics.clientErrors[Self.shard] ?? [:] }

  var primary: TabletAlias? { cluster.topology.shards[Self.shard]?.primary }

  func tablet(_ alias: TabletAlias) throws -> Tablet { try #require(cluster.tablets[alias]) }

  mutating func check(
    _ app: String, on alias: TabletAlias = primary, _ scope: ThrottlerScope? = .shard,
    _ change: (inout Throttler.Check) -> Void = { _ in }
  ) throws -> ThrottlerAnswer {
    var check = Throttler.Check(app: app, scope: scope)
    change(&check)
    let answer = cluster.check(check, on: alias)
    return try #require(answer)
  }
}
