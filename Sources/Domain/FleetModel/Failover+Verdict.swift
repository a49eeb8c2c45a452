internal import Terms

/// What it was, and how it went.
extension Failover {
  package enum Kind: Sendable, Equatable {
    /// The primary went away, and one serves again.
    case failover
    /// MoveTables or Reshard switched traffic or tried to: vtgates buffered, and no primary
    /// changed.
    case trafficSwitch
    /// Buffering without any change of the primary, which is known. By the counters alone it is either
    /// a traffic switch that ended some other way, or a reparent that was rolled back between two
    /// polls; see ``switching``.
    ///
    /// `NewPrimarySeen` is counted whenever the shard serves again, even with the same primary
    /// (go/vt/vtgate/buffer/shard_buffer.go, v13 to v24).
    case unchanged
    /// A proxy was told to give its route to another server.
    case cutover
    /// Queries failed, no vtgate buffered, and the primary is the same: tables that were switched
    /// away on v10 to v17, a primary that answers with errors, a vtgate that cannot reach it.
    case errors
  }

  package var kind: Kind {
    if plannedCutover != nil { return .cutover }
    if primaryGone != nil || waitedFor != nil { return .failover }
    if let primaryAfter, primaryAfter != primaryBefore { return .failover }
    if sign == .errors, tracks.allSatisfy({ $0.started == nil && $0.tooRecent == 0 }) {
      return .errors
    }
    let stops = counts.stops
    if isCountedAsSwitched { return .trafficSwitch }
    let hasBuffered = tracks.contains { $0.started != nil && !$0.isDryRun }
    guard hasBuffered, !isActive, !stops.isEmpty else { return .failover }
    if isProvenSwitch { return .trafficSwitch }
    return primaryBefore == nil ? .failover : .unchanged
  }

  /// Whether a vtgate's own reason for stopping says that traffic was switched.
  private var isCountedAsSwitched: Bool {
    let stops = counts.stops
    return stops[.moveTablesSwitchedTraffic] != nil || stops[.reshardingComplete] != nil
  }

  package enum Verdict: Sendable, Equatable {
    case goingOn
    /// Requests waited, a primary serves again, and nothing is known to have failed.
    case recovered
    /// The same, but the application saw queries fail: see ``failed``.
    case recoveredWithFailures
    /// Buffering was given up before a primary was seen.
    case gaveUp
    case notBuffered
    /// Traffic was switched to other tables or shards.
    case switched
    /// A traffic switch timed out or was cancelled: writes are where they were.
    case notSwitched
    /// A traffic switch was left half done: tables are denied, and their writes go nowhere.
    case halfSwitched
    /// The primary did not change: see ``Kind/unchanged``.
    case unchanged
    /// A vtgate that held requests was restarted, stopped answering or does not count what was
    /// lost: nobody knows what became of them.
    case unknown
  }

  /// How it went; the worst that happened decides.
  package var verdict: Verdict {
    guard ended != nil else { return .goingOn }
    if counts.stops[.maxDurationExceeded, default: 0] > 0 { return .gaveUp }
    if tracks.contains(where: { $0.interrupted != nil }) { return .unknown }
    if let plannedCutover {
      switch plannedCutover.phase {
      case .switched: return .switched
      case .cancelled: return .notSwitched
      case .timedOut: return .gaveUp
      case .holding, .takingOver, .undecided, .other: return .unknown
      }
    }
    if tracks.allSatisfy({ $0.started == nil }) { return .notBuffered }
    switch kind {
    case .trafficSwitch, .unchanged:
      if isCountedAsSwitched || switching == .switched { return .switched }
      if switching == .halfDone { return .halfSwitched }
      return isSwitchUndone ? .notSwitched : .unchanged
    case .failover, .cutover, .errors:
      if failed.isSomething { return .recoveredWithFailures }
      return counts.lost == nil ? .unknown : .recovered
    }
  }
}
