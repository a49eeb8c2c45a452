import FleetModel
import Foundation
import Terms
import TestSupport
import Testing

/// A vtgate's counters are a dictionary to all who use them, whatever their memory looks like.
@Suite struct ShardCountersTests {
  private static let shards = (0..<150).map { ShardName(keyspace: "k", shard: "\($0)-") }

  private static func counters(_ dice: inout Dice) -> BufferCounters {
    func count() -> Int { [0, 0, 1, -7, 300, .max, .min].randomElement(using: &dice) ?? 0 }
    var counters = BufferCounters()
    counters.starts = count()
    counters.buffered = count()
    counters.drained = count()
    counters.stops = [.newPrimarySeen: count()].filter { $0.value != 0 }
    counters.skipped = [.disabled: count(), .bufferFull: count()].filter { $0.value != 0 }
    if Int.random(in: 0..<9, using: &dice) == 0 {
      counters.evicted[EvictReason(rawValue: "MoonTooBright")] = 1
    }
    if Bool.random(using: &dice) { counters.unreported = [.drained, .skipped] }
    counters.lastFailoverDuration =
      [
        nil, .zero, .milliseconds(3), .microseconds(3), .milliseconds(-3), .seconds(Int64.max),
      ].randomElement(using: &dice) ?? nil
    counters.lastRequestsInFlightMax =
      [nil, 0, 7, -1, .max].randomElement(using: &dice) ?? nil
    return counters
  }

  private static func expect(_ table: ShardCounters, is plain: [ShardName: BufferCounters]) {
    #expect(table.count == plain.count)
    #expect(table.isEmpty == plain.isEmpty)
    #expect(Dictionary(uniqueKeysWithValues: table.map { ($0.key, $0.value) }) == plain)
    #expect(shards.allSatisfy { table[$0] == plain[$0] })
  }

  @Test(arguments: [1, 2, 3] as [UInt64]) func theyAreADictionary(_ seed: UInt64) {
    var dice = Dice(seed)
    var plain: [ShardName: BufferCounters] = [:]
    var table = ShardCounters()
    for step in 0..<400 {
      let shard = Self.shards.randomElement(using: &dice) ?? Self.shards[0]
      let counters = Int.random(in: 0..<3, using: &dice) == 0 ? nil : Self.counters(&dice)
      plain[shard] = counters
      table[shard] = counters
      guard step.isMultiple(of: 20) else { continue }
      Self.expect(table, is: plain)
      // In another order of rows, and with rows that once were there.
      #expect(table == ShardCounters(plain))
      #expect(ShardCounters(plain) == table)
    }
    var other = plain
    other[plain.keys.sorted()[0]]?.starts &+= 1
    #expect(table != ShardCounters(other))
    #expect(ShardCounters(other) != table)
  }

  @Test(arguments: [4, 5] as [UInt64]) func readingAfterReadingSaysWhatHasChanged(_ seed: UInt64) {
    var dice = Dice(seed)
    let list = ShardList(Self.shards)
    var plain: [ShardName: BufferCounters] = [:]
    var table = ShardCounters()
    for _ in 0..<60 {
      let before = (plain: plain, table: table)
      for _ in 0..<Int.random(in: 0..<40, using: &dice) {
        let shard = Self.shards.randomElement(using: &dice) ?? Self.shards[0]
        plain[shard] = Int.random(in: 0..<5, using: &dice) == 0 ? nil : Self.counters(&dice)
      }
      table = ShardCounters(list, like: before.table) { plain[list[$0]] }
      Self.expect(table, is: plain)
      Self.expect(before.table, is: before.plain)
      let changed = Set(Self.shards.filter { plain[$0] != before.plain[$0] })
      #expect(Set(table.shardsChanged(since: before.table)) == changed)
      #expect(Set(table.shardsChanged(since: ShardCounters(before.plain))) == changed)
      #expect((table == before.table) == changed.isEmpty)
      if let changes = table.numbersChanged(since: before.table) {
        var again = before.table
        for change in changes { again.take(change) }
        Self.expect(again, is: plain)
      }
    }
  }

  @Test func whatDidNotMoveSharesItsMemory() throws {
    let list = ShardList((0..<1000).map { ShardName(keyspace: "k", shard: "\($0)-") })
    var counters = BufferCounters()
    counters.starts = 3
    counters.stops = [.newPrimarySeen: 3]
    let first = ShardCounters(list) { _ in counters }
    var moved = counters
    moved.starts = 4
    let second = ShardCounters(list, like: first) { $0 == 500 ? moved : counters }
    let changes = try #require(second.numbersChanged(since: first))
    #expect(changes == [.init(column: 1, row: 500, more: 1)])
    #expect(second.blocks(sharedWith: first) == second.blocks(sharedWith: second) - 1)
  }

  /// Names with dots are told apart only with the help of the vtgate's list of tablets.
  @Test func aRenamedTableSharesItsMemory() {
    func name(_ number: Int) -> ShardName { ShardName(keyspace: "k", shard: "\(number)-") }
    let list = ShardList((0..<1000).map(name))
    var counters = BufferCounters()
    counters.starts = 3
    var reading = VtgateReading()
    reading.buffers = ShardCounters(list) { _ in counters }
    let before = reading.buffers
    let dotted = ShardName(keyspace: "k.a", shard: "7")
    reading.respell([name(7): dotted])
    #expect(reading.buffers[dotted] == counters && reading.buffers[name(7)] == nil)
    #expect(reading.buffers.blocks(sharedWith: before) == before.blocks(sharedWith: before))
    // Two that get one name are one shard.
    reading.respell([name(8): dotted])
    #expect(reading.buffers.count == 999)
  }

  @Test func shardsThatComeAndGoLeaveNothingBehind() {
    var table = ShardCounters()
    for number in 0..<5000 {
      table[ShardName(keyspace: "k", shard: "\(number)-")] = BufferCounters()
      if number >= 10 { table[ShardName(keyspace: "k", shard: "\(number - 10)-")] = nil }
    }
    #expect(table.count == 10)
    #expect(table.blocks(sharedWith: table) <= 2 * 2)
  }

  @Test func theyAreKeptAsADictionaryIs() throws {
    var dice = Dice(6)
    var plain: [ShardName: BufferCounters] = [:]
    for shard in Self.shards.prefix(20) {
      plain[shard] = Self.counters(&dice)
      plain[shard]?.lastFailoverDuration = .milliseconds(3)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let table = ShardCounters(plain)
    let written = try encoder.encode(table)
    // As recordings have it of releases that kept a dictionary.
    #expect(
      try JSONDecoder().decode([ShardName: BufferCounters].self, from: written) == plain)
    #expect(
      try JSONDecoder().decode(ShardCounters.self, from: try encoder.encode(plain)) == table)
  }
}
