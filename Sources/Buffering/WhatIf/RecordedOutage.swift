package import FleetModel
package import Terms

/// One shard without its primary, as one vtgate counted it and polls saw it.
///
///     requests   ┌ first ─ …………… ─ last
///     buffering  ├──────── hold ────────┤ stop
///     primary    └──────── away ─────────────┘ back
///
/// Times are ranges: a poll proves only that something happened since the poll before.
package struct RecordedOutage: Sendable, Equatable {
  /// One poll of the vtgate.
  package struct Poll: Sendable, Equatable {
    /// The counters were read after the one and before the other.
    package let asked: Instant
    package let answered: Instant
    package let counters: BufferCounters
    /// Whether its health check knows a serving primary.
    package let seesPrimary: Bool

    package init(
      asked: Instant, answered: Instant, _ counters: BufferCounters, seesPrimary: Bool
    ) {
      (self.asked, self.answered) = (asked, answered)
      (self.counters, self.seesPrimary) = (counters, seesPrimary)
    }
  }

  /// Why a failover cannot be taken through the buffer again.
  package enum Refusal: Error, Sendable, Equatable {
    case goesOn
    case beganBefore
    case trafficSwitch
    case restarted
    case unanswered
    /// Families of counters that are not reported.
    case uncounted(BufferCounters.Families)
    /// It only counts what it would have buffered.
    case dryRun
    case nothingCounted
    /// It had given up on it once and began to buffer it again.
    case resumed
    /// Several failovers lie between two polls, or one that was buffered and one that was not.
    case entangled
    /// More requests than a vtgate can have had.
    case implausible

    /// Its kind, as programs read it.
    package var name: String {
      switch self {
      case .goesOn: "goes-on"
      case .beganBefore: "began-before"
      case .trafficSwitch: "traffic-switch"
      case .restarted: "restarted"
      case .unanswered: "unanswered"
      case .uncounted: "uncounted"
      case .dryRun: "dry-run"
      case .nothingCounted: "nothing-counted"
      case .resumed: "resumed"
      case .entangled: "entangled"
      case .implausible: "implausible"
      }
    }
  }

  /// What was counted between two polls.
  struct Step: Sendable, Equatable {
    let span: ClosedRange<Instant>
    let more: BufferCounters

    /// Requests that were buffered, or for which there was no room.
    var asked: Int { more.buffered + more.skipped[.bufferFull, default: 0] }
    var tooRecent: Int {
      more.skipped[.lastFailoverTooRecent, default: 0]
        + more.skipped[.lastReparentTooRecent, default: 0]
    }
  }

  /// What preceded it, as far as vtgate would have refused to buffer so soon afterwards.
  package enum Before: Sendable, Equatable {
    /// Nothing since then; of earlier times nothing is known.
    case quiet(since: Instant)
    /// Buffering stopped, and no new primary was seen after the range.
    case stopped(ClosedRange<Instant>)
    /// Buffering was given up, and no primary was seen since.
    case sameOutage
    case unclear
  }

  /// The most requests that are taken through the buffer again.
  static let limit = 1_000_000

  package let vtgate: Address
  package let shard: ShardName
  package let counts: BufferCounters
  package let inForce: FlagsInForce
  package let before: Before
  /// The longest queue by the vtgate's own word; nil when it did not buffer or does not say.
  package let peak: Int?
  let steps: [Step]
  /// When the first request came.
  let began: ClosedRange<Instant>
  /// From start to stop of buffering; nil when it did not buffer.
  let hold: ClosedRange<Duration>?
  /// From the first request until the vtgate saw a primary again; nil where it is not known.
  let away: (least: Duration, most: Duration?)
  /// Requests that were let go before the stop found no primary: no other shard, and no switch of
  /// traffic, kept them waiting.
  let findsNoPrimary: Bool

  package static func == (left: RecordedOutage, right: RecordedOutage) -> Bool {
    left.vtgate == right.vtgate && left.shard == right.shard && left.counts == right.counts
      && left.steps == right.steps && left.began == right.began && left.hold == right.hold
  }

  /// Takes what a vtgate counted during a failover.
  ///
  /// `polls`: of that vtgate, in their order, with the last before it and the first after its end;
  /// without them all was counted at some time between the first sign and the last. `waits`: other shards of its keyspace were away as well, and vtgate holds requests until the last
  /// of them is back.
  package init(
    _ failover: Failover, _ track: Failover.Track, before: Before, waits: Bool = false,
    polls: [Poll] = []
  ) throws(Refusal) {
    guard let ended = failover.ended?.at else { throw .goesOn }
    guard failover.kind != .trafficSwitch else { throw .trafficSwitch }
    if failover.tracks.count(where: { $0.address == track.address }) > 1 { throw .restarted }
    switch track.interrupted?.cause {
    case .restarted?: throw .restarted
    case .unanswered?: throw .unanswered
    case .uncounted?, nil: break
    }
    guard track.counts.unreported.isEmpty else { throw .uncounted(track.counts.unreported) }
    guard track.interrupted == nil, track.counts.stops[.shutdown, default: 0] == 0 else {
      throw .restarted
    }
    guard track.counts.starts == (track.started == nil ? 0 : 1), track.episodes <= 1,
      !failover.hidesUnbuffered
    else {
      throw track.started != nil && track.counts.starts == 0 ? .beganBefore : .entangled
    }
    guard !track.isDryRun else { throw .dryRun }
    guard before != .sameOutage else { throw .resumed }
    let counts = track.counts
    guard counts.buffered + counts.skippedTotal > 0 else { throw .nothingCounted }
    guard counts.isPlausible else { throw .implausible }
    guard let since = (track.started ?? failover.detected).uncertainty else { throw .beganBefore }

    let first = (track.started ?? failover.detected).at
    let span = (first - since)...max(first, ended)
    let steps = polls.isEmpty ? [Step(span: span, more: counts)] : try Self.steps(polls, counts)
    var began =
      steps.first { track.started == nil ? $0.asked + $0.tooRecent > 0 : $0.more.starts > 0 }?.span
      ?? span
    if polls.isEmpty { began = (first - since)...first }
    if let started = track.started, began.upperBound > started.at { throw .entangled }
    let isMixed = steps.contains { step in
      track.started != nil && step.tooRecent > 0
        && (step.span.lowerBound < began.lowerBound
          || step.more.starts > 0 && step.more.stopsTotal == 0)
    }
    guard !isMixed else { throw .entangled }

    var hold: ClosedRange<Duration>?
    if track.started != nil {
      guard let stopped = track.stopped else { throw .goesOn }
      let stop =
        steps.first { $0.more.stopsTotal > 0 && !polls.isEmpty }?.span
        ?? (stopped.at - (stopped.uncertainty ?? .zero))...stopped.at
      if let lasted = track.duration {
        let range = lasted...(lasted + .milliseconds(1))
        // Start and stop are as far apart as the vtgate says.
        let lower = max(began.lowerBound, stop.lowerBound - range.upperBound)
        let upper = min(began.upperBound, stop.upperBound - range.lowerBound)
        if lower <= upper { began = lower...upper }
        hold = range
      } else {
        let least = max(.zero, stop.lowerBound - began.upperBound)
        hold = least...max(least, stop.upperBound - began.lowerBound)
      }
    }
    let gaveUp = counts.stops[.maxDurationExceeded, default: 0] > 0
    if let hold, !gaveUp {
      away = (hold.lowerBound, hold.upperBound)
    } else {
      away = Self.absence(
        polls, from: began, atLeast: hold?.lowerBound ?? .zero,
        isOwn: !waits && failover.waitedFor == nil)
    }
    (vtgate, shard, self.before, self.counts) = (track.address, failover.shard, before, counts)
    (self.steps, self.began, self.hold) = (steps, began, hold)
    inForce = FlagsInForce(track)
    peak = track.started == nil ? nil : track.peak
    findsNoPrimary = failover.kind == .failover && failover.waitedFor == nil && !waits
  }

  private static func steps(
    _ polls: [Poll], _ counts: BufferCounters
  ) throws(Refusal) -> [Step] {
    var steps: [Step] = []
    for (before, after) in zip(polls, polls.dropFirst()) {
      guard before.counters.unreported.isEmpty, after.counters.unreported.isEmpty else {
        throw .uncounted(before.counters.unreported.union(after.counters.unreported))
      }
      guard !after.counters.isReset(from: before.counters) else { throw .restarted }
      steps.append(
        Step(
          span: min(before.asked, after.answered)...after.answered,
          more: after.counters.since(before.counters)))
    }
    guard let first = polls.first?.counters, let last = polls.last?.counters else {
      throw .beganBefore
    }
    guard first.isBuffering == false, first.held == 0 else { throw .beganBefore }
    // What the failover counted is what lies between: nothing of another one.
    let sum = last.since(first)
    guard sum.starts == counts.starts, sum.stops == counts.stops, sum.buffered == counts.buffered,
      sum.drained == counts.drained, sum.evicted == counts.evicted,
      sum.skippedTotal == counts.skippedTotal
    else { throw .entangled }
    return steps
  }

  /// How long the primary was away by the vtgate's own health check, where buffering does not tell.
  private static func absence(
    _ polls: [Poll], from began: ClosedRange<Instant>, atLeast least: Duration, isOwn: Bool
  ) -> (least: Duration, most: Duration?) {
    let after = polls.filter { $0.answered >= began.lowerBound }
    guard let last = after.lastIndex(where: { !$0.seesPrimary }) else { return (least, nil) }
    let blind = max(least, after[last].asked - began.upperBound)
    // Another shard of the keyspace may keep requests waiting although this one's primary is back.
    guard isOwn, last + 1 < after.count else { return (blind, nil) }
    return (blind, max(blind, after[last + 1].answered - began.lowerBound))
  }
}

