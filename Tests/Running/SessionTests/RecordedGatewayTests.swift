import FleetModel
import Foundation
import Terms
import TestSupport
import Testing
import VitessClient

/// Planned reparents as real vtgates saw them, served to the client's rule and the fleet at any rate and
/// phase of polls.
private struct RecordedViews {
  static let shard = ShardName(keyspace: "commerce", shard: "0")
  static let gates = [Address(host: "gate1", port: 15001), Address(host: "gate2", port: 15001)]

  /// What one vtgate says from a moment on.
  struct Moment {
    /// Unix time, seconds.
    let at: Double
    let tablets: [GatewayTablet]
    let checksum: Double
    var counters = BufferCounters()

    var hasPrimary: Bool { tablets.contains { $0.type == .primary && $0.isServing } }
  }

  /// Who was primary from the beginning on.
  let primaries: [UInt32]
  /// Of each vtgate.
  let views: [[Moment]]
  /// How much later the second vtgate sees what is the first one's recording, at most, seconds.
  var behind = 0.0

  /// Six reparents in `/debug/gateway` at 200 Hz: the lists are recorded; one vtgate is both.
  ///
  /// Counters are made from them: buffering from the primary's end to the next one's beginning.
  static func lists() throws -> RecordedViews {
    var counters = BufferCounters()
    var isServing = true
    let moments = try Fixtures.objects("vitess-23/failovers/eight-prs.gw.ndjson.gz").map { object in
      let tablets = (object["s"] as? [[Any]] ?? []).map { row in
        GatewayTablet(
          alias: TabletAlias(cell: "zone1", uid: UInt32(row[1] as? Int ?? 0)), shard: shard,
          type: TabletType(rawValue: row[0] as? Int ?? 0), isServing: row[4] as? Bool ?? false,
          hasError: row[6] as? Bool ?? false, primaryTermStart: row[5] as? Int ?? 0)
      }
      let hasPrimary = tablets.contains { $0.type == .primary && $0.isServing }
      if isServing, !hasPrimary { counters.starts += 1 }
      if !isServing, hasPrimary { counters.stops[.newPrimarySeen, default: 0] += 1 }
      isServing = hasPrimary
      // As the same vtgate exported it: with every "no primary" the same, for no alias is in it.
      let term = Double(tablets.map(\.primaryTermStart).max() ?? 0)
      let checksum =
        tablets.contains { $0.type == .primary } ? term * 2 + (hasPrimary ? 1 : 0) : 3_775_645_803
      return Moment(
        at: object["t"] as? Double ?? 0, tablets: tablets, checksum: checksum, counters: counters)
    }
    return RecordedViews(
      primaries: [101, 100, 102, 101, 100, 102, 101], views: [moments, moments], behind: 0.05)
  }

  /// Eight reparents in `/metrics` of both vtgates at 50 Hz: counters and checksums are recorded.
  ///
  /// The lists are made from them, and so are the names in them: `healthcheck_connections` says whether
  /// there is a primary, another checksum that it serves no longer, and the count of promotions that it
  /// is a new one.
  static func polls() throws -> RecordedViews {
    let primaries = (0...8).map { UInt32(100 + $0 % 3) }
    return RecordedViews(
      primaries: primaries,
      views: try ["poll1", "poll2"].map { name in
        var lines: [String: String] = [:]
        var serving: [Int: String] = [:]
        return try Fixtures.objects("vitess-23/failovers/eight-prs.\(name).ndjson.gz").map {
          object in
          // Only what changed is in a line; a series that went is not, but then another grew.
          for case (let series, let value as String) in object { lines[series] = value }
          func value(_ texts: String...) -> String? {
            lines.first { line in texts.allSatisfy { line.key.contains($0) } }?.value
          }
          let body = lines.map { "\($0) \($1)\n" }.joined()
          let promotions = value("primary_promoted").flatMap { Int($0) } ?? 0
          let checksum = value("healthcheck_checksum") ?? ""
          if serving[promotions] == nil { serving[promotions] = checksum }
          let hasPrimary = value("healthcheck_connections", "\"replica\"") == "2"
          let tablets = (0..<3).map { index in
            let isPrimary = hasPrimary && UInt32(100 + index) == primaries[promotions]
            return GatewayTablet(
              alias: TabletAlias(cell: "zone1", uid: UInt32(100 + index)), shard: shard,
              type: isPrimary ? .primary : .replica,
              isServing: !isPrimary || serving[promotions] == checksum,
              primaryTermStart: isPrimary ? 1 + promotions : 0)
          }
          let reading = VtgateMetrics(body: Array(body.utf8)).reading
          return Moment(
            at: object["t"] as? Double ?? 0, tablets: tablets, checksum: Double(checksum) ?? 0,
            counters: reading.buffers[shard] ?? BufferCounters())
        }
      })
  }

