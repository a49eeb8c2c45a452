package import FleetModel
package import Terms

/// Asks one server, again and again.
///
///     HTTPFetcher ─> page ─ Front: is it one of Vitess'? ─> decoder of that page ─> reading
///                                 └── no ──> ScrapeFailure
///
/// A kind of server has one prober, and each of its pages one file that reads it. Shapes differ between
/// releases: what a file says of itself names the releases that it was read from. Nothing is asked for
/// that would wake a throttler or change anything; what changes something is in `ThrottlerCalls`.
package protocol Prober: Sendable {
  /// Requests made so far.
  var requests: Int { get }

  /// One look.
  mutating func probe() async throws(ScrapeFailure) -> ScrapeOutcome.Result
}

/// Who asks a server, by its kind.
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
