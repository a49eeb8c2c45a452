import FleetModel
import Foundation
import Lines
import Terms
import Testing
import Wording

@testable import Watching

/// What lines and checks say while nobody can say anything: that it is so, and no count that was.
@Suite struct BlindTests {
  private static let shard = ShardName(keyspace: "commerce", shard: "0")
  private static let other = ShardName(keyspace: "customer", shard: "-80")
  private static let gates = [
    Address(host: "gate1", port: 15001), Address(host: "gate2", port: 15001),
  ]

  private var fleet = Fleet()
  private var now = Instant(secondsSinceEpoch: 1_795_000_000)
  private var changes = FleetChanges()

  /// Two vtgates that have counted a failover with failures on one shard, and know another.
  init() {
    for count in [0, 40] { poll(count) }
    for _ in 0..<5 { poll(40) }
    look()
  }

  private mutating func poll(
    _ count: Int, knowing shards: [ShardName] = [shard, other], listsTablets: Bool = true
  ) {
    now = now + .seconds(1)
    var reading = VtgateReading()
    reading.processStart = 1
    reading.bufferSize = 10
    for shard in shards {
      var counters = BufferCounters()
      counters.starts = count > 0 ? 1 : 0
      counters.stops[.newPrimarySeen] = counters.starts
      counters.buffered = count
      counters.drained = count - count / 4
      counters.evicted[.bufferFull] = count / 4
      reading.buffers[shard] = counters
    }
    reading.primaryConnections = Dictionary(uniqueKeysWithValues: shards.map { ($0, 1) })
    let tablets = GatewayTablets(
      shards.enumerated().map { index, shard in
        GatewayTablet(
          alias: TabletAlias(cell: "zone1", uid: UInt32(100 * (index + 1))), shard: shard,
          type: .primary, isServing: true, primaryTermStart: 1)
      })
    if listsTablets { reading.tablets = tablets }
    for gate in Self.gates {
      fleet.apply(
        ScrapeOutcome(
          target: Target(.vtgate, gate), at: now, took: .zero, result: .gate(reading)))
    }
  }

  private mutating func fail() {
    now = now + .seconds(10)
    for gate in Self.gates {
      fleet.apply(
        ScrapeOutcome(
          target: Target(.vtgate, gate), at: now, took: .zero,
          result: .failed(ScrapeFailure.unreachable(.refused))))
    }
  }

  @discardableResult
  private mutating func look() -> [FleetChange] {
    fleet.settle(at: now)
    return changes.take(fleet, at: now)
  }

  private func object(_ text: String) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  /// Neither counts nor what would be read from them, not even as 0.
  private func expectNoCounts(_ row: [String: Any]) {
    #expect(row["state"] as? String == "BLIND")
    let unknown = [
      "counts", "held", "failed", "bufferingOff", "primaryIsServing", "lag", "throttledApps",
    ]
    for key in unknown { #expect(row[key] == nil, "\(key)") }
    // Who was primary is said as what it is: the last one that was seen.
    #expect(row["primary"] is String)
  }

  private static let words = "BLIND, primary zone1-100?, no counters, no replicas"

  @Test func theCountsAreThereBefore() throws {
    let check = FleetCheck(fleet)
    let row = try #require(
      (try object(JSONLine().text(check, at: now))["shards"] as? [[String: Any]])?.first)
    #expect((row["counts"] as? [String: Any])?["buffered"] as? Int == 80)
    #expect((row["failed"] as? [String: Any])?["count"] as? Int == 20)
    #expect(row["bufferingOff"] as? Bool == false)
    #expect(row["primaryIsServing"] as? Bool == true)
    #expect(row["throttledApps"] != nil)
  }

  @Test func whereNoVtgateAnswersTheCheckFailsAndTellsNoCounts() throws {
    var blind = self
    blind.fail()
    let told = blind.look()
    let check = FleetCheck(blind.fleet)
    #expect(check.health == .failing && check.health.exitCode == 2)
    #expect(check.problems.contains { Wording().words($0.finding) == "blind: no vtgate answers" })
    #expect(
      !check.problems.contains { Wording().words($0.finding).contains("failed ") },
      "\(check.problems)")
    #expect(check.shards.map(PlainLine.words).first == Self.words)
    let json = try blind.object(JSONLine().text(check, at: blind.now))
    #expect(json["health"] as? String == "failing")
    let rows = try #require(json["shards"] as? [[String: Any]])
    #expect(rows.count == 2)
    for row in rows { blind.expectNoCounts(row) }
    // The lines that are written as it happens.
    let shards = told.filter { if case .shard = $0 { true } else { false } }
    #expect(shards.count == 2)
    for change in shards {
      let line = PlainLine().text(change, at: blind.now)
      #expect(line.contains("BLIND") && line.contains("no counters"))
      for word in ["held", "buffered", "drained", "evicted", "skipped", "failed", "buffering off"] {
        #expect(!line.contains(word), "\(line)")
      }
      blind.expectNoCounts(try blind.object(JSONLine().text(change, at: blind.now)))
    }
    let events = told.compactMap { if case .event(let event) = $0 { event.kind } else { nil } }
    #expect(events.contains(.blind))
  }

  @Test func oneShardOfWhichNobodySaysAnythingIsBlindAndTheOthersAreNot() throws {
    var blind = self
    // Lists can be had no more, and the counters leave it out.
    for _ in 0..<3 { blind.poll(40, knowing: [Self.shard], listsTablets: false) }
    blind.look()
    let check = FleetCheck(blind.fleet)
    #expect(check.health == .failing && check.health.exitCode == 2)
    #expect(
      check.problems.filter { $0.health == .failing }.map(\.subject.description) == ["customer/-80"]
    )
    #expect(
      check.problems.first.map { Wording().words($0.finding) }
        == "blind: nobody can say anything of it")
    let json = try blind.object(JSONLine().text(check, at: blind.now))
    let rows = try #require(json["shards"] as? [[String: Any]])
    let (seen, unseen) = (
      rows.first { $0["shard"] as? String == "commerce/0" },
      rows.first { $0["shard"] as? String == "customer/-80" }
    )
    #expect(seen?["state"] as? String == "serving")
    #expect((seen?["counts"] as? [String: Any])?["buffered"] as? Int == 80)
    blind.expectNoCounts(try #require(unseen))
    let line = check.shards.filter { $0.name == Self.other }.map(PlainLine.words).first
    #expect(line == "BLIND, primary zone1-200?, no counters, no replicas")
  }

  /// Before anything was ever seen there is no shard to be blind of.
  @Test func aVtgateThatNeverAnsweredFailsTheCheck() throws {
    var never = Fleet()
    never.watch(Target(.vtgate, Self.gates[0]))
    never.apply(
      ScrapeOutcome(
        target: Target(.vtgate, Self.gates[0]), at: now, took: .zero,
        result: .failed(ScrapeFailure.unreachable(.refused))))
    never.settle(at: now)
    let check = FleetCheck(never)
    #expect(check.health.exitCode == 2)
    #expect(check.problems.contains { Wording().words($0.finding) == "blind: no vtgate answers" })
    let json = try object(JSONLine().text(check, at: now))
    #expect((json["shards"] as? [Any])?.isEmpty == true)
  }
}
