import TestSupport
import Testing

@testable import Recording

/// Entries as a batch stores them.
@Suite struct EntriesTests {
  /// What some tablets answer within a second, seeded.
  private static func answers(_ count: Int) -> [(Entry, Int64)] {
    var random = Dice(7)
    return (0..<count).map { number in
      let lag = PackedValue(
        path: 4, leaf: .real(Double(Int.random(in: 0...9999, using: &random)) / 1e6))
      return (
        .answer(
          server: number + 1, hasChanged: false, values: [lag],
          took: .random(in: 1...4_000_000, using: &random)),
        1_795_000_000_000_000_000 + .random(in: 0...1_000_000_000, using: &random)
      )
    }
  }

  private static func stored(_ entries: [(Entry, Int64)]) -> (plain: [UInt8], stored: [UInt8]) {
    var writer = EntryWriter(start: 1_795_000_000_000_000_000)
    for (entry, at) in entries { writer.append(entry, at: at) }
    return (writer.bytes, writer.stored)
  }

  @Test(arguments: [1, 30, 600]) func theyComeBackHoweverTheyAreStored(_ count: Int) throws {
    let entries = Self.answers(count)
    let (plain, stored) = Self.stored(entries)
    #expect(count < 100 ? stored == plain : stored.count < plain.count * 9 / 10)
    var reader = try EntryReader(stored, start: 1_795_000_000_000_000_000)
    for (entry, at) in entries {
      let read = try #require(try reader.next())
      #expect(read.entry == entry && read.at == at)
    }
    #expect(try reader.next() == nil)
  }

  @Test func packedOnesThatAreCutOffAreDamage() {
    let (_, stored) = Self.stored(Self.answers(600))
    for length in [1, 2, 9, stored.count / 2, stored.count - 1] {
      #expect(throws: PackedMismatch.self) {
        try EntryReader(Array(stored.prefix(length)), start: 0)
      }
    }
  }
}
