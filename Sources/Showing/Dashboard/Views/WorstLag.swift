internal import FleetModel

/// The shard whose lag is nearest to its threshold, or furthest beyond it.
struct WorstLag {
  let shard: ShardSummary
  /// Lag as a share of the threshold, 0...1 and above; in seconds if there is no threshold.
  let share: Double

  /// Nil when no throttler reports lag; custom metrics do not count.
  init?(of shards: [ShardSummary]) {
    let shares = shards.compactMap { shard -> (ShardSummary, Double)? in
      guard !shard.lag.isCustomMetric, let value = shard.lag.value else { return nil }
      return (shard, value / max(shard.lag.threshold ?? 1, 1e-9))
    }
    guard let worst = shares.max(by: { $0.1 < $1.1 }) else { return nil }
    (shard, share) = worst
  }
}
