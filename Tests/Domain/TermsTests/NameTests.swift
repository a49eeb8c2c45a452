import Terms
import Testing

@Suite struct NameTests {
  @Test func aShardIsReadWithOneSlash() {
    #expect(ShardName("commerce/-80") == ShardName(keyspace: "commerce", shard: "-80"))
    for text in ["", "/", "commerce", "commerce/", "/-80", "a/b/c"] {
      #expect(ShardName(text) == nil, "\(text)")
    }
  }

  @Test func shardsStandAlongTheKeyRange() {
    let names = ["80-", "-40", "40-80", "0"].map { ShardName(keyspace: "a", shard: $0) }
    #expect(names.sorted().map(\.shard) == ["-40", "0", "40-80", "80-"])
    #expect(ShardName(keyspace: "a", shard: "80-") < ShardName(keyspace: "b", shard: "-40"))
  }
}
