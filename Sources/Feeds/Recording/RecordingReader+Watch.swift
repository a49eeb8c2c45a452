internal import FleetModel
internal import FoundationEssentials
internal import GRDB
package import Terms
package import Watching

extension RecordingReader {
  /// How far back to start a new watch if none was kept: screens depend on the last minutes.
  private static let runUp: Duration = .seconds(120)
  /// The number of servers up to which the whole of it is followed; with more, less is.
  private static let runUpServers = 30
  /// The most bytes of entries to follow from a watch that was kept.
  private static let reach = 1 << 18

  /// The beginning of a recording that starts with a watch; nil if it starts with nothing known.
  package var start: Instant? {
    keyframe(before: info.began, isWhole: true).map { _ in info.began }
  }

  /// The watch as of a moment, and the steps already read beyond it.
  ///
  /// It is exact if a watch was kept nearby or the recording's beginning is near. Otherwise it has
  /// followed the last minutes only; from before those it has the events as they were found at the
  /// time, and the failovers that had ended.
  package mutating func watch(at instant: Instant, _ settings: Watch.Settings) -> (
    watch: Watch, ahead: ArraySlice<RecordedStep>
  ) {
    var watch = kept(near: max(instant, info.began), settings) ?? followed(to: instant, settings)
    var ahead: ArraySlice<RecordedStep> = []
    while ahead.isEmpty, let steps = next() {
      ahead = steps.drop { step in
        guard step.at <= instant else { return false }
        _ = watch.follow(step)
        return true
      }
    }
    _ = watch.settle(at: instant)
    return (watch, ahead)
  }

  /// The last watch kept before a moment; nil if there is none or it cannot be read.
  private mutating func kept(near instant: Instant, _ settings: Watch.Settings) -> Watch? {
    guard let keyframe = keyframe(before: instant, isWhole: true),
      let distance = try? distance(from: keyframe, to: instant), distance <= Self.reach
    else { return nil }
    return try? watch(of: keyframe, settings)
  }

  private mutating func followed(to instant: Instant, _ settings: Watch.Settings) -> Watch {
    let share = min(1, Double(Self.runUpServers) / Double(max(1, serverCount)))
    let start = max(info.began, instant - max(.seconds(5), Self.runUp * share))
    guard start > info.began else {
      rewind()
      return Watch(settings, at: start)
    }
    let known = seek(to: start)
    let begin = min(start, nextBegan ?? start)
    var watch = Watch(settings, at: begin)
    watch.begin(after: failovers(endedBefore: begin))
    for step in known { _ = watch.follow(step) }
    // Retelling what was known finds some events again; the file has them as first found.
    watch.forgetEvents()
    for event in events(before: begin) {
      watch.take(Observation(of: settings.cluster, at: event.at, .event(event.alone)))
    }
    return watch
  }

  // MARK: What was kept

  /// Goes to a keyframe and returns the watch in it.
  mutating func watch(of keyframe: RecordedKeyframe, _ settings: Watch.Settings) throws -> Watch {
    try go(to: keyframe)
    guard let body = keyframe.watch else { throw RecordingFault.damaged(after: nil) }
    var packed = PackedReader(try Deflated.plain(body))
    var lists: [GatewayTablets] = []
    for _ in 0..<(try packed.count()) { lists.append(try list(Int64(try packed.count()))) }
    var watch: Watch = try RecordingText.value(Data(packed.rest), apart: lists)
    let log = watch.fleet.failovers
    let failovers = try failovers(
      "batch <= ? AND number >= ?", [keyframe.id, Int64(log.oldestID)])
    // Failovers are looked up by counting from the first.
    guard failovers.map(\.id).elementsEqual(log.oldestID..<log.newestID + 1) else {
      throw RecordingFault.damaged(after: nil)
    }
    watch.recall(
      events: try events(of: watch.fleet.log, before: keyframe.id), failovers: failovers,
      points: try points(before: keyframe.id), settings)
    return watch
  }

  /// The failovers that had ended by a moment, numbered without a gap.
  private mutating func failovers(endedBefore instant: Instant) -> [Failover] {
    let all =
      (try? failovers(
        "batch <= (SELECT max(id) FROM batch WHERE began <= ?)", [instant.nanoseconds])) ?? []
    let over = all.prefix { $0.ended.map { $0.at <= instant } ?? false }
      .suffix(FailoverLog.capacity)
    return over.map(\.id).elementsEqual((over.first?.id ?? 0)..<(over.last?.id ?? -1) + 1)
      ? Array(over) : []
  }

