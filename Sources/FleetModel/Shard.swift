/// One shard as its operator sees it, derived from the fleet at one moment.
package struct Shard: Sendable, Equatable {
  package enum State: Sendable, Equatable, CaseIterable {
    case noPrimary, buffering, draining, serving, noData

    /// Trouble first.
    package var urgency: Int {
      switch self {
      case .noPrimary: 4
      case .buffering: 3
      case .draining: 2
      case .noData: 1
      case .serving: 0
      }
    }
  }

  package let name: ShardName
  package let state: State
  /// The serving primary, or the last one seen while there is none.
  package let primary: TabletAlias?
  package let primaryIsServing: Bool
  /// Sums over the fresh vtgates, counted since the baseline where one is set.
  package let counters: BufferCounters
  /// Sum of what is held now over the fresh vtgates.
  package let held: Int
  /// The fullest vtgate's Σ held over all shards ÷ its size, 0...1 and above while slots are kept;
  /// nil when no size is known.
  package let fill: Double?
  /// The same counting this shard alone.
  package let share: Double?
  package let vtgates: [VtgateView]
  package let tablets: [TabletView]
  package let lag: Lag
  /// Throttled apps of all tablets of the shard, without the built-in rule, by name.
  package let throttledApps: [ThrottledApp]

  /// At least one vtgate has counters to show.
  package var hasCounters: Bool { vtgates.contains { $0.total != nil } }

  /// One vtgate's part in the shard.
  package struct VtgateView: Sendable, Equatable {
    package let address: Address
    package let freshness: Freshness
    /// What the process itself says; nil when it has no series for the shard.
    package let total: BufferCounters?
    /// The same since the baseline.
    package let counted: BufferCounters
    /// The vtgate only pretends to buffer for this shard; its `starts` and `stops` move all the same.
    package let isDryRun: Bool
    /// When the shard's primary was last seen to change; a vtgate counts its cool-down from there too.
    package let reparentedAt: Instant?
    package let episode: Episode
    package let flags: BufferFlags
    package let bufferSize: Int?
    package let heldTotal: Int
    /// Failed calls to the shard's primary since the process started; nil when none are exported.
    package let callErrors: Int?
    /// `BuildVersion`, v19 and later.
    package let version: String?

    package var isBuffering: Bool { !isDryRun && total?.isBuffering ?? false }
    package var isDraining: Bool { total?.isDraining ?? false }
    package var held: Int { total?.held ?? 0 }

    /// True when the vtgate is known not to buffer for this shard.
    package func isOff(for shard: ShardName) -> Bool {
      // Flags may also come from a configuration file: what was buffered is proof.
      if let total, total.buffered > 0 { return false }
      if let covers = flags.covers(shard) { return !covers }
      return (total?.skipped[.disabled] ?? 0) > 0
    }

    /// How long until the next failover would be buffered; nil when it would be now.
    package func cooldown(at now: Instant) -> Duration? {
      guard let end = [episode.stoppedAt, reparentedAt].compactMap(\.self).max() else { return nil }
      let left = flags.minTimeBetweenFailovers - (now - end)
      return left > .zero ? left : nil
    }

    /// Time since the poll that showed the start of the failover going on.
    package func elapsed(at now: Instant) -> Duration? {
      guard isBuffering, let start = episode.startedAt else { return nil }
      return now - start
    }
  }

  /// One tablet of the shard.
  package struct TabletView: Sendable, Equatable {
    package let alias: TabletAlias?
    package let address: Address?
    package let type: TabletType
    package let isPrimary: Bool
    /// Nil when no vtgate says.
    package let isServing: Bool?
    package let freshness: Freshness
    package let failure: ScrapeFailure?
    package let throttler: ThrottlerReading?
    /// What the health stream told the vtgates, whole seconds.
    package let healthLag: Int?
    package let lag: Lag

    package var label: String { alias?.short ?? address?.description ?? "?" }
  }

  /// True when at least one fresh vtgate knows the shard and none of them sees a serving primary.
  package let isPrimaryMissing: Bool

  /// Derives the shard from the fleet.
  ///
  /// `polled`: the shard's polled tablets.
  init(
    _ name: ShardName, in fleet: Fleet, polled: [TabletState], lastPrimary: TabletAlias?,
    reparentedAt: Instant?, at now: Instant
  ) {
    self.name = name
    let views = fleet.vtgates.values.sorted { $0.address < $1.address }.map { state in
      VtgateView(
        name, state, freshness: state.watched.freshness(at: now, limit: fleet.staleAfter),
        reparentedAt: reparentedAt)
    }
    let fresh = views.filter(\.freshness.isFresh)
    // Counters only grow: a vtgate that misses a poll keeps what it had counted.
    var counters = BufferCounters()
    for view in views { counters.add(view.counted) }
    counters.lastFailoverDuration = fresh.compactMap(\.total?.lastFailoverDuration).max()
    let peaks = fresh.compactMap(\.total?.lastRequestsInFlightMax)
    counters.lastRequestsInFlightMax = peaks.isEmpty ? nil : peaks.reduce(0, +)
    self.counters = counters
    held = fresh.reduce(0) { $0 + $1.held }
    func fullest(_ held: (VtgateView) -> Int) -> Double? {
      fresh.compactMap { view in
        view.bufferSize.map { Double(held(view)) / Double(max(1, $0)) }
      }.max()
    }
    fill = fullest(\.heldTotal)
    share = fullest(\.held)

    let seen = Sightings(name, in: fleet, polled: polled, freshAt: now)
    let current = seen.primary
    let isMissing = current == nil && seen.canTell
    isPrimaryMissing = isMissing
    primary = current?.alias ?? lastPrimary
    primaryIsServing = current?.alias != nil
    tablets = seen.tabletViews(primary: current?.alias, in: fleet, at: now)
    lag = Lag.ofShard(tablets)

    var apps: [String: ThrottledApp] = [:]
    for tablet in tablets where tablet.freshness.isFresh {
      for app in tablet.throttler?.throttledApps ?? []
      where !app.isBuiltIn && app.expiresAt > now && !app.isExempt {
        if let known = apps[app.name], known.expiresAt >= app.expiresAt { continue }
        apps[app.name] = app
      }
    }
    throttledApps = apps.values.sorted { $0.name < $1.name }

    vtgates = views
    if fresh.contains(where: \.isBuffering) {
      state = .buffering
    } else if isMissing {
      state = .noPrimary
    } else if fresh.contains(where: \.isDraining) {
      state = .draining
    } else if current != nil {
      state = .serving
    } else {
      state = .noData
    }
  }
}

