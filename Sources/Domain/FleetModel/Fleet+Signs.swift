package import Terms

/// Which shards are worth asking about closely, and whom to ask.
extension Fleet {
  /// How long after the last sign of a failover a shard counts as quiet again.
  package static let quietTime: Duration = .seconds(10)
  /// How long a shard without a primary, for which nobody buffers, stays news.
  private static let newsTime: Duration = .seconds(60)

  /// Signs that go on for this long without another start or another primary are not a failover: a
  /// vtgate buffers for half a minute, and one that claims to buffer for ever is not watched
  /// closely for ever.
  private static let longestSigns: Duration = .seconds(300)

  /// Shards with recent signs of a failover: buffering, a primary gone or changed, requests turned
  /// away, errors that began to rise.
  package func shardsShowingSigns(at now: Instant) -> Set<ShardName> {
    let showing = records.keys { record in
      guard let since = record.signsSince, now - since < Self.longestSigns else { return false }
      let isFresh = record.lastSignAt.map { now - $0 < Self.quietTime } ?? false
      let isMissed = record.primaryGoneAt.map { now - $0 < Self.newsTime } ?? false
      let buffering = record.summary?.buffering
      return isFresh || isMissed || buffering?.isBuffering == true
        || buffering?.isDraining == true
    }
    return Set(showing)
  }

  /// The servers that show what happens to these shards: their tablets, and every vtgate.
  package func targets(of shards: Set<ShardName>) -> Set<Target> {
    guard !shards.isEmpty else { return [] }
    var targets = Set(vtgates.values.map(\.target))
    for shard in shards {
      for tablet in records[shard]?.summary?.tablets ?? [] {
        if let address = tablet.address, let state = tablets[address] {
          targets.insert(state.target)
        }
      }
    }
    return targets
  }
}
