internal import FleetModel
internal import FoundationEssentials
internal import GRDB
internal import Terms
internal import Watching

/// Writes what has come together as one batch, in one transaction.
///
/// It compares readings as values and takes apart only what differs: equal ones share their memory and
/// are told to be equal at a glance.
struct RecordingWriter {
  /// What is known of a server.
  private struct Known {
    let id: Int
    /// The number of the news that it is asked.
    var watching: Int64?
    var result: ScrapeOutcome.Result?
    /// The number of its list of tablets.
    var list: Int64?
    /// When it answered last, and how long that took.
    var answered: (at: Instant, took: Int64)?
    /// Since then: the last failure.
    var failed: (at: Instant, took: Int64, reason: Int64)?
    /// What is not read at every poll, as it was read last.
    var sticky = VtgateReading()
    var stickyList: Int64?
  }

  /// A keyframe is written once the changes since the last one weigh so many times as much.
  private static let keyframeFactor = 8
  /// But not before so many rows and a quarter of the entries.
  private static let leastKeyframeWeight = 2000
  /// Lists of tablets that stand on one another at most.
  private static let listChain = 64
  /// Lists that a new one is compared with.
  private static let recentLists = 8

  private let database: DatabaseQueue
  private var servers: [Target: Known] = [:]
  private var nextServer = 1
  private var paths: [String: Int64] = [:]
  private var failures: [ScrapeFailure: Int64] = [:]
  private var lists: [(id: Int64, list: GatewayTablets)] = []
  private var nextList: Int64 = 1
  private var chainLength = 0
  /// Other news that hold until others come: the number of each kind's last, and when it was told.
  private var lasting: [String: (id: Int64, at: Instant, news: Observation.News)] = [:]
  private var nextNews: Int64 = 1
  private var pace: Pace?
  private var nextBatch: Int64 = 1
  private var failovers: [Int: RecordedFailover] = [:]
  /// Rows written since the last keyframe, and in it.
  private var weight = 0
  private var keyframeWeight = 0

  init(_ database: DatabaseQueue) { self.database = database }

