package import Terms

/// One shard in a line, as its row on the fleet screen shows it.
///
/// Derived by ``Fleet/settle(at:)`` and kept until something it depends on changes.
package struct ShardSummary: Sendable, Equatable, Codable {
  package let name: ShardName
  package private(set) var state = Shard.State.noData
  /// The serving primary, or the last one seen while there is none.
  package private(set) var primary: TabletAlias?
  package private(set) var primaryIsServing = false
  /// At least one fresh vtgate knows the shard, and none of them sees a serving primary.
  package private(set) var isPrimaryMissing = false
  /// Since when it is missing for longer than a change of primaries may take; nil until then.
  private(set) var primaryOverdueSince: Instant?
  package private(set) var buffering = Buffering()
  /// Without the records of tablets that nobody has heard from.
  package private(set) var tablets: [TabletView] = []
  /// How many of those records there are.
  package private(set) var deadRecords = 0
  package private(set) var lag = Lag.ofShard([], leader: nil, leadersMaximum: nil)
  /// Whether the primary writes heartbeats, by which the lag is judged.
  package private(set) var heartbeats = Heartbeats()
  /// What topo and all tablets of the shard deny, without the built-in rule: of one app the strictest
  /// first, since a rule in one tablet's memory hides none in topo, nor the other way round.
  package private(set) var throttledApps: [ThrottledApp] = []
  /// What its servers have disagreed about for longer than a moment.
  package private(set) var disagreements: [Disagreement] = []
  /// Since when nobody can say anything about it, though it was known; nil while somebody can.
  package private(set) var blindSince: Instant?

  /// A proxy's cutover for which it is held, as long as that is within the proxy's limits.
  package private(set) var hold: ProxyCutover?
  /// Its record in topo, where no server names it.
  package private(set) var onlyInTopo: TopoShard?

  /// What the application saw fail in the failovers that were watched, since the baseline if there
  /// is one; nil when there was none.
  var failedWatched: Failed?
  /// Requests that those failovers turned away or threw out.
  var turnedAwayWatched = 0

  /// What the vtgates' buffers show, all taken together.
  package struct Buffering: Sendable, Equatable, Codable {
    /// Sums over the vtgates, counted since the baseline where one is set.
    ///
    /// Counters only grow: a vtgate that misses a poll keeps what it had counted.
    package internal(set) var counters = BufferCounters()
    /// What is held now, summed over the fresh vtgates; nil when some of it is not known.
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

  /// A shard of the keyspace without a primary: vtgates hold this one's requests until it is back.
  package internal(set) var waitsFor: ShardName?
  /// Why it serves nobody on purpose; nil when it serves, or should.
  package internal(set) var idleness: Idleness?

  /// Behind a proxy there are database servers, which have no throttler.
  package var hasOnlyDatabases: Bool {
    !tablets.isEmpty && tablets.allSatisfy { $0.database != nil }
  }

  /// The primary, where it is a database server that takes no writes.
  package var readOnlyPrimary: DatabaseServer? {
    tablets.first(where: \.isPrimary)?.database.flatMap { $0.isReadOnly == true ? $0 : nil }
  }

  /// The database servers that take writes, by name.
  package var writableServers: [String] {
    tablets.compactMap(\.database).filter { $0.isReadOnly == false }.map(\.name).sorted()
  }

  /// Tablets that are meant to serve and do not, though they answer or nobody asks them; those that
  /// do not answer are told as silent.
  ///
  /// Backups, restores, drained and spare tablets do not serve on purpose, nor does an idle shard.
  package var notServing: [TabletName] {
    guard idleness == nil else { return [] }
    return tablets.lazy.filter { tablet in
      guard tablet.isServing == false, tablet.failure == nil, tablet.occupant == nil else {
        return false
      }
      switch tablet.type {
      case .replica, .rdonly: return true
      // A primary of earlier; that there is none at all is the shard's own trouble.
      case .primary: return primaryIsServing && !tablet.isPrimary
      default: return false
      }
    }.map(\.name)
  }

  /// The apps that rules deny, each once.
  package var throttledNames: [String] {
    var names: [String] = []
    for app in throttledApps where names.last != app.name { names.append(app.name) }
    return names
  }

  /// Its record in topo says that it has never had one.
  package var hasNeverHadPrimary: Bool { idleness == .uninitialized }

  package var counters: BufferCounters { buffering.counters }
  package var held: Int? { buffering.held }
  /// What the application saw fail; nil when there was no failover in which it could have failed.
  ///
  /// What the vtgates turned away before anybody was watching, or do not count, may have failed.
  package var failed: Failed? {
    let countsLosses = !hasCounters || counters.lost != nil
    guard !countsLosses || counters.turnedAway > turnedAwayWatched else { return failedWatched }
    return (failedWatched ?? Failed(count: 0)) + Failed(count: nil)
  }
  /// Whether some vtgate's counters are current: when none answers, what was counted is old.
  package var hasCounters: Bool { buffering.hasCounters && buffering.freshVtgates > 0 }
  /// What the vtgates' counters leave unknown.
  package enum CountersCaveat: Sendable, Equatable {
    /// Some vtgate counts the shard together with others.
    case combined
    /// Not every vtgate reports these.
    case unreported(BufferCounters.Families)
  }

  /// Nil when the counters leave nothing unknown.
  package var countersCaveat: CountersCaveat? {
    if buffering.combining > 0 { return .combined }
    return hasCounters && !counters.unreported.isEmpty ? .unreported(counters.unreported) : nil
  }
  /// No fresh vtgate buffers for the shard.
  package var isBufferingOff: Bool {
    buffering.freshVtgates > 0 && buffering.vtgatesOff == buffering.freshVtgates
  }

  /// Takes what the vtgates show.
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
        seen.isHidden ? .blind : .noData
      }
    if state != .blind { blindSince = nil }
  }

  /// A primary is being replaced no longer than this; afterwards it is missing, whatever is buffered.
  private static let longestChange: Duration = .seconds(6)

  /// Takes since when no primary serves.
  mutating func take(missingSince: Instant?, at now: Instant) {
    let overdue = missingSince.map { $0 + Self.longestChange } ?? now
    primaryOverdueSince = isPrimaryMissing && missingSince != nil && overdue <= now ? overdue : nil
  }

  /// Takes the cutover for which proxies hold its requests: they see no primary, on purpose.
  mutating func take(_ hold: ProxyCutover?) {
    self.hold = isPrimaryMissing ? hold : nil
    if self.hold != nil { state = .holding }
  }

  /// Takes its record in topo, where no server names it.
  mutating func take(onlyInTopo record: TopoShard?) {
    onlyInTopo = record
    if let primary = record?.primary { self.primary = primary }
  }

  /// Takes what its servers disagree about.
  ///
  /// `lastTold`: when a server that knew it last reported anything.
  mutating func take(
    _ disagreements: [Disagreement], lastTold: @autoclosure () -> Instant?, at now: Instant
  ) {
    if state == .blind { blindSince = blindSince ?? lastTold() ?? now }
    self.disagreements = disagreements.filter {
      $0.isStanding || $0.lasted >= Disagreement.patience
    }
    if state == .serving, disagreements.contains(where: \.isStanding) { state = .disputed }
  }

  /// Takes what the tablets show.
  ///
  /// `topo`: its keyspace's record; from v22 on tablets do not list their rules. `lagThreshold`: where no
  /// throttler tells one.
  mutating func take(
    _ all: [TabletView], _ topo: TopoKeyspace?, lagThreshold: Double?, at now: Instant
  ) {
    var tablets = all.filter { !$0.isDeadRecord }
    for index in tablets.indices { tablets[index].take(topo) }
    deadRecords = all.count - tablets.count
    heartbeats.take(writer(among: tablets), at: now)
    let witnesses = LagWitnesses(
      heartbeats: heartbeats, hasServingPrimary: !isPrimaryMissing, now: now)
    self.tablets = tablets.map { tablet in
      var tablet = tablet
      tablet.lag = witnesses.judge(tablet).measured(by: lagThreshold)
      return tablet
    }
    // After an emergency reparent two tablets may claim to lead.
    let leaders = tablets.filter {
      $0.isFresh && $0.throttler?.isLeader ?? $0.isPrimary
        && $0.throttler?.isEnabled != false && $0.throttler?.isOpen != false
    }
    let leader = leaders.first(where: \.isPrimary) ?? leaders.first
    lag = Lag.ofShard(
      self.tablets, leader: leader?.throttler,
      leadersMaximum: leader.flatMap { witnesses.judge(maximumOf: $0) }
    ).measured(by: lagThreshold)
    var apps: [ThrottledApp.Denial: ThrottledApp] = [:]
    let topoRules = topo?.throttler?.throttledApps ?? []
    for rules in [topoRules] + tablets.filter(\.isFresh).map({ $0.throttler?.throttledApps ?? [] })
    {
      for app in rules
      where !app.isBuiltIn && app.expiresAt > now && !app.isExempt {
        if let known = apps[app.denial], known.expiresAt >= app.expiresAt { continue }
        apps[app.denial] = app
      }
    }
    throttledApps = apps.values.sorted(by: ThrottledApp.precedes)
  }

  /// The tablet that would write heartbeats: the primary, or while no vtgate names one, whichever
  /// tablet claims to be it.
  private func writer(among tablets: [TabletView]) -> TabletView? {
    let known = tablets.first(where: \.isPrimary)
    guard known == nil, !isPrimaryMissing else { return known?.isFresh == true ? known : nil }
    return tablets.first {
      $0.isFresh && ($0.throttler?.isLeader == true || $0.type == .primary)
    }
  }
}
