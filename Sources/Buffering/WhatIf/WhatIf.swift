internal import Buffering
package import FleetModel
internal import Terms

/// One vtgate's part in a recorded failover, with other flags.
///
///     Failover, polls ─> RecordedOutage ─┬─> Rerun: RequestBuffer(flags) ──> what is likely ─┐
///                                        └─> ArrivalTimes, the buffer's rules ─> bounds ─────┴─> Forecast
///
/// The bounds rest on one argument. With other flags all goes as it went until the first request that
/// is treated differently. From there on clients may behave differently as well: who is turned away
/// may come again, and who is no longer turned away need not. docs/what-if.md says what follows. Pure.
package struct WhatIf: Sendable {
  /// Why there is no answer for some flags.
  package enum Unanswered: Error, Sendable, Equatable {
    /// It matters, and nobody read it.
    case unknown(Advice.Flag)
    /// Whether it would have come too soon after what was before.
    case tooSoonUnclear
    /// Nobody knows when the primary was back.
    case endUnknown
    /// It lasted so long that buffering might have begun a second time in its middle.
    case mayBeginAgain

    /// Its kind, as programs read it.
    package var name: String {
      switch self {
      case .unknown: "flag-not-known"
      case .tooSoonUnclear: "too-soon-not-known"
      case .endUnknown: "end-not-known"
      case .mayBeginAgain: "may-begin-again"
      }
    }
  }

  package let outage: RecordedOutage
  private let others: [RecordedOutage]
  /// Other shards were away as well, and what this vtgate counted for them is not known.
  private let hasUnknownOthers: Bool
  private let arrivals: ArrivalTimes

  /// `others`: of the same vtgate at the same time, which share its slots.
  package init(
    _ outage: RecordedOutage, beside others: [RecordedOutage] = [],
    andUnknown hasUnknown: Bool = false
  ) {
    (self.outage, self.others, hasUnknownOthers) = (outage, others, hasUnknown)
    arrivals = ArrivalTimes(outage)
  }

  /// What the buffer makes of the recorded arrivals under the flags that were in force: what was counted,
  /// as far as polls tell when requests came.
  package func reproduction() -> Forecast {
    guard outage.hasBuffered else { return asRecorded }
    let limits = limits(AskedFlags())
    var forecast = Bounds(ofTheRecordedIn: outage, arrivals, limits, freeSlots(limits)).forecast
    forecast.take(likely(with: limits))
    forecast.failedThen = failedThen
    forecast.goneThen = outage.clientsGone
    return forecast
  }

  package func forecast(_ asked: AskedFlags) throws(Unanswered) -> Forecast {
    let limits = limits(asked)
    guard limits.size != nil else { throw .unknown(.size) }
    switch try start(limits) {
    case .refused where !outage.hasBuffered: return asRecorded
    case .refused: return turnedAway
    case .allowed: break
    }
    if outage.hasBuffered, isSame(limits, asked) { return asRecorded }
    guard limits.window != nil else { throw .unknown(.window) }
    guard limits.maximum != nil else { throw .unknown(.maxFailoverDuration) }
    var forecast = try Bounds(outage, arrivals, limits, freeSlots(limits)).forecast
    forecast.take(likely(with: limits))
    forecast.failedThen = failedThen
    forecast.goneThen = outage.clientsGone
    return forecast
  }

  // MARK: Limits

  /// The limits to try; nil where one was not read and is not asked for.
  struct Limits {
    var size: Int?
    var window: Duration?
    var maximum: Duration?
    var leastTime: Duration?
    var flags: RequestBuffer.Configuration
  }

  private func limits(_ asked: AskedFlags) -> Limits {
    let inForce = outage.inForce
    let flags = asked.over(inForce.flags)
    func isKnown(_ flag: Advice.Flag) -> Bool { asked.names(flag) || inForce.knows(flag) }
    var limits = Limits(
      size: isKnown(.size) ? flags.size : nil, window: isKnown(.window) ? flags.window : nil,
      maximum: isKnown(.maxFailoverDuration) ? flags.maxFailoverDuration : nil,
      leastTime: isKnown(.minTimeBetweenFailovers) ? flags.minTimeBetweenFailovers : nil,
      flags: flags)
    guard let hold = outage.hold else { return limits }
    // What counters prove stands in for what was not read.
    if limits.window == nil, outage.isClean { limits.window = hold.upperBound + .seconds(1) }
    if limits.maximum == nil {
      limits.maximum = outage.gaveUp ? hold.lowerBound : hold.upperBound + .seconds(1)
    }
    limits.flags.window = limits.window ?? flags.window
    limits.flags.maxFailoverDuration = limits.maximum ?? flags.maxFailoverDuration
    return limits
  }

  private enum Start { case allowed, refused }

  /// Whether buffering would have begun with the first request.
  private func start(_ limits: Limits) throws(Unanswered) -> Start {
    let inForce = outage.inForce
    guard let leastTime = limits.leastTime else {
      // It was what it was, and is not asked for.
      return outage.hasBuffered ? .allowed : .refused
    }
    let then = inForce.knows(.minTimeBetweenFailovers) ? inForce.flags.minTimeBetweenFailovers : nil
    if outage.hasBuffered, let then, leastTime <= then { return .allowed }
    if !outage.hasBuffered, outage.tooRecent == 0 { return .refused }
    if !outage.hasBuffered, let then, leastTime >= then { return .refused }
    switch outage.before {
    case .unclear, .sameOutage: throw .tooSoonUnclear
    case .quiet(let since):
      guard outage.hasBuffered, outage.began.lowerBound - since >= leastTime else {
        throw .tooSoonUnclear
      }
      return .allowed
    case .stopped(let stop):
      if outage.began.lowerBound - stop.upperBound >= leastTime { return .allowed }
      if let away = outage.away.most,
        outage.began.upperBound + away - stop.lowerBound < leastTime
      {
        return .refused
      }
      throw .tooSoonUnclear
    }
  }

  /// Whether no rule of the buffer decides anything differently than it did.
  private func isSame(_ limits: Limits, _ asked: AskedFlags) -> Bool {
    guard let hold = outage.hold else { return false }
    let (inForce, then) = (outage.inForce, outage.inForce.flags)
    var (isUnchanged, fits) = (true, true)
    /// `isEqual`: it is the value that was in force; `isRoomy`: nobody reaches this limit, nor did then.
    func look(_ flag: Advice.Flag, isEqual: Bool, isRoomy: Bool) {
      guard asked.names(flag), !(isEqual && inForce.knows(flag)) else { return }
      isUnchanged = false
      if !isRoomy { fits = false }
    }
    let (size, window, maximum) = (
      limits.size ?? 0, limits.window ?? .zero, limits.maximum ?? .zero
    )
    look(
      .size, isEqual: size == then.size,
      isRoomy: outage.evictedFull + outage.skippedFull == 0
        && (size >= outage.counts.buffered || inForce.knows(.size) && size >= then.size))
    look(
      .window, isEqual: window == then.window,
      isRoomy: outage.outlasted == 0
        && (window > hold.upperBound || inForce.knows(.window) && window >= then.window))
    look(
      .maxFailoverDuration, isEqual: maximum == then.maxFailoverDuration,
      isRoomy: !outage.gaveUp && maximum > hold.upperBound)
    if isUnchanged { return true }
    // Other shards may use the slots otherwise than they did.
    let isAlone = others.isEmpty && !hasUnknownOthers
    return fits && (isAlone || freeSlots(limits).lowerBound >= outage.counts.buffered)
  }

  /// How many slots the other shards leave, at least and at most.
  private func freeSlots(_ limits: Limits) -> ClosedRange<Int> {
    guard let size = limits.size, size > 0 else { return 0...0 }
    if others.isEmpty, !hasUnknownOthers { return size...size }
    let theirs = others.reduce(0) { $0 + $1.arrived }
    // Whoever is turned away there may come again, and fill what is left.
    let areCalm = others.allSatisfy { other in
      guard let window = limits.window, let maximum = limits.maximum, let most = other.away.most
      else { return false }
      return window > most && maximum > most
    }
    let isEnough = !hasUnknownOthers && areCalm && theirs + outage.arrived <= size
    return (isEnough ? size - theirs : 0)...size
  }

  private func likely(with limits: Limits) -> Rerun.Outcome {
    Rerun.of([outage] + others, with: limits.flags).first ?? Rerun.Outcome()
  }
}

