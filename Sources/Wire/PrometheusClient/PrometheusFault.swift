package import FleetModel

/// Why nothing could be read from a Prometheus server.
package enum PrometheusFault: Error, Sendable, Equatable {
  case failed(ScrapeFailure)
  /// `words`: its own.
  case refused(words: String)
  /// None of what it has stored in that time is of a vtgate.
  case knowsNoVtgate
  /// The label `instance` of a vtgate is not an address.
  case hasNoAddress(String?)
}
