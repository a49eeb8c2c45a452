internal import FleetModel
internal import FoundationEssentials
internal import GRDB
internal import Terms
internal import Watching

/// Writes what has been gathered as one batch, in one transaction.
///
/// It compares readings as values and takes apart only what differs; equal parts share their memory,
/// so comparing those is cheap.
struct RecordingWriter {
  /// The approximate size of a row of `change` in bytes.
  private static let rowSize = 20

  private let database: DatabaseQueue
  var numbers = RecordedNumbers()
  private(set) var servers: [Target: RecordedServer] = [:]
  private var nextServer = 1
  /// News that hold until superseded: the last of each kind, its number and when it was told.
  private(set) var lasting = LastingNews<(id: Int64, at: Instant)>()
  private var nextNews: Int64 = 1
  private var nextStep: Int64 = 1
  private var nextEvent: Int64 = 1
  private(set) var pace: Pace?
  private var nextBatch: Int64 = 1
  private var failovers: [Int: RecordedFailover] = [:]
  var past = StoredPast()
  var sinceKeyframe = SinceKeyframe()

  /// Whether a keyframe with a watch is due.
  var wantsWatch: Bool { sinceKeyframe.isDueWithWatch }

  init(_ database: DatabaseQueue) { self.database = database }

  mutating func begin(_ about: RecordingInfo) throws {
    try database.write { database in
      try database.execute(
        sql: "INSERT INTO recording VALUES (?, ?, NULL, ?, ?, ?, ?)",
        arguments: [
          about.cluster, about.began.nanoseconds, about.interval.wholeNanoseconds, about.utcOffset,
          about.program, about.checksum,
        ])
      // Their numbers are part of every answer, and the first numbers are the shortest.
      for path in RecordedServer.movingPaths { _ = try numbers.number(of: path, database) }
    }
  }

  func end(at instant: Instant) throws {
    try database.write {
      try $0.execute(sql: "UPDATE recording SET ended = ?", arguments: [instant.nanoseconds])
    }
  }

  mutating func write(_ items: [RecordedItem]) throws {
    guard !items.isEmpty else { return }
    let database = database
    try database.write { database in
      try write(items, to: database)
    }
  }

  // MARK: A batch

  /// A batch in the making.
  private struct Batch {
    let id: Int64
    let began: Int64
    var ended: Int64
    var entries: EntryWriter
    var changes: [RecordedChange] = []
    /// The number of answers with changes so far, by server.
    var counts: [Int: Int] = [:]

    init(_ id: Int64, began: Int64) {
      self.id = id
      self.began = began
      ended = began
      entries = EntryWriter(start: began)
    }

    mutating func append(_ entry: Entry, at instant: Instant) {
      entries.append(entry, at: instant.nanoseconds)
      ended = max(ended, instant.nanoseconds)
    }
  }

  private mutating func write(_ items: [RecordedItem], to database: Database) throws {
    var batch: Batch?
    for item in items {
      switch item {
      case .step(let step):
        var current = try batch ?? begin(nextBatch, at: step.at, in: database)
        // Cleared while it changes, so that it is not copied.
        batch = nil
        switch step {
        case .observed(let observation): try take(observation, into: &current, database)
        case .tick(let instant): current.append(.tick, at: instant)
        case .moment(let instant): current.append(.moment, at: instant)
        case .operated(let step, let instant): try take(step, at: instant, into: &current, database)
        }
        batch = current
      case .watch(let watch, let instant):
        try end(&batch, in: database)
        try writeKeyframe(before: nextBatch, at: instant, knowing: watch, to: database)
      case .event(let event):
        let body = try RecordingText.text(event)
        let kind = RecordingText.caseName(try RecordingText.text(event.kind))
        try database.store(
          [
            .integer(nextEvent), .integer(event.at.nanoseconds), .text(event.severity.word),
            .text(kind), event.shard.map { .text($0.description) },
            event.failover.map { .integer(Int64($0)) }, .text(body),
          ], in: "event")
        nextEvent += 1
      case .failover(let failover):
        // The batch being written does not come before it.
        try take(failover, before: batch == nil ? nextBatch : nextBatch + 1, database)
      case .note(let words, let instant):
        try database.store([.integer(instant.nanoseconds), .text(words)], in: "note")
      case .action(let number, let report, let instant):
        try database.store(
          [.integer(instant.nanoseconds), .integer(Int64(number)), .text(report)], in: "action")
      case .wishes(let wishes, let instant):
        let closely = wishes.closely.sorted().map(\.description).joined(separator: ", ")
        try database.store(
          [
            .integer(instant.nanoseconds), .integer(wishes.interval.wholeNanoseconds),
            .text(closely),
          ], in: "wish")
      }
    }
    try end(&batch, in: database)
  }

  private mutating func end(_ batch: inout Batch?, in database: Database) throws {
    guard let ended = batch else { return }
    try write(ended, to: database)
    nextBatch += 1
    batch = nil
  }

  private mutating func take(
    _ failover: Failover, before batch: Int64, _ database: Database
  ) throws {
    let row = RecordedFailover(failover)
    if failovers.updateValue(row, forKey: row.id) != row {
      try database.store(
        [
          .integer(Int64(row.id)), .text(row.shard.description), .integer(row.began.nanoseconds),
          row.ended.map { .integer($0.nanoseconds) },
        ], in: "failover", isAnew: true)
    }
    guard failover.ended != nil, let row = try past.row(of: failover) else { return }
    try database.store(row, before: batch)
  }

