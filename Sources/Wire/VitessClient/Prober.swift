package import FleetModel
package import Terms

/// Asks one server, again and again.
package protocol Prober: Sendable {
  /// Requests made so far.
  var requests: Int { get }

  /// One look; a failure's words are for the operator.
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
