internal import Terms

/// Whether a shard's heartbeats are being written, as its primary's own gauge tells.
///
/// Heartbeats reach a replica by replication. On the primary itself the newest is the last one
/// written, so its age says nothing of replication and all of whether heartbeats are written: with
/// `--heartbeat_on_demand_duration` (v21 and later by default) they end when nobody asks a throttler,
/// and every gauge of the shard then grows by a second a second.
package struct Heartbeats: Sendable, Equatable {
  /// Up to this age of the newest on the primary they are being written: twice their usual interval.
  private static let regularAge = 2.0
  /// From this age on they have ended, and do not merely come slowly.
  private static let pausedAge = 10.0
  /// So long after they began again a replica's gauge may be from before: a dormant throttler collects
  /// every 5 s.
  private static let settling: Duration = .seconds(7)
  /// So long they stay away though apps ask before that means anything.
  private static let patience: Duration = .seconds(5)

  /// Seconds since the newest on the primary; nil when its throttler does not tell.
  package private(set) var age: Double?
  /// When the newest was written that the primary has ever told of, seconds since the epoch.
  private(set) var newest: Double?
  /// The newest of before a pause.
  private var newestBefore: Double?
  private var isPaused = false
  private var resumedAt: Instant?
  /// When an app was first seen to ask during the pause.
  private var askedAt: Instant?
  /// Apps ask the primary's throttler, and for seconds no heartbeat has come of it.
  package private(set) var areAskedForInVain = false

  package init() {}

  /// Heartbeats are written regularly.
  package var areWritten: Bool { age.map { $0 <= Self.regularAge } ?? false }

  /// Takes what the primary shows; nil where it shows nothing that can be used.
  mutating func take(_ primary: TabletView?, at now: Instant) {
    guard let primary, let heartbeat = primary.newestHeartbeat,
      let value = primary.throttler?.selfValue
    else {
      age = nil
      return
    }
    let age = max(0, value)
    self.age = age
    if age > Self.pausedAge {
      isPaused = true
      resumedAt = nil
      // A lease lasts longer than an answer takes: what was asked for once must have come.
      if primary.throttler?.isRecentlyChecked == true { askedAt = askedAt ?? now }
    } else if areWritten {
      askedAt = nil
      if isPaused {
        isPaused = false
        resumedAt = now
        newestBefore = newest
      }
    }
    newest = max(newest ?? heartbeat, heartbeat)
    areAskedForInVain = askedAt.map { now - $0 >= Self.patience } ?? false
  }

  /// They have begun again so lately that replicas may show their last value of before.
  func haveJustResumed(at now: Instant) -> Bool {
    resumedAt.map { now - $0 < Self.settling } ?? false
  }

  /// What a replica must have applied by now if it does not lag: seconds since the epoch.
  func due(at now: Instant) -> Double? { haveJustResumed(at: now) ? newestBefore : newest }
}
