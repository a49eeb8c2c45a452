internal import FleetModel
internal import PrometheusClient
internal import Terms

/// One look at what was stored of tablets until a moment.
struct TabletLook {
  typealias Found = (
    found: [(StoredServer, [StoredAnswer])], unplaced: PrometheusClient.Unplaced
  )

  private let client: PrometheusClient
  private let known: [StoredServer.Key: StoredServer]
  private let end: Instant
  private let least: Duration

  /// `known`: those of an earlier look; `least`: no shorter time is looked at.
  init(
    _ client: PrometheusClient, known: [StoredServer.Key: StoredServer], to end: Instant,
    atLeast least: Duration
  ) {
    self.client = client
    self.known = known
    self.end = end
    self.least = least
  }

  /// What was stored within a time, or within the end of it where that is too much for one answer.
  func tablets(within span: Duration) async throws(RelayFault) -> Found {
    var span = span
    while true {
      do throws(RelayFault) {
        return try await client.tablets(after: end - span, to: end, known: known)
      } catch .failed(.notUnderstood(_, .tooLong)) where span / 2 >= least {
        span = span / 2
      }
    }
  }

  /// The same of tablets that are still there: a longer time has those that have left meanwhile as well.
  ///
  /// One that was scraped last so many of its intervals ago has left, unless it is still meant to be
  /// scraped.
  func first(
    within span: Duration, unlessGoneFor intervals: Int
  ) async throws(RelayFault) -> Found {
    let all = try await tablets(within: span)
    guard let interval = StoredScrapes.interval(of: all.found.map { $0.1.map(\.at) }) else {
      return all
    }
    let meant = try await client.failing(of: Set(all.found.compactMap(\.0.key.job)))
    let present = all.found.filter { server, answers in
      meant.contains(server.key)
        || answers.last.map { end - $0.at <= interval * intervals } ?? false
    }
    return (present, all.unplaced)
  }
}
