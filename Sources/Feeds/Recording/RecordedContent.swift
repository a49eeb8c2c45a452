internal import FleetModel
internal import GRDB
internal import Terms
internal import Watching

/// The content of a recording, reassembled batch by batch.
struct RecordedContent: Sendable {
  private struct Known {
    let target: Target
    var isWatched = false
    var reading: KnownReading
    /// What it said earlier but not in its last answer, as a keyframe holds it.
    var older = KnownReading(.gate)
    var answered: (at: Int64, took: Int64)?
    var failed: (at: Int64, took: Int64, reason: Int)?

    init(_ target: Target) {
      self.target = target
      reading = KnownReading(target.kind.role)
    }
  }

  /// The most lists of tablets that one may build on.
  private static let listDepth = 1000

  private let database: DatabaseQueue
  private let cluster: String
  private var servers: [Int: Known] = [:]
  private var paths: [Int64: String] = [:]
  private var failures: [Int: ScrapeFailure] = [:]
  private var lists: [Int64: GatewayTablets] = [:]
  private var pace: Leaves = [:]
  private var pacedAt: Int64?
  /// With when they were told.
  private var lasting = LastingNews<Int64>()
  /// The time of the last entry.
  private var last: Int64 = 0

  init(_ database: DatabaseQueue) {
    self.database = database
    cluster =
      (try? database.read {
        try Row.fetchOne($0, sql: "SELECT cluster FROM recording")?.text("cluster")
      }) ?? ""
  }

  /// Forgets everything that entries and keyframes told; what has a number keeps its meaning.
  mutating func rewind() {
    (servers, pace, pacedAt, lasting, last) = ([:], [:], nil, LastingNews(), 0)
  }

  /// Applies a batch and returns its steps.
  mutating func steps(of batch: RecordedBatch, in changes: [RecordedChange]) throws
    -> [RecordedStep]
  {
    var steps: [RecordedStep] = []
    try batch.check(changes)
    try take(batch, changes) { content, entry, instant in
      if let step = try content.step(entry, at: instant) { steps.append(step) }
    }
    return steps
  }

  /// Applies a keyframe: everything known before its batch.
  mutating func pass(_ keyframe: RecordedKeyframe) throws {
    let (changes, older) = try keyframe.known()
    try take(keyframe.batch, changes) { _, _, _ in }
    for change in older {
      let path = try path(change.path)
      try servers[change.server]?.older.apply(LeafChange(path: path, leaf: change.leaf))
    }
  }

  /// Applies a batch without making steps of it.
  mutating func pass(_ batch: RecordedBatch, in changes: [RecordedChange]) throws {
    try batch.check(changes)
    try take(batch, changes) { _, _, _ in }
  }

  /// Everything known, as steps.
  mutating func known() throws -> [RecordedStep] {
    var steps: [RecordedStep] = []
    func tell(_ news: Observation.News, _ instant: Int64) {
      let at = Instant(nanoseconds: instant)
      steps.append(.observed(Observation(of: cluster, at: at, news)))
    }
    let ids = servers.filter { $0.value.isWatched }.keys.sorted()
    for id in ids { if let target = servers[id]?.target { tell(.watching(target), last) } }
    for id in ids {
      guard let server = servers[id] else { continue }
      if let (at, took) = server.answered {
        tell(.outcome(try outcome(id, at: at, took: took, whole(of: id))), at)
      }
      if let (at, took, reason) = server.failed {
        tell(.outcome(try outcome(id, at: at, took: took, .failed(failure(reason)))), at)
      }
    }
    for (news, at) in lasting.all { tell(news, at) }
    if let pacedAt { tell(.pace(try pace.value()), pacedAt) }
    return steps
  }

  // MARK: Entries

