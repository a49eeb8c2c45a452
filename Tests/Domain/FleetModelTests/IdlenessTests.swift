import FleetModel
import Terms
import Testing

/// A Reshard of `commerce/0` into halves: which shards serve nobody on purpose, and which have
/// failed.
@Suite struct IdlenessTests {
  private static let old = Feed.shard
  private static let new = ["-80", "80-"].map { ShardName(keyspace: "commerce", shard: $0) }

  /// The feed, and what topo says when it is read.
  private struct Reshard {
    var feed = Feed()
    var isSwitched = false

    /// `readsFirst`: topo has answered before any vtgate has.
    init(readsFirst: Bool = false) {
      if readsFirst { read() }
      show(old: true, new: false)
      if !readsFirst { read() }
      settle()
    }

    /// What all vtgates see serve from now on.
    mutating func show(old: Bool, new: Bool) {
      for index in feed.readings.indices {
        feed.readings[index].tablets = GatewayTablets(
          [Feed.tablet(100, .primary, isServing: old, term: 1)]
            + IdlenessTests.new.enumerated().map { offset, name in
              GatewayTablet(
                alias: TabletAlias(cell: "zone1", uid: UInt32(200 + offset)), shard: name,
                type: .primary, isServing: new, primaryTermStart: 1)
            })
      }
      settle()
    }

    mutating func settle() {
      feed.poll()
      feed.fleet.settle(at: feed.now)
    }

    mutating func read(withWorkflow: Bool = true) {
      let state =
        isSwitched
        ? "All Reads Switched. Writes Switched" : "Reads Not Switched. Writes Not Switched"
      let workflow = TrafficWorkflow(
        name: "r1", source: "commerce", sourceShards: ["0"], target: "commerce", tables: [],
        trafficState: state, isFrozen: isSwitched)
      func routing(_ serves: Bool) -> ShardRouting {
        ShardRouting(
          readAt: feed.now, deniedTables: [], isPrimaryServing: serves,
          workflows: withWorkflow ? [workflow] : nil)
      }
      var routings = [IdlenessTests.old: routing(!isSwitched)]
      for name in IdlenessTests.new { routings[name] = routing(isSwitched) }
      feed.fleet.apply(routings)
    }

    func idleness(_ name: ShardName) -> Idleness? { feed.fleet.shard(name).idleness }
    var health: FleetCheck.Health { FleetCheck(feed.fleet).health }
    var outdated: Set<ShardName> { feed.fleet.unexplained(at: feed.now) }
  }

  @Test func itsTargetsWaitUntilItIsSwitched() {
    let reshard = Reshard()
    for name in Self.new {
      #expect(reshard.idleness(name) == .awaits(workflow: "commerce.r1"))
      #expect(reshard.feed.fleet.successors(of: name) == [Self.old])
    }
    #expect(reshard.idleness(Self.old) == nil)
    #expect(reshard.health == .healthy)
  }

  @Test func whatTopoSaidBeforeTheFirstVtgateCounts() {
    var reshard = Reshard(readsFirst: true)
    #expect(Self.new.allSatisfy { reshard.idleness($0) == .awaits(workflow: "commerce.r1") })
    reshard.show(old: false, new: false)
    reshard.show(old: false, new: true)
    #expect(reshard.idleness(Self.old) != nil)
    #expect(reshard.outdated.contains(Self.old))
    #expect(reshard.health == .healthy)
  }

  /// For as long as a switch takes nobody serves: the source is without a primary, and its targets
  /// still wait.
  @Test func anOutageOfTheSourceIsItsOwn() {
    var reshard = Reshard()
    reshard.show(old: false, new: false)
    #expect(reshard.idleness(Self.old) == nil)
    #expect(reshard.health == .failing)
    #expect(Self.new.allSatisfy { reshard.idleness($0) != nil })
    // Topo is asked at once, says the same as before, and is left alone then.
    #expect(reshard.outdated.isSuperset(of: [Self.old] + Self.new))
    reshard.settle()
    reshard.read()
    #expect(!reshard.outdated.contains(Self.new[0]))
    #expect(reshard.health == .failing)
  }

  @Test func itsSourceIsReplacedAsSoonAsItsTargetsServe() {
    var reshard = Reshard()
    reshard.show(old: false, new: false)
    reshard.read()
    reshard.show(old: false, new: true)
    #expect(reshard.feed.fleet.successors(of: Self.old) == Self.new)
    #expect(reshard.idleness(Self.old) == .unused)
    #expect(reshard.outdated.isSuperset(of: [Self.old] + Self.new))
    reshard.isSwitched = true
    reshard.settle()
    reshard.read()
    reshard.settle()
    #expect(reshard.idleness(Self.old) == .replaced)
    #expect(Self.new.allSatisfy { reshard.idleness($0) == nil })
  }

  /// What topo said before the switch hides no outage after it.
  @Test func aTargetThatHasServedIsMissedThoughTopoIsOld() {
    var reshard = Reshard()
    reshard.show(old: false, new: true)
    reshard.show(old: false, new: false)
    #expect(Self.new.allSatisfy { reshard.idleness($0) == nil })
    #expect(reshard.health == .failing)
  }

  @Test func aShardThatOnlyTopoMeansToServeIsNotReplacedByIt() {
    var reshard = Reshard()
    reshard.show(old: false, new: true)
    // Topo is read and says that nothing was switched: the new shards are not meant to serve.
    reshard.settle()
    reshard.read()
    reshard.settle()
    #expect(reshard.idleness(Self.old) == nil)
    #expect(reshard.health == .failing)
  }

  @Test func withoutItsWorkflowNobodySaysWhatForAShardWaits() {
    var reshard = Reshard()
    reshard.feed = Feed()
    reshard.show(old: true, new: false)
    reshard.read(withWorkflow: false)
    reshard.settle()
    #expect(Self.new.allSatisfy { reshard.idleness($0) == .unused })
  }
}
