internal import FleetModel
internal import FoundationEssentials
internal import PrometheusClient
internal import Terms
internal import VitessClient

/// The servers of one kind of which somebody tells, and how far each has been told.
struct RelayedServers<Kept: KeptAnswer> {
  private struct Known {
    var server: StoredServer
    /// What is known of its last answer.
    var kept = Kept()
    /// The latest scrape that was told, by the clock of who scrapes.
    var toldAt: Instant?
    /// Those that were told last: they come again where that clock was set back.
    var told: [Instant] = []
    /// The latest of those: what is later cannot be among them.
    var latest: Instant?
    /// When there was last a sign of it.
    var seenAt: Instant

    mutating func note(told at: Instant) {
      toldAt = at
      told.append(at)
      latest = max(latest ?? at, at)
      // Not each time, because the rest moves.
      if let first = told.first, at - first > memory * 2 {
        told.removeAll { at - $0 > memory }
      }
    }
  }

  private var known: [Target: Known] = [:]

  /// How far back a clock is followed that is set back.
  private static var memory: Duration { .seconds(120) }
  /// How many scrapes of a server say how far apart they are.
  private static var scrapesCompared: Int { 8 }

  var isEmpty: Bool { known.isEmpty }
  func contains(_ target: Target) -> Bool { known[target] != nil }

  var hasToldNothing: Bool { known.values.allSatisfy { $0.toldAt == nil } }

  /// Those that scrape them.
  var jobs: Set<String> { Set(known.values.compactMap(\.server.key.job)) }

  /// By what tells their series from those of others.
  var servers: [StoredServer.Key: StoredServer] {
    known.values.reduce(into: [:]) { $0[$1.server.key] = $1.server }
  }

  /// The time that scrapes are apart, by those that were told; nil while too few were.
  var interval: Duration? {
    StoredScrapes.interval(
      of: known.values.map { $0.told.suffix(Self.scrapesCompared) }.filter { $0.count > 2 })
  }

  /// Whether nothing of some server was told for a time.
  func isBehind(by time: Duration, at now: Instant) -> Bool {
    known.values.contains { known in known.toldAt.map { now - $0 > time } ?? true }
  }

  /// Takes those that are there now, and returns the new ones.
  ///
  /// Of several jobs that scrape one server, the first by name counts.
  mutating func take(_ servers: [StoredServer], at now: Instant) -> [StoredServer] {
    var new: [StoredServer] = []
    var taken: Set<Target> = []
    for server in servers.sorted(by: { ($0.target, $0.key) < ($1.target, $1.key) })
    where taken.insert(server.target).inserted {
      guard var known = known[server.target] else {
        new.append(server)
        known[server.target] = Known(server: server, seenAt: now)
        continue
      }
      // Two jobs scrape at times of their own, and not always the same.
      if !known.server.isScraped(as: server) { known.kept = Kept() }
      known.server = server
      known.seenAt = now
      self.known[server.target] = known
    }
    return new
  }

  /// Counts times as the clock of who scrapes shows them since it was set by a time, forwards or back.
  ///
  /// What is older than the scrapes that are remembered stays old: it cannot be told from them.
  mutating func shift(by step: Duration) {
    for (target, var known) in known {
      guard let toldAt = known.toldAt else { continue }
      known.toldAt = max(toldAt + step, known.told.first ?? toldAt)
      // What was counted before the next scrape is another one's.
      known.kept = Kept()
      self.known[target] = known
    }
  }

  /// Whether nothing as late was told of it.
  func isNews(of target: Target, at instant: Instant) -> Bool {
    guard let known = known[target], let toldAt = known.toldAt else { return true }
    guard instant > toldAt else { return false }
    return known.latest.map { instant > $0 } == true || !known.told.contains(instant)
  }

