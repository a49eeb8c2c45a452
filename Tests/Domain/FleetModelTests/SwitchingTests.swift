import FleetModel
import Terms
import Testing
import Wording

/// What the topology makes of a buffering after which nobody saw another primary.
@Suite struct SwitchingTests {
  private static func workflow(
    _ state: String?, from source: String = Feed.shard.keyspace, to target: String = "target",
    tables: Set<String> = ["t1"], isFrozen: Bool = false
  ) -> TrafficWorkflow {
    TrafficWorkflow(
      name: "m1", source: source, sourceShards: [Feed.shard.shard], target: target, tables: tables,
      trafficState: state, isFrozen: isFrozen)
  }

  private static let here = "All Reads Switched. Writes Not Switched"
  private static let gone = "All Reads Switched. Writes Switched"

  /// Buffers and stops as where the same primary serves on, with topo as it was read before, in the
  /// middle and after.
  private static func failover(
    before: Set<String>?, between: Set<String>? = nil, after: Set<String>?,
    isServing: Bool = true, _ workflows: [TrafficWorkflow]?,
    _ reason: StopReason = .newPrimarySeen
  ) throws -> (failover: Failover, feed: Feed) {
    var feed = Feed()
    func tell(_ denied: Set<String>?, isServing: Bool = true, _ workflows: [TrafficWorkflow]? = nil)
    {
      guard let denied else { return }
      feed.fleet.apply([
        Feed.shard: ShardRouting(
          readAt: feed.now, deniedTables: denied, isPrimaryServing: isServing, workflows: workflows)
      ])
    }
    feed.poll()
    tell(before)
    for _ in 0..<3 { feed.poll() }
    feed.change {
      $0.starts = 1; $0.buffered = 3
    }
    feed.poll()
    tell(between)
    feed.change {
      $0.stops[reason] = 1; $0.drained = 3; $0.lastFailoverDuration = .milliseconds(700)
    }
    feed.poll()
    feed.now = feed.now + .milliseconds(100)
    tell(after, isServing: isServing, workflows)
    feed.fleet.settle(at: feed.now)
    for _ in 0..<30 {
      feed.poll()
      feed.fleet.settle(at: feed.now)
    }
    return (try #require(feed.fleet.failovers.all.first), feed)
  }

  private typealias Case = (
    before: Set<String>?, between: Set<String>?, after: Set<String>?, workflows: [TrafficWorkflow]?,
    verdict: Failover.Verdict, kind: Failover.Kind
  )

  @Test func whatWasDeniedAndWhatTheWorkflowSaysTellHowItEnded() throws {
    func w(
      _ state: String?, _ source: String, _ target: String, _ tables: Set<String>, _ isFrozen: Bool
    ) -> TrafficWorkflow {
      Self.workflow(state, from: source, to: target, tables: tables, isFrozen: isFrozen)
    }
    let cases: [Case] = [
      // Nobody asked, or not in time: it stays open.
      (nil, nil, nil, nil, .unchanged, .unchanged),
      ([], nil, nil, nil, .unchanged, .unchanged),
      (
        [], nil, ["t1"], [w(Self.gone, Feed.shard.keyspace, "target", ["t1"], true)], .switched,
        .trafficSwitch
      ),
      (
        [], nil, ["t1"], [w(nil, Feed.shard.keyspace, "target", ["t1"], true)], .switched,
        .trafficSwitch
      ),
      // Denied by whom, and since when?
      ([], nil, ["t1"], nil, .unchanged, .unchanged),
      (
        nil, nil, ["t1"], [w(Self.gone, Feed.shard.keyspace, "target", ["t1"], true)], .unchanged,
        .unchanged
      ),
      // Another workflow's table was denied long ago.
      (
        ["t0"], nil, ["t0", "t1"],
        [
          w(Self.gone, Feed.shard.keyspace, "target", ["t1"], true),
          w(Self.here, Feed.shard.keyspace, "target", ["t7"], false),
        ], .switched, .trafficSwitch
      ),
      (
        [], nil, ["t1"], [w(Self.here, Feed.shard.keyspace, "target", ["t1"], false)],
        .halfSwitched, .trafficSwitch
      ),
      (
        [], nil, [], [w(Self.here, Feed.shard.keyspace, "target", ["t1"], false)], .notSwitched,
        .unchanged
      ),
      (
        [], ["t1"], [], [w(Self.here, Feed.shard.keyspace, "target", ["t1"], false)], .notSwitched,
        .trafficSwitch
      ),
      ([], ["t1"], [], nil, .notSwitched, .trafficSwitch),
      // Nothing is denied, and no workflow is about: a reparent may have been rolled back.
      ([], nil, [], [], .unchanged, .unchanged),
      // A switch back: the keyspace is the workflow's target.
      (
        [], nil, ["t1"],
        [
          w("Reads Not Switched. Writes Not Switched", "source", Feed.shard.keyspace, ["t1"], false)
        ],
        .switched, .trafficSwitch
      ),
      // Some shards are, and some are not.
      (
        [], nil, ["t1"],
        [
          w(
            "All Reads Switched. Writes partially switched, for shards: 0", Feed.shard.keyspace,
            "target", ["t1"], false)
        ], .unchanged, .unchanged
      ),
    ]
    for (index, one) in cases.enumerated() {
      let failover = try Self.failover(
        before: one.before, between: one.between, after: one.after, one.workflows
      ).failover
      #expect(failover.ended != nil && failover.primaryAfter == nil, "\(index)")
      #expect(failover.verdict == one.verdict, "\(index): \(String(describing: failover.routing))")
      #expect(failover.kind == one.kind, "\(index)")
    }
  }

  @Test func bothTiersAreToldOfWhileItGoesOn() throws {
    var feed = Feed()
    func tell(_ denied: Set<String>) {
      feed.fleet.apply([
        Feed.shard: ShardRouting(
          readAt: feed.now, deniedTables: denied, isPrimaryServing: true, workflows: nil)
      ])
    }
    feed.poll()
    tell(["t0"])
    for _ in 0..<3 { feed.poll() }
    feed.change {
      $0.starts = 1; $0.buffered = 3
    }
    feed.poll()
    let begun = try #require(feed.fleet.failovers.all.first)
    #expect(begun.refusedMeanwhile == nil)
    tell(["t0", "t1"])
    let seen = try #require(feed.fleet.failovers.all.first)
    #expect(seen.refusedMeanwhile?.tables == ["t1"] && seen.refusedMeanwhile?.at == feed.now)
    func words(silent: Set<Address>) -> String {
      Wording().switching(seen, refusing: ["t1"], silent: silent)
    }
    #expect(
      words(silent: []) == "the primary refuses t1; 1 vtgate holds requests")
    #expect(
      words(silent: Set(seen.tracks.map(\.address)))
        == "the primary refuses t1; no vtgate that answers holds requests, "
        + "1 does not answer")
    // Undone, while the vtgates still hold.
    feed.now = feed.now + .seconds(3)
    tell(["t0"])
    #expect(feed.fleet.failovers.all.first?.refusedMeanwhile == nil)
  }

  /// Tables may have been denied for weeks.
  @Test func withoutAWordFromBeforeNothingIsNewlyRefused() throws {
    var feed = Feed()
    feed.poll()
    feed.change {
      $0.starts = 1; $0.buffered = 3
    }
    feed.poll()
    feed.fleet.apply([
      Feed.shard: ShardRouting(
        readAt: feed.now, deniedTables: ["t0"], isPrimaryServing: true, workflows: nil)
    ])
    #expect(try #require(feed.fleet.failovers.all.first).refusedMeanwhile == nil)
  }

  @Test func aCutoverNamesItsKeyspaces() throws {
    let there = Self.workflow(Self.gone, isFrozen: true)
    let moved = try Self.failover(before: [], after: ["t1"], [there]).failover
    #expect(moved.cutover.map { [$0.from, $0.to] } == [Feed.shard.keyspace, "target"])
    let back = Self.workflow(
      "Reads Not Switched. Writes Not Switched", from: "source", to: Feed.shard.keyspace)
    let returned = try Self.failover(before: [], after: ["t1"], [back]).failover
    #expect(returned.cutover.map { [$0.from, $0.to] } == [Feed.shard.keyspace, "source"])
    // Another workflow's tables were switched long ago, or it has not switched anything.
    let old = Self.workflow(Self.gone, to: "elsewhere", tables: ["t0"], isFrozen: true)
    let second = try Self.failover(before: ["t0"], after: ["t0", "t1"], [old, there]).failover
    #expect(second.cutover.map { [$0.from, $0.to] } == [Feed.shard.keyspace, "target"])
    let undone = try Self.failover(before: [], between: ["t1"], after: [], nil).failover
    #expect(undone.cutover == nil)
    // Counted by vtgates, and no vtctld to ask.
    let counted = try Self.failover(before: nil, after: nil, nil, .moveTablesSwitchedTraffic)
    #expect(counted.failover.verdict == .switched && counted.failover.cutover == nil)
  }

  @Test func aReshardTakesTheShardsWritesAway() throws {
    let keyspace = Feed.shard.keyspace
    let reshard = Self.workflow(Self.gone, from: keyspace, to: keyspace, tables: [])
    let failover = try Self.failover(before: [], after: [], isServing: false, [reshard]).failover
    #expect(failover.verdict == .switched)
    #expect(failover.routing?.isPrimaryServing == false)
    // Into this keyspace tables are still being copied.
    let copying = Self.workflow(
      "Reads Not Switched. Writes Not Switched", from: "commerce2", to: keyspace)
    let both = try Self.failover(before: [], after: [], isServing: false, [copying, reshard])
      .failover
    #expect(both.verdict == .switched && both.cutover == nil)
  }

  /// What a vtgate has counted is proof whatever topo says later.
  @Test func aCountedSwitchStaysOne() throws {
    let failover = try Self.failover(
      before: [], after: [], [Self.workflow(Self.here)], .moveTablesSwitchedTraffic
    ).failover
    #expect(failover.verdict == .switched && failover.kind == .trafficSwitch)
  }

  @Test func topoIsAskedOnlyWhereItMayExplain() throws {
    var feed = Feed()
    feed.poll()
    #expect(feed.fleet.unexplained(at: feed.now).isEmpty)
    feed.change {
      $0.starts = 1; $0.buffered = 3
    }
    feed.poll()
    #expect(feed.fleet.unexplained(at: feed.now) == [Feed.shard])
    // A primary that goes is explanation enough.
    feed.losePrimary()
    feed.poll()
    feed.fleet.settle(at: feed.now)
    #expect(feed.fleet.unexplained(at: feed.now).isEmpty)

    let told = try Self.failover(before: [], after: [], [Self.workflow(Self.here)])
    #expect(told.feed.fleet.unexplained(at: told.feed.now).isEmpty)
    // One that nothing has told of is asked for a minute.
    let unreported = try Self.failover(before: nil, after: nil, nil)
    let changed = unreported.failover.changed.at
    #expect(unreported.feed.fleet.unexplained(at: changed + .seconds(59)) == [Feed.shard])
    #expect(unreported.feed.fleet.unexplained(at: changed + .seconds(60)).isEmpty)
  }

  @Test func whatIsOlderThanItsBeginningByFarProvesNothing() throws {
    var feed = Feed()
    feed.poll()
    feed.fleet.apply([
      Feed.shard: ShardRouting(
        readAt: feed.now - .seconds(200), deniedTables: [], isPrimaryServing: true, workflows: nil)
    ])
    feed.change {
      $0.starts = 1; $0.buffered = 3
    }
    feed.poll()
    #expect(feed.fleet.failovers.all.first?.routingBefore == nil)
  }
}
