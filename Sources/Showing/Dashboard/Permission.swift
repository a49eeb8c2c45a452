/// Whether this run may change a cluster.
package enum Permission: Equatable, Sendable {
  /// Never, and why: `--read-only`, the configuration file, or a doubt about it.
  case never(because: String)
  /// Once the operator has allowed it on the screen.
  case onRequest
  /// From the start, until it runs out: `--allow-actions`.
  case fromStart

  var canBeGiven: Bool {
    switch self {
    case .never: false
    case .onRequest, .fromStart: true
    }
  }
}