  /// Reads answers of a server, in the order of time.
  ///
  /// `offset`: what the clock of who scrapes shows beyond ours.
  mutating func outcomes(
    of server: StoredServer, _ answers: some Sequence<Kept.Answer>, offBy offset: Duration
  ) -> [ScrapeOutcome] {
    guard known[server.target]?.server.key == server.key else { return [] }
    return answers.compactMap { answer in
      guard isNews(of: server.target, at: answer.at),
        let result = known[server.target]?.kept.result(of: answer, by: server)
      else { return nil }
      known[server.target]?.note(told: answer.at)
      return ScrapeOutcome(
        target: server.target, at: answer.at - offset, took: .zero, result: result)
    }
  }

  /// Those that cannot be scraped, which is a sign that they are still meant to be.
  mutating func failed(_ keys: Set<StoredServer.Key>, at now: Instant) -> [Target] {
    guard !keys.isEmpty else { return [] }
    let failed = known.values.filter { keys.contains($0.server.key) }.map(\.server.target).sorted()
    for target in failed { known[target]?.seenAt = now }
    return failed
  }

  /// Forgets those of which there was no sign for a time, and returns them.
  mutating func forget(unseenFor time: Duration, at now: Instant) -> [Target] {
    let gone = known.values.filter { now - $0.seenAt > time }.map(\.server.target).sorted()
    for target in gone { known[target] = nil }
    return gone
  }
}

extension RelayedServers where Kept == KeptVtgate {
  /// What is known of their series, by which little has to be asked for.
  func pages(of servers: some Sequence<StoredServer>) -> [StoredServer.Key: VtgatePage] {
    servers.reduce(into: [:]) { $0[$1.key] = known[$1.target]?.kept.page }
  }

  mutating func keep(
    _ pages: [StoredServer.Key: VtgatePage], of servers: some Sequence<StoredServer>
  ) {
    for server in servers where known[server.target]?.server.key == server.key {
      if let page = pages[server.key] { known[server.target]?.kept.page = page }
    }
  }
}

/// What is kept of a server's last answer to read the next one.
protocol KeptAnswer: Sendable {
  associatedtype Answer: StoredAtScrape

  init()
  mutating func result(of answer: Answer, by server: StoredServer) -> ScrapeOutcome.Result
}

protocol StoredAtScrape {
  var at: Instant { get }
}

extension VtgateAnswer: StoredAtScrape {}
extension StoredAnswer: StoredAtScrape {}

struct KeptVtgate: KeptAnswer {
  var page = VtgatePage()
  private var last = VtgateMetrics(body: [])

  mutating func result(of answer: VtgateAnswer, by server: StoredServer) -> ScrapeOutcome.Result {
    if let metrics = answer.metrics { last = VtgateMetrics(body: metrics, like: last.reading) }
    return last.failure.map { .failed($0) } ?? .gate(last.reading)
  }
}

struct KeptTablet: KeptAnswer {
  /// The last one's lines, and what they say.
  private var last: (metrics: Data, result: ScrapeOutcome.Result)?

  mutating func result(of answer: StoredAnswer, by server: StoredServer) -> ScrapeOutcome.Result {
    guard let metrics = answer.metrics else { return .failed(.notScraped) }
    if let last, last.metrics == metrics { return last.result }
    let result = Self.read(metrics, of: server)
    last = (metrics, result)
    return result
  }

  private static func read(_ metrics: Data, of server: StoredServer) -> ScrapeOutcome.Result {
    var pages = SavedServer(server.target)
    do throws(ScrapeFailure) {
      let result = try pages.read(SavedPages(metrics: metrics))
      guard case .member(var reading) = result else { return result }
      reading.shard = server.shard
      reading.alias = server.alias
      reading.throttler = ThrottlerReading(source: .unasked)
      return .member(reading)
    } catch {
      return .failed(error)
    }
  }
}

extension StoredServer {
  /// Whether what was read by one set of labels holds by the other.
  fileprivate func isScraped(as other: StoredServer) -> Bool {
    key == other.key && shard == other.shard && alias == other.alias
  }
}
