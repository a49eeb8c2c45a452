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
    let failovers = try past(
      .failover, "batch <= ? AND number >= ?", [keyframe.id, log.oldestID], as: Failover.self)
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
  private func failovers(endedBefore instant: Instant) -> [Failover] {
    let all =
      (try? past(
        .failover, "batch <= (SELECT max(id) FROM batch WHERE began <= ?)", [instant.nanoseconds],
        as: Failover.self)) ?? []
    let over = all.prefix { $0.ended.map { $0.at <= instant } ?? false }
      .suffix(FailoverLog.capacity)
    return over.map(\.id).elementsEqual((over.first?.id ?? 0)..<(over.last?.id ?? -1) + 1)
      ? Array(over) : []
  }

  private func events(of log: EventLog, before batch: Int64) throws -> [FleetEvent] {
    var found: [Int: FleetEvent] = [:]
    try eachPast(.events, before: batch) { (events: [FleetEvent]) in
      for event in events where event.id >= log.oldestID && found[event.id] == nil {
        found[event.id] = event
      }
      return found[log.oldestID] == nil
    }
    return found.values.sorted { $0.id < $1.id }
  }

  private func points(before batch: Int64) throws -> [ShardName: [FleetTrends.Sample]] {
    var rows: [[ShardName: [FleetTrends.Sample]]] = []
    var most = 0
    try eachPast(.trends, before: batch) { (points: [ShardName: [FleetTrends.Sample]]) in
      rows.append(points)
      most += points.values.map(\.count).max() ?? 0
      return most < FleetTrends.capacity
    }
    return rows.reversed().reduce(into: [:]) { $0.merge($1) { $0 + $1 } }
  }

  /// Reads rows of a kind from `past`, newest first, until `take` returns false.
  private func eachPast<Body: Decodable>(
    _ kind: StoredPast.Kind, before batch: Int64, _ take: (Body) -> Bool
  ) throws {
    var batch = batch
    while true {
      let row = try pastRows(
        "WHERE kind = ? AND number = 0 AND batch <= ? ORDER BY batch DESC LIMIT 1",
        [kind.rawValue, batch]
      ).first
      guard let row, let found = row.number("batch"), take(try body(row)) else { return }
      batch = found - 1
    }
  }

  /// The latest row of each number, in the order of the numbers.
  private func past<Body: Decodable>(
    _ kind: StoredPast.Kind, _ condition: String, _ arguments: StatementArguments,
    as type: Body.Type
  ) throws -> [Body] {
    let rows = try pastRows(
      """
      WHERE kind = ? AND \(condition)
      GROUP BY number HAVING batch = max(batch) ORDER BY number
      """, [kind.rawValue] + arguments)
    return try rows.map { try body($0) }
  }

  private func body<Body: Decodable>(_ row: Row) throws -> Body {
    guard let kind = row.text("kind"), let number = row.number("number"),
      let batch = row.number("batch"), let body = row.blob("body")
    else { throw RecordingFault.damaged(after: nil) }
    var sum = Checksum(of: [.text(kind), .integer(number), .integer(batch)])
    sum.add(body)
    guard sum.stored == row.number("checksum") else { throw RecordingFault.damaged(after: nil) }
    return try RecordingText.value(Data(try Deflated.plain(body)))
  }
}

extension FleetEvent {
  /// Without its failover, whose number may belong to another one after seeking.
  fileprivate var alone: FleetEvent {
    failover == nil ? self : FleetEvent(at: at, shard: shard, kind, sources: sources)
  }
}
