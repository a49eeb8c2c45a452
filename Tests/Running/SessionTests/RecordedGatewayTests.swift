import FleetModel
import Foundation
import Terms
import TestSupport
import Testing
import VitessClient

/// Six planned reparents as a real vtgate's `/debug/gateway` showed them, served to the client's rule
/// and the fleet at any rate and phase of polls.
private struct RecordedLists {
  static let shard = ShardName(keyspace: "commerce", shard: "0")
  static let gates = [Address(host: "gate1", port: 15001), Address(host: "gate2", port: 15001)]
  /// Who was primary from the beginning on.
  static let primaries: [UInt32] = [101, 100, 102, 101, 100, 102, 101]

  struct Moment {
    /// Since the first, seconds.
    let at: Double
    let tablets: [GatewayTablet]

    var hasPrimary: Bool { tablets.contains { $0.type == .primary && $0.isServing } }

    /// As the same vtgate exported it: with every "no primary" the same, for no alias is in it.
    var checksum: Double {
      guard tablets.contains(where: { $0.type == .primary }) else { return 3_775_645_803 }
      return Double(tablets.map(\.primaryTermStart).max() ?? 0) * 2 + (hasPrimary ? 1 : 0)
    }
  }

  let moments: [Moment]

  init() throws {
    let objects = try Fixtures.objects("vitess-23/failovers/eight-prs.gw.ndjson.gz")
    let start = objects.first?["t"] as? Double ?? 0
    moments = objects.map { object in
      let rows = object["s"] as? [[Any]] ?? []
      return Moment(
        at: (object["t"] as? Double ?? 0) - start,
        tablets: rows.map { row in
          GatewayTablet(
            alias: TabletAlias(cell: "zone1", uid: UInt32(row[1] as? Int ?? 0)), shard: Self.shard,
            type: TabletType(rawValue: row[0] as? Int ?? 0), isServing: row[4] as? Bool ?? false,
            hasError: row[6] as? Bool ?? false, primaryTermStart: row[5] as? Int ?? 0)
        })
    }
  }

  func moment(at seconds: Double) -> Moment { moments.last { $0.at <= seconds } ?? moments[0] }

  /// What buffering there has been by then: from the primary's end to the next one's beginning.
  func counters(at seconds: Double) -> BufferCounters {
    var counters = BufferCounters()
    var isServing = true
    for moment in moments where moment.at <= seconds {
      if isServing, !moment.hasPrimary { counters.starts += 1 }
      if !isServing, moment.hasPrimary { counters.stops[.newPrimarySeen, default: 0] += 1 }
      isServing = moment.hasPrimary
    }
    return counters
  }

  /// Polls two vtgates to the end and lets the fleet rest.
  ///
  /// The list is read up to a tenth of a second after the page with the checksum, and the second vtgate
  /// sees everything up to 50 ms later than the first.
  func watch(every pause: Double, seed: UInt64) -> Fleet {
    var dice = Dice(seed)
    var outcomes: [ScrapeOutcome] = []
    for (gate, behind) in zip(Self.gates, [0, Double.random(in: 0...0.05, using: &dice)]) {
      outcomes += polls(of: gate, every: pause, behind: behind, &dice)
    }
    var fleet = Fleet()
    for outcome in outcomes.sorted(by: { $0.at < $1.at }) {
      fleet.apply(outcome)
      fleet.settle(at: outcome.at)
    }
    return fleet
  }

  private func polls(
    of gate: Address, every pause: Double, behind: Double, _ dice: inout Dice
  ) -> [ScrapeOutcome] {
    var outcomes: [ScrapeOutcome] = []
    var listing = GatewayListing()
    let origin = ContinuousClock.now
    var seconds = Double.random(in: 0..<pause, using: &dice)
    while seconds < (moments.last?.at ?? 0) + 8 {
      let sight = moment(at: seconds - behind)
      let end = seconds + Double.random(in: 0...0.1, using: &dice)
      let now = origin + .seconds(end)
      if listing.isDue(checksum: sight.checksum, vtgates: Self.gates.count, at: now) {
        listing.take(
          GatewayTablets(moment(at: end - behind).tablets), checksum: sight.checksum, at: now)
      }
      var reading = VtgateReading()
      reading.processStart = 1
      reading.buffers[Self.shard] = counters(at: seconds - behind)
      reading.tablets = listing.tablets
      outcomes.append(
        ScrapeOutcome(
          target: Target(.vtgate, gate), at: Instant(secondsSinceEpoch: 1_795_697_778 + end),
          took: .seconds(end - seconds), result: .gate(reading)))
      // It is never asked again before it has answered.
      seconds = max(seconds + pause, end)
    }
    return outcomes
  }
}

@Suite struct RecordedGatewayTests {
  @Test(arguments: [0.05, 0.1, 0.25, 1])
  func everyPrimaryIsTheRightOneAndNoneComesBack(_ pause: Double) throws {
    let lists = try RecordedLists()
    for seed in 0..<(pause < 0.1 ? 10 : 40) as Range<UInt64> {
      let fleet = lists.watch(every: pause, seed: seed)
      let changes = fleet.log.events.filter { $0.text.contains("primary is now") }.map(\.text)
      #expect(
        changes
          == zip(RecordedLists.primaries.dropFirst(), RecordedLists.primaries).map {
            "primary is now zone1-\($0), was zone1-\($1)"
          }, "every \(pause) s, seed \(seed)")
      #expect(!fleet.log.events.contains { $0.text.contains("serving again") })
      let failovers = fleet.failovers.all
      #expect(failovers.map(\.primaryBefore?.uid) == RecordedLists.primaries.dropLast())
      #expect(failovers.map(\.primaryAfter?.uid) == Array(RecordedLists.primaries.dropFirst()))
    }
  }
}