  private mutating func take(
    _ batch: RecordedBatch, _ changes: [RecordedChange],
    _ tell: (inout RecordedContent, Entry, Int64) throws -> Void
  ) throws {
    var rows: [Int: [Int: [RecordedChange]]] = [:]
    for change in changes {
      rows[change.server, default: [:]][change.n, default: []].append(change)
    }
    var counts: [Int: Int] = [:]
    var entries = try EntryReader(batch.entries, start: batch.began)
    while let (entry, instant) = try entries.next() {
      func changed(_ server: Int) -> [RecordedChange] {
        let n = counts[server, default: 0]
        counts[server] = n + 1
        return rows[server]?[n] ?? []
      }
      switch entry {
      case .answer(let server, let hasChanged, let values, let took):
        try load(server)
        if hasChanged {
          for change in changed(server) {
            let change = LeafChange(path: try path(change.path), leaf: change.leaf)
            try servers[server]?.reading.apply(change)
          }
        }
        for value in values {
          let change = LeafChange(path: try path(value.path), leaf: value.leaf)
          try servers[server]?.reading.apply(change)
        }
        servers[server]?.answered = (instant, took)
        servers[server]?.failed = nil
      case .failure(let server, let took, let reason):
        try load(server)
        servers[server]?.failed = (instant, took, reason)
      case .pace(let hasChanged):
        for change in hasChanged ? changed(0) : [] { pace[try path(change.path)] = change.leaf }
        pacedAt = instant
      case .news(let number): try take(news(number), at: instant)
      case .step, .tick, .moment: break
      }
      last = max(last, instant)
      try tell(&self, entry, instant)
    }
  }

  private mutating func take(_ news: (kind: String, news: Observation.News), at instant: Int64)
    throws
  {
    switch news.news {
    case .watching(let target): servers[try id(of: target)]?.isWatched = true
    case .forgot(let target):
      let id = try id(of: target)
      servers[id]?.isWatched = false
      servers[id]?.older = KnownReading(.gate)
      servers[id]?.answered = nil
      servers[id]?.failed = nil
    case .topo, .topoFailed, .routings, .shards, .source:
      lasting.take(news.news, at: instant)
    case .outcome, .pace, .event: break
    }
  }

  private mutating func step(_ entry: Entry, at instant: Int64) throws -> RecordedStep? {
    let at = Instant(nanoseconds: instant)
    func observed(_ news: Observation.News) -> RecordedStep {
      .observed(Observation(of: cluster, at: at, news))
    }
    switch entry {
    case .answer(let server, _, _, let took):
      return observed(
        .outcome(try outcome(server, at: instant, took: took, result(of: server))))
    case .failure(let server, let took, let reason):
      return observed(
        .outcome(try outcome(server, at: instant, took: took, .failed(failure(reason)))))
    case .news(let number): return observed(try news(number).news)
    case .step(let number): return .operated(try step(number), at: at)
    case .pace: return observed(.pace(try pace.value()))
    case .tick: return .tick(at)
    case .moment: return .moment(at)
    }
  }

  private func outcome(
    _ server: Int, at instant: Int64, took: Int64, _ result: ScrapeOutcome.Result
  ) throws -> ScrapeOutcome {
    guard let target = servers[server]?.target else { throw RecordingFault.damaged(after: nil) }
    return ScrapeOutcome(
      target: target, at: Instant(nanoseconds: instant), took: .nanoseconds(took), result: result)
  }

  private mutating func result(of server: Int) throws -> ScrapeOutcome.Result {
    guard var known = servers[server] else { throw RecordingFault.damaged(after: nil) }
    // Removed while it changes, so that it is not copied.
    servers[server] = nil
    defer { servers[server] = known }
    return try known.reading.result { try list($0) }
  }

  /// A server's last answer, completed by what it said earlier.
  private mutating func whole(of server: Int) throws -> ScrapeOutcome.Result {
    guard case .gate(var reading) = try result(of: server), var known = servers[server],
      case .gate(let older) = try known.older.result({ try list($0) })
    else { return try result(of: server) }
    reading.flags = reading.flags ?? older.flags
    reading.commandLine = reading.commandLine ?? older.commandLine
    reading.version = reading.version ?? older.version
    reading.tablets = reading.tablets ?? older.tablets
    return .gate(reading)
  }

