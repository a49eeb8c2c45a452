internal import Buffering
internal import FleetModel
internal import Terms

/// Between what every count lies once the buffer decides something differently.
///
/// It holds for a failover that is buffered from its first request on. What clients do is bounded by
/// one assumption, in both directions: the more of them are turned away, the more requests come.
struct Bounds {
  /// How long a request that has outlasted its window may keep its slot while it is tried again.
  private static let slack: Duration = .seconds(1)

  private let outage: RecordedOutage
  private let arrivals: ArrivalTimes
  private let slots: ClosedRange<Int>
  private let window: Duration
  /// From the first request until buffering stops.
  private let stop: (least: Duration, most: Duration)
  private let surelyGivesUp: Bool
  private let mayGiveUp: Bool
  /// Requests that find the buffer full, or outlast their window, at most: of those that came.
  private let mayBeFull: Int
  private let mayOutlast: Int
  /// The very requests come that came: nothing is decided differently.
  private let isTheRecorded: Bool
  /// No rule turns anyone away who was not turned away then.
  private let isKinder: Bool

  init(
    _ outage: RecordedOutage, _ arrivals: ArrivalTimes, _ limits: WhatIf.Limits,
    _ slots: ClosedRange<Int>
  ) throws(WhatIf.Unanswered) {
    let (away, maximum) = (outage.away, limits.flags.maxFailoverDuration)
    guard let most = away.most else { throw .endUnknown }
    if most >= maximum {
      guard let leastTime = limits.leastTime else { throw .unknown(.minTimeBetweenFailovers) }
      guard most - maximum < leastTime else { throw .mayBeginAgain }
    }
    self.init(
      outage, arrivals, limits, slots, stop: (min(away.least, maximum), min(most, maximum)),
      surelyGivesUp: away.least > maximum, mayGiveUp: most >= maximum, isTheRecorded: false)
  }

  /// Of what came, under the flags that were in force.
  init(
    ofTheRecordedIn outage: RecordedOutage, _ arrivals: ArrivalTimes, _ limits: WhatIf.Limits,
    _ slots: ClosedRange<Int>
  ) {
    let hold = outage.hold ?? .zero ... .zero
    self.init(
      outage, arrivals, limits, slots, stop: (hold.lowerBound, hold.upperBound),
      surelyGivesUp: outage.gaveUp, mayGiveUp: outage.gaveUp, isTheRecorded: true)
  }

  private init(
    _ outage: RecordedOutage, _ arrivals: ArrivalTimes, _ limits: WhatIf.Limits,
    _ slots: ClosedRange<Int>, stop: (least: Duration, most: Duration), surelyGivesUp: Bool,
    mayGiveUp: Bool, isTheRecorded: Bool
  ) {
    (self.outage, self.arrivals, self.slots) = (outage, arrivals, slots)
    (self.stop, self.surelyGivesUp, self.mayGiveUp) = (stop, surelyGivesUp, mayGiveUp)
    self.isTheRecorded = isTheRecorded
    let flags = limits.flags
    window = flags.window
    let bites = stop.most >= window
    if bites, !isTheRecorded, !outage.isClean {
      // Requests that stay away leave others in the queue until their window ends, and those that come
      // later may stand closer together.
      mayBeFull = max(0, arrivals.count - slots.lowerBound)
      mayOutlast = arrivals.possiblyBefore(stop.most - window)
    } else {
      mayBeFull = arrivals.possiblyFull(
        slots.lowerBound, window, of: arrivals.count, slack: Self.slack)
      mayOutlast =
        bites
        ? arrivals.possiblyOutlasting(slots.upperBound, window, at: stop.most, of: arrivals.count)
        : 0
    }
    let then = outage.inForce
    isKinder =
      !outage.hasBuffered
      || then.knows(.size) && slots.lowerBound >= then.flags.size
        && then.knows(.window) && window >= then.flags.window
        && (then.knows(.maxFailoverDuration) || outage.gaveUp)
        && flags.maxFailoverDuration >= then.flags.maxFailoverDuration
  }

