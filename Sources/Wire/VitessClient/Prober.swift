package import FleetModel
package import Terms

/// Polls one server.
///
///     HTTPFetcher ─> page ─ Front: is it one of Vitess'? ─> decoder of that page ─> reading
///                                 └── no ──> ScrapeFailure
///
/// Each kind of server has one prober, and each of its pages one file that reads it. Formats differ
/// between releases: each file's comment names the releases it was read from. Nothing is requested
/// that would wake a throttler or change anything; calls that change something are in
/// `ThrottlerCalls`.
package protocol Prober: Sendable {
  /// Requests made so far.
  var requests: Int { get }

  /// Makes one poll.
  mutating func probe() async throws(ScrapeFailure) -> ScrapeOutcome.Result
}

/// What polls a server, by its kind.
package typealias Probers = [Target.Kind: @Sendable (Address, HTTPFetcher) -> any Prober]

extension Probers {
  package static let vitess: Probers = [
    .vtgate: { VtgateClient($0, fetcher: $1) },
    .vttablet: { TabletClient($0, fetcher: $1) },
  ]
}

extension VtgateClient: Prober {
  package mutating func probe() async throws(ScrapeFailure) -> ScrapeOutcome.Result {
    .gate(try await poll())
  }
}

extension TabletClient: Prober {
  package mutating func probe() async throws(ScrapeFailure) -> ScrapeOutcome.Result {
    .member(try await poll())
  }
}
