internal import Terms

/// What was told within one batch, in its order; the bytes of `batch.entries`, see docs/recording.md.
enum Entry: Equatable {
  /// A server answered. `hasChanged`: rows of `change` say in what.
  case answer(server: Int, hasChanged: Bool, took: Int64)
  /// It did not, for the reason with that number.
  case failure(server: Int, took: Int64, reason: Int)
  /// Other news, by its number.
  case news(Int)
  /// How the asking goes. `hasChanged`: rows of `change` say in what it differs.
  case pace(hasChanged: Bool)
  /// A second was over.
  case tick
  /// What was known was brought up to a moment.
  case moment
}

/// Bytes that make no entries.
struct EntryMismatch: Error {}

/// Numbers of seven bits a byte, the lowest first; the eighth says that another follows.
struct EntryWriter {
  private(set) var bytes: [UInt8] = []
  private var last: Int64

  /// `start`: nanoseconds since the epoch from which the first entry's time counts.
  init(start: Int64) { last = start }

  mutating func append(_ entry: Entry, at instant: Int64) {
    let (server, kind): (Int, UInt64) =
      switch entry {
      case .answer(let server, let hasChanged, _): (server, hasChanged ? 1 : 0)
      case .failure(let server, _, _): (server, 2)
      case .news: (0, 3)
      case .pace(let hasChanged): (0, hasChanged ? 5 : 4)
      case .tick: (0, 6)
      case .moment: (0, 7)
      }
    put(UInt64(server) << 3 | kind)
    // Those that came together may have been told in another order than they have their times.
    let passed = instant &- last
    put(UInt64(bitPattern: passed << 1 ^ passed >> 63))
    last = instant
    switch entry {
    case .answer(_, _, let took): put(UInt64(bitPattern: took))
    case .failure(_, let took, let reason):
      put(UInt64(bitPattern: took))
      put(UInt64(reason))
    case .news(let number): put(UInt64(number))
    case .pace, .tick, .moment: break
    }
  }

  private mutating func put(_ number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }
}

struct EntryReader {
  private var rest: ArraySlice<UInt8>
  private var last: Int64

  init(_ bytes: [UInt8], start: Int64) {
    rest = bytes[...]
    last = start
  }

  /// Nil after the last.
  mutating func next() throws(EntryMismatch) -> (entry: Entry, at: Int64)? {
    guard !rest.isEmpty else { return nil }
    let head = try number()
    let passed = try number()
    last = last &+ (Int64(bitPattern: passed >> 1) ^ -Int64(bitPattern: passed & 1))
    let server = try index(head >> 3)
    let entry: Entry =
      switch head & 7 {
      case 0: .answer(server: server, hasChanged: false, took: Int64(bitPattern: try number()))
      case 1: .answer(server: server, hasChanged: true, took: Int64(bitPattern: try number()))
      case 2:
        .failure(
          server: server, took: Int64(bitPattern: try number()), reason: try index(try number()))
      case 3: .news(try index(try number()))
      case 4: .pace(hasChanged: false)
      case 5: .pace(hasChanged: true)
      case 6: .tick
      default: .moment
      }
    return (entry, last)
  }

  private func index(_ number: UInt64) throws(EntryMismatch) -> Int {
    guard let index = Int(exactly: number) else { throw EntryMismatch() }
    return index
  }

  private mutating func number() throws(EntryMismatch) -> UInt64 {
    var number: UInt64 = 0
    var shift: UInt64 = 0
    while let byte = rest.popFirst() {
      guard shift < 64 else { throw EntryMismatch() }
      number |= UInt64(byte & 0x7F) << shift
      guard byte & 0x80 != 0 else { return number }
      shift += 7
    }
    throw EntryMismatch()
  }
}