// MARK: Without a difference

extension WhatIf {
  /// Queries that the buffer let down.
  private var failedThen: Forecast.Count {
    let counts = outage.counts
    let full = outage.evictedFull + outage.skippedFull
    let released = outage.outlasted + (outage.gaveUp ? counts.drained : 0)
    let queries = (outage.tooRecent + outage.inForce.attempts - 1) / outage.inForce.attempts
    let isSure = outage.findsNoPrimary
    return Forecast.Count(
      full + (isSure ? released + queries : 0), likely: full + released + queries,
      full + released + outage.tooRecent)
  }

  private var asRecorded: Forecast {
    var forecast = Forecast()
    let counts = outage.counts
    forecast.isAsRecorded = true
    forecast.starts = Forecast.Count(counts.starts)
    forecast.stops = counts.stops.mapValues { Forecast.Count($0) }
    forecast.buffered = Forecast.Count(counts.buffered)
    forecast.drained = Forecast.Count(counts.drained)
    for (reason, count) in counts.evicted { forecast.evicted[reason] = Forecast.Count(count) }
    for (reason, count) in counts.skipped where reason != .disabled {
      forecast.skipped[reason] = Forecast.Count(count)
    }
    forecast.failed = failedThen
    forecast.failedThen = failedThen
    forecast.goneThen = outage.clientsGone
    guard let hold = outage.hold else { return forecast }
    forecast.peak =
      outage.peak.map { Forecast.Count($0) } ?? Forecast.Count(0, counts.buffered)
    // The first one waits from the start to the stop unless it is let go before.
    let least = outage.isClean ? hold.lowerBound : .zero
    let likely = likely(with: limits(AskedFlags())).longestWait
    forecast.longestWait = Forecast.Wait(least, likely: likely, hold.upperBound)
    return forecast
  }

