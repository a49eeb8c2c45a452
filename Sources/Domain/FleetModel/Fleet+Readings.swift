internal import Terms

/// What a vtgate's reading proves when compared with the one before: restarts, episodes of
/// buffering, primaries that come and go; as events, and for ``FailoverLog``.
extension Fleet {
  // MARK: A vtgate's reading

  mutating func take(
    _ reading: VtgateReading, into state: inout VtgateState, at instant: Instant, took: Duration
  ) {
    let previous = state.watched.value
    let previousAt = state.watched.readAt
    let change = state.processes.take(reading, after: previous, readAt: previousAt, at: instant)
    if state.processes.areSeveral(at: instant) {
      takeUncompared(reading, into: &state, at: instant, took: took)
      return
    }
    let isRestart = change == .restart(isProven: true) || change == .restart(isProven: false)
    // Comparing these counters with another process's proves nothing.
    let isComparable = change == .none || change == .restart(isProven: true)
    // The previous counters may have been read at any time since that poll began.
    let since = state.watched.askedAt
    if isRestart, let previous {
      if baselineAt != nil {
        for (shard, counters) in previous.buffers {
          state.carried[shard, default: BufferCounters()].add(
            counters.since(state.baseline[shard] ?? BufferCounters()))
        }
        state.baseline = ShardCounters()
      }
      state.episodes = [:]
      tell(FleetEvent(at: instant, .vtgateRestarted, sources: [.init(state.address)]))
    } else if previous == nil, baselineAt != nil {
      state.baseline = reading.buffers
    }
    // A new process exports a shard only once it has learnt of it.
    let changed =
      isComparable || isRestart ? changes(reading, from: previous, isRestart: isRestart) : []
    for shard in changed {
      let counters = reading.buffers[shard] ?? BufferCounters()
      let before =
        !isComparable ? counters : isRestart ? BufferCounters() : previous?.buffers[shard]
      let known = before ?? (previous == nil ? nil : BufferCounters())
      let step = CounterStep(
        shard, from: known, to: counters, at: Moment(instant, since: since), isRestart: isRestart,
        // What was counted before the first poll belongs to no failover.
        callErrors: previous == nil || !isComparable
          ? nil
          : reading.callErrors[shard].map {
            max(0, $0 - (isRestart ? 0 : previous?.callErrors[shard] ?? 0))
          },
        isDown: shardsWithoutPrimary.contains(shard) || state.misses(shard, in: reading),
        primary: records.part(of: shard, \.lastPrimary))
      note(step)
      if step.isFirst, counters.isBuffering == true {
        record(shard) { $0.noteSign(at: instant, isNews: true) }
        failovers.join(step, state)
      } else {
        failovers.follow(step, state)
      }
      follow(step, &state, since: isRestart ? nil : since)
    }
    if change == .none, let previous {
      followCombined(reading, from: previous, state.address, instant)
    }
    state.isCompared = previous != nil
    if let previous, let since, change == .none {
      noteCallErrors(reading, previous, of: state.address, at: instant, since: since)
    }
    let knewFlags = state.flags.source == .commandLine
    state.keep(reading, at: instant, took: took)
    if !knewFlags, state.flags.source == .commandLine {
      failovers.learn(
        state.flags, of: state.address,
        since: reading.processStart.map { Instant(secondsSinceEpoch: $0) })
    }
    state.errors.record(reading.clientErrors, isRestart: isRestart, at: instant)
    noteErrorsRise(state, at: Moment(instant, since: since))
    failovers.noteErrors(state.errors, of: state.address)
    // Drops the episodes of shards that are gone.
    if state.episodes.count > reading.buffers.count {
      state.episodes = state.episodes.filter { reading.buffers[$0.key] != nil }
    }
  }

  /// The shards of which a reading may bring news, sorted: of a thousand, few change between two polls.
  private func changes(
    _ reading: VtgateReading, from previous: VtgateReading?, isRestart: Bool
  ) -> [ShardName] {
    if isRestart {
      return Set(reading.buffers.keys).union(previous?.buffers.keys.map(\.self) ?? []).sorted()
    }
    guard let previous else { return reading.buffers.keys.sorted() }
    var shards = failovers.shardsGoing
    shards.formUnion(reading.buffers.shardsTelling(since: previous.buffers))
    let untold = failovers.shardsUntold
    if !untold.isEmpty {
      let changed = reading.buffers.shardsChanged(since: previous.buffers)
      shards.formUnion(untold.intersection(changed))
    }
    // What was not read anew is the same at a glance.
    if reading.callErrors != previous.callErrors {
      for (shard, count) in reading.callErrors where previous.callErrors[shard] != count {
        shards.insert(shard)
      }
    }
    return shards.filter { reading.buffers[$0] != nil }.sorted()
  }

