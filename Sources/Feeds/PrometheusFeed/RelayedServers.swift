internal import FleetModel
internal import PrometheusClient
internal import Terms
internal import VitessClient

/// The servers of one kind of which somebody tells, and how far each has been told.
struct RelayedServers {
  private struct Known {
    var server: StoredServer
    /// Reads its answers, in the order in which they were given.
    var pages: SavedServer
    /// The latest scrape that was told, by the clock of who scrapes.
    var toldAt: Instant?
    /// When there was last a sign of it.
    var seenAt: Instant
  }

  private var known: [Target: Known] = [:]

  var isEmpty: Bool { known.isEmpty }
  var hasToldNothing: Bool { known.values.allSatisfy { $0.toldAt == nil } }

  /// Takes those that are there now, and returns the new ones.
  ///
  /// Of several jobs that scrape one server, the first by name counts.
  mutating func take(_ servers: [StoredServer], at now: Instant) -> [StoredServer] {
    var new: [StoredServer] = []
    var taken: Set<Target> = []
    for server in servers.sorted(by: { ($0.target, $0.key) < ($1.target, $1.key) })
    where taken.insert(server.target).inserted {
      if known[server.target] == nil { new.append(server) }
      known[
        server.target,
        default: Known(server: server, pages: SavedServer(server.target), seenAt: now)
      ].server = server
      known[server.target]?.seenAt = now
    }
    return new
  }

  /// Whether nothing as late was told of it.
  func isNews(of target: Target, at instant: Instant) -> Bool {
    known[target]?.toldAt.map { instant > $0 } ?? true
  }

  /// Reads answers of a server, in the order of time.
  ///
  /// `offset`: what the clock of who scrapes shows beyond ours.
  mutating func outcomes(
    of server: StoredServer, _ answers: some Sequence<StoredAnswer>, offBy offset: Duration
  ) -> [ScrapeOutcome] {
    guard known[server.target]?.server.key == server.key else { return [] }
    return answers.compactMap { answer in
      guard isNews(of: server.target, at: answer.at) else { return nil }
      known[server.target]?.toldAt = answer.at
      return ScrapeOutcome(
        target: server.target, at: answer.at - offset, took: .zero,
        result: result(of: server, answer))
    }
  }

  private mutating func result(
    of server: StoredServer, _ answer: StoredAnswer
  ) -> ScrapeOutcome.Result {
    guard let metrics = answer.metrics else { return .failed(.notScraped) }
    do throws(ScrapeFailure) {
      guard let result = try known[server.target]?.pages.read(SavedPages(metrics: metrics)) else {
        return .failed(.notScraped)
      }
      guard case .member(var reading) = result else { return result }
      reading.shard = server.shard
      reading.alias = server.alias
      reading.throttler = ThrottlerReading(source: .unasked)
      return .member(reading)
    } catch {
      return .failed(error)
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