  /// Polls two vtgates to the end and lets the fleet rest.
  ///
  /// The list is read up to a tenth of a second after the page with the checksum.
  func watch(every pause: Double, seed: UInt64) -> Fleet {
    var dice = Dice(seed)
    var outcomes: [ScrapeOutcome] = []
    for (index, gate) in Self.gates.enumerated() {
      let late = index == 0 || behind == 0 ? 0 : Double.random(in: 0...behind, using: &dice)
      outcomes += polls(of: gate, views[index], every: pause, late: late, &dice)
    }
    var fleet = Fleet()
    for outcome in outcomes.sorted(by: { $0.at < $1.at }) {
      fleet.apply(outcome)
      fleet.settle(at: outcome.at)
    }
    return fleet
  }

  private func polls(
    of gate: Address, _ moments: [Moment], every pause: Double, late: Double, _ dice: inout Dice
  ) -> [ScrapeOutcome] {
    func moment(at seconds: Double) -> Moment {
      moments.last { $0.at <= seconds - late } ?? moments[0]
    }
    let start = moments[0].at
    var outcomes: [ScrapeOutcome] = []
    var listing = GatewayListing()
    let origin = ContinuousClock.now
    var seconds = start + Double.random(in: 0..<pause, using: &dice)
    while seconds < moments[moments.count - 1].at + 8 {
      let sight = moment(at: seconds)
      let end = seconds + Double.random(in: 0...0.1, using: &dice)
      let now = origin + .seconds(end - start)
      if listing.isDue(checksum: sight.checksum, vtgates: Self.gates.count, at: now) {
        listing.take(GatewayTablets(moment(at: end).tablets), checksum: sight.checksum, at: now)
      }
      var reading = VtgateReading()
      reading.processStart = 1
      reading.buffers[Self.shard] = sight.counters
      reading.tablets = listing.tablets
      outcomes.append(
        ScrapeOutcome(
          target: Target(.vtgate, gate), at: Instant(secondsSinceEpoch: end),
          took: .seconds(end - seconds), result: .gate(reading)))
      // It is never asked again before it has answered.
      seconds = max(seconds + pause, end)
    }
    return outcomes
  }
}

@Suite struct RecordedGatewayTests {
  @Test(arguments: [0.05, 0.1, 0.25, 1])
  func everyListedPrimaryIsTheRightOneAndNoneComesBack(_ pause: Double) throws {
    try expectNoFalsePrimary(try RecordedViews.lists(), every: pause)
  }

  @Test(arguments: [0.05, 0.1, 0.25, 1])
  func twoVtgatesThatSeeItAtDifferentTimesTellOfNoFalsePrimary(_ pause: Double) throws {
    try expectNoFalsePrimary(try RecordedViews.polls(), every: pause)
  }

  private func expectNoFalsePrimary(_ views: RecordedViews, every pause: Double) throws {
    let primaries = views.primaries
    for seed in 0..<(pause < 0.1 ? 8 : 24) as Range<UInt64> {
      let fleet = views.watch(every: pause, seed: seed)
      let changes = fleet.log.events.map(\.kind).filter { $0.name == .primaryChanged }
      #expect(
        changes
          == zip(primaries.dropFirst(), primaries).map {
            .primaryChanged(
              to: TabletAlias(cell: "zone1", uid: $0), from: TabletAlias(cell: "zone1", uid: $1))
          }, "every \(pause) s, seed \(seed)")
      #expect(!fleet.log.events.contains { $0.kind.name == .primaryServesAgain })
      let failovers = fleet.failovers.all
      #expect(failovers.map(\.primaryBefore?.uid) == primaries.dropLast(), "seed \(seed)")
      #expect(failovers.map(\.primaryAfter?.uid) == Array(primaries.dropFirst()), "seed \(seed)")
    }
  }
}
