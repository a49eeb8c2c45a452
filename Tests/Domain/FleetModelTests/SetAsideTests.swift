import FleetModel
import Terms
import Testing

/// What counts for nothing: by pattern, by what topo says, and by word of the operator.
@Suite struct SetAsideTests {
  private static let tablet = Target(.vttablet, Address(host: "tablet101", port: 15100))

  private static func check(
    _ feed: inout Feed, ignoring patterns: [String] = [],
    acknowledged: Acknowledged = Acknowledged()
  ) -> FleetCheck {
    feed.fleet.settle(at: feed.now)
    return FleetCheck(
      feed.fleet, ignoring: patterns.map { NamePattern($0) }, acknowledged: acknowledged)
  }

  /// A shard whose replica does not answer.
  private static func withSilentReplica() -> Feed {
    var feed = Feed()
    feed.poll()
    feed.pollTablet(100) { _ in }
    feed.fleet.apply(
      ScrapeOutcome(
        target: tablet, at: feed.now, took: .zero, result: .failed(.unreachable(.refused))))
    return feed
  }

  @Test(arguments: [
    ("zone1-101", true), ("zone1-0000000101", true), ("zone1", true), ("zone?", true),
    ("tablet101:*", true), ("vttablet tablet101:15100", true), ("commerce", true),
    ("commerce/0", true), ("zone2", false), ("zone1-100", false), ("commerce/-80", false),
    ("vtgate *", false), ("", false),
  ]) func aTabletIsNamedByAliasCellAddressShardAndKeyspace(_ pattern: String, _ isIgnored: Bool) {
    var feed = Self.withSilentReplica()
    let check = Self.check(&feed, ignoring: [pattern])
    let isMissed = check.problems.contains { $0.subject == .server(Self.tablet) }
    let isNoted = check.notes.contains {
      $0.subject == .server(Self.tablet)
        && $0.finding == .ignored(.noAnswer(.unreachable(.refused)))
    }
    #expect(isMissed == !isIgnored)
    #expect(isNoted == isIgnored)
  }

  @Test func aSilentVtgateOfAPatternDegradesNothing() {
    var feed = Feed()
    feed.poll()
    feed.fail(1)
    #expect(Self.check(&feed).health == .degraded)
    #expect(Self.check(&feed, ignoring: ["vtgate gate2:*"]).health == .healthy)
    #expect(Self.check(&feed, ignoring: ["gate2:15001"]).health == .healthy)
    #expect(Self.check(&feed, ignoring: ["zone1"]).health == .degraded)
  }

  @Test func aSnapshotHasNoPrimaryOnPurposeIfTopoSaysSo() {
    var feed = Feed()
    for index in 0...1 {
      feed.readings[index].tablets = GatewayTablets([Feed.tablet(101, .replica)])
    }
    feed.poll()
    #expect(Self.check(&feed).health == .failing)
    var keyspace = TopoKeyspace(name: Feed.shard.keyspace)
    feed.fleet.apply([keyspace])
    #expect(Self.check(&feed).health == .failing)
    keyspace.snapshotOf = "orders"
    feed.fleet.apply([keyspace])
    let check = Self.check(&feed)
    #expect(check.health == .healthy)
    #expect(check.notes.map(\.finding) == [.snapshot(of: "orders")])
    #expect(feed.fleet.shard(Feed.shard).idleness == .snapshot(of: "orders"))
    // It may still be hidden, of which topo says nothing.
    feed.fail(0)
    feed.fail(1)
    #expect(Self.check(&feed).health == .failing)
  }

  /// The source shard of a reshard that served in this run: its vtgates alone cannot tell its end
  /// from an outage.
  @Test(arguments: [true, false]) func topoSaysThatAShardWasReplaced(_ doesTopoSay: Bool) {
    var feed = Feed()
    feed.poll()
    _ = Self.check(&feed)
    let halves = ["-80", "80-"].map { ShardName(keyspace: Feed.shard.keyspace, shard: $0) }
    feed.losePrimary()
    for index in 0...1 {
      feed.readings[index].tablets = feed.readings[index].tablets.map { tablets in
        GatewayTablets(
          tablets.all
            + halves.enumerated().map { offset, name in
              GatewayTablet(
                alias: TabletAlias(cell: "zone1", uid: UInt32(200 + offset)), shard: name,
                type: .primary, isServing: true, primaryTermStart: 1)
            })
      }
    }
    feed.poll()
    _ = Self.check(&feed)
    func routing(_ isPrimaryServing: Bool) -> ShardRouting {
      ShardRouting(
        readAt: feed.now, deniedTables: [], isPrimaryServing: isPrimaryServing, workflows: nil)
    }
    feed.fleet.apply([
      Feed.shard: routing(!doesTopoSay), halves[0]: routing(true), halves[1]: routing(true),
    ])
    #expect((Self.check(&feed).health == .failing) == !doesTopoSay)
    #expect(feed.fleet.successors(of: Feed.shard) == (doesTopoSay ? halves : nil))
    // As long as one of them is not meant to serve either, nobody serves in its place.
    feed.fleet.apply([halves[1]: routing(false)])
    #expect(Self.check(&feed).health == .failing)
  }

