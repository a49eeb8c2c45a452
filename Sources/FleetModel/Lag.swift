/// A throttler's lag gauge, and why it is missing where it is.
package struct Lag: Sendable, Equatable {
  /// Seconds (or the custom metric's value); nil is no data, never 0.
  package var value: Double?
  package var threshold: Double?
  /// Why there is no value, or why the value means little; nil when all is well.
  package var caveat: String?
  package var isCustomMetric: Bool
  /// Nobody asks the throttler: with heartbeats on demand the value then grows by itself.
  package var isDormant = false

  package init(
    value: Double?, threshold: Double? = nil, caveat: String? = nil, isCustomMetric: Bool = false
  ) {
    self.value = value
    self.threshold = threshold
    self.caveat = caveat
    self.isCustomMetric = isCustomMetric
  }

  /// Strictly over, as the throttler's own check compares.
  package var isOverThreshold: Bool {
    guard let value, let threshold, !isDormant else { return false }
    return value > threshold
  }

  /// A tablet's own metric.
  static func ofTablet(
    _ throttler: ThrottlerReading?, isFresh: Bool, failure: ScrapeFailure?
  ) -> Lag {
    guard let throttler else {
      return Lag(value: nil, caveat: failure?.description ?? "not polled yet")
    }
    var lag = Lag(
      value: throttler.selfValue, threshold: throttler.threshold,
      isCustomMetric: throttler.isCustomMetric)
    if !isFresh {
      lag.value = nil
      lag.caveat = failure?.description ?? "no answer"
    } else if throttler.isEnabled == false {
      lag.value = nil
      lag.caveat =
        throttler.source == .status ? "throttler disabled" : "throttler off or closed"
    } else if throttler.isOpen == false {
      lag.value = nil
      lag.caveat = "throttler closed"
    } else if lag.value == nil {
      lag.caveat = "metric not collected"
    } else if throttler.isDormant == true {
      lag.caveat = "dormant: nobody is asking"
      lag.isDormant = true
    }
    return lag
  }

  /// The worst of a shard's replicas: what the leader says, or any replica's own metric.
  ///
  /// A replica whose mysqld is down closes its throttler and vanishes from the leader's maximum, so
  /// the replicas are asked as well.
  static func ofShard(_ tablets: [TabletView]) -> Lag {
    // Other types (rdonly, backup, restore) are not what the throttler probes by default.
    let replicas = tablets.filter {
      !$0.isPrimary && ($0.type == .replica || $0.type == .unknown)
    }
    // After an emergency reparent two tablets may say that they lead.
    let leaders = tablets.filter {
      $0.isFresh && $0.throttler?.isLeader ?? $0.isPrimary
        && $0.throttler?.isEnabled != false && $0.throttler?.isOpen != false
    }
    let leader = leaders.first(where: \.isPrimary) ?? leaders.first
    let worst = replicas.filter { $0.lag.value != nil }.max {
      ($0.lag.value ?? 0) < ($1.lag.value ?? 0)
    }
    let values = [leader?.throttler?.shardValue, worst?.lag.value].compactMap(\.self)
    var lag = Lag(
      value: values.max(),
      threshold: leader?.throttler?.threshold ?? worst?.lag.threshold,
      isCustomMetric: leader?.throttler?.isCustomMetric ?? worst?.lag.isCustomMetric ?? false)
    let silent = replicas.filter { $0.lag.value == nil }
    lag.isDormant = leader?.throttler?.isDormant ?? worst?.lag.isDormant ?? false
    if lag.value == nil {
      lag.caveat = tablets.isEmpty ? "no tablets" : silent.first?.lag.caveat ?? "no replicas"
    } else if lag.isDormant {
      lag.caveat = "dormant: nobody is asking"
    } else if !silent.isEmpty {
      lag.caveat = "no data from \(silent.map(\.label).joined(separator: ", "))"
    }
    return lag
  }
}
