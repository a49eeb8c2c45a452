internal import FoundationEssentials
internal import GRDB

/// A row of `keyframe`: everything known before a batch.
struct RecordedKeyframe {
  /// The batch before which it was written.
  let id: Int64
  /// Its entries, in the form of a batch.
  let batch: RecordedBatch
  private let values: Data
  /// The watch, packed; nil if none was written.
  let watch: Data?

  /// Throws if its checksum does not match.
  init(_ row: Row) throws {
    guard let id = row.number("batch"), let at = row.number("at"),
      let entries = row.blob("entries"), let values = row.blob("known")
    else { throw RecordingFault.damaged(after: nil) }
    watch = row.blob("watch")
    var sum = Checksum(of: [.integer(id), .integer(at)])
    for part in [entries, values, watch ?? Data()] { sum.add(part) }
    guard sum.stored == row.number("checksum") else { throw RecordingFault.damaged(after: nil) }
    self.id = id
    self.values = values
    batch = RecordedBatch(id: id, at: at, entries: Array(entries))
  }

  /// Its values, in the form of rows of `change`; `older`: what vtgates said earlier but not in their
  /// last answer.
  func known() throws -> (changes: [RecordedChange], older: [RecordedChange]) {
    var packed = PackedReader(try Deflated.plain(values))
    var (changes, older): ([RecordedChange], [RecordedChange]) = ([], [])
    while !packed.isAtEnd {
      let head = try packed.count()
      for _ in 0..<(try packed.count()) {
        let value = try packed.value()
        let change = RecordedChange(server: head >> 1, n: 0, path: value.path, leaf: value.leaf)
        if head & 1 == 0 { changes.append(change) } else { older.append(change) }
      }
    }
    return (changes, older)
  }
}

extension Row {
  /// Nil if the column holds anything else.
  func blob(_ column: String) -> Data? {
    guard case .blob(let bytes) = (self[column] as DatabaseValue?)?.storage else { return nil }
    return bytes
  }
}
