/// What the counters mean in words, with the evidence and what to change.
///
/// The rules are those of Vitess' guide to buffering scenarios and of vtgate's own code (go/vt/vtgate/
/// buffer). Each looks at one shard at one moment: advice that no longer holds is not there any more.
package struct Advice: Sendable, Equatable {
  package let rule: Rule
  package let severity: FleetEvent.Severity
  /// What is the matter and what it rests on.
  package let finding: String
  /// What to do about it.
  package let remedy: String

  package enum Rule: String, Sendable, CaseIterable {
    case bufferingOff = "buffering-off"
    case coolDown = "cool-down"
    case failoversTooClose = "failovers-too-close"
    case bufferTooSmall = "buffer-too-small"
    case windowTooShort = "window-too-short"
    case clientsGaveUp = "clients-gave-up"
    case maxDurationExceeded = "max-duration-exceeded"
    case rolledBack = "rolled-back"
    case vtgateUnmoved = "vtgate-unmoved"
    case lagOverThreshold = "lag-over-threshold"
    case heartbeatsOff = "heartbeats-off"
    case throttlerDormant = "throttler-dormant"
  }
}

extension Shard {
  /// The advice that holds at this moment, most severe first.
  package func advice(at now: Instant) -> [Advice] {
    Advice.Rule.allCases.compactMap { Advice($0, for: AdviceScene(shard: self, now: now)) }
      .enumerated()
      .sorted { ($1.element.severity, $0.offset) < ($0.element.severity, $1.offset) }
      .map(\.element)
  }
}

/// What a rule looks at.
private struct AdviceScene {
  let shard: Shard
  let now: Instant

  var failover: Failover? { shard.lastFailover }
  var fresh: [Shard.VtgateView] { shard.vtgates.filter(\.freshness.isFresh) }

  /// One vtgate's counts: of the last failover that was watched, else its totals.
  struct Part {
    let flags: BufferFlags
    /// As they were then.
    let pastFlags: BufferFlags
    let bufferSize: Int?
    let counts: BufferCounters
    let peak: Int?
    /// As long as its requests waited, or at least as long as it buffered.
    let felt: Duration?
  }

  /// The flags are today's: advice that was followed is gone.
  var parts: [Part] {
    shard.vtgates.compactMap { vtgate in
      guard let failover else {
        return Part(
          flags: vtgate.flags, pastFlags: vtgate.flags, bufferSize: vtgate.bufferSize,
          counts: vtgate.counted,
          peak: vtgate.total?.lastRequestsInFlightMax, felt: vtgate.counted.lastFailoverDuration)
      }
      return failover.tracks.last { $0.address == vtgate.address }.map { track in
        Part(
          flags: vtgate.flags, pastFlags: track.flags, bufferSize: vtgate.bufferSize,
          counts: track.counts,
          peak: track.peak, felt: track.felt ?? track.duration)
      }
    }
  }

  /// What no flag can mend is said for a while after it happened.
  var isRecent: Bool { failover.map { now - $0.changed.at < .seconds(300) } ?? true }

  func sum(_ count: (BufferCounters) -> Int) -> Int { parts.reduce(0) { $0 + count($1.counts) } }

  /// A flag as this release spells it: with dashes from v23 on, before that with underscores.
  func flag(_ name: String) -> String {
    let major = shard.vtgates.lazy.compactMap(\.majorVersion).first
    return "--" + (major ?? 22 >= 23 ? name : name.replacingDashes)
  }

  /// `--buffer_min_time_between_failovers` must be twice the maximum on v10 to v17, which do not tell
  /// their release.
  var needsTwiceTheMaximum: Bool { shard.vtgates.allSatisfy { $0.majorVersion ?? 0 < 18 } }
}

extension Advice {
  /// What a rule finds; nil when all is well.
  fileprivate init?(_ rule: Rule, for scene: AdviceScene) {
    let found: (FleetEvent.Severity, String, String)? =
      switch rule {
      case .bufferingOff: scene.bufferingOff
      case .coolDown: scene.coolDown
      case .failoversTooClose: scene.failoversTooClose
      case .bufferTooSmall: scene.bufferTooSmall
      case .windowTooShort: scene.windowTooShort
      case .clientsGaveUp: scene.clientsGaveUp
      case .maxDurationExceeded: scene.maxDurationExceeded
      case .rolledBack: scene.rolledBack
      case .vtgateUnmoved: scene.vtgateUnmoved
      case .lagOverThreshold: scene.lagOverThreshold
      case .heartbeatsOff: scene.heartbeatsOff
      case .throttlerDormant: scene.throttlerDormant
      }
    guard let (severity, finding, remedy) = found else { return nil }
    self.init(rule: rule, severity: severity, finding: finding, remedy: remedy)
  }
}

