internal import Terms

/// Failovers that go on, and what they are to the shards.
extension Fleet {
  /// Brings the failovers up to a moment, and what failed in them into the shards' summaries.
  ///
  /// Returns whether any summary has changed.
  mutating func settleFailovers(at now: Instant) -> Bool {
    let going = failovers.shardsGoing
    let kinds = Dictionary(uniqueKeysWithValues: going.map { ($0, gates(of: $0)) })
    for shard in going where kinds[shard]?.hasProxies == true && hidesCutovers(of: shard) {
      failovers.noteUntoldCutover(of: shard)
    }
    let ended = failovers.settle(
      at: now, quiet: vtgatesStaleAfter, lastReading: { vtgates[$0]?.watched.readAt },
      summary: { records[$0]?.summary }, gates: { kinds[$0] ?? .vtgates },
      silent: vtgates.values.lazy.filter { !$0.isFresh }.compactMap(\.watched.readAt),
      headless: Dictionary(
        shardsWithoutPrimary.filter { succession[$0] == nil }.sorted().map { ($0.keyspace, $0) },
        uniquingKeysWith: { first, _ in first }))
    noteWaiting(at: now)
    for failover in ended {
      failovers.note(failover.absences(among: views(of: failover.shard)), of: failover.id)
    }
    let names = failedSince == baselineAt ? going : Set(failovers.all.map(\.shard))
    failedSince = baselineAt
    for name in names {
      let own = failovers.all(of: name, since: baselineAt)
      records.change(of: name) {
        $0.noteFailed(
          Failed.sum(own.map(\.failed)),
          turnedAway: own.reduce(0) { $0 + $1.counts.turnedAway })
      }
    }
    return !names.isEmpty
  }

  /// Reports once that other shards wait for one without a primary.
  private mutating func noteWaiting(at now: Instant) {
    for failover in failovers.going {
      let isBuffering = failover.tracks.contains(where: \.isBuffering)
      let waiting = isBuffering ? failover.waitedFor : nil
      records.change(of: failover.shard) { $0.noteWaiting(for: waiting) }
      guard let waiting else { continue }
      tell(
        FleetEvent(
          at: now, shard: waiting, .othersWait,
          failover: failovers.open(of: waiting)?.id ?? failover.id))
    }
  }
}
