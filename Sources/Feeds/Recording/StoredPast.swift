internal import FleetModel
internal import FoundationEssentials
internal import Terms
internal import Watching

/// What a recording already holds of a watch's past, so that only new or changed parts are stored.
struct StoredPast {
  enum Kind: String {
    case events, failover, trends
  }

  /// A row of `past`, without its batch.
  struct Row {
    let kind: Kind
    /// The failover's number; 0 for the other kinds.
    let number: Int64
    let body: Data
  }

  private var events = SharingArray<FleetEvent>()
  private var failovers: [Int: Failover] = [:]
  private var trendsAt: Instant?

  /// Everything not stored yet or changed since.
  mutating func rows(of watch: Watch) throws -> [Row] {
    var rows = try watch.fleet.failovers.all.compactMap { try row(of: $0) }
    let log = watch.fleet.log.events
    let known = Dictionary(uniqueKeysWithValues: events.map { ($0.id, $0) })
    let changed = log.filter { known[$0.id] != $0 }
    if !changed.isEmpty { rows.append(try row(.events, 0, changed)) }
    events = log
    let points = watch.trends.points(after: trendsAt)
    if !points.isEmpty { rows.append(try row(.trends, 0, points)) }
    trendsAt = points.values.compactMap(\.last?.at).max() ?? trendsAt
    return rows
  }

  /// Nil if it is stored as it is now.
  mutating func row(of failover: Failover) throws -> Row? {
    guard failovers.updateValue(failover, forKey: failover.id) != failover else { return nil }
    if failovers.count > 2 * FailoverLog.capacity {
      failovers = failovers.filter { $0.key > failover.id - FailoverLog.capacity }
    }
    return try row(.failover, Int64(failover.id), failover)
  }

  private func row(_ kind: Kind, _ number: Int64, _ body: some Encodable) throws -> Row {
    Row(kind: kind, number: number, body: Deflated.bytes(of: try RecordingText.bytes(body)))
  }
}