  private mutating func take(
    _ step: OperatorStep, at instant: Instant, into batch: inout Batch, _ database: Database
  ) throws {
    let body = try RecordingText.text(step)
    try database.store(
      [
        .integer(nextStep), .integer(instant.nanoseconds), .text(RecordingText.caseName(body)),
        .text(body),
      ], in: "step")
    batch.append(.step(Int(nextStep)), at: instant)
    nextStep += 1
  }

  private mutating func begin(_ id: Int64, at instant: Instant, in database: Database) throws
    -> Batch
  {
    if sinceKeyframe.isDue {
      try writeKeyframe(before: id, at: instant, knowing: nil, to: database)
    }
    return Batch(id, began: instant.nanoseconds)
  }

  private mutating func write(_ batch: Batch, to database: Database) throws {
    var checksum = Checksum()
    let stored = batch.entries.stored
    checksum.add(stored)
    let statement = try database.cachedStatement(
      sql: "INSERT INTO change VALUES (?, ?, ?, ?, ?)")
    let rows = batch.changes.sorted { ($0.server, $0.n, $0.path) < ($1.server, $1.n, $1.path) }
    for row in rows {
      statement.setUncheckedArguments([batch.id, row.server, row.n, row.path, row.leaf])
      try statement.execute()
      row.add(to: &checksum)
    }
    try database.insert(
      into: "batch", [batch.id, batch.began, batch.ended, Data(stored), checksum.stored])
    sinceKeyframe.add(
      bytes: batch.entries.bytes.count + rows.count * Self.rowSize, entries: batch.entries.count)
  }

  // MARK: What was told

  private mutating func take(
    _ observation: Observation, into batch: inout Batch, _ database: Database
  ) throws {
    switch observation.news {
    case .outcome(let outcome): try take(outcome, into: &batch, database)
    case .pace(let pace):
      let before = try self.pace.map { try Leaves(of: $0) } ?? [:]
      let changes = try Leaves(of: pace).changes(from: before)
      self.pace = pace
      // An unchanged pace is told as well, because it makes the watch look again.
      try add(changes, of: 0, to: &batch, database)
      batch.append(.pace(hasChanged: !changes.isEmpty), at: observation.at)
    case .watching(let target):
      let number = try store(observation, "watching", database)
      _ = try server(target, database)
      servers[target]?.watching = number
      batch.append(.news(Int(number)), at: observation.at)
    case .forgot(let target):
      batch.append(
        .news(Int(try store(observation, "forgot", database))), at: observation.at)
      servers[target]?.forget()
    case .topo, .topoFailed, .routings, .shards, .source:
      let known = lasting.place(of: observation.news)?.id
      let number = try known ?? store(observation, kind(of: observation.news), database)
      lasting.take(observation.news, at: (number, observation.at))
      batch.append(.news(Int(number)), at: observation.at)
    case .event:
      batch.append(.news(Int(try store(observation, "event", database))), at: observation.at)
    }
  }

  private func kind(of news: Observation.News) -> String {
    switch news {
    case .watching: "watching"
    case .outcome: "outcome"
    case .forgot: "forgot"
    case .pace: "pace"
    case .topo: "topo"
    case .routings: "routings"
    case .shards: "shards"
    case .source: "source"
    case .topoFailed: "topoFailed"
    case .event: "event"
    }
  }

  private mutating func store(
    _ observation: Observation, _ kind: String, _ database: Database
  ) throws -> Int64 {
    let number = nextNews
    nextNews += 1
    try database.store(
      [
        .integer(number), .integer(observation.at.nanoseconds), .text(kind),
        .text(try RecordingText.text(observation.news)),
      ], in: "news")
    return number
  }

  private mutating func take(
    _ outcome: ScrapeOutcome, into batch: inout Batch, _ database: Database
  ) throws {
    let target = outcome.target
    var server = try server(target, database)
    let took = outcome.took.wholeNanoseconds
    if case .failed(let failure) = outcome.result {
      let reason = try numbers.number(of: failure, database)
      server.failed = (outcome.at, took, reason)
      batch.append(
        .failure(server: server.id, took: took, reason: Int(reason)), at: outcome.at)
    } else {
      let (rows, values) = try server.take(outcome.result, &numbers, database)
      try add(rows, of: server.id, to: &batch, database)
      batch.append(
        .answer(server: server.id, hasChanged: !rows.isEmpty, values: values, took: took),
        at: outcome.at)
      server.answered = (outcome.at, took)
      if let failed = server.failed, failed.at <= outcome.at { server.failed = nil }
    }
    servers[target] = server
  }

  private mutating func add(
    _ changes: [LeafChange], of server: Int, to batch: inout Batch, _ database: Database
  ) throws {
    guard !changes.isEmpty else { return }
    let n = batch.counts[server, default: 0]
    batch.counts[server] = n + 1
    for change in changes {
      batch.changes.append(
        .init(
          server: server, n: n, path: try numbers.number(of: change.path, database),
          leaf: change.leaf))
    }
  }

  /// What is known of a server, which gets a number when it is first heard of.
  private mutating func server(_ target: Target, _ database: Database) throws -> RecordedServer {
    if let known = servers[target] { return known }
    let new = RecordedServer(id: nextServer)
    nextServer += 1
    servers[target] = new
    try database.store(
      [
        .integer(Int64(new.id)), .text(target.kind.name), .text(target.kind.role.rawValue),
        .text(target.address.description),
      ], in: "server")
    return new
  }
}
