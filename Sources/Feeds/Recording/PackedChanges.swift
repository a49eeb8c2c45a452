internal import FleetModel

/// What has changed in a vtgate's counters, in two or three bytes a number.
struct PackedChanges: Sendable {
  private let bytes: [UInt8]

  /// The rows that are told apart; a table has more only where a server names shards without end.
  private static let rows = 1 << 20

  /// Nil where more than numbers has changed, see ``ShardCounters/numbersChanged(since:)``, or in a row
  /// beyond those.
  init?(_ counters: ShardCounters, since earlier: ShardCounters) {
    guard let changes = counters.numbersChanged(since: earlier),
      changes.allSatisfy({ $0.row < Self.rows })
    else { return nil }
    var packed = PackedWriter()
    var last = 0
    for change in changes {
      let place = change.column * Self.rows + change.row
      packed.put(UInt64(place - last))
      packed.put(signed: Int64(change.more))
      last = place
    }
    bytes = packed.bytes
  }

  /// Makes of the earlier counters the ones that were packed.
  func change(_ counters: inout ShardCounters) {
    var rest = PackedReader(bytes)
    var place = 0
    // They were packed here and are whole.
    while !rest.isAtEnd, let gap = try? rest.count(), let more = try? rest.signed() {
      place += gap
      counters.take(
        .init(column: place / Self.rows, row: place % Self.rows, more: Int(more)))
    }
  }
}
