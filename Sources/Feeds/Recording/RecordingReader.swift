internal import FleetModel
internal import FoundationEssentials
internal import GRDB
package import Terms

/// Reads a recording step by step, from its beginning or from a moment, up to its end or to damage.
///
/// It blocks its caller while SQLite reads. No file can make it trap: anything impossible is damage.
package struct RecordingReader: Sendable {
  package let info: RecordingInfo
  /// When it was closed; nil if it was not, or is still being written.
  package let ended: Instant?
  /// Why nothing more can be read, once reading has stopped early.
  package private(set) var damage: RecordingFault?
  /// The last moment read.
  package private(set) var last: Instant?

  private let database: DatabaseQueue
  private let isWhole: Bool
  private let isOfFirstVersion: Bool
  private var content: RecordedContent
  /// The last batch read.
  private var batch: Int64 = 0
  var decoded = DecodedPast()

  package init(_ path: String) throws(RecordingFault) {
    let database = try RecordingFile.open(path)
    let isWhole = RecordingFile.isWhole(path)
    self.database = database
    self.isWhole = isWhole
    content = RecordedContent(database)
    do {
      guard
        let row = try database.read({ try Row.fetchOne($0, sql: "SELECT * FROM recording") })
      else { throw RecordingFault.blank }
      guard let cluster = row.text("cluster"), let began = row.number("began"),
        let interval = row.number("interval"), interval > 0,
        let utcOffset = row.number("utc_offset").flatMap({ Int(exactly: $0) }),
        let program = row.text("program"), abs(utcOffset) < 100_000
      else { throw RecordingFault.damaged(after: nil) }
      info = RecordingInfo(
        cluster: cluster, began: Instant(nanoseconds: began), interval: .nanoseconds(interval),
        utcOffset: utcOffset, program: program)
      guard row.number("checksum") == info.checksum else {
        throw RecordingFault.damaged(after: nil)
      }
      ended = row.number("ended").map { Instant(nanoseconds: $0) }
      isOfFirstVersion = try database.read { try Int.fetchOne($0, sql: "PRAGMA user_version") == 1 }
    } catch {
      throw isWhole ? RecordingFault(error) : .damaged(after: nil)
    }
  }

  /// The steps of the next batch; nil after the last readable one, though more may be written later.
  package mutating func next() -> [RecordedStep]? {
    do {
      guard let next = try read(from: batch + 1) else {
        guard isWhole else { throw RecordingFault.damaged(after: nil) }
        return nil
      }
      let steps = try content.steps(of: next, in: batchRows(next.id))
      batch = next.id
      last = steps.last?.at ?? last
      return steps
    } catch {
      note(error)
      return nil
    }
  }

  /// Goes to the batch that contains a moment, or the last before it, and returns what was known before
  /// that batch as steps.
  ///
  /// Whatever was read before is forgotten.
  package mutating func seek(to instant: Instant) -> [RecordedStep] {
    rewind()
    do {
      if let keyframe = keyframe(before: instant) { try go(to: keyframe) }
      while let next = try read(from: batch + 1), next.began <= instant.nanoseconds {
        // The batch with the moment itself is told step by step.
        guard next.ended < instant.nanoseconds else { break }
        try content.pass(next, in: batchRows(next.id))
        batch = next.id
      }
      return try content.known()
    } catch {
      note(error)
      return (try? content.known()) ?? []
    }
  }

  /// Returns to the beginning.
  package mutating func rewind() {
    content.rewind()
    (batch, damage) = (0, nil)
  }

  /// The last moment that the readable batches reach.
  package func end() -> Instant {
    let row = try? database.read {
      try Row.fetchOne($0, sql: "SELECT ended FROM batch ORDER BY id DESC LIMIT 1")
    }
    return row?.number("ended").map { Instant(nanoseconds: $0) } ?? last ?? info.began
  }

  /// When the next batch begins; nil if there is none.
  var nextBegan: Instant? { (try? read(from: batch + 1))?.map { Instant(nanoseconds: $0.began) } }

  /// The number of servers polled in the whole recording.
  var serverCount: Int {
    let row = try? database.read { try Row.fetchOne($0, sql: "SELECT count(*) AS n FROM server") }
    return row?.number("n").flatMap { Int(exactly: $0) } ?? 0
  }

  /// The failovers in it, oldest first.
  package func failovers() -> [RecordedFailover] {
    checkedRows("failover", ["id", "shard", "began", "ended"], "ORDER BY id").compactMap { row in
      guard let id = row.number("id"), let shard = row.text("shard").flatMap({ ShardName($0) }),
        let began = row.number("began")
      else { return nil }
      return RecordedFailover(
        id: Int(id), shard: shard, began: Instant(nanoseconds: began),
        ended: row.number("ended").map { Instant(nanoseconds: $0) })
    }
  }

  /// The times of events, in order.
  package func eventTimes() -> [Instant] {
    checkedRows("event", Self.eventColumns, "ORDER BY at")
      .compactMap { $0.number("at").map { Instant(nanoseconds: $0) } }
      .reduce(into: []) { if $0.last != $1 { $0.append($1) } }
  }

  private static let eventColumns = [
    "id", "at", "severity", "kind", "shard", "failover", "body",
  ]

  /// The last events found before a moment, as many as a log keeps, in order.
  func events(before instant: Instant) -> [FleetEvent] {
    checkedRows(
      "event", Self.eventColumns, "WHERE at < ? ORDER BY id DESC LIMIT ?",
      [instant.nanoseconds, EventLog.capacity]
    ).reversed().compactMap { row in
      row.text("body").flatMap { try? RecordingText.value($0) }
    }
  }

  // MARK: Rows

  /// The rows of a query; none if it fails.
  func rows(_ sql: String, _ arguments: StatementArguments = []) -> [Row] {
    (try? database.read { try Row.fetchAll($0, sql: sql, arguments: arguments) }) ?? []
  }

  /// The rows of a table whose checksums match; the others are left out.
  func checkedRows(
    _ table: String, _ columns: [String], _ rest: String, _ arguments: StatementArguments = []
  ) -> [Row] {
    let names = columns.joined(separator: ", ")
    return rows("SELECT \(names), checksum FROM \(table) \(rest)", arguments).filter { row in
      let sum = row.number("checksum")
      // Version 1 had no checksums here.
      if sum == nil, isOfFirstVersion { return true }
      return Checksum(of: columns.map { Leaf.fromDatabaseValue(row[$0] as DatabaseValue) }).stored
        == sum
    }
  }

  private mutating func note(_ error: any Error) {
    damage =
      switch RecordingFault(error) {
      case .damaged, .foreign, .failed: .damaged(after: last)
      case let fault: fault
      }
  }

  private func read(from id: Int64) throws -> RecordedBatch? {
    let row = try database.read {
      try Row.fetchOne(
        $0.cachedStatement(
          sql: """
            SELECT id, began, ended, entries, checksum FROM batch WHERE id >= ? ORDER BY id LIMIT 1
            """), arguments: [id])
    }
    let batch = try row.map { try RecordedBatch($0) }
    // Batches count from 1 without a gap, so rows on a damaged page show as a gap.
    guard batch?.id == id || batch == nil else { throw RecordingFault.damaged(after: nil) }
    return batch
  }

  private func batchRows(_ id: Int64) throws -> [RecordedChange] {
    try database.read {
      try Row.fetchAll(
        $0.cachedStatement(
          sql: """
            SELECT server, n, path, value FROM change WHERE batch = ? ORDER BY server, n, path
            """), arguments: [id])
    }.map { try RecordedChange($0) }
  }

  /// The last intact keyframe at or before a moment; nil if there is none.
  ///
  /// `isWhole`: only one with a watch.
  func keyframe(before instant: Instant, isWhole: Bool = false) -> RecordedKeyframe? {
    var end = Int64.max
    while true {
      let row = try? database.read {
        try Row.fetchOne(
          $0,
          sql: """
            SELECT batch, at, entries, known, watch, checksum FROM keyframe
            WHERE at <= ? AND batch < ? \(isWhole ? "AND watch IS NOT NULL" : "")
            ORDER BY batch DESC LIMIT 1
            """, arguments: [instant.nanoseconds, end])
      }
      guard let row, let batch = row.number("batch") else { return nil }
      if let keyframe = try? RecordedKeyframe(row) { return keyframe }
      end = batch
    }
  }

  /// Goes to a keyframe, as if everything before it had been read.
  mutating func go(to keyframe: RecordedKeyframe) throws {
    rewind()
    try content.pass(keyframe)
    batch = keyframe.id - 1
  }

  /// Columns of rows of `past`; throws if they cannot be read.
  func pastRows(_ columns: String, _ rest: String, _ arguments: StatementArguments) throws -> [Row]
  {
    try database.read {
      try Row.fetchAll(
        $0.cachedStatement(sql: "SELECT \(columns) FROM past \(rest)"), arguments: arguments)
    }
  }

  /// A list of tablets by its number.
  mutating func list(_ number: Int64) throws -> GatewayTablets { try content.list(number) }

  /// Bytes of entries between a keyframe and a moment.
  func distance(from keyframe: RecordedKeyframe, to instant: Instant) throws -> Int64 {
    let row = try database.read {
      try Row.fetchOne(
        $0,
        sql: """
          SELECT sum(length(entries)) AS n FROM batch WHERE id >= ? AND began <= ?
          """, arguments: [keyframe.id, instant.nanoseconds])
    }
    return row?.number("n") ?? 0
  }
}

