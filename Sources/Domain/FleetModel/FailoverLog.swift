package import Terms

/// The failovers of a run, oldest first, bounded.
///
/// When a vtgate starts to buffer, that opens a failover or joins the open one; its next start
/// belongs to another. A failover is over when every vtgate has drained, a primary serves, and no
/// sign of it has been seen for a while.
package struct FailoverLog: Sendable, Equatable, Codable {
  /// Older ones are dropped.
  package static let capacity = 500
  /// The most tracks of one failover; beyond that, a vtgate's later processes share its last one.
  private static let trackLimit = 256

  package internal(set) var all = SharingArray<Failover>()
  /// The numbers of each shard's failovers: searching all of them for each of many shards would
  /// take longer than the time between two polls.
  var byShard: [ShardName: [Int]] = [:]
  private var nextID = 1
  /// The failovers still going on; ended ones need no further look.
  var open: Set<Int> = []
  /// Ended ones in which a vtgate's part is missing: it may answer again.
  var unreported: Set<Int> = []
  /// What the topology last said about each shard: a failover begins with it.
  var routings = RoutingsTold()
  /// The newest of those with which it began: what is told of the topology once more explains none of
  /// them.
  var begunAfter = 0

  package init() {}

  package subscript(id: Int) -> Failover? { index(of: id).map { all[$0] } }

  /// The newest failover of a shard.
  package func last(of shard: ShardName) -> Failover? { byShard[shard]?.last.flatMap { self[$0] } }

  package var going: [Failover] { open.sorted().compactMap { self[$0] } }

  var shardsGoing: Set<ShardName> { shards(of: open) }
  /// Shards with a failover that ended without some vtgate's part.
  var shardsUntold: Set<ShardName> { shards(of: unreported) }

  private func shards(of ids: Set<Int>) -> Set<ShardName> {
    Set(ids.compactMap { self[$0]?.shard })
  }

  func index(of id: Int) -> Int? {
    guard let first = all.first else { return nil }
    let index = id - first.id
    return all.indices.contains(index) ? index : nil
  }

  /// A shard's failover that is going on.
  func open(of shard: ShardName) -> Failover? { openIndex(of: shard).map { all[$0] } }

  func openIndex(of shard: ShardName) -> Int? {
    byShard[shard]?.last(where: open.contains).flatMap { index(of: $0) }
  }

  /// Opens a failover and returns its index.
  mutating func begin(
    _ shard: ShardName, _ sign: Failover.Sign, at moment: Moment, primary: TabletAlias?
  ) -> Int {
    var failover = Failover(id: nextID, shard, sign, at: moment, primaryBefore: primary)
    failover.routingBefore = routing(of: shard, before: moment)
    for other in open.compactMap({ index(of: $0) }) {
      let company = failover.company(of: all[other].shard)
      if all[other].company < company { all[other].company = company }
      failover.company = max(failover.company, company)
    }
    all.append(failover)
    byShard[shard, default: []].append(nextID)
    open.insert(nextID)
    nextID += 1
    if all.count > Self.capacity { dropOldest() }
    return all.count - 1
  }

  /// The oldest number that it may still hold.
  package var oldestID: Int { max(1, nextID - Self.capacity) }
  /// The number of the newest; 0 where there was none.
  package var newestID: Int { nextID - 1 }

  /// Goes on as before, and holds these, which are without a gap, instead of what it held.
  mutating func hold(_ failovers: [Failover]) { all = SharingArray(failovers) }

  /// Begins with failovers that are over, oldest first and without a gap.
  mutating func begin(after failovers: [Failover]) {
    all = SharingArray(failovers)
    byShard = Dictionary(grouping: failovers, by: \.shard).mapValues { $0.map(\.id) }
    nextID = (failovers.last?.id ?? 0) + 1
    begunAfter = newestID
  }

  private mutating func dropOldest() {
    let oldest = all.removeFirst()
    open.remove(oldest.id)
    unreported.remove(oldest.id)
    byShard[oldest.shard]?.removeFirst()
    if byShard[oldest.shard]?.isEmpty == true { byShard[oldest.shard] = nil }
  }

  // MARK: What a vtgate's counters prove

  /// Takes in what a vtgate counted between two polls.
  ///
  /// In between it may have finished what it was buffering, begun and finished more, and begun
  /// again. Nothing tells which of these counted what, so the last one gets it all.
  mutating func follow(_ step: CounterStep, _ vtgate: VtgateState) {
    let (before, now) = (step.before, step.now)
    resume(vtgate.address, step)
    if step.isRestart { interrupt(step, vtgate.address) }
    var more = step.more
    let place = trackPlace(of: vtgate.address, step.shard)
    let isOpen = place.map { all[$0.0].tracks[$0.1].isBuffering } ?? false
    // A failover that was already going on at the first poll has no track.
    let completed = max(0, more.stopsTotal - (isOpen || before.isBuffering == true ? 1 : 0))
    // If stops are not reported, each start is one whose end is not seen.
    let opens = now.isBuffering != false && more.starts > 0
    let isOther = completed > 0 || opens

    if let place, !all[place.0].tracks[place.1].isClosed {
      if isOpen, more.stopsTotal > 0 {
        let counts = isOther ? more.takeStop() : more
        stop(place, step, counts, hasDuration: completed == 0, isLast: !isOther)
      } else if !isOther {
        update(place, step, more)
      }
    }
    if completed > 0 {
      let place = startTrack(step, vtgate, episodes: completed)
      stop(place, step, more, hasDuration: true, isLast: !opens)
      all[place.0].tracks[place.1].sharesPoll = true
      more = BufferCounters()
    }
    if opens {
      let place = startTrack(step, vtgate, episodes: 1)
      update(place, step, more)
      if now.isBuffering == nil { leaveUncounted(place, step) }
    }
    guard !isOther, more.stopsTotal == 0 else { return }
    let isTaken = place.map { !all[$0.0].tracks[$0.1].isClosed } ?? false
    if isTaken { return }
    if more.unbuffered > 0 {
      skip(step, vtgate, more)
    } else if place == nil, step.callErrors ?? 0 > 0, let open = openIndex(of: step.shard) {
      // It does not buffer, so its clients see the errors.
      update((open, trackIndex(in: open, vtgate)), step, more)
    }
  }

  /// Follows buffering that was already going on at a vtgate's first poll.
  mutating func join(_ step: CounterStep, _ vtgate: VtgateState) {
    let place = startTrack(step, vtgate, episodes: 1)
    all[place.0].tracks[place.1].peak = step.now.lastRequestsInFlightMax
    if let held = step.now.held {
      all[place.0].tracks[place.1].held.record(Double(held), at: step.moment.at)
    }
  }

  /// A vtgate's newest track in a failover that is going on, or in which its part is missing.
  private func trackPlace(of address: Address, _ shard: ShardName) -> (Int, Int)? {
    for id in (byShard[shard] ?? []).reversed() where open.contains(id) || unreported.contains(id) {
      guard let index = index(of: id) else { continue }
      let isEnded = all[index].ended != nil
      let track = all[index].tracks.lastIndex { track in
        guard track.address == address else { return false }
        return !isEnded || track.isBuffering || track.isDraining
          || track.interrupted?.cause == .unanswered
      }
      if let track { return (index, track) }
    }
    return nil
  }

  private mutating func startTrack(
    _ step: CounterStep, _ vtgate: VtgateState, episodes: Int
  ) -> (Int, Int) {
    var index = openIndex(of: step.shard)
    // If this vtgate has already buffered for the open one, this is another failover.
    if let open = index,
      all[open].tracks.contains(where: {
        $0.address == vtgate.address && $0.started != nil
          && ($0.interrupted == nil || $0.interrupted?.cause == .uncounted)
      })
    {
      index = nil
    }
    let place =
      index ?? begin(step.shard, .buffering, at: step.moment, primary: step.primary)
    let track = trackIndex(in: place, vtgate)
    all[place].tracks[track].episodes += episodes
    all[place].tracks[track].started = step.moment
    all[place].tracks[track].stopped = nil
    all[place].tracks[track].drained = nil
    return (place, track)
  }

  /// The vtgate's track in a failover, created when none of its tracks there is going on.
  private mutating func trackIndex(in place: Int, _ vtgate: VtgateState) -> Int {
    if let known = all[place].tracks.lastIndex(where: {
      $0.address == vtgate.address
        && ($0.interrupted == nil || $0.interrupted?.cause == .uncounted)
    }) {
      return known
    }
    if all[place].tracks.count >= Self.trackLimit,
      let last = all[place].tracks.lastIndex(where: { $0.address == vtgate.address })
    {
      return last
    }
    let track = Failover.Track(vtgate, all[place].shard)
    let index =
      all[place].tracks.firstIndex { $0.address > vtgate.address } ?? all[place].tracks.count
    all[place].tracks.insert(track, at: index)
    return index
  }

  /// Adds what was counted to a track, and notes when it has drained.
  private mutating func update(_ place: (Int, Int), _ step: CounterStep, _ more: BufferCounters) {
    var track = all[place.0].tracks[place.1]
    if more.hasCounted { all[place.0].changed = step.moment }
    track.counts.add(more)
    track.callErrors &+= step.callErrors ?? 0
    if step.isDown { track.passedOn &+= more.passedOn }
    if track.started != nil { track.peak = step.now.lastRequestsInFlightMax ?? track.peak }
    if let held = step.now.held { track.held.record(Double(held), at: step.moment.at) }
    if track.stopped != nil, track.drained == nil, step.now.held == 0 {
      track.drained = step.moment
      all[place.0].changed = step.moment
    }
    all[place.0].tracks[place.1] = track
  }

  /// Takes a vtgate's settings once they are known: they were in force since its process began.
  mutating func learn(_ flags: BufferFlags, of vtgate: Address, since start: Instant?) {
    for failover in all.indices where start.map({ all[failover].detected.at >= $0 }) ?? true {
      for track in all[failover].tracks.indices
      where all[failover].tracks[track].address == vtgate
        && all[failover].tracks[track].flags.source == .defaults
      {
        all[failover].tracks[track].flags = flags
      }
    }
  }

  /// Notes the end of buffering.
  ///
  /// `hasDuration`: no later stop has overwritten the vtgate's last duration.
  /// `isLast`: nor has a later start begun a new count.
  private mutating func stop(
    _ place: (Int, Int), _ step: CounterStep, _ more: BufferCounters, hasDuration: Bool,
    isLast: Bool
  ) {
    all[place.0].tracks[place.1].stopped = step.moment
    if hasDuration, let duration = step.now.lastFailoverDuration {
      all[place.0].tracks[place.1].duration = duration
      // What it proves of the maximum is true of this failover, too.
      if more.stopsTotal == 1 {
        all[place.0].tracks[place.1].flags.learn(
          lasted: duration, gaveUp: more.stops[.maxDurationExceeded] != nil)
      }
    }
    if more.stops[.newPrimarySeen] != nil, all[place.0].newPrimarySeen == nil {
      all[place.0].newPrimarySeen = step.moment
    }
    all[place.0].changed = step.moment
    if isLast {
      update(place, step, more)
      if step.now.held == nil { leaveUncounted(place, step) }
    } else {
      all[place.0].tracks[place.1].counts.add(more)
      all[place.0].tracks[place.1].drained = step.moment
    }
  }

  /// Records requests that were turned away unbuffered although there is a failover.
  private mutating func skip(_ step: CounterStep, _ vtgate: VtgateState, _ more: BufferCounters) {
    var index = openIndex(of: step.shard)
    // Once another primary was seen, this is another failover; but a traffic switch goes on.
    if let open = index, all[open].newPrimarySeen != nil,
      [.failover, .cutover].contains(all[open].kind),
      all[open].tracks.contains(where: {
        $0.address == vtgate.address && $0.isOver
          && $0.counts.stops[.maxDurationExceeded] == nil
      })
    {
      index = nil
    }
    let place = index ?? begin(step.shard, .skipping, at: step.moment, primary: step.primary)
    update((place, trackIndex(in: place, vtgate)), step, more)
  }

  /// Stops following a phase whose end the vtgate's counters do not report.
  private mutating func leaveUncounted(_ place: (Int, Int), _ step: CounterStep) {
    all[place.0].tracks[place.1].interrupted = .init(cause: .uncounted, moment: step.moment)
  }

  private mutating func interrupt(_ step: CounterStep, _ address: Address) {
    guard let place = trackPlace(of: address, step.shard) else { return }
    let track = all[place.0].tracks[place.1]
    guard track.isBuffering || track.isDraining else { return }
    all[place.0].tracks[place.1].interrupted = .init(cause: .restarted, moment: step.moment)
    if all[place.0].ended == nil { all[place.0].changed = step.moment }
  }

  /// Resumes the track of a vtgate that had stopped answering and now answers again.
  private mutating func resume(_ address: Address, _ step: CounterStep) {
    guard let place = trackPlace(of: address, step.shard),
      all[place.0].tracks[place.1].interrupted?.cause == .unanswered
    else { return }
    all[place.0].tracks[place.1].interrupted = nil
  }

  // MARK: What the clients felt

  /// How long before the first sign errors may already belong to it: queries in flight at a dying
  /// primary fail before anything is buffered.
  private static let foreboding: Duration = .seconds(2)

  /// Takes the errors that a vtgate has returned to its clients.
  mutating func noteErrors(_ errors: ClientErrorHistory, of address: Address) {
    for index in open.compactMap({ index(of: $0) }) {
      if all[index].felt[address] == nil {
        all[index].felt[address] = FeltErrors(
          errors, since: feltSince(index), detected: all[index].detected.at)
      }
      // The shard's next failover takes over from the one before.
      guard openIndex(of: all[index].shard) == index else { continue }
      let before = all[index].felt[address]
      all[index].felt[address]?.take(errors)
      // It is not over while queries fail; the end of other kinds shows in other ways.
      if all[index].kind == .errors, all[index].felt[address] != before, let at = errors.readAt {
        all[index].changed = Moment(at, uncertainty: nil)
      }
    }
  }

  /// Opens a record of queries that fail without a visible failover; it lasts as long as they fail.
  mutating func noteErrorsRise(_ shard: ShardName, at moment: Moment, primary: TabletAlias?) {
    guard openIndex(of: shard) == nil else { return }
    _ = begin(shard, .errors, at: moment, primary: primary)
  }

  /// The moment from which errors belong to a failover: a little before its first sign, but not
  /// before the end of the shard's previous one.
  private func feltSince(_ index: Int) -> Instant {
    let failover = all[index]
    let sign = failover.detected.at - (failover.detected.uncertainty ?? .zero)
    let before = byShard[failover.shard]?.last { $0 < failover.id }.flatMap { self[$0] }
    return [before?.changed.at, sign - Self.foreboding].compactMap(\.self).max() ?? sign
  }

  /// The failovers of a shard that began since an instant.
  func all(of shard: ShardName, since start: Instant?) -> [Failover] {
    (byShard[shard] ?? []).compactMap { self[$0] }.filter { failover in
      start.map { failover.detected.at > $0 } ?? true
    }
  }

  /// What other shards held in each vtgate while a failover lasted.
  func neighbours(of failover: Failover) -> [Address: [Shard.Neighbour]] {
    var neighbours: [Address: [Shard.Neighbour]] = [:]
    for other in all where other.shard != failover.shard && other.overlaps(failover) {
      for track in other.tracks {
        guard let peak = track.peak, peak > 0 else { continue }
        neighbours[track.address, default: []].append(.init(shard: other.shard, peak: peak))
      }
    }
    return neighbours.mapValues { $0.sorted { ($1.peak, $0.shard) < ($0.peak, $1.shard) } }
  }
}

extension BufferCounters {
  /// Whether anything in it is not 0, gauges aside.
  fileprivate var hasCounted: Bool {
    starts != 0 || buffered != 0 || bufferedDryRun != 0 || drained != 0 || stopsTotal != 0
      || evictedTotal != 0 || skippedTotal != 0
  }

  /// Requests that were not buffered although there was a failover.
  fileprivate var unbuffered: Int {
    skipped[.lastFailoverTooRecent, default: 0] + skipped[.lastReparentTooRecent, default: 0]
      + skipped[.bufferFull, default: 0]
  }

  /// Requests that were not buffered for reasons that have nothing to do with a failover.
  fileprivate var passedOn: Int {
    skipped[.disabled, default: 0] + skipped[.shutdown, default: 0]
  }

  /// Takes one stop out, with its reason if only one is possible.
  fileprivate mutating func takeStop() -> BufferCounters {
    var taken = BufferCounters()
    let reasons = stops.filter { $0.value > 0 }
    if reasons.count == 1, let reason = reasons.keys.first {
      let left = stops[reason, default: 0] - 1
      stops[reason] = left == 0 ? nil : left
      taken.stops[reason] = 1
    }
    return taken
  }
}
