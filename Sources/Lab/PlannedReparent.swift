package import FleetModel

/// A planned reparent of one shard, phase by phase.
///
/// Mirrors go/vt/vtctl/reparentutil/planned_reparenter.go: nothing is felt before the demotion; writes
/// stop at the demotion and resume at the promotion; a candidate that does not catch up in time
/// brings the old primary back.
package struct PlannedReparent: Sendable, Equatable {
  package enum Phase: Sendable, Equatable {
    /// The candidate catches up before anything is touched.
    case catchUp
    /// The old primary refuses new transactions and finishes the open ones.
    case demoting(until: Instant)
    /// The candidate applies what the old primary wrote last.
    case waitingForPosition
    /// The candidate becomes primary.
    case promoting(until: Instant)
  }

  package let from: TabletAlias
  package let to: TabletAlias
  package internal(set) var phase: Phase
  /// When the present wait for the candidate is given up.
  var waitDeadline: Instant
}