  // MARK: What has a number

  private mutating func load(_ server: Int) throws {
    guard servers[server] == nil else { return }
    guard let row = try fetch("server", ["kind", "role", "address"], Int64(server)),
      let kind = row.text("kind"), let role = row.text("role").flatMap(Target.Role.init),
      let address = row.text("address").flatMap({ Address($0) })
    else { throw RecordingFault.damaged(after: nil) }
    servers[server] = Known(Target(.init(name: kind, role: role), address))
  }

  private mutating func id(of target: Target) throws -> Int {
    if let known = servers.first(where: { $0.value.target == target })?.key { return known }
    let row = try database.read {
      try Row.fetchOne(
        $0, sql: "SELECT id FROM server WHERE kind = ? AND address = ?",
        arguments: [target.kind.name, target.address.description])
    }
    guard let id = row?.number("id").flatMap({ Int(exactly: $0) }) else {
      throw RecordingFault.damaged(after: nil)
    }
    try load(id)
    return id
  }

  private mutating func path(_ number: Int64) throws -> String {
    if let path = paths[number] { return path }
    guard let name = try fetch("path", ["name"], number)?.text("name") else {
      throw RecordingFault.damaged(after: nil)
    }
    paths[number] = name
    return name
  }

  private mutating func failure(_ number: Int) throws -> ScrapeFailure {
    if let failure = failures[number] { return failure }
    guard let body = try fetch("failure", ["body"], Int64(number))?.text("body") else {
      throw RecordingFault.damaged(after: nil)
    }
    let failure: ScrapeFailure = try RecordingText.value(body)
    failures[number] = failure
    return failure
  }

  private func news(_ number: Int) throws -> (kind: String, news: Observation.News) {
    guard let row = try fetch("news", ["at", "kind", "body"], Int64(number)),
      let kind = row.text("kind"), let body = row.text("body")
    else { throw RecordingFault.damaged(after: nil) }
    return (kind, try RecordingText.value(body))
  }

  private func step(_ number: Int) throws -> OperatorStep {
    guard
      let body = try fetch("step", ["at", "kind", "body"], Int64(number))?.text("body")
    else { throw RecordingFault.damaged(after: nil) }
    return try RecordingText.value(body)
  }

  mutating func list(_ number: Int64) throws -> GatewayTablets {
    if let known = lists[number] { return known }
    // Down to a list that is known or complete, and up again.
    var chain: [(number: Int64, listing: TabletListing)] = []
    var base: GatewayTablets?
    var next: Int64? = number
    while let current = next, chain.count < Self.listDepth {
      if let known = lists[current] {
        base = known
        break
      }
      guard let row = try fetch("tablet_list", ["base", "body"], current),
        let body = row.text("body")
      else { throw RecordingFault.damaged(after: nil) }
      chain.append((current, try RecordingText.value(body)))
      next = row.number("base")
    }
    for (_, listing) in chain.reversed() { base = listing.list(since: base) }
    guard let list = base else { throw RecordingFault.damaged(after: nil) }
    if lists.count > 256 { lists = [:] }
    lists[number] = list
    return list
  }

  /// A row by its number; throws if its checksum does not match.
  private func fetch(_ table: String, _ columns: [String], _ number: Int64) throws -> Row? {
    let list = columns.joined(separator: ", ")
    let row = try database.read {
      try Row.fetchOne(
        $0.cachedStatement(sql: "SELECT \(list), checksum FROM \(table) WHERE id = ?"),
        arguments: [number])
    }
    guard let row else { return nil }
    let values = columns.map { Leaf.fromDatabaseValue(row[$0] as DatabaseValue) }
    guard Checksum(of: [.integer(number)] + values).stored == row.number("checksum") else {
      throw RecordingFault.damaged(after: nil)
    }
    return row
  }
}
