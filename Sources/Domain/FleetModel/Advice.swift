package import Terms

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
    case serversDisagree = "servers-disagree"
    case bufferingOff = "buffering-off"
    case coolDown = "cool-down"
    case failoversTooClose = "failovers-too-close"
    case bufferTooSmall = "buffer-too-small"
    case windowTooShort = "window-too-short"
    case clientsGaveUp = "clients-gave-up"
    case maxDurationExceeded = "max-duration-exceeded"
    case waitedForAnother = "waited-for-another"
    case rolledBack = "rolled-back"
    case trafficSwitch = "traffic-switch"
    case samePrimary = "same-primary"
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
struct AdviceScene {
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
    /// From start to stop, as the vtgate says itself.
    let lasted: Duration?
    /// The most that other shards of the vtgate held meanwhile, the greatest first.
    let others: [Shard.Neighbour]
  }

  /// The flags are today's: advice that was followed is gone.
  var parts: [Part] {
    shard.vtgates.compactMap { vtgate in
      guard let failover else {
        return Part(
          flags: vtgate.flags, pastFlags: vtgate.flags, bufferSize: vtgate.bufferSize,
          counts: vtgate.counted,
          peak: vtgate.total?.lastRequestsInFlightMax, felt: vtgate.counted.lastFailoverDuration,
          lasted: vtgate.counted.lastFailoverDuration, others: [])
      }
      return failover.tracks.last { $0.address == vtgate.address }.map { track in
        Part(
          flags: vtgate.flags, pastFlags: track.flags, bufferSize: vtgate.bufferSize,
          counts: track.counts,
          peak: track.peak, felt: track.felt ?? track.duration, lasted: track.duration,
          others: shard.neighbours[vtgate.address] ?? [])
      }
    }
  }

  /// The shard's own primary served: vtgate holds a keyspace until its last shard is back.
  var isHeldByAnother: Bool { failover?.waitedFor != nil }

  /// What no flag can mend is said for a while after it happened.
  var isRecent: Bool { failover.map { now - $0.changed.at < .seconds(300) } ?? true }

  func sum(_ count: (BufferCounters) -> Int) -> Int { parts.reduce(0) { $0 + count($1.counts) } }

  /// A flag as this release spells it: with dashes from v23 on, before that with underscores.
  func flag(_ name: String) -> String {
    let isDashed = shard.vtgates.lazy.compactMap(\.release.spellsFlagsWithDashes).first ?? false
    return "--" + (isDashed ? name : name.replacingDashes)
  }
}