  // MARK: Acknowledging

  @Test func whatIsAcknowledgedCountsForNothingUntilThereIsMore() {
    var feed = Self.withSilentReplica()
    var known = Acknowledged()
    known.acknowledge(Self.check(&feed).problems)
    #expect(Self.check(&feed, acknowledged: known).health == .healthy)
    #expect(
      Self.check(&feed, acknowledged: known).notes.map(\.finding)
        == [.acknowledged(.noAnswer(.unreachable(.refused)))])
    // The same in other words is the same.
    feed.fleet.apply(
      ScrapeOutcome(
        target: Self.tablet, at: feed.now, took: .zero,
        result: .failed(.unreachable(.hostNotResolved))))
    #expect(known.follow(Self.check(&feed).problems).isEmpty)
    // Another failure is not.
    feed.fleet.apply(
      ScrapeOutcome(
        target: Self.tablet, at: feed.now, took: .zero,
        result: .failed(.noAnswer(within: .seconds(2)))))
    #expect(
      known.follow(Self.check(&feed).problems).map(\.change) == [Acknowledged.Change.differs])
    #expect(known.isEmpty)
    #expect(Self.check(&feed, acknowledged: known).health == .degraded)
  }

  @Test func whatIsOverCountsWhenItComesBack() {
    var feed = Self.withSilentReplica()
    var known = Acknowledged()
    known.acknowledge(Self.check(&feed).problems)
    feed.pollTablet(101) { _ in }
    let changes = known.follow(Self.check(&feed).problems)
    #expect(changes.map(\.change) == [.over])
    #expect(changes.map(\.subject) == [.server(Self.tablet)])
    #expect(known.isEmpty)
  }

  @Test func lessOfItIsCoveredAndMoreIsNot() {
    let shard = FleetCheck.Subject.shard(Feed.shard)
    func silent(_ count: Int) -> FleetCheck.Problem {
      .init(
        subject: shard, health: .degraded,
        finding: .tabletsSilent(count, [], .unreachable(.refused)))
    }
    let lag = FleetCheck.Problem(
      subject: shard, health: .degraded, finding: .lagOver(Lag(value: 7, threshold: 5)))
    let moreLag = FleetCheck.Problem(
      subject: shard, health: .degraded, finding: .lagOver(Lag(value: 9, threshold: 5)))
    var known = Acknowledged()
    known.acknowledge([silent(6), lag])
    #expect(known.covers(silent(4)) && known.covers(silent(6)) && !known.covers(silent(7)))
    #expect(known.covers(moreLag))
    // What is over is not covered any more, though the rest is.
    #expect(known.follow([silent(4)]).isEmpty)
    #expect(!known.covers(lag) && !known.covers(silent(6)))
    #expect(known.follow([silent(4), lag]).map(\.change) == [.differs])
  }

  /// Lag moves from poll to poll; that it keeps growing is news all the same, however slowly it does.
  @Test func lagThatHasDoubledSinceItWasAcknowledgedCountsAgain() {
    func lag(_ value: Double) -> FleetCheck.Problem {
      .init(
        subject: .shard(Feed.shard), health: .degraded,
        finding: .lagOver(Lag(value: value, threshold: 5)))
    }
    var known = Acknowledged()
    known.acknowledge([lag(9)])
    for value in [12, 6, 15, 18] as [Double] {
      #expect(known.covers(lag(value)) && known.follow([lag(value)]).isEmpty, "\(value)")
    }
    #expect(!known.covers(lag(18.1)))
    #expect(known.follow([lag(18.1)]).map(\.change) == [.differs])
  }
}
