package import FleetModel
package import Terms

/// One cluster under observation: its present, its past, and which servers to ask closely.
///
///     Observation ─> take ─┐           ┌─> events that are new
///                          ├─> settle ─┼─> fleet, history, trends
///     time ────────────────┘           └─> wishes, to the feed
///
/// A pure value: time comes in with messages, and nothing here knows about a screen. Everything
/// that displays, reports on or checks a cluster builds on one of these.
package struct Watch: Sendable, Equatable, Codable {
  package struct Settings: Sendable, Equatable, Codable {
    /// What the operator calls the cluster.
    package var cluster: String
    /// The time between two questions to a server while nothing is going on.
    package var interval: Duration
    /// Shards and servers whose trouble is expected: their events are not news.
    package var ignored: [NamePattern]
    /// The lag above which a replica is in trouble where no throttler tells its threshold, in seconds; nil
    /// for none.
    package var lagThreshold: Double?
    /// Servers are asked over TLS without a look at their certificates; of this run, and so of no
    /// recording.
    package var isUnverified = false

    private enum CodingKeys: CodingKey { case cluster, interval, ignored, lagThreshold }

    package init(
      cluster: String, interval: Duration, ignored: [NamePattern] = [], lagThreshold: Double? = nil
    ) {
      self.lagThreshold = lagThreshold
      self.cluster = cluster
      self.interval = interval
      self.ignored = ignored
    }
  }

  /// How many times longer the interval is while nobody is looking and nothing is going on.
  private static let unattendedFactor = 3
  /// How long a shard is watched closely while nothing happens, once it is armed or a switch is near.
  package static let armedTime: Duration = .seconds(300)

  package private(set) var settings: Settings
  /// When watching began.
  package let began: Instant
  /// As of the last ``settle(at:)``, plus whatever was taken since.
  package private(set) var fleet: Fleet
  /// The latest moment that any message brought.
  package private(set) var now: Instant
  package private(set) var history = FleetHistory()
  package private(set) var trends = FleetTrends()
  package private(set) var pace = Pace()
  /// Shards that the operator wants asked at the fast rate, and until when.
  package private(set) var armed: [ShardName: Instant] = [:]
  /// Shards from which a workflow is about to take the writes, and until when they are asked so.
  private var expecting: [ShardName: Instant] = [:]
  /// Workflows near their switch of which that was said.
  private var saidNear: Set<TrafficWorkflow.Ahead> = []
  /// Shards that are asked at the fast rate: armed ones, those from which writes are about to be
  /// switched, and those where something is going on.
  package private(set) var closelyWatched: Set<ShardName> = []
  package private(set) var wishes: Wishes
  /// The worst urgency reached by each shard in trouble, kept until it is quiet again.
  package private(set) var worst: [ShardName: Int] = [:]
  /// What is wrong and known to be, until it changes.
  package private(set) var acknowledged = Acknowledged()
  /// The shard that somebody is about to change, which is therefore watched closely.
  package private(set) var inHand: ShardName?
  private var isAttended = true
  private var hadSigns: Set<ShardName> = []
  /// The last event that was reported as news.
  private var lastNews = 0
  private var told = FleetChanges()

  package init(_ settings: Settings, at now: Instant) {
    self.settings = settings
    began = now
    self.now = now
    wishes = Wishes(interval: settings.interval)
    fleet = Fleet(staleAfter: max(.seconds(3), settings.interval * 3))
    fleet.lagThreshold = settings.lagThreshold
  }

  // MARK: Itself, to be kept

  /// The parts that are encoded: not what was told already, nor the fleet as it was at earlier moments.
  private enum CodingKeys: CodingKey {
    case settings, began, fleet, now, trends, pace, armed, expecting, saidNear,
      closelyWatched, wishes, worst, acknowledged
    case inHand, isAttended, hadSigns, lastNews
  }

  /// Itself without what grows with time: events, failovers and points of trends.
  package var withoutPast: Watch {
    var watch = self
    watch.fleet = fleet.withoutPast
    watch.trends = trends.withoutPoints
    watch.history = FleetHistory()
    return watch
  }

  /// Takes back what ``withoutPast`` has left out, and goes on by other settings.
  package mutating func recall(
    events: [FleetEvent], failovers: [Failover], points: [ShardName: [FleetTrends.Sample]],
    _ settings: Settings
  ) {
    self.settings = settings
    fleet.hold(events: events, failovers: failovers)
    trends.recall(points)
  }

  /// Begins with failovers that were over before anything was taken.
  package mutating func begin(after failovers: [Failover]) { fleet.begin(after: failovers) }

  // MARK: Input

  /// Moves time forward; it never goes back.
  package mutating func pass(to instant: Instant) { now = max(now, instant) }

  /// Forgets the events of its fleet, before any of them was told.
  package mutating func forgetEvents() {
    fleet.forgetEvents()
    lastNews = 0
  }

  /// Takes one observation, ignoring those of other clusters.
  package mutating func take(_ observation: Observation) {
    guard observation.cluster == settings.cluster else { return }
    switch observation.news {
    case .watching(let target): fleet.watch(target)
    case .outcome(let outcome):
      pass(to: observation.at)
      fleet.apply(outcome)
    case .forgot(let target):
      pass(to: observation.at)
      fleet.forget(target, at: observation.at)
    case .pace(let pace):
      take(pace)
      fleet.apply(pace.relay, at: observation.at)
    case .topo(let keyspaces): fleet.apply(keyspaces)
    case .shards(let shards): fleet.apply(shards, at: observation.at)
    case .source(let source, let standing): fleet.apply(standing, of: source, at: observation.at)
    case .routings(let routings): take(routings, at: observation.at)
    case .topoFailed(let failure): fleet.apply(failure, at: observation.at)
    case .event(let event): fleet.note(event)
    }
  }

  /// Where a switch has come near, the shards that writes would leave are watched closely for a while.
  ///
  /// A workflow may stay ready for weeks, or become so again and again: it is said once of each, until
  /// nobody names the workflow any more.
  private mutating func take(_ routings: [ShardName: ShardRouting], at instant: Instant) {
    fleet.apply(routings)
    let known = fleet.workflowLabels
    saidNear = saidNear.filter { known.contains($0.label) }
    var shards: [TrafficWorkflow.Ahead: Set<ShardName>] = [:]
    for (shard, ahead) in fleet.switchesAhead {
      for workflow in ahead.subtracting(saidNear) { shards[workflow, default: []].insert(shard) }
    }
    guard !shards.isEmpty else { return }
    saidNear.formUnion(shards.keys)
    for (workflow, leaving) in shards.sorted(by: { $0.key < $1.key }) {
      for shard in leaving { expecting[shard] = instant + Self.armedTime }
      fleet.note(
        FleetEvent(
          at: instant, shard: leaving.count == 1 ? leaving.first : nil,
          .switchNear(
            workflow: workflow.label, isHalfWay: workflow.isHalfWay, shards: leaving.count,
            closelyFor: Self.armedTime)))
    }
    plan()
  }

  private mutating func take(_ pace: Pace) {
    self.pace = pace
    // Where the budget makes polls rarer, an older reading does not count as stale.
    fleet.vtgatesStaleAfter = staleness(pace.vtgateInterval)
    fleet.tabletsStaleAfter = staleness(pace.tabletInterval)
  }

  /// While whoever tells of the others is silent no server is heard of: there is nothing to wait for.
  private func staleness(_ interval: Duration) -> Duration {
    max(.seconds(3), max(interval, wishes.interval) * (pace.relay?.fault == nil ? 3 : 2))
  }

  /// Brings everything up to a moment, and returns the events that are new and matter.
  package mutating func settle(at instant: Instant) -> [FleetEvent] {
    pass(to: instant)
    fleet.settle(at: now)
    followAcknowledged()
    history.record(fleet, at: now, isClose: !closelyWatched.isEmpty)
    plan()
    noteTrouble()
    return news()
  }

  /// Settles at the end of a second, and adds a point to the trends.
  package mutating func tick(at instant: Instant) -> [FleetEvent] {
    defer { trends.record(fleet, at: now) }
    return settle(at: instant)
  }

  /// What has changed since the last call: rows and advice as well as events.
  package mutating func changes() -> [FleetChange] { told.take(fleet, at: now) }

  private mutating func news() -> [FleetEvent] {
    let fresh = fleet.log.events.reversed().prefix { $0.id > lastNews }.reversed()
    lastNews = fresh.last?.id ?? lastNews
    return fresh.filter { !fleet.isIgnored($0, by: settings.ignored) }
  }

  // MARK: What an operator wants

  package mutating func setBaseline() { fleet.setBaseline(at: now) }
  package mutating func clearBaseline() { fleet.clearBaseline(at: now) }

  /// Asks a shard's servers at the fast rate until something has happened there and is over, or
  /// until ``armedTime`` has passed.
  package mutating func arm(_ shard: ShardName) {
    armed[shard] = now + Self.armedTime
    plan()
  }

  package mutating func disarm(_ shard: ShardName) {
    armed[shard] = nil
    expecting[shard] = nil
    plan()
  }

  /// Sets the shard that somebody is about to change; nil for none.
  package mutating func takeInHand(_ shard: ShardName?) {
    guard shard != inHand else { return }
    inHand = shard
    plan()
  }

  /// Sets whether anybody is looking.
  package mutating func attend(_ isAttended: Bool) {
    self.isAttended = isAttended
    plan()
  }

  /// Takes what is wrong as known, of a shard with its tablets or of all, until it changes.
  ///
  /// Takes nothing where nothing is wrong.
  package mutating func acknowledge(_ scope: TroubleScope) {
    let problems = problems(of: scope)
    acknowledged.acknowledge(problems)
    for subject in Set(problems.map(\.subject)).sorted() {
      note(subject, FleetEvent.Kind.acknowledged)
    }
  }

  /// Takes back what was acknowledged, of a shard with its tablets or of all.
  package mutating func withdraw(_ scope: TroubleScope) {
    for subject in acknowledged.subjects where contains(subject, in: scope) {
      acknowledged.withdraw(subject)
      note(subject, FleetEvent.Kind.acknowledgementWithdrawn)
    }
  }

  /// What is wrong and neither ignored nor acknowledged.
  package func problems(of scope: TroubleScope) -> [FleetCheck.Problem] {
    check(fleet).problems.filter { contains($0.subject, in: scope) }
  }

  /// Whether all is well, at a present or past moment, without what is ignored or acknowledged.
  package func check(_ fleet: Fleet) -> FleetCheck {
    FleetCheck(
      fleet, ignoring: settings.ignored, acknowledged: acknowledged,
      isUnverified: settings.isUnverified)
  }

  private func contains(_ subject: FleetCheck.Subject, in scope: TroubleScope) -> Bool {
    guard case .shard(let name) = scope else { return true }
    switch subject {
    case .shard(let other): return name == other
    case .server(let target):
      return fleet.tablets[target.address].flatMap { fleet.shard(of: $0) } == name
    case .fleet, .tablets: return false
    }
  }

  private mutating func followAcknowledged() {
    guard !acknowledged.isEmpty else { return }
    let problems = FleetCheck(fleet, ignoring: settings.ignored).problems
    for (subject, change) in acknowledged.follow(problems) {
      switch change {
      case .over: note(subject, FleetEvent.Kind.acknowledgedOver)
      case .differs: note(subject, FleetEvent.Kind.acknowledgedDiffers)
      }
    }
  }

  private mutating func note(
    _ subject: FleetCheck.Subject, _ kind: (FleetCheck.Subject) -> FleetEvent.Kind
  ) {
    let shard: ShardName? = if case .shard(let name) = subject { name } else { nil }
    fleet.note(FleetEvent(at: now, shard: shard, kind(subject)))
  }

  /// What is going on in the cluster, now or at a past moment.
  package func situation(of fleet: Fleet, at now: Instant) -> Situation {
    let aside = fleet.summaries.lazy.filter { setsAside($0, in: fleet) }.map(\.name)
    return fleet.situation(aside: Set(aside), quiet: quiet(in: fleet), since: began, at: now)
  }

  /// Whether a server's silence is ignored or acknowledged.
  package func isQuiet(_ server: Target, in fleet: Fleet) -> Bool {
    guard !settings.ignored.isEmpty || !acknowledged.isEmpty else { return false }
    return fleet.isIgnored(server, by: settings.ignored)
      || acknowledged.coversSilence(
        of: server, in: fleet.tablets[server.address].flatMap { fleet.shard(of: $0) })
  }

  private func quiet(in fleet: Fleet) -> Set<Address> {
    guard !settings.ignored.isEmpty || !acknowledged.isEmpty else { return [] }
    return Set(
      fleet.vtgates.values.lazy.filter { !$0.isFresh && isQuiet($0.target, in: fleet) }
        .map(\.address))
  }

  /// Whether the shard's trouble counts for nothing: the operator ignores it or knows of it, or it is
  /// without a primary on purpose.
  package func setsAside(_ shard: ShardSummary, in fleet: Fleet) -> Bool {
    if acknowledged.covers(shard) || shard.idleness != nil { return true }
    let isTroubled =
      shard.state != .serving || shard.lag.isOverThreshold || !shard.notServing.isEmpty
    return isTroubled && settings.ignored.match(shard.name)
  }

  // MARK: Asking closely

  /// Wishes for the fast rate where something is going on or is expected.
  private mutating func plan() {
    let showing = fleet.shardsShowingSigns(at: now)
    /// Not once what was expected has happened and is over.
    func goesOn(_ shard: ShardName, until end: Instant) -> Bool {
      end > now && !(hadSigns.contains(shard) && !showing.contains(shard))
    }
    armed = armed.filter { goesOn($0.key, until: $0.value) }
    expecting = expecting.filter { goesOn($0.key, until: $0.value) }
    hadSigns = showing
    closelyWatched = showing.union(armed.keys).union(expecting.keys)
    if let inHand { closelyWatched.insert(inHand) }
    // Comparing equal sets is fast only when they share storage, so an equal one is left in place.
    let targets = fleet.targets(of: closelyWatched)
    if targets != wishes.closely { wishes.closely = targets }
    if closelyWatched != wishes.shards { wishes.shards = closelyWatched }
    let isWanted = isAttended || !closelyWatched.isEmpty
    let interval = settings.interval * (isWanted ? 1 : Self.unattendedFactor)
    guard interval != wishes.interval else { return }
    wishes.interval = interval
    take(pace)
  }

  private mutating func noteTrouble() {
    var next: [ShardName: Int] = [:]
    // A shard that others wait for is the one to look at.
    let culprits = Set(fleet.summaries.compactMap(\.waitsFor))
    for shard in fleet.summaries {
      let isQuiet =
        (shard.state == .serving && !hadSigns.contains(shard.name))
        || setsAside(shard, in: fleet)
      guard !isQuiet, shard.state != .noData else { continue }
      let failover = fleet.failovers.last(of: shard.name)
      let hasFailed = failover.map { $0.ended == nil && $0.failed.isSomething } ?? false
      let urgency =
        if culprits.contains(shard.name) {
          Shard.State.worstUrgency + 2
        } else if hasFailed {
          Shard.State.worstUrgency + 1
        } else {
          shard.state.urgency
        }
      next[shard.name] = max(worst[shard.name] ?? 0, urgency)
    }
    worst = next
  }
}
