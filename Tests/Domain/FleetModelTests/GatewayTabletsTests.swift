import Terms
import Testing

@testable import FleetModel

@Suite struct GatewayTabletsTests {
  private static let other = ShardName(keyspace: "other", shard: "0")
  private static let tablets: [GatewayTablet] = {
    var tablet = Feed.tablet(200, .primary)
    tablet.shard = other
    return [Feed.tablet(101, .replica), tablet, Feed.tablet(100, .primary)]
  }()

  private static func lagging(_ seconds: Int, _ uid: UInt32) -> [GatewayTablet] {
    tablets.reversed().map { tablet in
      var tablet = tablet
      if tablet.alias.uid == uid { tablet.replicationLag = seconds }
      return tablet
    }
  }

  @Test func listsThatDifferInLagAloneHoldTheRestOnce() {
    let first = GatewayTablets(Self.tablets)
    let second = GatewayTablets(Self.lagging(7, 101), complaint: nil, sharing: [first])
    #expect(second.shares(first) && second != first && second.standsAs(first))
    #expect(second.all.map(\.alias.uid) == [100, 101, 200])
    #expect(second.all.map(\.replicationLag) == [0, 7, 0])
    #expect(second[Feed.shard].map(Array.init)?.map(\.replicationLag) == [0, 7])
    let address = Address(host: "tablet101", port: 15100)
    #expect(second.tablets(at: address).map(\.replicationLag) == [7])
    #expect(first.all.map(\.replicationLag) == [0, 0, 0])
  }

  @Test func aTabletThatServesOtherwiseIsNotShared() {
    let first = GatewayTablets(Self.tablets)
    var changed = Self.tablets
    changed[0].isServing = false
    let second = GatewayTablets(changed, complaint: nil, sharing: [first])
    #expect(!second.shares(first) && !second.standsAs(first))
    #expect(second.shardsChanged(since: first) == [Feed.shard])
  }

  @Test(arguments: [true, false])
  func onlyShardsOfWhichSomethingElseIsSaidHaveChanged(isShared: Bool) {
    let first = GatewayTablets(Self.tablets)
    let known = isShared ? [first] : []
    func list(_ tablets: [GatewayTablet]) -> GatewayTablets {
      GatewayTablets(tablets, complaint: nil, sharing: known)
    }
    #expect(list(Self.tablets).shardsChanged(since: first).isEmpty)
    #expect(list(Self.lagging(3, 200)).shardsChanged(since: first) == [Self.other])
    #expect(list(Self.tablets).shardsChanged(since: nil) == [Feed.shard, Self.other])
    let gone = Self.tablets.filter { $0.shard != Self.other }
    #expect(list(gone).shardsChanged(since: first) == [Self.other])
    #expect(first.shardsChanged(since: list(gone)) == [Self.other])
  }

  @Test func shardsOfTwoListsAreComparedByWhatIsSaid() {
    let first = GatewayTablets(Self.tablets)
    for known in [[first], []] {
      let second = GatewayTablets(Self.lagging(3, 200), complaint: nil, sharing: known)
      #expect(second[Feed.shard] == first[Feed.shard])
      #expect(second[Self.other] != first[Self.other])
    }
  }
}
