internal import Terms

/// What the topology says, before and after failovers.
extension FailoverLog {
  /// The routing shortly before a failover: a switch denies tables some time before its first sign,
  /// and an older reading may be outdated.
  func routing(of shard: ShardName, before moment: Moment) -> ShardRouting? {
    routings[shard].flatMap { known in
      let age = moment.at - (moment.uncertainty ?? .zero) - known.readAt
      return age > .seconds(2) && age < .seconds(150) ? known : nil
    }
  }

  /// Shards whose last failover the topology may explain.
  func unexplained(at now: Instant) -> Set<ShardName> {
    var seen: Set<ShardName> = []
    return Set(
      all.reversed().prefix { $0.ended == nil || now - $0.changed.at < .seconds(60) }
        .filter { seen.insert($0.shard).inserted && $0.isUnexplained(at: now) }.map(\.shard))
  }

  /// Takes what the topology says about a shard, for its last failover and its next one.
  mutating func note(_ routing: ShardRouting, of shard: ShardName) {
    routings.take(routing, of: shard)
    if let place = byShard[shard]?.last.flatMap({ index(of: $0) }), all[place].id > begunAfter,
      all[place].isUnexplained(at: routing.readAt)
    {
      all[place].take(routing)
    }
  }

  func knowsNewer(than routing: ShardRouting, of shard: ShardName) -> Bool {
    routings[shard].map { $0.readAt > routing.readAt } ?? false
  }

  mutating func forgetRoutings(of shards: [ShardName]) { routings.forget(shards) }
}