extension Shard.VtgateView {
  fileprivate init(
    _ shard: ShardName, _ state: VtgateState, freshness: Freshness, reparentedAt: Instant?
  ) {
    address = state.address
    self.reparentedAt = reparentedAt
    isDryRun = state.flags.isDryRun && state.flags.covers(shard) == false
    self.freshness = freshness
    let reading = state.watched.value
    total = reading?.buffers[shard]
    var counted = (total ?? BufferCounters()).since(state.baseline[shard] ?? BufferCounters())
    if let carried = state.carried[shard] { counted.add(carried) }
    self.counted = counted
    episode = state.episodes[shard] ?? Episode()
    flags = state.flags
    bufferSize = reading?.bufferSize
    heldTotal = state.heldTotal
    callErrors = reading?.callErrors[shard]
    version = state.version
  }
}

/// What the vtgates' health checks show of one shard.
private struct Sightings {
  struct Primary {
    let alias: TabletAlias?
    let term: Int
  }

  let shard: ShardName
  /// The latest record of each tablet, from the vtgate read last, and whether that is fresh.
  private let records: [(tablet: GatewayTablet, isFresh: Bool)]
  private let polled: [TabletState]
  /// At least one fresh vtgate knows the shard.
  let canTell: Bool
  let primary: Primary?

