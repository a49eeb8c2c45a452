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
  /// What is known about a server.
  private struct Known {
    let id: Int
    /// The number of the news that it is being watched.
    var watching: Int64?
    var result: ScrapeOutcome.Result?
    /// The number of its list of tablets.
    var list: Int64?
    /// When it last answered, and how long that took in nanoseconds.
    var answered: (at: Instant, took: Int64)?
    /// The last failure since then.
    var failed: (at: Instant, took: Int64, reason: Int64)?
    /// What is not read at every poll, as it was last read.
    var sticky = VtgateReading()
    var stickyList: Int64?
    /// For each of ``movingPaths``, how many values have gone into entries since the last row.
    var unlisted: [Int64: Int] = [:]
  }

  /// What changes with every answer; only every ``listedEvery``th value becomes a row of `change`.
  private static let movingPaths = [
    "throttler.selfValue", "throttler.shardValue", "replicationLag", VtgateReading.listPath,
  ]
  private static let listedEvery = 20

  /// A keyframe is written when what came since the last one is this many times its size.
  private static let keyframeFactor = 8
  /// It is not written before this many bytes have come.
  private static let leastKeyframe = 1 << 15
  /// With a watch in it, it is written sooner, so that few steps must be followed to reach a moment:
  /// after this many entries, once they take this many times its size.
  private static let entriesOfWatch = 400
  private static let watchFactor = 1.5
  /// The approximate size of a row of `change` in bytes.
  private static let rowSize = 20
  /// The longest chain of lists of tablets that build on one another.
  private static let listChain = 500
  /// How many recent lists a new one is compared with.
  private static let recentLists = 8

  private let database: DatabaseQueue
  private var servers: [Target: Known] = [:]
  private var nextServer = 1
  private var paths: [String: Int64] = [:]
  private var failures: [ScrapeFailure: Int64] = [:]
  private var lists: [(id: Int64, list: GatewayTablets)] = []
  private var nextList: Int64 = 1
  private var chainLength = 0
  /// Bytes of the last complete list, and of those that build on it.
  private var wholeList = 0
  private var chainedLists = 0
  /// News that hold until superseded: the last of each kind, its number and when it was told.
  private var lasting: [String: (id: Int64, at: Instant, news: Observation.News)] = [:]
  private var nextNews: Int64 = 1
  private var nextStep: Int64 = 1
  private var nextEvent: Int64 = 1
  private var pace: Pace?
  private var nextBatch: Int64 = 1
  private var failovers: [Int: RecordedFailover] = [:]
  private var past = StoredPast()
  /// Bytes and entries since the last keyframe, and the bytes of that keyframe.
  private var bytes = 0
  private var entries = 0
  private var keyframeBytes = 0

  /// Whether a keyframe with a watch is due.
  var wantsWatch: Bool {
    entries >= Self.entriesOfWatch && Double(bytes) >= Self.watchFactor * Double(keyframeBytes)
  }

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
      for path in Self.movingPaths { _ = try number(of: path, database) }
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
        try store(
          "event",
          [
            .integer(nextEvent), .integer(event.at.nanoseconds), .text(event.severity.word),
            .text(kind), event.shard.map { .text($0.description) },
            event.failover.map { .integer(Int64($0)) }, .text(body),
          ], database)
        nextEvent += 1
      case .failover(let failover):
        // The batch being written does not come before it.
        try take(failover, before: batch == nil ? nextBatch : nextBatch + 1, database)
      case .note(let words, let instant):
        try store("note", [.integer(instant.nanoseconds), .text(words)], database)
      case .action(let number, let report, let instant):
        try store(
          "action", [.integer(instant.nanoseconds), .integer(Int64(number)), .text(report)],
          database)
      case .wishes(let wishes, let instant):
        let closely = wishes.closely.sorted().map(\.description).joined(separator: ", ")
        try store(
          "wish",
          [
            .integer(instant.nanoseconds), .integer(wishes.interval.wholeNanoseconds),
            .text(closely),
          ], database)
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
      try store(
        "failover",
        [
          .integer(Int64(row.id)), .text(row.shard.description), .integer(row.began.nanoseconds),
          row.ended.map { .integer($0.nanoseconds) },
        ], isAnew: true, database)
    }
    guard failover.ended != nil, let row = try past.row(of: failover) else { return }
    try insert(row, before: batch, database)
  }

  private mutating func take(
    _ step: OperatorStep, at instant: Instant, into batch: inout Batch, _ database: Database
  ) throws {
    let body = try RecordingText.text(step)
    try store(
      "step",
      [
        .integer(nextStep), .integer(instant.nanoseconds), .text(RecordingText.caseName(body)),
        .text(body),
      ], database)
    batch.append(.step(Int(nextStep)), at: instant)
    nextStep += 1
  }

  private mutating func begin(_ id: Int64, at instant: Instant, in database: Database) throws
    -> Batch
  {
    if bytes >= max(Self.leastKeyframe, Self.keyframeFactor * keyframeBytes) {
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
    try insert(
      "batch",
      [batch.id, batch.began, batch.ended, Data(stored), checksum.stored], database)
    bytes += batch.entries.bytes.count + rows.count * Self.rowSize
    entries += batch.entries.count
  }

  /// `isAnew`: replaces a row with the same key.
  private func insert(
    _ table: String, _ values: [(any DatabaseValueConvertible)?], isAnew: Bool = false,
    _ database: Database
  ) throws {
    let places = Array(repeating: "?", count: values.count).joined(separator: ", ")
    let verb = isAnew ? "INSERT OR REPLACE" : "INSERT"
    try database.cachedStatement(sql: "\(verb) INTO \(table) VALUES (\(places))")
      .execute(arguments: StatementArguments(values))
  }

  /// Stores a row with its checksum.
  private func store(
    _ table: String, _ values: [Leaf?], isAnew: Bool = false, _ database: Database
  ) throws {
    try insert(
      table,
      values.map { $0 as (any DatabaseValueConvertible)? } + [Checksum(of: values).stored],
      isAnew: isAnew, database)
  }

  private func insert(_ row: StoredPast.Row, before batch: Int64, _ database: Database) throws {
    var sum = Checksum(of: [.text(row.kind.rawValue), .integer(row.number), .integer(batch)])
    sum.add(row.body)
    try insert(
      "past", [row.kind.rawValue, row.number, batch, row.body, sum.stored], isAnew: true, database)
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
      "news",
      [
        .integer(number), .integer(observation.at.nanoseconds), .text(kind),
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
      let (rows, values) = try split(changes, of: &known, database)
      try add(rows, of: known.id, to: &batch, database)
      batch.append(
        .answer(server: known.id, hasChanged: !rows.isEmpty, values: values, took: took),
        at: outcome.at)
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

  /// Splits changes into those that become rows and those kept in the entry.
  private mutating func split(
    _ changes: [LeafChange], of known: inout Known, _ database: Database
  ) throws -> (rows: [LeafChange], values: [PackedValue]) {
    var (rows, values): ([LeafChange], [PackedValue]) = ([], [])
    for change in changes {
      guard Self.movingPaths.contains(change.path), let leaf = change.leaf?.stored, leaf.isNumber
      else {
        rows.append(change)
        continue
      }
      let path = try number(of: change.path, database)
      let count = known.unlisted[path] ?? 0
      known.unlisted[path] = (count + 1) % Self.listedEvery
      if count == 0 {
        rows.append(change)
      } else {
        values.append(PackedValue(path: path, leaf: leaf))
      }
    }
    return (rows, values)
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
        "server",
        [
          .integer(Int64(nextServer)), .text(target.kind.name), .text(target.kind.role.rawValue),
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
    try store("path", [.integer(number), .text(path)], database)
    return number
  }

  private mutating func number(of failure: ScrapeFailure, _ database: Database) throws -> Int64 {
    if let number = failures[failure] { return number }
    let number = Int64(failures.count + 1)
    failures[failure] = number
    try store(
      "failure", [.integer(number), .text(try RecordingText.text(failure))], database)
    return number
  }

  private mutating func number(of list: GatewayTablets, _ database: Database) throws -> Int64 {
    if let known = lists.last(where: { $0.list == list }) { return known.id }
    let number = nextList
    nextList += 1
    let body: String
    var base = lists.last
    // Reading a list means reading all the lists that it builds on.
    if chainLength < Self.listChain, chainedLists <= wholeList, let known = base?.list,
      let listing = TabletListing(list, since: known)
    {
      body = try RecordingText.text(listing)
      chainLength += 1
      chainedLists += body.utf8.count
    } else {
      body = try RecordingText.text(TabletListing(list))
      base = nil
      (chainLength, chainedLists, wholeList) = (0, 0, body.utf8.count)
    }
    try store(
      "tablet_list", [.integer(number), base.map { .integer($0.id) }, .text(body)], database)
    lists.append((number, list))
    if lists.count > Self.recentLists { lists.removeFirst() }
    return number
  }

  // MARK: Keyframes

  /// Writes everything known as if told anew, and the watch if there is one.
  private mutating func writeKeyframe(
    before batch: Int64, at instant: Instant, knowing watch: Watch?, to database: Database
  ) throws {
    var entries = EntryWriter(start: instant.nanoseconds)
    var known = PackedWriter()
    func put(
      _ changes: [LeafChange], of server: Int, isOlder: Bool = false,
      _ writer: inout RecordingWriter
    ) throws {
      guard !changes.isEmpty else { return }
      known.put(UInt64(server) << 1 | (isOlder ? 1 : 0))
      known.put(UInt64(changes.count))
      for change in changes {
        known.put(change.leaf, at: try writer.number(of: change.path, database))
      }
    }
    for (_, server) in servers.sorted(by: { $0.value.id < $1.value.id }) {
      if let watching = server.watching {
        entries.append(.news(Int(watching)), at: instant.nanoseconds)
      }
      // A forgotten server is included, because its next answer is stored as a difference.
      if let result = server.result {
        entries.append(
          .answer(server: server.id, hasChanged: true, took: server.answered?.took ?? 0),
          at: (server.answered?.at ?? instant).nanoseconds)
        try put(try result.whole(server.list), of: server.id, &self)
        try put(try older(than: result, of: server), of: server.id, isOlder: true, &self)
      }
      if let failed = server.failed {
        entries.append(
          .failure(server: server.id, took: failed.took, reason: Int(failed.reason)),
          at: failed.at.nanoseconds)
      }
    }
    for (_, news) in lasting.sorted(by: { $0.value.id < $1.value.id }) {
      entries.append(.news(Int(news.id)), at: news.at.nanoseconds)
    }
    if let pace {
      entries.append(.pace(hasChanged: true), at: instant.nanoseconds)
      try put(try Leaves(of: pace).changes(from: [:]), of: 0, &self)
    }
    let values = Deflated.bytes(of: known.bytes)
    var body: Data?
    if let watch {
      body = try packed(watch, database)
      for row in try past.rows(of: watch) { try insert(row, before: batch, database) }
    }
    var checksum = Checksum(of: [.integer(batch), .integer(instant.nanoseconds)])
    for part in [Data(entries.bytes), values, body ?? Data()] { checksum.add(part) }
    try insert(
      "keyframe",
      [batch, instant.nanoseconds, Data(entries.bytes), values, body, checksum.stored], database)
    (bytes, self.entries) = (0, 0)
    keyframeBytes = entries.bytes.count + values.count + (body?.count ?? 0)
  }

  /// The numbers of the lists of tablets in it, followed by the watch as JSON.
  private mutating func packed(_ watch: Watch, _ database: Database) throws -> Data {
    let bare = watch.withoutPast
    let lists = bare.fleet.tabletLists
    var head = PackedWriter()
    head.put(UInt64(lists.count))
    for list in lists { head.put(UInt64(try number(of: list, database))) }
    return Deflated.bytes(of: head.bytes + (try RecordingText.bytes(bare, apart: lists)))
  }

  /// What a vtgate said earlier but not in its last answer.
  private func older(
    than result: ScrapeOutcome.Result, of server: Known
  ) throws -> [LeafChange] {
    guard case .gate(let last) = result else { return [] }
    var older = VtgateReading()
    if last.flags == nil { older.flags = server.sticky.flags }
    if last.commandLine == nil { older.commandLine = server.sticky.commandLine }
    if last.version == nil { older.version = server.sticky.version }
    let list = server.list == nil ? server.stickyList : nil
    guard list != nil || older != VtgateReading() else { return [] }
    return try older.changes(from: nil, list: list, earlierList: nil)
  }
}

extension ScrapeOutcome.Result {
  /// All its values, as changes from nothing; `list`: the number of its list of tablets.
  fileprivate func whole(_ list: Int64?) throws -> [LeafChange] {
    switch self {
    case .gate(let reading): try reading.changes(from: nil, list: list, earlierList: nil)
    case .member(let reading): try Leaves(of: reading).changes(from: [:])
    case .failed: []
    }
  }
}