  /// Takes a reading from an address at which several processes answer, comparing it with no other.
  private mutating func takeUncompared(
    _ reading: VtgateReading, into state: inout VtgateState, at instant: Instant, took: Duration
  ) {
    state.isCompared = true
    state.episodes = [:]
    state.baseline = ShardCounters()
    state.carried = [:]
    state.keep(reading, at: instant, took: took)
    // Reported once for as long as it lasts.
    guard !state.hasSeveralProcesses else { return }
    state.hasSeveralProcesses = true
    tell(FleetEvent(at: instant, .severalProcesses, sources: [.init(state.address)]))
  }

  /// Compares two polls of one shard's counters and notes what they prove.
  private mutating func follow(
    _ counted: CounterStep, _ state: inout VtgateState, since previousAt: Instant?
  ) {
    let (shard, instant, now, more) = (
      counted.shard, counted.moment.at, counted.now, counted.more
    )
    let failover = failovers.open(of: shard)?.id
    func event(_ step: FleetEvent.BufferStep, lasted: Duration? = nil, count: Int? = nil) {
      tell(
        FleetEvent(
          at: instant, shard: shard, .buffering(step),
          sources: [.init(state.address, lasted: lasted, count: count)], failover: failover))
    }
    guard !counted.isFirst else {
      if now.isBuffering == true { event(.goingOn) }
      return
    }
    let (started, stopped) = (more.starts, more.stopsTotal)
    var episode = state.episodes[shard] ?? Episode()
    if started > 0 {
      if let end = episode.stoppedAt { state.flags.learn(beganAgainAfter: instant - end) }
      episode.startedAt = instant
      episode.uncertainty = previousAt.map { instant - $0 } ?? .zero
      if now.isBuffering != false { episode.stoppedAt = nil }
    }
    if started > 0, stopped > 0, now.isBuffering == false,
      counted.before.isBuffering == false
    {
      event(.passed(started))
    } else if started > 0 {
      event(.started)
    }
    let stops = more.stopCounts.risen
    for (reason, _) in stops {
      event(.ended(reason), lasted: now.lastFailoverDuration)
      if stopped == 1, let duration = now.lastFailoverDuration {
        state.flags.learn(lasted: duration, gaveUp: reason == .maxDurationExceeded)
      }
      episode.stoppedAt = instant
    }
    if started > 0 || !stops.isEmpty { state.episodes[shard] = episode }
    for (reason, count) in more.evictedCounts.risen { event(.evicted(reason), count: count) }
    for (reason, count) in more.skippedCounts.risen where reason != .disabled {
      event(.notBuffered(reason), count: count)
    }
    if more.drained > 0 { event(.drained, count: more.drained) }
  }

  /// Notes what a vtgate counted for shards that it counts together.
  private mutating func followCombined(
    _ now: VtgateReading, from before: VtgateReading, _ address: Address, _ instant: Instant
  ) {
    for (name, counters) in now.combined.sorted(by: { $0.key < $1.key }) {
      guard let known = before.combined[name] else { continue }
      let more = counters.since(known)
      let keyspace = name.keyspace == VtgateReading.combinedLabel ? nil : name.keyspace
      func event(_ step: FleetEvent.BufferStep, count: Int? = nil) {
        tell(
          FleetEvent(
            at: instant, .combinedBuffering(step, keyspace: keyspace),
            sources: [.init(address, count: count)]))
      }
      if more.starts > 0 { event(.started) }
      for (reason, _) in more.stopCounts.risen { event(.ended(reason)) }
      for (reason, count) in more.evictedCounts.risen { event(.evicted(reason), count: count) }
      for (reason, count) in more.skippedCounts.risen where reason != .disabled {
        event(.notBuffered(reason), count: count)
      }
    }
  }

  /// Follows calls to primaries that fail, poll after poll.
  private mutating func noteCallErrors(
    _ reading: VtgateReading, _ previous: VtgateReading, of vtgate: Address, at instant: Instant,
    since: Instant
  ) {
    guard reading.callErrors != previous.callErrors else { return }
    // A slow poll does not end a run of errors.
    let gap = vtgatesStaleAfter
    for (shard, count) in reading.callErrors {
      let before = previous.callErrors[shard, default: 0]
      guard count > before else { continue }
      record(shard) {
        $0.noteCallErrors(
          count, was: before, of: vtgate, at: instant, since: since, gap: gap)
      }
    }
  }

  /// Notes what a vtgate's counters say of a shard: what has moved, and signs of a failover.
  private mutating func note(_ step: CounterStep) {
    let now = step.moment.at
    record(step.shard) { record in
      if !step.isFirst { record.movement.add(step.more) }
      if step.now.shows(moreOfAFailoverThan: step.before) {
        record.noteSign(at: now, isNews: step.more.starts > 0)
      }
      guard step.callErrors ?? 0 > 0 else { return }
      // Errors that never stop are not a sign of anything new.
      if record.lastErrorAt.map({ now - $0 > Self.quietTime }) ?? true { record.noteSign(at: now) }
      record.lastErrorAt = now
    }
  }

