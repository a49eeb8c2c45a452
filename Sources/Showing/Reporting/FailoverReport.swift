package import FleetModel
package import Terms
package import Watching

/// One failover as a report tells it, as of a moment after it, or the last moment that is known.
package struct FailoverReport: Sendable, Equatable {
  /// Lag before, during and after it, in the unit of its metric; nil where it is unknown.
  package struct LagAround: Sendable, Equatable {
    package internal(set) var before: Double?
    package internal(set) var most: Double?
    package internal(set) var after: Double?
    package internal(set) var threshold: Double?
    package internal(set) var metric = DefaultMetric.lag
  }

  /// How long after its end lag is taken as that after it.
  static let lagTime: Duration = .seconds(10)

  package let failover: Failover
  /// Its number in the recording, or else in the run.
  package let number: Int
  /// The shard as it was at ``asOf``.
  package let shard: Shard
  package let asOf: Instant
  package private(set) var lag = LagAround()
  /// What held as soon as it was over, or holds while it goes on.
  package private(set) var advice: [Advice]
  package let events: [FleetEvent]

  /// As a watch knows it now; nil where the watch has no such failover.
  ///
  /// `number`: where it is not the watch's own. `earlier`: the same failover as it was reported before,
  /// which knows what has been forgotten since.
  package init?(_ id: Int, _ watch: Watch, number: Int? = nil, earlier: FailoverReport? = nil) {
    guard let failover = watch.fleet.failovers[id] else { return nil }
    self.failover = failover
    self.number = number ?? id
    asOf = watch.now
    let shard = watch.fleet.shard(failover.shard)
    self.shard = shard
    events = failover.events(among: watch.fleet.log.events, at: watch.now)
    let isLast = shard.lastFailover?.id == id
    if let earlier, earlier.failover.ended != nil || !isLast {
      advice = earlier.advice
    } else {
      // How long the next failover has to wait is of no use to whoever reads it later.
      advice = isLast ? shard.advice(at: watch.now).filter { $0.rule != .coolDown } : []
    }
    lag.threshold = shard.lag.threshold ?? earlier?.lag.threshold
    lag.metric = shard.lag.value == nil ? earlier?.lag.metric ?? shard.lag.metric : shard.lag.metric
    lag.most = failover.lag.maximum(from: failover.earliest, to: failover.latest(at: watch.now))
    lag.before =
      earlier?.lag.before
      ?? watch.trends.points(of: failover.shard, until: failover.earliest, count: 1).last?.lag
    if let ended = failover.ended {
      lag.after =
        watch.now - ended.at <= Self.lagTime || earlier == nil
        ? watch.trends.points(of: failover.shard, until: ended.at + Self.lagTime, count: 1)
          .last { $0.at >= ended.at }?.lag ?? earlier?.lag.after
        : earlier?.lag.after
    }
  }

  /// Nobody saw it end.
  package var isEndUnseen: Bool { failover.ended == nil }
}

/// Collects the reports of a watch's failovers while it follows a recording.
package struct ReportCollector: Sendable {
  /// For how long after its end more may become known of a failover.
  private static let patience: Duration = .seconds(60)

  /// By the watch's number.
  package private(set) var reports: [Int: FailoverReport] = [:]
  private let number: @Sendable (Failover) -> Int

  /// `number`: that of a failover of the watch, where the watch does not count from the beginning.
  package init(number: @escaping @Sendable (Failover) -> Int = { $0.id }) { self.number = number }

  /// Looks at the watch after it has been brought up to a moment.
  package mutating func look(at watch: Watch) {
    for failover in watch.fleet.failovers.all {
      if let ended = failover.ended, watch.now - ended.at > Self.patience,
        reports[failover.id] != nil
      {
        continue
      }
      reports[failover.id] = FailoverReport(
        failover.id, watch, number: number(failover), earlier: reports[failover.id])
    }
  }
}