/// A row of `batch`.
struct RecordedBatch {
  let id: Int64
  let began: Int64
  let ended: Int64
  let entries: [UInt8]
  private let checksum: Int64

  init(id: Int64, at instant: Int64, entries: [UInt8]) {
    (self.id, began, ended, checksum) = (id, instant, instant, 0)
    self.entries = entries
  }

  init(_ row: Row) throws {
    guard let id = row.number("id"), let began = row.number("began"),
      let ended = row.number("ended"), let checksum = row.number("checksum"),
      case .blob(let bytes) = (row["entries"] as DatabaseValue).storage
    else { throw RecordingFault.damaged(after: nil) }
    (self.id, self.began, self.ended, self.checksum) = (id, began, ended, checksum)
    entries = Array(bytes)
  }

  /// Throws if its checksum, which covers its changes too, does not match.
  func check(_ changes: [RecordedChange]) throws {
    var sum = Checksum()
    sum.add(entries)
    for change in changes {
      change.add(to: &sum)
    }
    guard sum.stored == checksum else { throw RecordingFault.damaged(after: nil) }
  }
}

/// A row of `change` or `known`.
struct RecordedChange {
  let server: Int
  let n: Int
  let path: Int64
  let leaf: Leaf?

  init(_ row: Row) throws {
    let value: DatabaseValue = row["value"]
    guard let server = row.number("server").flatMap({ Int(exactly: $0) }),
      let n = row.number("n").flatMap({ Int(exactly: $0) }), let path = row.number("path"),
      value.isNull || Leaf.fromDatabaseValue(value) != nil
    else { throw RecordingFault.damaged(after: nil) }
    (self.server, self.n, self.path) = (server, n, path)
    leaf = Leaf.fromDatabaseValue(value)
  }

  init(server: Int, n: Int, path: Int64, leaf: Leaf?) {
    (self.server, self.n, self.path, self.leaf) = (server, n, path, leaf)
  }

  func add(to sum: inout Checksum) {
    sum.add(Int64(server))
    sum.add(Int64(n))
    sum.add(path)
    sum.add(leaf)
  }
}

extension Row {
  /// A damaged file may hold any type in any column, and GRDB's typed accessors would trap.
  func number(_ column: String) -> Int64? {
    guard case .int64(let number) = (self[column] as DatabaseValue?)?.storage else { return nil }
    return number
  }

  func text(_ column: String) -> String? {
    guard case .string(let text) = (self[column] as DatabaseValue?)?.storage else { return nil }
    return text
  }
}
