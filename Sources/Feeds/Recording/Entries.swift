internal import Terms

/// One entry of a batch, in the order it was told; see `batch.entries` in docs/recording.md.
enum Entry: Equatable {
  /// A server answered. `hasChanged`: rows of `change` hold what differs; `values`: the values that
  /// change with every answer and are kept in the entry itself.
  case answer(server: Int, hasChanged: Bool, values: [PackedValue] = [], took: Int64)
  /// A server did not answer; the number is that of the reason in `failure`.
  case failure(server: Int, took: Int64, reason: Int)
  /// Other news, by its number in `news`.
  case news(Int)
  /// Something the operator did, by its number in `step`.
  case step(Int)
  /// How polling is going. `hasChanged`: rows of `change` hold what differs.
  case pace(hasChanged: Bool)
  /// A second had passed.
  case tick
  /// The state was brought up to a moment.
  case moment
}

/// The value at a path, by the path's number; nil if there is none.
struct PackedValue: Equatable {
  let path: Int64
  let leaf: Leaf?
}

/// Writes entries one after another.
///
/// Kinds 4 and 5 are answers with values when they name a server, and the pace when they do not.
struct EntryWriter {
  private var packed = PackedWriter()
  private(set) var count = 0
  private var last: Int64

  /// The first byte of a batch whose entries are deflated: that of a tick of a server, which no server
  /// has.
  fileprivate static let packedMark: UInt8 = 1 << 3 | 6
  /// Fewer bytes do not get fewer.
  private static let leastPacked = 1024

  var bytes: [UInt8] { packed.bytes }

  /// As a batch stores them: deflated where that makes them shorter.
  var stored: [UInt8] {
    guard bytes.count >= Self.leastPacked else { return bytes }
    let deflated = [Self.packedMark] + Deflated.bytes(of: bytes, .fast)
    return deflated.count < bytes.count ? deflated : bytes
  }

  /// `start`: the time that the first entry's offset counts from, in nanoseconds since the epoch.
  init(start: Int64) { last = start }

  mutating func append(_ entry: Entry, at instant: Int64) {
    let (server, kind): (Int, UInt64) =
      switch entry {
      case .answer(let server, let hasChanged, let values, _):
        (server, (values.isEmpty ? 0 : 4) + (hasChanged ? 1 : 0))
      case .failure(let server, _, _): (server, 2)
      case .news: (0, 3)
      case .step: (1, 3)
      case .pace(let hasChanged): (0, hasChanged ? 5 : 4)
      case .tick: (0, 6)
      case .moment: (0, 7)
      }
    packed.put(UInt64(server) << 3 | kind)
    // Answers that arrived together may be told in an order other than that of their times.
    packed.put(signed: instant &- last)
    last = instant
    count += 1
    switch entry {
    case .answer(_, _, let values, let took):
      packed.put(UInt64(bitPattern: took))
      guard !values.isEmpty else { return }
      packed.put(UInt64(values.count))
      for value in values { packed.put(value.leaf, at: value.path) }
    case .failure(_, let took, let reason):
      packed.put(UInt64(bitPattern: took))
      packed.put(UInt64(reason))
    case .news(let number), .step(let number): packed.put(UInt64(number))
    case .pace, .tick, .moment: break
    }
  }
}

struct EntryReader {
  private var packed: PackedReader
  private var last: Int64

  /// `stored`: as a batch stores them.
  init(_ stored: [UInt8], start: Int64) throws(PackedMismatch) {
    let isPacked = stored.first == EntryWriter.packedMark
    packed = PackedReader(isPacked ? try Deflated.plain(stored.dropFirst()) : stored)
    last = start
  }

  /// The next entry; nil after the last.
  mutating func next() throws(PackedMismatch) -> (entry: Entry, at: Int64)? {
    guard !packed.isAtEnd else { return nil }
    let head = try packed.number()
    last = last &+ (try packed.signed())
    guard let server = Int(exactly: head >> 3) else { throw PackedMismatch() }
    let entry: Entry
    switch (head & 7, server > 0) {
    case (0, _), (1, _), (4, true), (5, true):
      let took = Int64(bitPattern: try packed.number())
      entry = .answer(
        server: server, hasChanged: head & 1 != 0, values: head & 4 == 0 ? [] : try values(),
        took: took)
    case (2, _):
      entry = .failure(
        server: server, took: Int64(bitPattern: try packed.number()), reason: try packed.count())
    case (3, _): entry = server == 0 ? .news(try packed.count()) : .step(try packed.count())
    case (4, false): entry = .pace(hasChanged: false)
    case (5, false): entry = .pace(hasChanged: true)
    case (6, _): entry = .tick
    default: entry = .moment
    }
    return (entry, last)
  }

  private mutating func values() throws(PackedMismatch) -> [PackedValue] {
    var values: [PackedValue] = []
    for _ in 0..<(try packed.count()) { values.append(try packed.value()) }
    return values
  }
}
