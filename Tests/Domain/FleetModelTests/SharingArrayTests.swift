import Terms
import TestSupport
import Testing

@testable import FleetModel

@Suite struct SharingArrayTests {
  private static func failovers(_ count: Int) -> [Failover] {
    (1...count).map { number in
      Failover(
        id: number, ShardName(keyspace: "commerce", shard: "\(number)"), .buffering,
        at: Moment(Instant(secondsSinceEpoch: Double(number)), uncertainty: nil), primaryBefore: nil
      )
    }
  }

  /// Looking back keeps hundreds of lists: a change copies one failover, however many there are.
  @Test(.needsCountedAllocations) func whatDidNotChangeIsShared() {
    let before = SharingArray(Self.failovers(400))
    var after = before
    let bytes = allocatedBytes {
      after[7].note(Failed(count: 3), at: Instant(secondsSinceEpoch: 8))
    }
    #expect(bytes < 400 * 8 + 4 * MemoryLayout<Failover>.stride, "\(bytes) bytes")
    #expect(before[7].failed.count == nil && after[7].failed.count == 3)
    #expect(before != after && before[8] == after[8])
  }

  @Test func theOldestLeave() {
    var failovers = SharingArray(Self.failovers(3))
    #expect(failovers.removeFirst().id == 1)
    #expect(failovers.map(\.id) == [2, 3])
  }
}