extension Advice {
  /// What a rule finds; nil when all is well.
  fileprivate init?(_ rule: Rule, for scene: AdviceScene) {
    let found: (FleetEvent.Severity, String, String)? =
      switch rule {
      case .serversDisagree: scene.serversDisagree
      case .bufferingOff: scene.bufferingOff
      case .coolDown: scene.coolDown
      case .failoversTooClose: scene.failoversTooClose
      case .bufferTooSmall: scene.bufferTooSmall
      case .windowTooShort: scene.windowTooShort
      case .clientsGaveUp: scene.clientsGaveUp
      case .maxDurationExceeded: scene.maxDurationExceeded
      case .waitedForAnother: scene.waitedForAnother
      case .rolledBack: scene.rolledBack
      case .trafficSwitch: scene.trafficSwitch
      case .samePrimary: scene.samePrimary
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

  var serversDisagree: Finding? {
    shard.disagreements.max { $0.severity < $1.severity }
      .map { ($0.severity, $0.finding, $0.remedy) }
  }

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
    let assumed = buffering.lazy.map { $0.flags.remark(on: .leastTime) }.first { !$0.isEmpty } ?? ""
    return (
      .notice, "a failover within the next \(wait.inTenths) will not be buffered\(assumed)",
      "wait, or lower \(flag("buffer-min-time-between-failovers"))"
    )
  }

  var failoversTooClose: Finding? {
    let gaveUp = sum { $0.stops[.maxDurationExceeded, default: 0] } > 0
    let count = sum {
      $0.skipped[.lastFailoverTooRecent, default: 0]
        + $0.skipped[.lastReparentTooRecent, default: 0]
    }
    guard count > 0, !gaveUp, isRecent, failover?.kind ?? .failover == .failover else { return nil }
    let flags = parts.map(\.flags).max { $0.minTimeBetweenFailovers < $1.minTimeBetweenFailovers }
    let least = (flags?.minTimeBetweenFailovers ?? .seconds(60)).inTenths
    let remark = flags?.remark(on: .leastTime) ?? ""
    // What it cost decides, not what it is called: a request let through may have succeeded.
    let isHarmless = failover?.failed.isNothing == true
    return (
      isHarmless ? .notice : .critical,
      "\(count.grouped) requests were not buffered: failovers too close together"
        + (isHarmless ? "; none failed" : ""),
      "leave \(least)\(remark) (\(flag("buffer-min-time-between-failovers"))) between two reparents"
    )
  }

  var clientsGaveUp: Finding? {
    let count = sum { $0.evicted[.contextDone, default: 0] }
    guard count > 0, isRecent else { return nil }
    let flags = parts.map(\.flags).max { $0.window < $1.window }
    let window = flags.map { " than \($0.window.inTenths)\($0.remark(on: .window))" } ?? ""
    return (
      .critical, "\(count.grouped) clients gave up while they were buffered",
      "let clients wait longer\(window) (\(flag("buffer-window")))"
    )
  }

  var rolledBack: Finding? {
    guard let failover, failover.phase == .ended, failover.kind == .failover,
      failover.primaryGone != nil, let before = failover.primaryBefore,
      shard.primaryIsServing, failover.primaryAfter ?? shard.primary == before,
      shard.primary == before, isRecent
    else { return nil }
    return (
      .warning, "\(before.short) is primary again: the reparent was rolled back or never done",
      "read vtctld's answer; a candidate that lags must catch up first"
    )
  }

  var waitedForAnother: Finding? {
    guard let failover, let culprit = failover.waitedFor, isRecent else { return nil }
    let isOver = failover.phase.isOver
    return (
      .warning,
      "requests \(isOver ? "were" : "are") held because \(culprit) \(isOver ? "had" : "has") no primary: "
        + "vtgate holds a whole keyspace until its last shard is back",
      "mend \(culprit); no flag would help this shard alone"
    )
  }

  /// vtgate marks the shard as not serving when it begins to buffer, and only the next message of the
  /// source primary's health stream ends that (go/vt/vtgate/gateway and discovery, v18 to v24).
  var trafficSwitch: Finding? {
    guard let failover, failover.verdict == .switched, let held = failover.longestBuffering,
      held > .seconds(2), isRecent
    else { return nil }
    return (
      .notice,
      "a traffic switch held requests for \(held.inTenths), until the next health message of the "
        + "source's primary; clients may have waited longer",
      "lower \(flag("health-check-interval")) of the source's vttablets (20s by default), and keep "
        + "\(flag("buffer-window")) and SwitchTraffic's --timeout above it"
    )
  }

  var samePrimary: Finding? {
    guard let failover, failover.phase == .ended, isRecent, let primary = failover.primaryBefore
    else { return nil }
    let told = failover.routingWords.map { " (\($0))" } ?? ""
    if failover.switching == .halfDone {
      return (
        .critical,
        "a traffic switch was left half done: tables are denied, and nobody takes their writes\(told)",
        "switch again, or lift the denial: SetShardTabletControl --remove"
      )
    }
    if failover.verdict == .notSwitched {
      return (
        .warning,
        "a traffic switch timed out or was cancelled, and writes stay at \(primary.short)\(told)",
        "see what kept the target from catching up, then switch again"
      )
    }
    guard failover.verdict == .unchanged else { return nil }
    return (
      .warning,
      "requests were held and \(primary.short) stayed primary: a traffic switch that timed out, was "
        + "cancelled or ended between two health messages, or a reparent that was rolled back",
      "ask vtctld how it ended: GetWorkflows of the target keyspace, GetShard \(shard.name), or the "
        + "reparent's answer"
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
    // Without a primary that is what is to be looked at.
    guard shard.primaryIsServing, let excess = shard.lag.excess else { return nil }
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
  /// Up to v18 vtgates do not say theirs.
  var release: Release { version.flatMap { Release($0) } ?? .unknown }
}

extension String {
  /// With underscores; the two dashes of a flag stand before it.
  fileprivate var replacingDashes: String { String(map { $0 == "-" ? "_" : $0 }) }
}