// MARK: The rules

extension AdviceScene {
  typealias Finding = (FleetEvent.Severity, String, String)

  var bufferingOff: Finding? {
    let off = fresh.filter { $0.isOff(for: shard.name) }
    guard !off.isEmpty else { return nil }
    let who = off.count == fresh.count ? "no vtgate" : "not every vtgate"
    let isExcluded = off.contains { $0.flags.isEnabled == true }
    return (
      .warning, "\(who) buffers for this shard (off at \(names(off)))",
      isExcluded
        ? "add \(shard.name) to \(flag("buffer-keyspace-shards"))"
        : "start vtgate with \(flag("enable-buffer"))"
    )
  }

  var coolDown: Finding? {
    let buffering = fresh.filter { !$0.isOff(for: shard.name) }
    guard shard.state == .serving, let wait = buffering.compactMap({ $0.cooldown(at: now) }).max()
    else { return nil }
    return (
      .notice, "a failover within the next \(wait.inTenths) will not be buffered",
      "wait, or lower \(flag("buffer-min-time-between-failovers"))"
    )
  }

  var failoversTooClose: Finding? {
    let gaveUp = sum { $0.stops[.maxDurationExceeded, default: 0] } > 0
    let count = sum {
      $0.skipped[.lastFailoverTooRecent, default: 0]
        + $0.skipped[.lastReparentTooRecent, default: 0]
    }
    guard count > 0, !gaveUp, isRecent else { return nil }
    let least = parts.map(\.flags.minTimeBetweenFailovers).max() ?? .seconds(60)
    return (
      .critical, "\(count) requests were not buffered: failovers too close together",
      "leave \(least.inTenths) (\(flag("buffer-min-time-between-failovers"))) between two reparents"
    )
  }

  var bufferTooSmall: Finding? {
    func turnedAway(_ counts: BufferCounters) -> Int {
      counts.evicted[.bufferFull, default: 0] + counts.skipped[.bufferFull, default: 0]
    }
    let count = sum(turnedAway)
    guard count > 0, let worst = parts.max(by: { turnedAway($0.counts) < turnedAway($1.counts) })
    else { return nil }
    // What arrived while it was full would have been held as well.
    let wanted = ((worst.peak ?? 0) + turnedAway(worst.counts)).withRoom
    if let size = worst.bufferSize, size >= wanted { return nil }
    let size = worst.bufferSize.map { ", size \($0)" } ?? ""
    let peak = worst.peak.map { " (peak \($0)\(size))" } ?? ""
    return (
      .critical, "\(count) requests failed because a buffer was full\(peak)",
      "raise \(flag("buffer-size")) to \(wanted) or more"
    )
  }

  var windowTooShort: Finding? {
    let count = sum { $0.evicted[.windowExceeded, default: 0] }
    guard count > 0, let window = parts.map(\.flags.window).min() else { return nil }
    let felt = parts.compactMap(\.felt).max()
    let wanted = (felt ?? window).withRoom
    if window >= wanted { return nil }
    let then = parts.map(\.pastFlags.window).min() ?? window
    let took = felt.map { ", the last failover took \($0.inTenths)" } ?? ""
    var remedy = "raise \(flag("buffer-window")) to \(wanted.inWholeSeconds)"
    // Where buffering was given up, another rule says what the maximum should be.
    if maxDurationExceeded == nil {
      let maximum = parts.map(\.flags.maxFailoverDuration).min() ?? .seconds(20)
      if maximum < wanted {
        remedy += ", \(flag("buffer-max-failover-duration")) to \(wanted.inWholeSeconds)"
      }
      remedy += leastTime(for: max(maximum, wanted))
    }
    return (
      .warning, "\(count) requests outlasted the window of \(then.inTenths)\(took)", remedy
    )
  }

  var clientsGaveUp: Finding? {
    let count = sum { $0.evicted[.contextDone, default: 0] }
    guard count > 0, isRecent else { return nil }
    let window = parts.map(\.flags.window).max() ?? .seconds(10)
    return (
      .critical, "\(count) clients gave up while they were buffered",
      "let clients wait longer than \(window.inTenths) (\(flag("buffer-window")))"
    )
  }

