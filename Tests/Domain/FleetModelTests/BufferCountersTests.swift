import FleetModel
import Foundation
import Terms
import TestSupport
import Testing

@Suite struct BufferCountersTests {
  private static func counters(_ change: (inout BufferCounters) -> Void) -> BufferCounters {
    var counters = BufferCounters()
    change(&counters)
    return counters
  }

  @Test func bufferingIsStartsBeyondStops() {
    let counters = Self.counters {
      $0.starts = 3
      $0.stops = [.newPrimarySeen: 1, .maxDurationExceeded: 1]
    }
    #expect(counters.isBuffering == true)
    #expect(counters.isDraining == false)
  }

  @Test func heldIsBufferedWithoutDrainedAndEvicted() {
    let counters = Self.counters {
      $0.starts = 1
      $0.stops = [.newPrimarySeen: 1]
      $0.buffered = 30
      $0.drained = 6
      $0.evicted = [.windowExceeded: 20, EvictReason(rawValue: "Novel"): 1]
    }
    #expect(counters.held == 3)
    #expect(counters.isDraining == true)
  }

  @Test func aTornScrapeNeverShowsNegativeHeld() {
    #expect(Self.counters { $0.drained = 5 }.held == 0)
  }

  @Test func lostAreFullAndGivenUpButNotTheWindow() {
    let counters = Self.counters {
      $0.evicted = [.bufferFull: 2, .contextDone: 3, .windowExceeded: 100]
      $0.skipped = [.bufferFull: 4, .disabled: 1000, .lastFailoverTooRecent: 7]
    }
    #expect(counters.lost == 9)
    #expect(counters.skippedTotal == 11)
  }

  @Test func keyRangesSortAlongTheRange() {
    let names = ["c0-", "-40", "40-80", "80-c0"].map { ShardName(keyspace: "a", shard: $0) }
    #expect(names.sorted().map(\.shard) == ["-40", "40-80", "80-c0", "c0-"])
  }

  @Test func aliasesReadAndWriteTheirText() {
    let alias = TabletAlias("us-east-0000000101")
    #expect(alias == TabletAlias(cell: "us-east", uid: 101))
    #expect(alias?.description == "us-east-0000000101")
    #expect(alias?.short == "us-east-101")
    #expect(TabletAlias("zone1") == nil)
    #expect(
      TabletAlias.shortened(
        in: "elected zone1-0000000101 over us-east-4294967295, pool-12345678901 and x-9999999999")
        == "elected zone1-101 over us-east-4294967295, pool-12345678901 and x-9999999999")
  }

  @Test(
    arguments: zip(
      [
        "localhost:15001", "[::1]:80", "h", "h:", "h:0", "h:65536", ":80", "a b:80", "::1:80",
        "a/b:80",
      ],
      ["localhost:15001", "[::1]:80", nil, nil, nil, nil, nil, nil, nil, nil]))
  func addressesAreHostAndPort(_ text: String, _ expected: String?) {
    #expect(Address(text)?.description == expected)
  }
}

@Suite struct ReasonCountsTests {
  /// Reasons of Vitess' releases, and one that no release has.
  private static let reasons: [SkipReason] = [
    .bufferFull, .disabled, .lastFailoverTooRecent, SkipReason(rawValue: "MoonTooBright"),
  ]

  @Test func theyAreWhatADictionaryWithoutZerosWouldBe() throws {
    var dice = Dice(5)
    var plain: [SkipReason: Int] = [:]
    var counts = ReasonCounts<SkipReason>()
    for _ in 0..<500 {
      let reason = Self.reasons.randomElement(using: &dice) ?? .disabled
      let count = Int.random(in: -1...2, using: &dice)
      plain[reason] = count == 0 ? nil : count
      counts[reason] = count
      #expect(counts.byReason == plain)
      #expect(counts == ReasonCounts(plain))
      #expect(counts[reason] == count)
      #expect(counts.total == plain.values.reduce(0, +))
      #expect(counts.count == plain.count)
    }
  }

  @Test func everyReasonOfAReleaseHasANumberOfItsOwn() {
    func check<Reason: CountedReason>(_: Reason.Type) {
      let plain = Dictionary(uniqueKeysWithValues: zip(Reason.known, 1...))
      #expect(ReasonCounts(plain).byReason == plain)
      #expect(ReasonCounts(plain).total == plain.values.reduce(0, +))
    }
    check(StopReason.self)
    check(EvictReason.self)
    check(SkipReason.self)
  }

  @Test func theyAreKeptAsADictionaryIs() throws {
    let counts: [SkipReason: Int] = [.disabled: 3, SkipReason(rawValue: "MoonTooBright"): 1]
    var counters = BufferCounters()
    counters.skipped = counts
    let data = try JSONEncoder().encode(counters)
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(object["skipped"] as? [String: Int] == ["Disabled": 3, "MoonTooBright": 1])
    #expect(object["stops"] as? [String: Int] == [:])
    #expect(try JSONDecoder().decode(BufferCounters.self, from: data) == counters)
  }
}
