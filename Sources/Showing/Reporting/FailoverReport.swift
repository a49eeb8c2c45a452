package import FleetModel
package import Terms
package import Watching
package import WhatIf

/// One failover as a report tells it: as of some time after it, or as of the last known moment.
package struct FailoverReport: Sendable, Equatable {
  /// Lag before, during and after it, in the unit of its metric; nil where it is unknown.
  package struct LagAround: Sendable, Equatable {
    package internal(set) var before: Double?
    package internal(set) var most: Double?
    package internal(set) var after: Double?
    package internal(set) var threshold: Double?
    package internal(set) var metric = DefaultMetric.lag
  }

  /// Lag this long after the end counts as lag afterwards.
  static let lagTime: Duration = .seconds(10)

  package let failover: Failover
  /// Its number in the recording, or in the run if there is none.
  package let number: Int
  /// The shard as it was at ``asOf``.
  package let shard: Shard
  package let asOf: Instant
  package private(set) var lag = LagAround()
  /// The advice given as soon as it was over, or given now if it is still going on.
  package private(set) var advice: [Advice]
  /// What the flags that it names would have come to; nil where that is not sure.
  package private(set) var advised: AdvisedOutcome?
  package let events: [FleetEvent]

  /// The failover as the watch knows it now; nil if the watch has no such failover.
  ///
  /// `number`: if it differs from the watch's own. `earlier`: the previous report of the same failover,
  /// which still holds what the watch has forgotten since.
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
      // Whoever reads this later has no use for the time left until the next failover is buffered.
      advice = isLast ? shard.advice(at: watch.now).filter { $0.rule != .coolDown } : []
    }
    if let earlier, earlier.failover.ended != nil, earlier.advice == advice {
      advised = earlier.advised
    } else {
      advised = AdvisedOutcome(
        failover, advice, among: watch.fleet.failovers.all, since: watch.began)
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
  /// More may become known about a failover for this long after its end.
  private static let patience: Duration = .seconds(60)

  /// Keyed by the watch's number.
  package private(set) var reports: [Int: FailoverReport] = [:]
  private let number: @Sendable (Failover) -> Int

  /// `number`: maps a failover of the watch to its number, for a watch that did not see the beginning.
  package init(number: @escaping @Sendable (Failover) -> Int = { $0.id }) { self.number = number }

  /// Takes what the watch knows; call it after the watch was brought up to a moment.
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
