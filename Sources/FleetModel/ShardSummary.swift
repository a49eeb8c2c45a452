/// One shard in a line: what its row on the fleet screen shows.
///
/// Derived by ``Fleet/settle(at:)`` and kept until something it rests on changes.
package struct ShardSummary: Sendable, Equatable {
  package let name: ShardName
  package private(set) var state = Shard.State.noData
  /// The serving primary, or the last one seen while there is none.
  package private(set) var primary: TabletAlias?
  package private(set) var primaryIsServing = false
  /// At least one fresh vtgate knows the shard and none of them sees a serving primary.
  package private(set) var isPrimaryMissing = false
  package private(set) var buffering = Buffering()
  package private(set) var tablets: [TabletView] = []
  package private(set) var lag = Lag.ofShard([])
  /// Throttled apps of all tablets of the shard, without the built-in rule, by name.
  package private(set) var throttledApps: [ThrottledApp] = []

  /// What the vtgates' buffers show, all together.
  package struct Buffering: Sendable, Equatable {
    /// Sums over the vtgates, counted since the baseline where one is set.
    ///
    /// Counters only grow: a vtgate that misses a poll keeps what it had counted.
    package internal(set) var counters = BufferCounters()
    /// Sum of what is held now over the fresh vtgates; nil when some of it is not known.
    package internal(set) var held: Int? = 0
    /// Vtgates that count the shard together with others.
    package internal(set) var combining = 0
    /// The fullest vtgate's requests held for this shard ÷ its size; nil when no size is known.
    package internal(set) var share: Double?
    /// At least one vtgate has counters to show.
    package internal(set) var hasCounters = false
    package internal(set) var isBuffering = false
    package internal(set) var isDraining = false
    /// Fresh vtgates, and those of them known not to buffer for the shard.
    package internal(set) var freshVtgates = 0
    package internal(set) var vtgatesOff = 0
  }

  package init(_ name: ShardName) { self.name = name }

  package var counters: BufferCounters { buffering.counters }
  package var held: Int? { buffering.held }
  package var hasCounters: Bool { buffering.hasCounters }
  /// What the vtgates' counters leave unknown, in words; nil when nothing.
  package var countersCaveat: String? {
    if buffering.combining > 0 { return "its counters are not told apart from other shards'" }
    guard hasCounters, !counters.untold.isEmpty else { return nil }
    return "not told by every vtgate: \(counters.untold.words)"
  }
  /// No fresh vtgate buffers for the shard.
  package var isBufferingOff: Bool {
    buffering.freshVtgates > 0 && buffering.vtgatesOff == buffering.freshVtgates
  }

  /// Takes in what the vtgates show.
  mutating func take(
    _ buffering: Buffering, _ seen: Sightings, lastPrimary: TabletAlias?
  ) {
    self.buffering = buffering
    isPrimaryMissing = seen.primary == nil && seen.canTell
    primary = seen.primary?.alias ?? lastPrimary
    primaryIsServing = seen.primary?.alias != nil
    state =
      if buffering.isBuffering {
        .buffering
      } else if isPrimaryMissing {
        .noPrimary
      } else if buffering.isDraining {
        .draining
      } else if seen.primary != nil {
        .serving
      } else {
        .noData
      }
  }

  /// Takes in what the tablets show.
  ///
  /// `topoRules`: rules for the whole keyspace; from v22 on tablets do not list theirs.
  mutating func take(_ tablets: [TabletView], _ topoRules: [ThrottledApp], at now: Instant) {
    self.tablets = tablets
    lag = Lag.ofShard(tablets)
    var apps: [String: ThrottledApp] = [:]
    for rules in [topoRules] + tablets.filter(\.isFresh).map({ $0.throttler?.throttledApps ?? [] })
    {
      for app in rules
      where !app.isBuiltIn && app.expiresAt > now && !app.isExempt {
        if let known = apps[app.name], known.expiresAt >= app.expiresAt { continue }
        apps[app.name] = app
      }
    }
    throttledApps = apps.values.sorted { $0.name < $1.name }
  }
}

/// One tablet of a shard.
package struct TabletView: Sendable, Equatable {
  package let alias: TabletAlias?
  package let address: Address?
  package let type: TabletType
  package let isPrimary: Bool
  /// Nil when no vtgate says.
  package let isServing: Bool?
  package let isFresh: Bool
  package let failure: ScrapeFailure?
  package let throttler: ThrottlerReading?
  /// What the health stream told the vtgates, whole seconds.
  package let healthLag: Int?
  package let lag: Lag

  package var label: String { alias?.short ?? address?.description ?? "?" }
}

extension TabletView {
  init(
    _ record: GatewayTablet?, isCurrent: Bool, _ state: TabletState?, primary: TabletAlias?
  ) {
    let reading = state?.watched.value
    alias = record?.alias ?? reading?.alias
    address = record?.address ?? state?.address
    type = record?.type ?? reading?.type ?? .unknown
    isPrimary = alias != nil && alias == primary
    isServing = isCurrent ? record?.isServing : nil
    isFresh = state?.isFresh ?? false
    failure = state?.watched.failure
    throttler = reading?.throttler
    healthLag = record?.replicationLag
    lag = Lag.ofTablet(throttler, isFresh: isFresh, failure: failure)
  }
}
