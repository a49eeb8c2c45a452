package import Terms

/// The planned change of a proxy's route from one server to another.
package struct ProxyCutover: Sendable, Hashable, Codable {
  package enum Phase: String, Sendable, Hashable, Codable {
    /// New work waits, what is in flight goes on at the old server.
    case holding
    /// The new server becomes the primary; nothing ends it before that is decided.
    case takingOver = "taking over"
    /// Whether the new server has become the primary is not known, and the route stays held.
    case undecided
    case switched, cancelled
    case timedOut = "timed out"
    /// One that this release does not know.
    case other
  }

  package var phase: Phase
  /// The servers, by their names in the proxy's file.
  package var from: String
  package var to: String
  /// By the proxy's clock.
  package var startedAt: Instant
  package var endedAt: Instant?
  /// Why it was cancelled, or is undecided, in the proxy's words.
  package var reason: String?

  package init(
    _ phase: Phase, from: String, to: String, startedAt: Instant, endedAt: Instant? = nil,
    reason: String? = nil
  ) {
    self.phase = phase
    self.from = from
    self.to = to
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.reason = reason
  }

  package var isUnderWay: Bool { [.holding, .takingOver, .undecided].contains(phase) }
  /// Whether it was given up, and the old server serves on.
  package var isUndone: Bool { phase == .cancelled || phase == .timedOut }

  /// Whether it may hold its route for a moment; one that is undecided waits for an operator.
  package var mayHold: Bool { phase == .holding || phase == .takingOver }

  /// Whether they are the same one, however far it is.
  func isSame(as other: ProxyCutover) -> Bool {
    startedAt == other.startedAt && from == other.from && to == other.to
  }
}
