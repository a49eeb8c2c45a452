internal import Terms

/// What was told within one batch, in its order; the bytes of `batch.entries`, see docs/recording.md.
enum Entry: Equatable {
  /// A server answered. `hasChanged`: rows of `change` say in what; `values`: besides them, what moves
  /// at every answer.
  case answer(server: Int, hasChanged: Bool, values: [PackedValue] = [], took: Int64)
  /// It did not, for the reason with that number.
  case failure(server: Int, took: Int64, reason: Int)
  /// Other news, by its number.
  case news(Int)
  /// What the operator did, by its number.
  case step(Int)
  /// How the asking goes. `hasChanged`: rows of `change` say in what it differs.
  case pace(hasChanged: Bool)
  /// A second was over.
  case tick
  /// What was known was brought up to a moment.
  case moment
}

/// What stands at a path, by the path's number; nil: nothing does.
struct PackedValue: Equatable {
  let path: Int64
  let leaf: Leaf?
}

/// Writes entries one after the other.
///
/// An answer with values has a kind that means something else where no server is named: 4 and 5.
struct EntryWriter {
  private var packed = PackedWriter()
  private(set) var count = 0
  private var last: Int64

  var bytes: [UInt8] { packed.bytes }

  /// `start`: nanoseconds since the epoch from which the first entry's time counts.
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
    // Those that came together may have been told in another order than they have their times.
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

  init(_ bytes: [UInt8], start: Int64) {
    packed = PackedReader(bytes)
    last = start
  }

  /// Nil after the last.
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