  /// Reports client errors that rise while nobody buffers; those that rise in a failover belong to
  /// it.
  private mutating func noteErrorsRise(_ state: VtgateState, at moment: Moment) {
    guard state.errors.changedAt == moment.at else { return }
    let burst = state.errors.burst(at: moment.at)
    guard !burst.isEmpty else { return }
    let failing = records.keys { record in
      record.lastErrorAt.map { moment.at - $0 <= ClientErrorHistory.burstSpan } ?? false
    }.sorted()
    let isExplained = failovers.going.contains { failover in
      failover.kind != .errors
        && (failing.contains(failover.shard)
          || burst.keys.contains { $0.keyspace == failover.shard.keyspace })
    }
    guard !isExplained else { return }
    for shard in failing {
      failovers.noteErrorsRise(shard, at: moment, primary: records[shard]?.lastPrimary)
    }
    let codes = Set(burst.keys.map(\.code)).sorted()
    let shard = failing.first
    tell(
      FleetEvent(
        at: moment.at, shard: shard, .clientErrorsRise(codes: codes),
        sources: [.init(state.address)],
        failover: shard.flatMap { failovers.open(of: $0)?.id }))
  }

  /// Notes what a proxy says of its routes' cutovers, and of servers that it cannot use.
  mutating func noteCutovers(_ proxy: VtgateState, after before: VtgateState) {
    let known = before.watched.value?.proxy?.routes
    for (shard, route) in proxy.watched.value?.proxy?.routes ?? [:] {
      // What was over before anybody looked belongs to no failover.
      let isNews =
        route.cutover?.isUnderWay == true
        || known.map { $0[shard]?.cutover != route.cutover } ?? false
      failovers.note(route, of: shard, isNews: isNews)
      guard isNews, let cutover = route.cutover, known?[shard]?.cutover != cutover else { continue }
      noteHold(cutover, of: shard, sinceBefore: known == nil, at: proxy.watched.readAt)
      tell(
        FleetEvent(
          at: proxy.watched.readAt ?? cutover.startedAt, shard: shard, .cutover(cutover),
          sources: [.init(proxy.address)], failover: failovers.open(of: shard)?.id))
    }
  }

  // MARK: Primaries and recoveries

  mutating func noteRecovery(of target: Target, _ failingSince: Instant?, at now: Instant) {
    guard let failingSince else { return }
    guard target.kind.role == .member else {
      tell(FleetEvent(at: now, .answersAgain(target, after: now - failingSince)))
      return
    }
    // Many at once make one event.
    tell(
      FleetEvent(
        at: now, .tabletsAnswerAgain,
        sources: [.init(target.address, lasted: now - failingSince)]))
  }

  mutating func notePrimaries(of names: Set<ShardName>, at moment: Moment) {
    let instant = moment.at
    let names = names.sorted()
    guard !names.isEmpty else { return }
    let checks = HealthChecks(vtgates.values, about: names)
    for name in names {
      let seen = Sightings(name, checks)
      record(name) {
        $0.sightings = seen
        $0.seenPrimary = seen.primary
        let isMissing = seen.primary == nil && seen.canTell
        $0.missingSince = isMissing ? $0.missingSince ?? instant : nil
      }
      if let primary = seen.primary?.alias {
        let previous = records.part(of: name, \.lastPrimary)
        if let previous, previous != primary || shardsWithoutPrimary.contains(name) {
          record(name) {
            $0.noteSign(at: instant, isNews: true)
            $0.primaryGoneAt = nil
          }
          failovers.notePrimary(primary, of: name, was: previous, at: moment)
        }
        if let previous, previous != primary {
          record(name) { $0.reparentedAt = instant }
          tell(
            FleetEvent(
              at: instant, shard: name, .primaryChanged(to: primary, from: previous)))
        } else if shardsWithoutPrimary.contains(name) {
          tell(FleetEvent(at: instant, shard: name, .primaryServesAgain(primary)))
        }
        record(name) { $0.lastPrimary = primary }
        shardsWithoutPrimary.remove(name)
      } else if seen.primary == nil, seen.canTell,
        records.part(of: name, \.lastPrimary) != nil,
        shardsWithoutPrimary.insert(name).inserted
      {
        record(name) {
          $0.noteSign(at: instant, isNews: true)
          $0.primaryGoneAt = instant
        }
        failovers.notePrimaryGone(name, was: records[name]?.lastPrimary, at: moment)
        // A planned cutover is an event of its own, and no outage while it keeps to its limits.
        if !isHeldForCutover(name) {
          tell(FleetEvent(at: instant, shard: name, .primaryUnseen))
        }
      }
    }
  }
}
