internal import Terms

/// What a rule looks at.
struct AdviceScene {
  let shard: Shard
  let now: Instant

  var failover: Failover? { shard.lastFailover }
  var fresh: [Shard.VtgateView] { shard.vtgates.filter(\.freshness.isFresh) }

  /// One vtgate's counts: those of the last failover that was watched, or else its totals.
  struct Part {
    let flags: BufferFlags
    /// As they were during that failover.
    let pastFlags: BufferFlags
    let bufferSize: Int?
    let counts: BufferCounters
    let peak: Int?
    /// How long its requests waited, or, when that is not known, how long it buffered.
    let felt: Duration?
    /// From start to stop, as the vtgate itself reports it.
    let lasted: Duration?
    /// The most that other shards of the vtgate held meanwhile, largest first.
    let others: [Shard.Neighbour]
  }

  /// With today's flags, so that advice disappears once it has been followed.
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

  /// The shard's own primary served, but vtgate holds a keyspace until its last shard is back.
  var isHeldByAnother: Bool { failover?.waitedFor != nil }

  /// Whether it is recent enough to report a problem that no flag can fix.
  var isRecent: Bool { failover.map { now - $0.changed.at < .seconds(300) } ?? true }

  func sum(_ count: (BufferCounters) -> Int) -> Int { parts.reduce(0) { $0 + count($1.counts) } }

  /// From v23 on.
  var spellsFlagsWithDashes: Bool {
    shard.vtgates.lazy.compactMap(\.release.spellsFlagsWithDashes).first ?? false
  }
}

extension AdviceScene {
  /// What a rule finds; nil when all is well.
  func finding(_ rule: Advice.Rule) -> Advice.Kind? {
    switch rule {
    case .serversDisagree: serversDisagree
    case .bufferingOff: bufferingOff
    case .coolDown: coolDown
    case .failoversTooClose: failoversTooClose
    case .bufferTooSmall: bufferTooSmall
    case .windowTooShort: windowTooShort
    case .clientsGaveUp: clientsGaveUp
    case .maxDurationExceeded: maxDurationExceeded
    case .waitedForAnother: waitedForAnother
    case .rolledBack: rolledBack
    case .cutoverUnderWay: cutoverUnderWay
    case .cutoverNotDone: cutoverNotDone
    case .serverNotUsable: serverNotUsable
    case .primaryReadOnly: primaryReadOnly
    case .switchAhead: switchAhead
    case .trafficSwitch: trafficSwitch
    case .samePrimary: samePrimary
    case .vtgateUnmoved: vtgateUnmoved
    case .lagOverThreshold: lagOverThreshold
    case .heartbeatsOff: heartbeatsOff
    case .throttlerDormant: throttlerDormant
    }
  }

  private var serversDisagree: Advice.Kind? {
    shard.disagreements.max { $0.severity < $1.severity }.map { .serversDisagree($0) }
  }

  private var bufferingOff: Advice.Kind? {
    let off = fresh.filter { $0.isOff(for: shard.name) }
    guard !off.isEmpty else { return nil }
    return .bufferingOff(
      at: off.map(\.address), isOffEverywhere: off.count == fresh.count,
      isLeftOut: off.contains { $0.flags.isEnabled == true })
  }

  private var coolDown: Advice.Kind? {
    let buffering = fresh.filter { !$0.isOff(for: shard.name) }
    guard shard.state == .serving, let wait = buffering.compactMap({ $0.cooldown(at: now) }).max()
    else { return nil }
    let bases = buffering.lazy.map { $0.flags[.leastTime].basis }
    return .coolDown(wait, leastTime: bases.first { $0 != .commandLine } ?? .commandLine)
  }

  private var failoversTooClose: Advice.Kind? {
    let gaveUp = sum { $0.stops[.maxDurationExceeded, default: 0] } > 0
    let count = sum {
      $0.skipped[.lastFailoverTooRecent, default: 0]
        + $0.skipped[.lastReparentTooRecent, default: 0]
    }
    guard count > 0, !gaveUp, isRecent,
      [.failover, .cutover].contains(failover?.kind ?? .failover),
      let flags = parts.map(\.flags).max(by: {
        $0.minTimeBetweenFailovers < $1.minTimeBetweenFailovers
      })
    else { return nil }
    return .failoversTooClose(
      requests: count, haveFailed: failover?.failed.isNothing != true,
      leastTime: flags[.leastTime])
  }

  private var clientsGaveUp: Advice.Kind? {
    let count = sum { $0.evicted[.contextDone, default: 0] }
    guard count > 0, isRecent else { return nil }
    let flags = parts.map(\.flags).max { $0.window < $1.window }
    return .clientsGaveUp(requests: count, window: flags?[.window])
  }

  private var rolledBack: Advice.Kind? {
    guard let failover, failover.phase == .ended, failover.kind == .failover,
      failover.primaryGone != nil, let before = failover.primaryBefore,
      shard.primaryIsServing, failover.primaryAfter ?? shard.primary == before,
      shard.primary == before, isRecent, !shard.gates.hasProxies
    else { return nil }
    return .rolledBack(to: before)
  }

  // MARK: What proxies tell

  private var routes: [(proxy: Shard.VtgateView, route: ProxyRoute)] {
    fresh.compactMap { proxy in proxy.route.map { (proxy, $0) } }
  }

