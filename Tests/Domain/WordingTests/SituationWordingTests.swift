import FleetModel
import Terms
import Testing
import Wording

/// What a line says of a fleet's lag.
@Suite struct SituationWordingTests {
  private static func words(_ fact: Situation.Fact) -> String {
    Wording().words(fact, of: .vtgates) { _ in "12:00:00" }
  }

  /// Beside the most that is known, it must not contradict it.
  @Test func anUnknownLagIsThatOfSomeShards() {
    #expect(Self.words(.lagUnknown(shards: 1, of: 1)) == "lag unknown")
    #expect(Self.words(.lagUnknown(shards: 1, of: 2)) == "lag of 1 shard unknown")
    #expect(Self.words(.lagUnknown(shards: 2, of: 2)) == "lag of 2 shards unknown")
  }

  @Test func aLagOverItsThresholdHasAShortForm() {
    let lag = Lag(value: 7.25, threshold: 5)
    #expect(Wording().brief(.lagOver(lag, nil)) == "lag 7.3 s, over 5 s")
    #expect(Wording().brief(.lagAtMost(1)) == nil)
  }
}
