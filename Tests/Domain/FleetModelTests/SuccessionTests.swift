import Terms
import Testing

@testable import FleetModel

@Suite struct SuccessionTests {
  private static func name(_ shard: String) -> ShardName {
    ShardName(keyspace: "commerce", shard: shard)
  }

  /// `count` ranges of one size that cover all keys.
  private static func ranges(_ count: Int) -> [String] {
    func key(_ index: Int) -> String {
      let digits = String(index * (0x10000 / count), radix: 16)
      return index == 0 || index == count
        ? "" : String(repeating: "0", count: 4 - digits.count) + digits
    }
    return (0..<count).map { "\(key($0))-\(key($0 + 1))" }
  }

  @Test func theShardsThatServeARangeTogetherAreNamedInTheirOrder() {
    let succession = Succession(
      of: [Self.name("-80"), Self.name("80-")],
      among: ["c0-", "-40", "40-80"].map(Self.name))
    #expect(succession[Self.name("-80")] == ["-40", "40-80"].map(Self.name))
    #expect(succession[Self.name("80-")] == nil)
  }

  @Test func aShardOfAnotherKeyspaceServesInNobodysPlace() {
    let succession = Succession(
      of: [Self.name("0")], among: [ShardName(keyspace: "logs", shard: "0")])
    #expect(succession[Self.name("0")] == nil)
  }

  @Test func rangesThatOverlapCoverWhatTheyReachTogether() {
    let succession = Succession(
      of: [Self.name("0")], among: ["-c0", "20-40", "80-"].map(Self.name))
    #expect(succession[Self.name("0")] == ["-c0", "80-"].map(Self.name))
  }

  /// A keyspace in which every shard was split in two.
  @Test(arguments: [64, 1024]) func theWorkGrowsWithTheShards(_ count: Int) {
    let old = Self.ranges(count).map(Self.name)
    let new = Self.ranges(2 * count).map(Self.name)
    let succession = Succession(of: old, among: new)
    #expect(old.allSatisfy { succession[$0]?.count == 2 })
    #expect(succession.looks <= 4 * count)
  }
}
