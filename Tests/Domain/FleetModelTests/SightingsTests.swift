import Terms
import TestSupport
import Testing

@testable import FleetModel

@Suite struct SightingsTests {
  private static func shard(_ number: Int) -> ShardName {
    ShardName(keyspace: "k\(number % 3)", shard: "\(number)")
  }

  /// What one vtgate says: of some shards only, by its list or without one, fresh or not.
  ///
  /// Some say what `others` do, with lags of their own; some could not read all of a list, or keep an
  /// earlier one.
  private static func vtgate(
    _ number: Int, like others: [GatewayTablets], _ dice: inout Dice
  ) -> VtgateState {
    var state = VtgateState(Target(.vtgate, Address(host: "gate\(number)", port: 15001)))
    var reading = VtgateReading()
    reading.processStart = 1
    let own = (0..<40).filter { _ in Bool.random(using: &dice) }
    for number in own where Bool.random(using: &dice) {
      reading.buffers[shard(number)] = BufferCounters()
      if Bool.random(using: &dice) { reading.primaryConnections[shard(number)] = 1 }
    }
    if Int.random(in: 0..<4, using: &dice) > 0 {
      var tablets = others.randomElement(using: &dice)?.all ?? listed(own, &dice)
      for place in tablets.indices where Int.random(in: 0..<5, using: &dice) == 0 {
        tablets[place].replicationLag = 3
      }
      let isWhole = Int.random(in: 0..<4, using: &dice) > 0
      reading.tablets = GatewayTablets(
        tablets,
        complaint: isWhole
          ? nil : .unreadableEntries(path: "/debug/gateway", 1, reason: "no alias"),
        sharing: others)
    }
    state.keep(reading, at: Feed.start, took: .zero)
    if Int.random(in: 0..<3, using: &dice) == 0 {
      reading.tablets = nil
      state.keep(reading, at: Feed.start + .seconds(1), took: .zero)
    }
    state.isFresh = Bool.random(using: &dice)
    return state
  }

  private static func listed(_ shards: [Int], _ dice: inout Dice) -> [GatewayTablet] {
    shards.flatMap { number in
      (0..<2).map { which in
        GatewayTablet(
          alias: TabletAlias(cell: "zone1", uid: UInt32(100 + 50 * which + number)),
          shard: shard(number), type: which == 0 || number % 4 == 0 ? .primary : .replica,
          isServing: Bool.random(using: &dice), primaryTermStart: number + which)
      }
    }
  }

  @Test(arguments: Array(1...12) as [UInt64])
  func whatVtgatesSayTogetherIsWhatTheySayOneByOne(_ seed: UInt64) {
    var dice = Dice(seed)
    var vtgates: [VtgateState] = []
    for number in 0..<12 {
      vtgates.append(Self.vtgate(number, like: vtgates.compactMap(\.tablets), &dice))
    }
    let shards = (0..<45).map(Self.shard)
    let many = HealthChecks(vtgates, about: shards)
    for shard in shards {
      let plain = PlainSightings(shard, vtgates)
      for checks in [many, HealthChecks(vtgates, about: [shard])] {
        #expect(PlainSightings(Sightings(shard, checks)) == plain, "\(shard)")
      }
    }
  }

  /// Of a large fleet in which all list the same, one is asked for all of them, whatever lags they tell.
  @Test func vtgatesThatListTheSameAreAskedOnce() {
    var dice = Dice(1)
    let list = GatewayTablets(Self.listed(Array(0..<40), &dice))
    let vtgates = (0..<100).map { number in
      var state = VtgateState(Target(.vtgate, Address(host: "gate\(number)", port: 15001)))
      var reading = VtgateReading()
      reading.tablets = list.replacing([(place: number % 80, lag: 7)])
      state.keep(reading, at: Feed.start, took: .zero)
      state.isFresh = true
      return state
    }
    let shards = (0..<40).map(Self.shard)
    let checks = HealthChecks(vtgates, about: shards)
    #expect(checks.groups.count == 1)
    #expect(shards.allSatisfy { checks.groups[0].speakers(about: $0).places == [0] })
  }
}

/// What vtgates show of a shard, each of them asked by itself.
private struct PlainSightings: Equatable {
  var canTell = false
  var primary: SeenPrimary?
  var isHidden = false
  var servingPrimaries: [TabletAlias] = []
  var dissents: [Address: TabletAlias?] = [:]
  var records: [GatewayTablet] = []
  var current: [Bool] = []

  init(_ shard: ShardName, _ vtgates: [VtgateState]) {
    let checks = vtgates.map { HealthCheck($0) }
    let fresh = checks.filter(\.isFresh)
    primary = fresh.compactMap { $0.primary(of: shard) }.max()
    canTell = fresh.contains { $0.knows(shard) }
    isHidden = checks.contains { $0.hides(shard) }
    servingPrimaries = Set(
      fresh.map { $0.servingPrimaries(of: shard) }.filter { $0.count > 1 }
        .flatMap { $0.map(\.alias) }
    ).sorted()
    for check in fresh where check.knows(shard) {
      guard let primary else { break }
      let seen = check.primary(of: shard)
      let isUnsure = seen != nil && (seen?.alias == nil || primary.alias == nil)
      if !isUnsure, seen?.alias != primary.alias || seen == nil {
        dissents[check.address] = .some(seen?.alias)
      }
    }
    var said: [(tablet: GatewayTablet, isCurrent: Bool)] = []
    for vtgate in vtgates {
      let isCurrent = vtgate.isFresh && vtgate.hasCurrentTablets
      for tablet in vtgate.tablets?[shard].map(Array.init) ?? [] {
        said.append((tablet, isCurrent))
      }
    }
    for alias in Set(said.map(\.tablet.alias)).sorted() {
      let own = said.filter { $0.tablet.alias == alias }
      func weight(_ one: (tablet: GatewayTablet, isCurrent: Bool)) -> (Int, Int, Int, Int, Int) {
        (
          one.isCurrent ? 1 : 0, one.tablet.primaryTermStart,
          own.count { $0.tablet == one.tablet && $0.isCurrent == one.isCurrent },
          one.tablet.isServing ? 1 : 0, one.tablet.replicationLag ?? -1
        )
      }
      guard let best = own.max(by: { weight($0) < weight($1) }) else { continue }
      records.append(best.tablet)
      current.append(best.isCurrent)
    }
  }

  init(_ sightings: Sightings) {
    canTell = sightings.canTell
    primary = sightings.primary
    isHidden = sightings.isHidden
    servingPrimaries = sightings.servingPrimaries
    for dissent in sightings.dissents {
      for vtgate in dissent.vtgates { dissents[vtgate] = .some(dissent.primary) }
    }
    records = sightings.records.map(\.tablet)
    current = sightings.records.map(\.isCurrent)
  }
}
