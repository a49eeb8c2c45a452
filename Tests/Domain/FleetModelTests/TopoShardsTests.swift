import FleetModel
import Terms
import Testing
import Wording

/// Shards of which only topo has a record: they have a row, and are no outage by guess.
@Suite struct TopoShardsTests {
  private static let other = ShardName(keyspace: "customer", shard: "-80")
  private static let primary = TabletAlias(cell: "zone1", uid: 300)

  /// A healthy shard that vtgates know, and another by its record in topo.
  private static func feed(_ record: TopoShard, of name: ShardName = other) -> Feed {
    var feed = Feed()
    feed.poll()
    feed.fleet.apply(
      [
        Feed.shard: TopoShard(primary: TabletAlias(cell: "zone1", uid: 100)), name: record,
      ], at: feed.now)
    feed.fleet.settle(at: feed.now)
    return feed
  }

  private static func row(_ feed: Feed, _ name: ShardName = other) -> ShardSummary? {
    feed.fleet.summaries.first { $0.name == name }
  }

  @Test func onesWithAPrimaryThatNobodyReportsAreUnknown() throws {
    let feed = Self.feed(TopoShard(primary: Self.primary))
    let row = try #require(Self.row(feed))
    #expect(row.state == .noData && row.idleness == nil)
    #expect(row.primary == Self.primary && !row.primaryIsServing)
    let check = FleetCheck(feed.fleet)
    #expect(check.health == .degraded)
    #expect(check.problems.map(\.finding) == [.onlyInTopo(primary: Self.primary)])
    #expect(
      check.problems.map { Wording().words($0.finding) } == [
        "only topo names it: no vtgate knows it and no tablet of it answers, though zone1-300 is its "
          + "primary there"
      ])
    #expect(Wording().words(row).contains("primary zone1-300?, only topo names it"))
    let ignored = FleetCheck(feed.fleet, ignoring: [NamePattern("customer")])
    #expect(ignored.health == .healthy)
    #expect(ignored.notes.map(\.finding) == [.ignored(.onlyInTopo(primary: Self.primary))])
  }

  @Test func onesThatNeverHadAPrimaryAreNew() throws {
    let feed = Self.feed(TopoShard(primary: nil))
    let row = try #require(Self.row(feed))
    #expect(row.idleness == .uninitialized)
    let check = FleetCheck(feed.fleet)
    #expect(check.health == .healthy && check.setAside == 1)
    #expect(check.notes.map(\.finding) == [.onlyInTopo(primary: nil)])
    #expect(Wording().words(row).hasPrefix("new, primary none, only topo names it"))
  }

  /// The targets of a Reshard whose tablets nobody sees yet.
  @Test func onesThatOthersServeInPlaceOfAreIdle() throws {
    let half = ShardName(keyspace: Feed.shard.keyspace, shard: "-80")
    let feed = Self.feed(TopoShard(primary: Self.primary, isPrimaryServing: false), of: half)
    #expect(feed.fleet.successors(of: half) == [Feed.shard])
    #expect(Self.row(feed, half)?.idleness == .unused)
    #expect(FleetCheck(feed.fleet).health == .healthy)
  }

  /// Rows come when all servers have been heard, and an answer takes a shard from topo's word.
  @Test func serversAreHeardFirst() {
    var feed = Feed()
    for gate in Feed.vtgates { feed.fleet.watch(Target(.vtgate, gate)) }
    feed.fleet.apply([Self.other: TopoShard(primary: Self.primary)], at: feed.now)
    feed.fleet.settle(at: feed.now)
    #expect(feed.fleet.summaries.isEmpty)
    feed.poll([0])
    feed.fleet.settle(at: feed.now)
    #expect(Self.row(feed) == nil)
    feed.readings[1].buffers[Self.other] = BufferCounters()
    feed.readings[1].tablets = nil
    feed.readings[1].primaryConnections = [Self.other: 1, Feed.shard: 1]
    feed.poll([1])
    feed.fleet.settle(at: feed.now)
    #expect(Self.row(feed)?.onlyInTopo == nil)
    #expect(Self.row(feed)?.state == .serving)
  }

  @Test func aServerThatSaysNothingIsNotWaitedForForever() {
    var feed = Feed()
    feed.fleet.watch(Target(.vtgate, Feed.vtgates[0]))
    feed.fleet.apply([Self.other: TopoShard(primary: Self.primary)], at: feed.now)
    feed.fleet.settle(at: feed.now + .seconds(9))
    #expect(feed.fleet.summaries.isEmpty)
    feed.fleet.settle(at: feed.now + .seconds(10))
    #expect(feed.fleet.summaries.map(\.name) == [Self.other])
  }

  @Test func aRowGoesWithItsRecord() {
    var feed = Self.feed(TopoShard(primary: Self.primary))
    feed.fleet.apply([Feed.shard: TopoShard(primary: nil)], at: feed.now)
    feed.fleet.settle(at: feed.now)
    #expect(feed.fleet.summaries.map(\.name) == [Feed.shard])
  }
}
