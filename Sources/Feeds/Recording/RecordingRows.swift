internal import FoundationEssentials
internal import GRDB

extension Database {
  /// `isAnew`: replaces a row with the same key.
  func insert(
    into table: String, _ values: [(any DatabaseValueConvertible)?], isAnew: Bool = false
  ) throws {
    let places = Array(repeating: "?", count: values.count).joined(separator: ", ")
    let verb = isAnew ? "INSERT OR REPLACE" : "INSERT"
    try cachedStatement(sql: "\(verb) INTO \(table) VALUES (\(places))")
      .execute(arguments: StatementArguments(values))
  }

  /// Stores a row with its checksum.
  func store(_ values: [Leaf?], in table: String, isAnew: Bool = false) throws {
    try insert(
      into: table,
      values.map { $0 as (any DatabaseValueConvertible)? } + [Checksum(of: values).stored],
      isAnew: isAnew)
  }

  /// Stores a part of a watch's past, as it was before a batch.
  func store(_ row: StoredPast.Row, before batch: Int64) throws {
    var sum = Checksum(of: [.text(row.kind.rawValue), .integer(row.number), .integer(batch)])
    sum.add(row.body)
    try insert(
      into: "past", [row.kind.rawValue, row.number, batch, row.body, sum.stored], isAnew: true)
  }
}
