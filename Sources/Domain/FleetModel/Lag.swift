internal import Terms

/// What a throttler compares with its threshold, for a tablet or a shard, and where the number
/// comes from.
package struct Lag: Sendable, Equatable, Codable {
  /// The source that says how far a replica is behind.
  package enum Witness: String, Sendable, Hashable, Codable {
    /// The throttler's gauge, while heartbeats are written.
    case heartbeats
    /// Heartbeats that the primary has and the replica lacks.
    case missingHeartbeats = "missing heartbeats"
    /// `vttablet_replication_lag_sec`.
    case replicationStatus = "replication status"
    /// `/debug/gateway`.
    case healthStream = "health stream"
  }

  /// In the unit of ``metric``: seconds of lag, unless it is a custom one; nil is no data, never 0.
  package var value: Double?
  package var threshold: Double?
  package var metric = DefaultMetric.lag
  package var witness = Witness.heartbeats
  /// Why there is no value, or why it is not the gauge's; nil when all is well.
  package var caveat: Caveat?

  package init(
    value: Double?, threshold: Double? = nil, metric: DefaultMetric = .lag, caveat: Caveat? = nil
  ) {
    self.value = value
    self.threshold = threshold
    self.metric = metric
    self.caveat = caveat
  }

  package var isCustomMetric: Bool { !metric.isLag }

  /// Strictly over, as the throttler's own check compares.
  package var isOverThreshold: Bool {
    guard let value, let threshold else { return false }
    return value > threshold
  }

  /// The threshold that a throttler has which nobody has set (v18 and later), and the operator's where
  /// that is not set either.
  package static let standardThreshold = 5.0

  /// The same with a threshold for lag where no throttler tells its own.
  func measured(by standing: Double?) -> Lag {
    guard threshold == nil, metric.isLag else { return self }
    var lag = self
    lag.threshold = standing
    return lag
  }

  /// A tablet's own metric, as its throttler reports it.
  static func ofTablet(
    _ throttler: ThrottlerReading?, isFresh: Bool, failure: ScrapeFailure?
  ) -> Lag {
    guard let throttler else {
      return Lag(value: nil, caveat: failure.map { .failure($0) } ?? .notPolled)
    }
    var lag = Lag(
      value: throttler.selfValue, threshold: throttler.threshold, metric: throttler.metric)
    if !isFresh {
      lag.value = nil
      lag.caveat = failure.map { .failure($0) } ?? .noAnswer
    } else if throttler.isEnabled == false {
      lag.value = nil
      lag.caveat = throttler.source == .status ? .throttlerDisabled : .throttlerOffOrClosed
    } else if throttler.isOpen == false {
      lag.value = nil
      lag.caveat = .throttlerClosed
    } else if lag.value == nil {
      lag.caveat = .notCollected
    }
    return lag
  }

  /// What decides for a shard: for lag the worst of its replicas, for a custom metric whatever a
  /// check on the primary looks at.
  ///
  /// A replica whose mysqld is down closes its throttler and vanishes from the leader's maximum, so
  /// the replicas are asked as well. `tablets`: already judged, see ``LagWitnesses``;
  /// `leadersMaximum`: the leader's gauge over all replicas, judged as well.
  static func ofShard(
    _ tablets: [TabletView], leader: ThrottlerReading?, leadersMaximum: Lag?
  ) -> Lag {
    // By default the throttler does not probe other types (rdonly, backup, restore).
    let replicas = tablets.filter {
      !$0.isPrimary && ($0.type == .replica || $0.type == .unknown)
    }
    let worst = replicas.filter { $0.lag.value != nil }.max {
      ($0.lag.value ?? 0) < ($1.lag.value ?? 0)
    }
    let metric = leader?.metric ?? worst?.lag.metric ?? .lag
    var lag = Lag(
      value: nil, threshold: leader?.threshold ?? worst?.lag.threshold, metric: metric)
    if !metric.isLag, metric.scope == .itself {
      lag.value = leader?.selfValue
      if lag.value == nil { lag.caveat = .primaryTellsNone(metric) }
      return lag
    }
    let judged = [worst?.lag, leadersMaximum].compactMap(\.self)
    if let deciding = judged.max(by: { ($0.value ?? -1) < ($1.value ?? -1) }),
      deciding.value != nil
    {
      lag.value = deciding.value
      lag.witness = deciding.witness
      lag.caveat = deciding.caveat
    }
    let silent = replicas.filter { $0.lag.value == nil }
    if lag.value == nil {
      lag.caveat = tablets.isEmpty ? .noTablets : silent.first?.lag.caveat ?? .noReplicas
    } else if !silent.isEmpty {
      lag.caveat = .noData(from: silent.map(\.name))
    }
    return lag
  }
}

extension Double {
  /// Less than ten years of seconds.
  ///
  /// The largest numbers of their kind stand for "not known", and the time since 1970 for a
  /// heartbeat that never came.
  package var isPlausibleLag: Bool { self < 10 * 365 * 86_400 }
}
