package import Terms

/// The change of a route from one backend to another.
package struct Cutover: Sendable, Equatable {
  package enum Phase: Sendable, Equatable {
    /// New work waits, work in flight goes on at the old backend.
    case holding
    case switched
    /// The old backend serves again, and what waited has run there.
    case cancelled(why: String)
    /// It took too long: what waited has failed, and the old backend serves again.
    case timedOut

    package var word: String {
      switch self {
      case .holding: "holding"
      case .switched: "switched"
      case .cancelled: "cancelled"
      case .timedOut: "timed out"
      }
    }
  }

  package let route: ShardName
  package let from: BackendName
  package let to: BackendName
  package let startedAt: Instant
  package internal(set) var phase = Phase.holding
  package internal(set) var endedAt: Instant?
}
