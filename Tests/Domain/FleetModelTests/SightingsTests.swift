import Terms
import TestSupport
import Testing

@testable import FleetModel

@Suite struct SightingsTests {
  private static func shard(_ number: Int) -> ShardName {
    ShardName(keyspace: "k\(number % 3)", shard: "\(number)")
  }

  /// What one vtgate says: of some shards only, by its list or without one, fresh or not.
  private static func vtgate(_ number: Int, _ dice: inout Dice) -> VtgateState {
    var state = VtgateState(Target(.vtgate, Address(host: "gate\(number)", port: 15001)))
    var reading = VtgateReading()
    reading.processStart = 1
    let own = (0..<40).filter { _ in Bool.random(using: &dice) }
    for number in own where Bool.random(using: &dice) {
      reading.buffers[shard(number)] = BufferCounters()
      if Bool.random(using: &dice) { reading.primaryConnections[shard(number)] = 1 }
    }
    if Bool.random(using: &dice) {
      reading.tablets = GatewayTablets(
        own.map { number in
          GatewayTablet(
            alias: TabletAlias(cell: "zone1", uid: UInt32(100 + number)), shard: shard(number),
            type: Bool.random(using: &dice) ? .primary : .replica,
            isServing: Bool.random(using: &dice), primaryTermStart: number)
        })
    }
    state.keep(reading, at: Feed.start, took: .zero)
    state.isFresh = Bool.random(using: &dice)
    return state
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func manyShardsAreSeenAsOneByOne(_ seed: UInt64) {
    var dice = Dice(seed)
    let vtgates = (0..<12).map { Self.vtgate($0, &dice) }
    let shards = (0..<45).map(Self.shard)
    let many = Sightings.of(shards, vtgates: vtgates)
    for shard in shards {
      #expect(many[shard] == Sightings(shard, vtgates: vtgates), "\(shard)")
    }
  }
}