  // MARK: What clients do

  /// Someone who was turned away then may not be now, and need not come again.
  private var maybeFewer: Bool { !isTheRecorded && !outage.isClean }
  /// Someone may be turned away before the stop who was not then, and may come again.
  private var maybeMore: Bool { !isTheRecorded && mayBeFull + mayOutlast > 0 && !isKinder }
  /// Clients may give up: some did, or they may have to wait for longer than they did.
  private var maybeGone: Bool { maybeFewer || outage.clientsGone > 0 }

  /// Requests that come whatever clients do: nobody was turned away before, then or now.
  private var certain: Int {
    guard maybeFewer || maybeMore else { return arrivals.count }
    var certain = maybeFewer ? undisturbed : arrivals.count
    if mayBeFull > 0 { certain = min(certain, slots.lowerBound + 1) }
    if mayOutlast > 0 { certain = min(certain, max(1, arrivals.before(window, of: certain))) }
    return certain
  }

  /// Requests that came before anyone was turned away then.
  private var undisturbed: Int {
    guard outage.hasBuffered else { return 1 }
    let counts = outage.counts
    if counts.evictedTotal + outage.skippedFull == 0 { return max(1, counts.buffered) }
    var before = 0
    for step in outage.steps {
      if step.more.evictedTotal + step.more.skippedTotal > 0 { break }
      before += step.asked
    }
    let isAlone = slots.lowerBound == slots.upperBound && outage.inForce.knows(.size)
    if isAlone, outage.outlasted + outage.clientsGone == 0, outage.evictedFull > 0 {
      // The first to be thrown out made room for the one that did not fit.
      before = max(before, outage.inForce.flags.size + 1)
    }
    return min(max(1, before), arrivals.count)
  }

  /// Those who outlast their window come again at most once before the stop, and nobody else is turned
  /// away.
  private var isOneRound: Bool {
    outage.isClean && !mayGiveUp && mayOutlast > 0 && stop.most < window * 2
      && slots.lowerBound >= arrivals.count + mayOutlast
  }

  // MARK: Counts

  /// Of the first `count` that came, those before the stop, for sure.
  private func beforeStop(_ count: Int) -> Int {
    // Whoever was buffered came before the primary was back.
    guard mayGiveUp else { return count }
    return isTheRecorded
      ? min(count, outage.counts.buffered + outage.skippedFull)
      : arrivals.before(stop.least, of: count)
  }

  private var mayBeBeforeStop: Int {
    if isTheRecorded { return outage.counts.buffered + outage.skippedFull }
    return mayGiveUp ? arrivals.possiblyBefore(stop.most) : arrivals.count
  }

  var forecast: Forecast {
    var forecast = Forecast()
    forecast.starts = Forecast.Count(1)
    forecast.stops = stops
    countRequests(&forecast)
    forecast.longestWait = longestWait
    forecast.failed = failed(forecast)
    return forecast
  }

  private var stops: [StopReason: Forecast.Count] {
    if surelyGivesUp { return [.maxDurationExceeded: Forecast.Count(1)] }
    let reason = outage.counts.stops.keys.first { $0 != .maxDurationExceeded } ?? .newPrimarySeen
    if mayGiveUp {
      return [.maxDurationExceeded: Forecast.Count(0, 1), reason: Forecast.Count(0, 1)]
    }
    return [reason: Forecast.Count(1)]
  }