extension RecordedOutage {
  package var hasBuffered: Bool { hold != nil }
  var gaveUp: Bool { counts.stops[.maxDurationExceeded, default: 0] > 0 }
  var evictedFull: Int { counts.evicted[.bufferFull, default: 0] }
  var outlasted: Int { counts.evicted[.windowExceeded, default: 0] }
  var clientsGone: Int { counts.evicted[.contextDone, default: 0] }
  var skippedFull: Int { counts.skipped[.bufferFull, default: 0] }
  var tooRecent: Int {
    counts.skipped[.lastFailoverTooRecent, default: 0]
      + counts.skipped[.lastReparentTooRecent, default: 0]
  }
  /// Requests that arrived; one that was skipped may count once for each of its attempts.
  package var arrived: Int { counts.buffered + counts.skippedTotal }

  /// Whether every request waited until there was a primary.
  var isClean: Bool {
    hasBuffered && !gaveUp && counts.evictedTotal == 0 && counts.skippedTotal == 0
  }
}

extension BufferCounters {
  fileprivate var isPlausible: Bool {
    let all =
      [starts, buffered, drained] + stops.values + evicted.values
      + skipped.filter { $0.key != .disabled }.values
    return all.allSatisfy { (0...RecordedOutage.limit).contains($0) }
      && buffered + skippedTotal <= RecordedOutage.limit
  }
}

extension RecordedOutage.Before {
  /// What the same vtgate counted for the shard before a failover.
  ///
  /// `since`: when watching began.
  package init(
    _ failover: Failover, _ track: Failover.Track,
    among all: some BidirectionalCollection<Failover>, since: Instant
  ) {
    guard let last = all.last(where: { $0.shard == failover.shard && $0.id < failover.id }) else {
      self = .quiet(since: since)
      return
    }
    guard let its = last.tracks.last(where: { $0.address == track.address }),
      let stopped = its.stopped, its.interrupted == nil
    else {
      self = .unclear
      return
    }
    if last.newPrimarySeen == nil, its.counts.stops[.maxDurationExceeded, default: 0] > 0 {
      self = .sameOutage
      return
    }
    let latest = [stopped.at, last.newPrimarySeen?.at].compactMap(\.self).max() ?? stopped.at
    self = .stopped((stopped.at - (stopped.uncertainty ?? .zero))...latest)
  }
}