  var maxDurationExceeded: Finding? {
    guard sum({ $0.stops[.maxDurationExceeded, default: 0] }) > 0 else { return nil }
    let maximum = parts.map(\.pastFlags.maxFailoverDuration).min() ?? .seconds(20)
    let wanted = maximum * 2
    if let now = parts.map(\.flags.maxFailoverDuration).min(), now >= wanted { return nil }
    return (
      .critical,
      "buffering was given up after \(maximum.inTenths), before a primary was seen",
      "find out why it took so long, or raise \(flag("buffer-max-failover-duration")) to "
        + wanted.inWholeSeconds + leastTime(for: wanted)
    )
  }

  /// The third flag, where a release wants it to be twice the second.
  private func leastTime(for maximum: Duration) -> String {
    let least = parts.map(\.flags.minTimeBetweenFailovers).min() ?? .seconds(60)
    guard needsTwiceTheMaximum, least < maximum * 2 else { return "" }
    return ", \(flag("buffer-min-time-between-failovers")) to \((maximum * 2).inWholeSeconds)"
  }

  var rolledBack: Finding? {
    guard let failover, failover.phase == .ended, let before = failover.primaryBefore,
      failover.sign == .buffering || failover.sign == .primaryGone,
      shard.primaryIsServing, failover.primaryAfter ?? shard.primary == before,
      shard.primary == before, isRecent
    else { return nil }
    return (
      .warning, "\(before.short) is primary again: the reparent was rolled back or never done",
      "read vtctld's answer; a candidate that lags must catch up first"
    )
  }

  var vtgateUnmoved: Finding? {
    guard let failover, failover.phase.isOver, isRecent else { return nil }
    let buffered = failover.tracks.filter { $0.started != nil }
    let idle = fresh.filter { vtgate in
      !failover.tracks.contains { $0.address == vtgate.address } && !vtgate.isOff(for: shard.name)
    }
    guard !buffered.isEmpty, !idle.isEmpty else { return nil }
    return (
      .notice, "the counters of \(names(idle)) did not move in the last failover",
      "see whether that vtgate gets traffic for this shard, and sees its primary"
    )
  }

  var lagOverThreshold: Finding? {
    guard let excess = shard.lag.excess else { return nil }
    return (
      .warning, excess,
      shard.lag.isCustomMetric
        ? "apps that check are denied until it falls: look at what drives it"
        : "a planned reparent waits for the candidate to catch up: look at the lagging replica"
    )
  }

  var heartbeatsOff: Finding? {
    // Without a primary nobody writes them, and that is said elsewhere.
    guard shard.primaryIsServing, shard.heartbeats.areAskedForInVain else { return nil }
    return (
      .warning,
      "apps ask the throttler and are denied, because no heartbeats are written",
      "start the primary's vttablet with \(flag("heartbeat-on-demand-duration")), "
        + "or with \(flag("heartbeat-enable"))"
    )
  }

  var throttlerDormant: Finding? {
    guard shard.primaryIsServing, heartbeatsOff == nil, shard.lag.metric.isLag,
      let age = shard.heartbeats.age, let threshold = shard.lag.threshold, age > threshold
    else { return nil }
    let primary = shard.tablets.first(where: \.isPrimary)?.throttler
    let isUnasked = primary.map(LagWitnesses.isUnasked) ?? false
    return (
      .notice,
      (isUnasked ? "nobody asks the throttler, and no" : "no")
        + " heartbeats are written: gauges show the age of the newest, which is no lag",
      isUnasked
        ? "nothing to do: they are written while an app checks, where they are on demand"
        : "where they are on demand, nothing to do; else start the primary's vttablet with "
          + flag("heartbeat-enable")
    )
  }

  private func names(_ vtgates: [Shard.VtgateView]) -> String {
    vtgates.map(\.address.description).joined(separator: ", ")
  }
}

extension Shard.VtgateView {
  /// `22` of `22.0.3`; nil up to v18, which do not say.
  fileprivate var majorVersion: Int? { version?.split(separator: ".").first.flatMap { Int($0) } }
}

extension String {
  /// With underscores; the two dashes of a flag stand before it.
  fileprivate var replacingDashes: String { String(map { $0 == "-" ? "_" : $0 }) }
}

extension Int {
  /// A quarter more, to two digits.
  fileprivate var withRoom: Int {
    let wanted = self + (self + 3) / 4
    var unit = 1
    while wanted / unit >= 100 { unit *= 10 }
    return (wanted + unit - 1) / unit * unit
  }
}

extension Duration {
  /// Half as much more, to whole seconds.
  fileprivate var withRoom: Duration { .seconds(Int64((seconds * 1.5).rounded(.up))) }

  /// As a flag takes it: `20s`.
  fileprivate var inWholeSeconds: String { "\(Int64(seconds.rounded(.up)))s" }
}