  private func countRequests(_ forecast: inout Forecast) {
    typealias Count = Forecast.Count
    let all = arrivals.count
    // Those of which each is certain, and as many as come of which no single one is.
    let (certain, most) = (beforeStop(certain), mayBeBeforeStop)
    let least = maybeFewer ? certain : beforeStop(all)
    // Requests that come at other times than they did may stand closer together.
    let mayBunch = !isTheRecorded && mayOutlast > 0 && (maybeFewer || maybeMore)
    let mayNotFit = slots.lowerBound < 1 || mayBeFull > 0 && mayOutlast > 0
    let free = (least: slots.lowerBound, most: slots.upperBound)

    var buffered = Count(mayNotFit ? min(certain, free.least) : least, maybeMore ? nil : most)
    var drained = Count(
      maybeGone ? 0 : min(free.least, arrivals.within(window, at: stop.most, of: certain)),
      min(free.most, mayBunch ? most : arrivals.possiblyWithin(window, at: stop.least, of: most)))
    var full = Count(0, mayBunch ? all : mayBeFull)
    // Where other shards hold slots, a request may find no room and nobody of its own to throw out.
    let isAlone = free.least == free.most
    if !maybeGone, isAlone, mayOutlast == 0 {
      full = Count(max(0, least - free.most), full.most)
    }
    if !maybeGone, isAlone, isTheRecorded {
      full = Count(arrivals.full(free.most, window, of: certain), full.most)
    }
    var outlasted = Count(0, mayBunch && mayOutlast > 0 ? all : mayOutlast)
    if !maybeGone, isTheRecorded, let fullest = full.most, let drainedMost = drained.most {
      outlasted = Count(max(0, buffered.least - drainedMost - fullest), outlasted.most)
    }
    var peak = Count(
      maybeGone ? min(1, free.least) : min(free.least, arrivals.peak(window, of: certain)),
      min(free.most, mayBunch ? most : arrivals.possiblePeak(window, of: most)))
    if isOneRound {
      let first = arrivals.before(window, of: all)
      outlasted = Count(
        all - arrivals.possiblyWithin(window, at: stop.least, of: all), mayOutlast)
      buffered = Count(all, all + mayOutlast)
      drained = Count(min(free.least, max(0, first - mayOutlast)), all)
      peak = Count(arrivals.peak(window, of: first), all)
    } else if maybeMore {
      full = Count(full.least, nil)
      outlasted = Count(outlasted.least, mayOutlast > 0 ? nil : 0)
      drained = Count(drained.least, free.most)
      peak = Count(peak.least, free.most)
    }
    (forecast.buffered, forecast.drained, forecast.peak) = (buffered, drained, peak)
    forecast.evicted = [
      .bufferFull: full, .windowExceeded: outlasted,
      .contextDone: maybeGone ? Count(0, isTheRecorded ? all : nil) : Count(0),
    ]
    forecast.skipped[.bufferFull] =
      mayNotFit ? Count(0, isKinder || isTheRecorded ? all : nil) : Count(0)
    if isTheRecorded {
      forecast.skipped[.lastFailoverTooRecent] = Count(max(0, all - most), all - least)
    } else if mayGiveUp {
      forecast.skipped[.lastFailoverTooRecent] = Count(0, isKinder ? max(0, all - 1) : nil)
    }
  }

  private var longestWait: Forecast.Wait {
    // The first waits until the stop, the end of its window, or the arrival that needs its slot.
    let needed = mayBeFull > 0 ? arrivals.earliest(slots.lowerBound) ?? .zero : stop.least
    let least = maybeGone ? .zero : min(stop.least, window, needed)
    return Forecast.Wait(least, min(stop.most, window))
  }

  private func failed(_ forecast: Forecast) -> Forecast.Count {
    let full = forecast.evicted[.bufferFull] ?? .init(0)
    let outlasted = forecast.evicted[.windowExceeded] ?? .init(0)
    var least = full.least
    if outage.findsNoPrimary {
      least += outlasted.least + (surelyGivesUp ? forecast.drained.least : 0)
    }
    let parts: [Int?] = [
      full.most, outlasted.most, mayGiveUp ? forecast.drained.most : 0,
      forecast.skipped[.bufferFull]?.most, forecast.skipped[.lastFailoverTooRecent]?.most,
    ]
    let known = parts.compactMap(\.self)
    guard known.count == parts.count else { return .init(least, nil) }
    let most = known.reduce(0, +)
    // Nobody fails more than once.
    return .init(least, maybeMore ? most : min(most, arrivals.count))
  }
}