  mutating func begin(_ about: RecordingInfo) throws {
    try database.write { database in
      try database.execute(
        sql: "INSERT INTO recording VALUES (?, ?, NULL, ?, ?, ?, ?)",
        arguments: [
          about.cluster, about.began.nanoseconds, about.interval.wholeNanoseconds, about.utcOffset,
          about.program, about.checksum,
        ])
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

  /// What is gathered while a batch is written.
  private struct Batch {
    let id: Int64
    let began: Int64
    var ended: Int64
    var entries: EntryWriter
    var changes: [RecordedChange] = []
    /// Answers with changes so far, by server.
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
    let id = nextBatch
    var batch: Batch?
    for item in items {
      switch item {
      case .step(let step):
        var current = try batch ?? begin(id, at: step.at, in: database)
        // Not shared while it changes.
        batch = nil
        switch step {
        case .observed(let observation): try take(observation, into: &current, database)
        case .tick(let instant): current.append(.tick, at: instant)
        case .moment(let instant): current.append(.moment, at: instant)
        }
        batch = current
      case .event(let event):
        let body = try RecordingText.text(event)
        let kind = RecordingText.caseName(try RecordingText.text(event.kind))
        try insert(
          "event",
          [
            event.at.nanoseconds, event.severity.word, kind, event.shard?.description,
            event.failover, body,
          ], database)
      case .failover(let failover):
        guard failovers.updateValue(failover, forKey: failover.id) != failover else { continue }
        try database.cachedStatement(sql: "INSERT OR REPLACE INTO failover VALUES (?, ?, ?, ?)")
          .execute(arguments: [
            failover.id, failover.shard.description, failover.began.nanoseconds,
            failover.ended?.nanoseconds,
          ])
      case .note(let words, let instant):
        try insert("note", [instant.nanoseconds, words], database)
      case .action(let number, let report, let instant):
        try insert("action", [instant.nanoseconds, number, report], database)
      case .wishes(let wishes, let instant):
        let closely = wishes.closely.sorted().map(\.description).joined(separator: ", ")
        try insert(
          "wish", [instant.nanoseconds, wishes.interval.wholeNanoseconds, closely], database)
      }
    }
    guard let batch else { return }
    try write(batch, to: database)
    nextBatch += 1
  }

  private mutating func begin(_ id: Int64, at instant: Instant, in database: Database) throws
    -> Batch
  {
    if weight >= max(Self.leastKeyframeWeight, Self.keyframeFactor * keyframeWeight) {
      try writeKeyframe(before: id, at: instant, to: database)
    }
    return Batch(id, began: instant.nanoseconds)
  }

  private mutating func write(_ batch: Batch, to database: Database) throws {
    var checksum = Checksum()
    checksum.add(batch.entries.bytes)
    let statement = try database.cachedStatement(
      sql: "INSERT INTO change VALUES (?, ?, ?, ?, ?)")
    let rows = batch.changes.sorted { ($0.server, $0.n, $0.path) < ($1.server, $1.n, $1.path) }
    for row in rows {
      statement.setUncheckedArguments([batch.id, row.server, row.n, row.path, row.leaf])
      try statement.execute()
      row.add(to: &checksum)
    }
    try insert(
      "batch",
      [batch.id, batch.began, batch.ended, Data(batch.entries.bytes), checksum.stored], database)
    weight += rows.count + batch.entries.bytes.count / 32
  }

  private func insert(
    _ table: String, _ values: [(any DatabaseValueConvertible)?], _ database: Database
  ) throws {
    let places = Array(repeating: "?", count: values.count).joined(separator: ", ")
    try database.cachedStatement(sql: "INSERT INTO \(table) VALUES (\(places))")
      .execute(arguments: StatementArguments(values))
  }

  /// Stores what entries refer to by its number.
  private func store(_ table: String, _ number: Int64, _ values: [Leaf?], _ database: Database)
    throws
  {
    let checksum = Checksum(of: [.integer(number)] + values).stored
    try insert(
      table, [number] + values.map { $0 as (any DatabaseValueConvertible)? } + [checksum], database)
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
      // Also one that says the same was told: a watch looks at it again.
      try add(changes, of: 0, to: &batch, database)
      batch.append(.pace(hasChanged: !changes.isEmpty), at: observation.at)
    case .watching(let target):
      let number = try store(observation, "watching", database)
      try known(target, database) { $0.watching = number }
      batch.append(.news(Int(number)), at: observation.at)
    case .forgot(let target):
      batch.append(
        .news(Int(try store(observation, "forgot", database))), at: observation.at)
      servers[target]?.watching = nil
      servers[target]?.answered = nil
      servers[target]?.failed = nil
    case .topo, .topoFailed, .routings:
      let kind = kind(of: observation.news)
      let number: Int64
      if let last = lasting[kind], last.news == observation.news {
        number = last.id
      } else {
        number = try store(observation, kind, database)
      }
      lasting[kind] = (number, observation.at, observation.news)
      // One takes the other's place.
      if kind == "topo" { lasting["topoFailed"] = nil }
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
    case .topoFailed: "topoFailed"
    case .event: "event"
    }
  }

  private mutating func store(
    _ observation: Observation, _ kind: String, _ database: Database
  ) throws -> Int64 {
    let number = nextNews
    nextNews += 1
    try store(
      "news", number,
      [
        .integer(observation.at.nanoseconds), .text(kind),
        .text(try RecordingText.text(observation.news)),
      ], database)
    return number
  }

  private mutating func take(
    _ outcome: ScrapeOutcome, into batch: inout Batch, _ database: Database
  ) throws {
    let target = outcome.target
    try known(target, database) { _ in }
    guard var known = servers[target] else { return }
    let took = outcome.took.wholeNanoseconds
    if case .failed(let failure) = outcome.result {
      let reason = try number(of: failure, database)
      known.failed = (outcome.at, took, reason)
      batch.append(
        .failure(server: known.id, took: took, reason: Int(reason)), at: outcome.at)
    } else {
      let changes = try changes(outcome.result, of: &known, database)
      try add(changes, of: known.id, to: &batch, database)
      batch.append(
        .answer(server: known.id, hasChanged: !changes.isEmpty, took: took), at: outcome.at)
      known.result = outcome.result
      known.answered = (outcome.at, took)
      known.failed = nil
    }
    servers[target] = known
  }

  private mutating func changes(
    _ result: ScrapeOutcome.Result, of known: inout Known, _ database: Database
  ) throws -> [LeafChange] {
    switch result {
    case .gate(let reading):
      let before: VtgateReading? =
        if case .gate(let reading) = known.result { reading } else { nil }
      let list = try reading.tablets.map { try number(of: $0, database) }
      defer { known.list = list }
      known.sticky.flags = reading.flags ?? known.sticky.flags
      known.sticky.commandLine = reading.commandLine ?? known.sticky.commandLine
      known.sticky.version = reading.version ?? known.sticky.version
      known.stickyList = list ?? known.stickyList
      return try reading.changes(from: before, list: list, earlierList: known.list)
    case .member(let reading):
      let before: TabletReading? =
        if case .member(let reading) = known.result { reading } else { nil }
      guard reading != before else { return [] }
      return try Leaves(of: reading).changes(from: before.map { try Leaves(of: $0) } ?? [:])
    case .failed: return []
    }
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
          server: server, n: n, path: try number(of: change.path, database), leaf: change.leaf))
    }
  }

  // MARK: What has a number

  private mutating func known(
    _ target: Target, _ database: Database, _ change: (inout Known) -> Void
  ) throws {
    var known = servers[target] ?? Known(id: nextServer)
    if known.id == nextServer {
      try store(
        "server", Int64(nextServer),
        [
          .text(target.kind.name), .text(target.kind.role.rawValue),
          .text(target.address.description),
        ], database)
      nextServer += 1
    }
    change(&known)
    servers[target] = known
  }

  private mutating func number(of path: String, _ database: Database) throws -> Int64 {
    if let number = paths[path] { return number }
    let number = Int64(paths.count + 1)
    paths[path] = number
    try store("path", number, [.text(path)], database)
    return number
  }

  private mutating func number(of failure: ScrapeFailure, _ database: Database) throws -> Int64 {
    if let number = failures[failure] { return number }
    let number = Int64(failures.count + 1)
    failures[failure] = number
    try store("failure", number, [.text(try RecordingText.text(failure))], database)
    return number
  }

  private mutating func number(of list: GatewayTablets, _ database: Database) throws -> Int64 {
    if let known = lists.last(where: { $0.list == list }) { return known.id }
    let number = nextList
    nextList += 1
    let base = lists.last
    if chainLength < Self.listChain, let base,
      let listing = TabletListing(list, since: base.list)
    {
      chainLength += 1
      try store(
        "tablet_list", number, [.integer(base.id), .text(try RecordingText.text(listing))], database
      )
    } else {
      chainLength = 0
      try store(
        "tablet_list", number, [nil, .text(try RecordingText.text(TabletListing(list)))], database)
    }
    lists.append((number, list))
    if lists.count > Self.recentLists { lists.removeFirst() }
    return number
  }

  // MARK: Keyframes

  /// Writes all that is known, as if it were told anew.
  private mutating func writeKeyframe(
    before batch: Int64, at instant: Instant, to database: Database
  ) throws {
    var entries = EntryWriter(start: instant.nanoseconds)
    var rows: [RecordedChange] = []
    for (_, known) in servers.sorted(by: { $0.value.id < $1.value.id }) {
      guard let watching = known.watching ?? (known.answered == nil ? nil : 0) else { continue }
      if watching > 0 { entries.append(.news(Int(watching)), at: instant.nanoseconds) }
      if let answered = known.answered, let result = known.result {
        entries.append(
          .answer(server: known.id, hasChanged: true, took: answered.took),
          at: answered.at.nanoseconds)
        for change in try whole(result, of: known) {
          rows.append(
            .init(
              server: known.id, n: 0, path: try number(of: change.path, database),
              leaf: change.leaf))
        }
      }
      if let failed = known.failed {
        entries.append(
          .failure(server: known.id, took: failed.took, reason: Int(failed.reason)),
          at: failed.at.nanoseconds)
      }
    }
    for (_, news) in lasting.sorted(by: { $0.value.id < $1.value.id }) {
      entries.append(.news(Int(news.id)), at: news.at.nanoseconds)
    }
    if let pace {
      entries.append(.pace(hasChanged: true), at: instant.nanoseconds)
      for change in try Leaves(of: pace).changes(from: [:]) {
        rows.append(
          .init(server: 0, n: 0, path: try number(of: change.path, database), leaf: change.leaf))
      }
    }
    var checksum = Checksum()
    checksum.add(entries.bytes)
    rows.sort { ($0.server, $0.path) < ($1.server, $1.path) }
    let statement = try database.cachedStatement(sql: "INSERT INTO known VALUES (?, ?, ?, ?)")
    for row in rows {
      statement.setUncheckedArguments([batch, row.server, row.path, row.leaf])
      try statement.execute()
      row.add(to: &checksum)
    }
    try insert("keyframe", [batch, Data(entries.bytes), checksum.stored], database)
    weight = 0
    keyframeWeight = rows.count + entries.bytes.count / 32
  }

  /// A reading with what is not read at every poll.
  private func whole(_ result: ScrapeOutcome.Result, of known: Known) throws -> [LeafChange] {
    switch result {
    case .gate(var reading):
      reading.flags = reading.flags ?? known.sticky.flags
      reading.commandLine = reading.commandLine ?? known.sticky.commandLine
      reading.version = reading.version ?? known.sticky.version
      return try reading.changes(
        from: nil, list: known.list ?? known.stickyList, earlierList: nil)
    case .member(let reading): return try Leaves(of: reading).changes(from: [:])
    case .failed: return []
    }
  }
}