  private var cutoverUnderWay: Advice.Kind? {
    let holding = routes.first { $0.route.cutover?.isUnderWay == true }
    guard let holding, let cutover = holding.route.cutover else { return nil }
    return .cutoverUnderWay(
      cutover, inFlight: holding.route.inFlight, limit: holding.proxy.flags[.maximum])
  }

  private var cutoverNotDone: Advice.Kind? {
    guard let failover, failover.phase.isOver, isRecent, let cutover = failover.plannedCutover,
      cutover.isUndone
    else { return nil }
    return .cutoverNotDone(cutover)
  }

  private var serverNotUsable: Advice.Kind? {
    // While a cutover is under way, its end is what to wait for.
    guard cutoverUnderWay == nil, let route = routes.map(\.route).first(where: { $0.fault != nil }),
      let fault = route.fault
    else { return nil }
    return .serverNotUsable(route.server, fault, others: others(than: route.server))
  }

  private var primaryReadOnly: Advice.Kind? {
    guard shard.primaryIsServing, let primary = shard.readOnlyPrimary else { return nil }
    return .primaryReadOnly(primary.name, others: others(than: primary.name))
  }

  /// The other servers of the shard, those that serve first.
  private func others(than name: String) -> [String] {
    let others = shard.tablets.filter { $0.database.map { $0.name != name } ?? false }
    return (others.filter { $0.isServing == true } + others.filter { $0.isServing != true })
      .compactMap(\.database?.name)
  }

  private var waitedForAnother: Advice.Kind? {
    guard let failover, let culprit = failover.waitedFor, isRecent else { return nil }
    return .waitedForAnother(culprit, isOver: failover.phase.isOver)
  }

  /// The nearest to its switch, if there are several.
  private var switchAhead: Advice.Kind? {
    guard let told = shard.workflowsTold, now - told.readAt < Self.workflowsHold else { return nil }
    let leaving = told.workflows(leaving: shard.name)
    let nearest =
      leaving.first(where: \.isHalfWay) ?? leaving.first { $0.readiness == .ready } ?? leaving.first
    guard let nearest else { return nil }
    return .switchAhead(
      nearest, age: max(.zero, now - told.readAt),
      .init(Set(fresh.map { $0.hold(while: nearest, of: shard.name) })))
  }

  /// How long the word on workflows counts when none follows.
  private static let workflowsHold: Duration = .seconds(600)

  /// vtgate marks the shard as not serving when it begins to buffer, and only the next message of
  /// the source primary's health stream ends that (go/vt/vtgate/gateway and discovery, v18 to v24).
  private var trafficSwitch: Advice.Kind? {
    guard let failover, failover.verdict == .switched, failover.kind != .cutover,
      let held = failover.longestBuffering,
      held > .seconds(2), isRecent
    else { return nil }
    return .trafficSwitch(held)
  }

  private var samePrimary: Advice.Kind? {
    guard let failover, failover.phase == .ended, failover.kind != .cutover, isRecent,
      let primary = failover.primaryBefore
    else { return nil }
    if failover.switching == .halfDone { return .switchHalfDone(failover.routing) }
    if failover.verdict == .notSwitched {
      return .switchNotDone(staysAt: primary, failover.routing)
    }
    return failover.verdict == .unchanged ? .samePrimary(primary) : nil
  }

  private var vtgateUnmoved: Advice.Kind? {
    guard let failover, failover.phase.isOver, isRecent else { return nil }
    let buffered = failover.tracks.filter { $0.started != nil }
    let kinds = Set(fresh.filter { $0.total != nil }.map(\.kind))
    let idle = fresh.filter { vtgate in
      kinds.contains(vtgate.kind) && !failover.tracks.contains { $0.address == vtgate.address }
        && !vtgate.isOff(for: shard.name)
    }
    guard !buffered.isEmpty, !idle.isEmpty else { return nil }
    return .vtgateUnmoved(idle.map(\.address))
  }

  private var lagOverThreshold: Advice.Kind? {
    // Without a primary, the missing primary is what to look at.
    guard shard.primaryIsServing, shard.lag.isOverThreshold else { return nil }
    return .lagOverThreshold(shard.lag)
  }

  private var heartbeatsOff: Advice.Kind? {
    // Without a primary nobody writes them, which is reported elsewhere.
    guard shard.primaryIsServing, shard.heartbeats.areAskedForInVain else { return nil }
    return .heartbeatsOff
  }

  private var throttlerDormant: Advice.Kind? {
    guard shard.primaryIsServing, heartbeatsOff == nil, shard.lag.metric.isLag,
      let age = shard.heartbeats.age, let threshold = shard.lag.threshold, age > threshold
    else { return nil }
    let primary = shard.tablets.first(where: \.isPrimary)?.throttler
    return .throttlerDormant(isUnasked: primary.map(LagWitnesses.isUnasked) ?? false)
  }
}

extension Shard.VtgateView {
  /// What it does with a shard's requests while a workflow takes its writes away.
  fileprivate func hold(
    while workflow: TrafficWorkflow, of shard: ShardName
  ) -> Advice.SwitchHold {
    if isOff(for: shard) || flags.areDryRun(for: shard) { return .off }
    if workflow.isReshard { return .held }
    return release.buffersMovedTables.map { $0 ? .held : .unsupported } ?? .unknown
  }

  /// Up to v18 vtgates do not report it.
  var release: Release { version.flatMap { Release($0) } ?? .unknown }
}
