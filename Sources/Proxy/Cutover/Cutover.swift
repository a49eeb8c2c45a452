package import Terms

/// The change of a route from one backend to another.
package struct Cutover: Sendable, Equatable {
  package enum Phase: Sendable, Equatable {
    /// New work waits, work in flight goes on at the old backend.
    case holding
    /// Work in flight is ended by force, and then the route is switched. Neither time nor an operator
    /// ends that: nothing is placed on the old backend meanwhile, and nothing was ended in vain.
    case forced
    /// The new backend is being made to serve. Nothing ends that: the old one must not serve again
    /// beside it.
    case takingOver
    /// Whether the new backend serves cannot be found out. Held until an operator says what to do.
    case undecided(why: String)
    case switched
    /// The old backend serves again, and what waited has run there.
    case cancelled(why: String)
    /// It took too long: what waited has failed, and the old backend serves again.
    case timedOut

    package var word: String {
      switch self {
      // To whoever looks from outside it is held as before.
      case .holding, .forced: "holding"
      case .takingOver: "taking over"
      case .undecided: "undecided"
      case .switched: "switched"
      case .cancelled: "cancelled"
      case .timedOut: "timed out"
      }
    }

    /// Why it came to that, where there is a reason.
    package var reason: String? {
      switch self {
      case .undecided(let why), .cancelled(let why): why
      case .holding, .forced, .takingOver, .switched, .timedOut: nil
      }
    }
  }

  package let route: ShardName
  package let from: BackendName
  package let to: BackendName
  package let startedAt: Instant
  package internal(set) var phase = Phase.holding
  package internal(set) var endedAt: Instant?

  /// Whether the route's new work waits for it.
  package var isHolding: Bool {
    switch phase {
    case .holding, .forced, .takingOver, .undecided: true
    case .switched, .cancelled, .timedOut: false
    }
  }

  /// Whether it is this one, as it may stand by now.
  func isSame(as other: Cutover) -> Bool {
    route == other.route && from == other.from && to == other.to && startedAt == other.startedAt
  }
}
