internal import Terms

/// Whether a shard's heartbeats are being written, as its primary's own gauge shows.
///
/// Heartbeats reach a replica through replication. On the primary itself the newest is the last one
/// written, so its age says nothing about replication and everything about whether heartbeats are
/// being written: with `--heartbeat_on_demand_duration` (the default from v21 on) they stop when
/// nobody asks a throttler, and every gauge of the shard then grows by a second per second.
package struct Heartbeats: Sendable, Equatable, Codable {
  /// They count as being written while the newest on the primary is no older than this, in seconds:
  /// twice their usual interval.
  private static let regularAge = 2.0
  /// From this age on, in seconds, they have stopped rather than slowed down.
  private static let pausedAge = 10.0
  /// How long after they resumed a replica's gauge may still be from before: a dormant throttler
  /// collects every 5 s.
  private static let settling: Duration = .seconds(7)
  /// How long they must stay away while apps are asking before that means anything.
  private static let patience: Duration = .seconds(5)

  /// Seconds since the newest on the primary; nil when its throttler does not report it.
  package private(set) var age: Double?
  /// When the newest that the primary has ever reported was written, seconds since the epoch.
  private(set) var newest: Double?
  /// The newest from before a pause.
  private var newestBefore: Double?
  private var isPaused = false
  private var resumedAt: Instant?
  /// When an app was first seen asking during the pause.
  private var askedAt: Instant?
  /// Apps have been asking the primary's throttler for seconds, and no heartbeat has followed.
  package private(set) var areAskedForInVain = false

  package init() {}

  /// Whether heartbeats are being written regularly.
  package var areWritten: Bool { age.map { $0 <= Self.regularAge } ?? false }

  /// Whether the primary shows that none has been written for longer than their interval explains.
  var havePaused: Bool { age.map { $0 > Self.regularAge } ?? false }

  /// Takes what the primary shows; nil when it shows nothing usable.
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
      // A lease lasts longer than an answer takes, so what was asked for once must have come.
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

  /// Whether they resumed so recently that replicas may show their last value from before.
  func haveJustResumed(at now: Instant) -> Bool {
    resumedAt.map { now - $0 < Self.settling } ?? false
  }

  /// When the heartbeat that a replica without lag must have applied by now was written, seconds
  /// since the epoch.
  func due(at now: Instant) -> Double? { haveJustResumed(at: now) ? newestBefore : newest }
}
