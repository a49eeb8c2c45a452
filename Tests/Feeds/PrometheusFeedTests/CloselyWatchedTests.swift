import FleetModel
import Terms
import Testing
import Watching

@testable import PrometheusFeed

/// Whom to ask directly: who comes, who stays and who is forgotten.
@Suite struct CloselyWatchedTests {
  private static let shard = ShardName(keyspace: "commerce", shard: "0")
  private static let vtgate = Target(.vtgate, Address(host: "gate", port: 15001))
  private static let tablet = Target(.vttablet, Address(host: "tablet", port: 15100))

  private let start = Instant(secondsSinceEpoch: 1_795_772_000)
  private var closely = CloselyWatched()
  private var wishes = Wishes(interval: .seconds(1))

  init() {
    wishes.shards = [Self.shard]
    wishes.closely = [Self.vtgate]
  }

  private mutating func hear(
    _ target: Target, at second: Double, _ result: ScrapeOutcome.Result
  ) {
    _ = closely.take(
      ScrapeOutcome(target: target, at: start + .seconds(second), took: .zero, result: result),
      for: wishes)
  }

  private mutating func targets(at second: Double) -> Set<Target> {
    closely.targets(
      for: wishes, besides: [], unlessTold: { $0 == Self.vtgate }, at: start + .seconds(second))
  }

  /// After ten seconds' silence.
  private mutating func absent(at second: Double) -> [Target] {
    closely.forgetAbsent(
      silentFor: .seconds(10), unlessNamed: { $0 == Self.vtgate }, at: start + .seconds(second))
  }

  private static func gate(listing tablets: [Address]) -> ScrapeOutcome.Result {
    var reading = VtgateReading()
    reading.tablets = GatewayTablets(
      tablets.map { address in
        GatewayTablet(
          alias: TabletAlias(cell: "zone1", uid: 100), shard: shard, type: .replica,
          isServing: true, address: address)
      })
    return .gate(reading)
  }

  private static let answer = ScrapeOutcome.Result.member(
    TabletReading(throttler: ThrottlerReading(source: .unasked)))

  @Test mutating func aTabletThatOnlyAVtgateListsIsAskedUntilItIsGone() {
    hear(Self.vtgate, at: 0, Self.gate(listing: [Self.tablet.address]))
    let listed = targets(at: 0)
    hear(Self.tablet, at: 1, Self.answer)
    // Listed it stays, however silent.
    let early = absent(at: 20)
    #expect(listed == [Self.vtgate, Self.tablet] && early.isEmpty)
    hear(Self.tablet, at: 21, Self.answer)
    wishes.closely = []
    let alone = targets(at: 22)
    let patient = absent(at: 31)
    #expect(alone == [Self.tablet] && patient.isEmpty)
    let gone = absent(at: 32)
    let rest = targets(at: 32)
    #expect(gone == [Self.tablet] && rest.isEmpty)
  }

  @Test mutating func aTabletThatLeavesTheListsIsForgottenWhileItsShardIsWatched() {
    hear(Self.vtgate, at: 0, Self.gate(listing: [Self.tablet.address]))
    hear(Self.tablet, at: 1, Self.answer)
    hear(Self.vtgate, at: 2, Self.gate(listing: []))
    let answering = targets(at: 3)
    #expect(answering == [Self.vtgate, Self.tablet])
    let gone = absent(at: 12)
    let rest = targets(at: 12)
    #expect(gone == [Self.tablet] && rest == [Self.vtgate])
  }

  @Test mutating func whomTheOperatorNamedStays() {
    closely.named = [Self.tablet]
    hear(Self.tablet, at: 1, Self.answer)
    let gone = absent(at: 100)
    #expect(gone.isEmpty)
  }
}