  init(
    _ shard: ShardName, in fleet: Fleet, polled: [TabletState], freshAt now: Instant
  ) {
    self.shard = shard
    self.polled = polled
    var records: [TabletAlias: (GatewayTablet, Instant, Bool)] = [:]
    var candidates: [Primary] = []
    var canTell = false
    for vtgate in fleet.vtgates.values {
      guard let readAt = vtgate.watched.readAt else { continue }
      let isFresh = vtgate.watched.freshness(at: now, limit: fleet.staleAfter).isFresh
      // A list kept from an earlier poll names the tablets, but says nothing of who serves now.
      let isCurrent = isFresh && vtgate.watched.value?.tablets != nil
      let own = vtgate.tabletsByShard[shard] ?? []
      for tablet in own {
        if let known = records[tablet.alias], known.1 >= readAt { continue }
        records[tablet.alias] = (tablet, readAt, isCurrent)
      }
      guard isFresh, let reading = vtgate.watched.value else { continue }
      if isCurrent, !own.isEmpty {
        canTell = true
        candidates += own.filter { $0.type == .primary && $0.isServing && !$0.hasError }
          .map { Primary(alias: $0.alias, term: $0.primaryTermStart) }
      } else if !isCurrent,
        !own.isEmpty || reading.buffers[shard] != nil || reading.primaryConnections[shard] != nil
      {
        // Without the list of tablets the count of connections tells: absent means none.
        canTell = true
        if reading.primaryConnections[shard, default: 0] > 0 {
          candidates.append(Primary(alias: nil, term: 0))
        }
      }
    }
    // Tablets alone were named: then their own word is all there is.
    for tablet in polled where fleet.vtgates.isEmpty {
      guard let reading = tablet.watched.value,
        reading.type == .primary || reading.throttler.isLeader == true,
        tablet.watched.freshness(at: now, limit: fleet.staleAfter).isFresh
      else { continue }
      // Who leads the throttlers is primary for sure.
      candidates.append(
        Primary(alias: reading.alias, term: reading.throttler.isLeader == true ? 1 : 0))
    }
    self.records = records.values.map { ($0.0, $0.2) }
      .sorted { $0.tablet.alias < $1.tablet.alias }
    self.canTell = canTell
    // Two primaries can be serving for many seconds after an emergency reparent: the newer counts.
    primary = candidates.max { ($0.term, $0.alias?.uid ?? 0) < ($1.term, $1.alias?.uid ?? 0) }
  }

  func tabletViews(primary: TabletAlias?, in fleet: Fleet, at now: Instant) -> [Shard.TabletView] {
    var views = records.map { record, isFresh in
      view(record, isFresh, record.address.flatMap { fleet.tablets[$0] }, primary, fleet, now)
    }
    let known = Set(records.compactMap(\.tablet.address))
    for state in polled where !known.contains(state.address) {
      views.append(view(nil, false, state, primary, fleet, now))
    }
    return views.sorted { left, right in
      left.isPrimary != right.isPrimary ? left.isPrimary : left.label < right.label
    }
  }

  private func view(
    _ record: GatewayTablet?, _ isFresh: Bool, _ state: TabletState?, _ primary: TabletAlias?,
    _ fleet: Fleet,
    _ now: Instant
  ) -> Shard.TabletView {
    let reading = state?.watched.value
    let alias = record?.alias ?? reading?.alias
    let freshness = state?.watched.freshness(at: now, limit: fleet.staleAfter) ?? .never
    let isPrimary = alias != nil && alias == primary
    return Shard.TabletView(
      alias: alias, address: record?.address ?? state?.address,
      type: record?.type ?? reading?.type ?? .unknown, isPrimary: isPrimary,
      isServing: isFresh ? record?.isServing : nil, freshness: freshness,
      failure: state?.watched.failure,
      throttler: reading?.throttler, healthLag: record?.replicationLag,
      lag: Lag.ofTablet(
        reading?.throttler, freshness: freshness, failure: state?.watched.failure))
  }
}
