internal import Terms

/// Failovers that go on: what becomes of them with time, until they end.
extension FailoverLog {
  /// Ends failovers that have been quiet for long enough, and records the lag of the others.
  ///
  /// `lastReading`: a vtgate's last, nil when it is no longer polled; `summary`: what is known about a
  /// shard; `gates`: the kinds of those that hold its requests; `silent`: when the vtgates that do
  /// not answer last did; `headless`: by keyspace, a shard without a primary.
  ///
  /// Returns those that have ended.
  mutating func settle(
    at now: Instant, quiet: Duration, lastReading: (Address) -> Instant?,
    summary: (ShardName) -> ShardSummary?, gates: (ShardName) -> Gates, silent: [Instant],
    headless: [String: ShardName]
  ) -> [Failover] {
    var ended: [Failover] = []
    unreported = unreported.filter { id in self[id].map { $0.isActive || $0.isUntold } ?? false }
    for id in open.sorted() {
      guard let place = index(of: id) else { continue }
      // Written back only if it differs: until then, moments of the past share it.
      var failover = all[place]
      let shard = summary(failover.shard)
      failover.interruptTracks(at: now, quiet: quiet, lastReading)
      failover.take(
        shard, gates(failover.shard), silent: silent, headless: headless[failover.shard.keyspace],
        at: now)
      failover.note(Failed(failover), at: now)
      if !failover.isActive, shard?.isPrimaryMissing != true,
        now - failover.changed.at >= quiet + failover.aftermath
      {
        failover.ended = failover.changed
        ended.append(failover)
        open.remove(id)
        if failover.isUntold { unreported.insert(id) }
      }
      if all[place] != failover { all[place] = failover }
    }
    return ended
  }

  /// Stores which vtgates did not buffer a failover that has ended.
  mutating func note(_ absences: [Failover.Absence], of id: Int) {
    if let place = index(of: id) { all[place].absences = absences }
  }
}

extension Failover {
  /// Takes how its shard stands, and what stands beside it.
  ///
  /// `headless`: a shard of its keyspace that has no primary.
  fileprivate mutating func take(
    _ summary: ShardSummary?, _ gates: Gates, silent: [Instant], headless: ShardName?,
    at now: Instant
  ) {
    if gates.hasProxies { gatesTold = gates }
    if let lag = summary?.lag.value { self.lag.record(lag, at: now) }
    if primaryGone == nil, gates != .proxies, summary?.primaryIsServing == true,
      tracks.contains(where: \.isBuffering), let headless, headless != shard
    {
      waitedFor = headless
    }
    // A vtgate gone for long has no clients to speak of.
    let begin = detected.at - .seconds(10)
    if silent.contains(where: { $0 > begin }) { isMissingVtgates = true }
  }

  /// Notes of which vtgates nothing more will be learned.
  fileprivate mutating func interruptTracks(
    at now: Instant, quiet: Duration, _ lastReading: (Address) -> Instant?
  ) {
    for (place, track) in tracks.enumerated() where track.isBuffering || track.isDraining {
      let last = lastReading(track.address)
      let patience = track.flags.maxFailoverDuration + quiet
      guard last.map({ now - $0 > patience }) ?? true else { continue }
      tracks[place].interrupted = .init(cause: .unanswered, moment: Moment(now, since: last))
    }
  }
}