  private mutating func events(of log: EventLog, before batch: Int64) throws -> [FleetEvent] {
    var found: [Int: FleetEvent] = [:]
    try eachPast(\.events, .events, before: batch) { events in
      for event in events where event.id >= log.oldestID && found[event.id] == nil {
        found[event.id] = event
      }
      return found[log.oldestID] == nil
    }
    return found.values.sorted { $0.id < $1.id }
  }

  private mutating func points(before batch: Int64) throws -> [ShardName: [FleetTrends.Sample]] {
    var rows: [[ShardName: [FleetTrends.Sample]]] = []
    var most = 0
    try eachPast(\.points, .trends, before: batch) { points in
      rows.append(points)
      most += points.values.map(\.count).max() ?? 0
      return most < FleetTrends.capacity
    }
    return rows.reversed().reduce(into: [:]) { $0.merge($1) { $0 + $1 } }
  }

  /// Reads rows of a kind from `past`, newest first, until `take` returns false.
  private mutating func eachPast<Body: Decodable & Sendable>(
    _ known: WritableKeyPath<DecodedPast, DecodedPast.Bodies<Body>>, _ kind: StoredPast.Kind,
    before batch: Int64, _ take: (Body) -> Bool
  ) throws {
    var batch = batch
    while true {
      let row = try pastRows(
        "batch",
        "WHERE kind = ? AND number = 0 AND batch <= ? ORDER BY batch DESC LIMIT 1",
        [kind.rawValue, batch]
      ).first
      guard let found = row?.number("batch"), take(try body(known, kind, 0, in: found)) else {
        return
      }
      batch = found - 1
    }
  }

  /// The latest row of each failover's number, in the order of the numbers.
  private mutating func failovers(
    _ condition: String, _ arguments: StatementArguments
  ) throws -> [Failover] {
    let rows = try pastRows(
      "number, max(batch) AS batch",
      "WHERE kind = ? AND \(condition) GROUP BY number ORDER BY number",
      [StoredPast.Kind.failover.rawValue] + arguments)
    return try rows.map { row in
      guard let number = row.number("number"), let batch = row.number("batch") else {
        throw RecordingFault.damaged(after: nil)
      }
      return try body(\.failovers, .failover, number, in: batch)
    }
  }

  /// The body of a row of `past`, decoded unless it has been before.
  private mutating func body<Body: Decodable & Sendable>(
    _ known: WritableKeyPath<DecodedPast, DecodedPast.Bodies<Body>>, _ kind: StoredPast.Kind,
    _ number: Int64, in batch: Int64
  ) throws -> Body {
    if let body = decoded[keyPath: known][number, batch] { return body }
    let row = try pastRows(
      "body, checksum", "WHERE kind = ? AND number = ? AND batch = ?",
      [kind.rawValue, number, batch]
    ).first
    guard let row, let bytes = row.blob("body") else { throw RecordingFault.damaged(after: nil) }
    var sum = Checksum(of: [.text(kind.rawValue), .integer(number), .integer(batch)])
    sum.add(bytes)
    guard sum.stored == row.number("checksum") else { throw RecordingFault.damaged(after: nil) }
    let body: Body = try RecordingText.value(Data(try Deflated.plain(bytes)))
    decoded[keyPath: known].keep(body, number, batch)
    return body
  }
}

/// Bodies of `past` that have been decoded: going from moment to moment needs mostly the same ones.
struct DecodedPast: Sendable {
  /// Those of one kind, by number and batch.
  struct Bodies<Body: Sendable>: Sendable {
    private struct Key: Hashable {
      let number, batch: Int64
    }

    /// How much is kept, and how much of it a body is.
    private let capacity: Int
    private let size: @Sendable (Body) -> Int
    private var bodies: [Key: Body] = [:]
    private var kept = 0

    init(capacity: Int, size: @escaping @Sendable (Body) -> Int) {
      (self.capacity, self.size) = (capacity, size)
    }

    subscript(number: Int64, batch: Int64) -> Body? { bodies[Key(number: number, batch: batch)] }

    mutating func keep(_ body: Body, _ number: Int64, _ batch: Int64) {
      if kept >= capacity { (bodies, kept) = ([:], 0) }
      bodies[Key(number: number, batch: batch)] = body
      kept += size(body)
    }
  }

  var events = Bodies<[FleetEvent]>(capacity: 20 * EventLog.capacity) { $0.count }
  var failovers = Bodies<Failover>(capacity: 4 * FailoverLog.capacity) { _ in 1 }
  var points = Bodies<[ShardName: [FleetTrends.Sample]]>(capacity: 20 * FleetTrends.capacity) {
    $0.values.reduce(0) { $0 + $1.count }
  }
}

extension FleetEvent {
  /// Without its failover, whose number may belong to another one after seeking.
  fileprivate var alone: FleetEvent {
    failover == nil ? self : FleetEvent(at: at, shard: shard, kind, sources: sources)
  }
}
