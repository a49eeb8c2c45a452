internal import Terms

/// Decides how far a shard's replicas are behind, from everything that says something about it.
///
/// No witness is enough. A throttler's gauge is the age of the newest heartbeat that a tablet has
/// applied, which is lag only while heartbeats are being written. The health stream can say 0 while
/// replication is stopped, and so can a replication status that was never told otherwise. A
/// heartbeat that the primary has and a replica lacks proves lag, whether or not more are being
/// written.
struct LagWitnesses {
  let heartbeats: Heartbeats
  /// Without one, nobody writes heartbeats.
  let hasServingPrimary: Bool
  let now: Instant

  /// How much older a replica's heartbeat may seem because gauges are collected at different
  /// moments: every 250 ms while apps ask, every 5 s by a dormant throttler.
  private static func tolerance(_ throttler: ThrottlerReading) -> Double {
    throttler.isDormant == false || throttler.isRecentlyChecked == true ? 1.5 : 6
  }

  /// A tablet's lag, judged against the other tablets.
  func judge(_ tablet: TabletView) -> Lag {
    var lag = tablet.lag
    guard lag.metric.isLag, let gauge = lag.value, let throttler = tablet.throttler else {
      guard tablet.hasNoGauge, let other = tablet.other else { return lag }
      (lag.value, lag.witness, lag.caveat) = (other.seconds, other.witness, nil)
      return lag
    }
    if tablet.isPrimary {
      // The source of heartbeats has no lag, only their age.
      guard !heartbeats.areWritten else { return lag }
      lag.value = 0
      lag.caveat = .writesNoHeartbeats
      return lag
    }
    if gauge < 0 {
      lag.value = 0
      lag.caveat = .clockBehindPrimary
      return lag
    }
    return judge(
      lag, gauge,
      Evidence(
        heartbeat: tablet.newestHeartbeat, throttler: throttler,
        other: tablet.other, tolerance: Self.tolerance(throttler)))
  }

  /// The leader's maximum over all replicas, some of which may not be polled.
  func judge(maximumOf leader: TabletView) -> Lag? {
    guard let throttler = leader.throttler, let gauge = throttler.shardValue else { return nil }
    var lag = Lag(
      value: max(0, gauge), threshold: throttler.threshold, metric: throttler.metric)
    guard lag.metric.isLag, gauge > 0 else { return lag }
    // The leader collects what the replicas have collected, so both delays apply.
    let heartbeat = leader.newestHeartbeat.map { $0 + (throttler.selfValue ?? 0) - gauge }
    lag = judge(
      lag, gauge,
      Evidence(
        heartbeat: heartbeat, throttler: throttler, other: nil,
        tolerance: 2 * Self.tolerance(throttler)))
    return lag.value == nil ? nil : lag
  }

  /// What else is known about a gauge.
  private struct Evidence {
    /// When the newest heartbeat that the tablet has applied was written, seconds since the epoch.
    let heartbeat: Double?
    let throttler: ThrottlerReading
    /// What is known without heartbeats.
    let other: (seconds: Double, witness: Lag.Witness)?
    let tolerance: Double
  }

  private func judge(_ lag: Lag, _ gauge: Double, _ evidence: Evidence) -> Lag {
    var lag = lag
    if !gauge.isPlausibleLag { lag.caveat = .noHeartbeatEver }
    // A gauge below the threshold means that much lag or less, and is the age of a heartbeat still.
    let isMereAge = heartbeats.havePaused && Self.isUnasked(evidence.throttler)
    guard lag.isOverThreshold || lag.threshold == nil || isMereAge && evidence.other != nil else {
      return lag
    }
    if heartbeats.areWritten, !heartbeats.haveJustResumed(at: now) { return lag }
    let isReference = heartbeats.age != nil || !hasServingPrimary
    if isReference, let due = heartbeats.due(at: now), let heartbeat = evidence.heartbeat {
      let missing = due - heartbeat
      if missing > evidence.tolerance {
        // If heartbeats are being written again, it lacks those as well.
        if !heartbeats.areWritten { lag.value = max(missing, evidence.other?.seconds ?? 0) }
        lag.witness = .missingHeartbeats
        return lag
      }
      return replication(lag, evidence)
    }
    // The primary does not report whether it writes heartbeats.
    if let threshold = lag.threshold, let other = evidence.other, other.seconds > threshold {
      lag.value = other.seconds
      lag.witness = other.witness
      return lag
    }
    if !hasServingPrimary {
      return undecided(lag, .notKnown(gap(evidence)))
    }
    guard Self.isUnasked(evidence.throttler) else { return lag }
    return undecided(lag, .notKnownWhetherWritten)
  }

  /// Whether nobody asks the throttler, as far as its release tells: heartbeats on demand are then
  /// not written.
  static func isUnasked(_ throttler: ThrottlerReading) -> Bool {
    throttler.isDormant == true || throttler.isRecentlyChecked == false
  }

  /// Leaves the decision to whichever other source knows.
  private func replication(_ lag: Lag, _ evidence: Evidence) -> Lag {
    let gap = gap(evidence)
    guard let other = evidence.other else { return undecided(lag, .notKnown(gap)) }
    var lag = lag
    lag.value = other.seconds
    lag.witness = other.witness
    lag.caveat = .other(other.witness, gap)
    return lag
  }

  /// Why the gauge is not lag.
  private func gap(_ evidence: Evidence) -> Lag.HeartbeatGap {
    if !hasServingPrimary { return .noPrimary }
    return Self.isUnasked(evidence.throttler) ? .nobodyAsks : .unexplained
  }

  private func undecided(_ lag: Lag, _ caveat: Lag.Caveat) -> Lag {
    var lag = lag
    lag.value = nil
    lag.caveat = caveat
    return lag
  }
}