  /// Not one request is buffered, because it comes too soon.
  private var turnedAway: Forecast {
    var forecast = Forecast()
    forecast.skipped[.lastFailoverTooRecent] = Forecast.Count(
      1, likely: outage.arrived, nil)
    forecast.failed = Forecast.Count(
      outage.findsNoPrimary ? 1 : 0, likely: outage.arrived, nil)
    forecast.failedThen = failedThen
    forecast.goneThen = outage.clientsGone
    return forecast
  }
}

extension Forecast {
  /// Takes over what is likely, as far as the bounds allow.
  fileprivate mutating func take(_ rerun: Rerun.Outcome) {
    let counters = rerun.counters
    starts = starts.with(likely: counters.starts)
    for (reason, count) in stops {
      stops[reason] = count.with(likely: counters.stops[reason, default: 0])
    }
    buffered = buffered.with(likely: counters.buffered)
    drained = drained.with(likely: counters.drained)
    for (reason, count) in evicted {
      evicted[reason] = count.with(likely: counters.evicted[reason, default: 0])
    }
    for (reason, count) in skipped {
      skipped[reason] = count.with(likely: counters.skipped[reason, default: 0])
    }
    peak = peak.with(likely: counters.lastRequestsInFlightMax ?? 0)
    longestWait = longestWait.with(likely: rerun.longestWait)
    failed = failed.with(likely: rerun.failed)
  }
}
