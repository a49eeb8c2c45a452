internal import Terms

/// What the fleet keeps about one shard between polls, and what has changed since it was last
/// settled.
struct ShardRecord: Sendable, Equatable, Codable {
  /// What a summary is made from.
  enum Part: Sendable {
    /// Counters of some vtgate.
    case buffers
    /// What some vtgate's health check says.
    case sightings
    /// Which vtgates there are, and what is known about each as a whole.
    case vtgates
    /// Readings of the shard's tablets.
    case tablets
  }

  /// The polled tablets that report belonging to the shard.
  var polled: Set<Address> = []
  /// The primary last seen serving, for events and while there is none.
  var lastPrimary: TabletAlias?
  var reparentedAt: Instant?
  /// What the vtgates saw when they were last checked for events.
  var seenPrimary: SeenPrimary?
  /// When a sign of a failover was last seen.
  private(set) var lastSignAt: Instant?
  /// When signs began without a quiet time in between, or when something new happened among them.
  private(set) var signsSince: Instant?
  /// When calls to the primary were last seen to fail.
  var lastErrorAt: Instant?
  /// Since when no vtgate has seen a primary.
  var primaryGoneAt: Instant?
  /// Since when vtgates can tell that there is none that serves, whether or not there was one before.
  var missingSince: Instant?
  /// Since when a proxy holds it for the last cutover.
  var holdBegan: Instant?
  /// Since the run began, regardless of restarts and baselines.
  var movement = Movement()
  /// Vtgates whose calls to the primary have been failing lately, poll after poll.
  var failingRuns: [Address: FailingRun] = [:]
  /// What the shard's servers disagree about, lasting or not.
  private(set) var disagreements: [Disagreement] = []
  /// Nil when the vtgates' lists must be looked at again.
  var sightings: Sightings?

  private(set) var summary: ShardSummary?
  private var tabletNews = TabletNews()
  private var hasNewBuffers = true
  private var hasNewTablets = true

  /// Notes that a part must be looked at again.
  mutating func mark(_ part: Part) {
    switch part {
    case .buffers: hasNewBuffers = true
    case .sightings:
      sightings = nil
      hasNewTablets = true
    case .vtgates:
      sightings = nil
      hasNewBuffers = true
      hasNewTablets = true
    case .tablets: hasNewTablets = true
    }
  }

  /// Notes a sign of a failover; `isNews`: certainly of another one.
  mutating func noteSign(at now: Instant, isNews: Bool = false) {
    let isAnew = lastSignAt.map { now - $0 >= Fleet.quietTime } ?? true
    if isAnew || isNews { signsSince = now }
    lastSignAt = now
  }

  /// Whether any server still mentions the shard.
  var isKnown: Bool {
    !polled.isEmpty || sightings.map { !$0.records.isEmpty || $0.canTell } ?? true
      || summary?.buffering.hasCounters ?? true
  }

  func isSettled(at now: Instant) -> Bool {
    !hasNewBuffers && !hasNewTablets && failingRuns.isEmpty && summary?.hold == nil
      && disagreements.allSatisfy(\.isStanding)
      && !isAwaited && !(summary?.throttledApps.contains { $0.expiresAt <= now } ?? true)
  }

  /// Nobody can tell yet whether its primary is being replaced or is missing.
  var isAwaited: Bool {
    missingSince != nil && summary?.isPrimaryMissing == true && summary?.primaryOverdueSince == nil
  }

  /// Brings the summary up to date, and returns events about its lag and its tablets' addresses.
  ///
  /// Where there are vtgates, ``sightings`` must have been looked for. `hold`: the cutover for which
  /// proxies hold its requests; `inTopo`: its record there; `lagThreshold`: where no throttler tells one.
  mutating func settle(
    _ name: ShardName, _ vtgates: some Collection<VtgateState>, _ buffers: [VtgateBuffers],
    _ tablets: SharingDictionary<Address, TabletState>, _ topo: TopoKeyspace?,
    hold: ProxyCutover?, inTopo: TopoShard?, lagThreshold: Double?, at now: Instant
  ) -> [FleetEvent] {
    if vtgates.isEmpty { sightings = Sightings(tablets: polled.compactMap { tablets[$0] }) }
    guard let seen = sightings else { return [] }
    var summary = self.summary ?? ShardSummary(name)
    if hasNewBuffers {
      summary.take(ShardSummary.Buffering(name, buffers), seen, lastPrimary: lastPrimary)
    } else {
      summary.take(summary.buffering, seen, lastPrimary: lastPrimary)
    }
    let views = seen.tabletViews(polled: polled, tablets)
    summary.take(views, topo, lagThreshold: lagThreshold, at: now)
    failingRuns = failingRuns.filter { now - $0.value.last <= FailingRun.leastTime }
    let found = disagreements(vtgates, seen, views, at: now)
    if found.isEmpty {
      disagreements = []
    } else {
      let heard = Dictionary(
        vtgates.compactMap { vtgate in vtgate.watched.readAt.map { (vtgate.address, $0) } },
        uniquingKeysWith: max)
      disagreements = found.map { found in
        var found = found
        if let known = disagreements.first(where: { $0.kind == found.kind }) {
          found.since = known.since
        }
        found.judge(at: now, heard: heard)
        return found
      }
    }
    summary.take(
      disagreements,
      lastTold: vtgates.lazy.filter { HealthCheck($0).hides(name) }.compactMap(\.watched.readAt)
        .max(), at: now)
    summary.take(hold)
    summary.take(missingSince: missingSince, at: now)
    self.summary = summary
    let record = isKnown ? nil : inTopo
    if record != nil || summary.onlyInTopo != nil { self.summary?.take(onlyInTopo: record) }
    hasNewBuffers = false
    hasNewTablets = false
    return tabletNews.take(summary, at: now)
  }

  /// Notes the shard without a primary that vtgates hold this one's requests for.
  mutating func noteWaiting(for culprit: ShardName?) { summary?.waitsFor = culprit }

  mutating func note(_ idleness: Idleness?) { summary?.idleness = idleness }

  /// Notes what failed in the shard's failovers, and what those turned away.
  mutating func noteFailed(_ failed: Failed?, turnedAway: Int) {
    summary?.failedWatched = failed
    summary?.turnedAwayWatched = turnedAway
  }
}
