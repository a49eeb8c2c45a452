import Lab
import Testing

/// Which shards a keyspace can begin with.
@Suite struct ShardLayoutTests {
  @Test(arguments: [
    ("0", "0"), ("-", "-"), ("-80,80-", "-80,80-"), ("80-,-80", "80-,-80"),
    ("-40,40-8000,80-", "-40,40-8000,80-"), ("0,-80,80-", "0"), ("-80,80-,0", "-80,80-"),
    ("-80,80-,-40,40-80", "-80,80-"), ("0,-80", "0"), ("spare", "spare"),
  ])
  func shardsServeThatOverlapNoEarlierOne(_ shards: String, _ serving: String) {
    let layout = ShardLayout(shards.split(separator: ",").map(String.init))
    #expect(layout.serving == serving.split(separator: ",").map(String.init))
    #expect(layout.flaw == nil)
  }

  @Test(arguments: [
    ("-80,90-", "no shard serves the keys between -80 and 90-"),
    ("-80", "no shard serves the keys after -80"),
    ("40-80,80-", "no shard serves the keys before 40-80"),
    (
      "-80,70-",
      "no shard serves the keys after -80: 70- overlaps -80, so that it waits for a Reshard"
    ),
    (
      "-40,30-90,80-",
      "no shard serves the keys after -40: 30-90 overlaps -40, so that it waits for a Reshard"
    ),
    ("-8,8-", "-8 is no key range: its bounds are pairs of hex digits, the lower one first"),
    ("-80,c0-90", "c0-90 is no key range: its bounds are pairs of hex digits, the lower one first"),
    ("-+8,+8-", "-+8 is no key range: its bounds are pairs of hex digits, the lower one first"),
  ])
  func keysThatNobodyServesAreNamed(_ shards: String, _ flaw: String) {
    #expect(ShardLayout(shards.split(separator: ",").map(String.init)).flaw == flaw)
  }
}
