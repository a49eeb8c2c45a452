package import Terms

/// Everything known about the fleet at some moment: each server's last reading, and what follows.
///
///     ScrapeOutcome ─> apply ─> what changed is marked ─> settle(at:) ─> summaries, shard(_:)
///
/// `apply` takes one poll's outcome and notes events; `settle` brings what an operator sees up to a
/// moment, looking only at shards for which something has changed. The rules come from vtgate's own
/// code: see ``BufferCounters``.
package struct Fleet: Sendable, Equatable, Codable {
  package private(set) var vtgates: [Address: VtgateState] = [:]
  package private(set) var tablets = SharingDictionary<Address, TabletState>()
  package internal(set) var log = EventLog()
  package internal(set) var failovers = FailoverLog()
  /// What the topology says about each keyspace, by name; empty when no vtctld is asked.
  package internal(set) var topo: [String: TopoKeyspace] = [:]
  var topoTrouble: TopoTrouble?
  /// The shards that topo has records of; nil where nobody asks for all of them.
  var topoShards: TopoShards?
  /// Which shards are meant to serve, by their records in topo.
  var plan = ServingPlan()
  var isSuccessionDue = false
  /// Who names servers, where it is neither the operator nor a vtgate's list.
  var namings: [Target: Naming] = [:]
  /// How each of those stands who is asked whom to watch.
  package internal(set) var sources: [ServerSource: SourceStanding] = [:]
  /// Who tells of its servers; nil where they are asked here.
  package private(set) var relay: Relay?
  /// When the operator set a baseline; nil when the servers' own totals are shown.
  package private(set) var baselineAt: Instant?
  /// A vtgate's reading older than this is stale.
  package var vtgatesStaleAfter: Duration
  /// The same for a vttablet's.
  package var tabletsStaleAfter: Duration
  /// The lag above which a replica is in trouble where no throttler tells its threshold, in seconds; nil
  /// for none.
  package var lagThreshold: Double?

  /// All shards sorted by name, as last settled.
  package private(set) var summaries: [ShardSummary] = []
  /// Which shards serve in place of others.
  private(set) var succession = Succession()
  /// The fullest vtgate's Σ held over all shards ÷ its size; nil when no size is known.
  package private(set) var fill: Double?
  /// The baseline from which the summaries count failures.
  var failedSince: Instant?
  /// The moment of the last ``settle(at:)``.
  private var settledAt = Instant(nanoseconds: 0)

  /// Since when no vtgate answers; nil when one does, or when all may just be starting.
  ///
  /// When the last one answered or, where none ever did, since when all of them fail.
  package internal(set) var blindSince: Instant?
  /// Records of tablets that left long ago are reported once per run.
  var hasSaidDeadRecords = false
  /// Shards that were reported as blind.
  var saidBlind: Set<ShardName> = []

  var records = SharingDictionary<ShardName, ShardRecord>()
  private(set) var names: [ShardName] = []
  var shardsWithoutPrimary: Set<ShardName> = []
  /// The shards that have a tablet at an address, by any vtgate's list; more than one when it was
  /// taken over.
  private(set) var shardsAt: [Address: Set<ShardName>] = [:]
  /// The vtgates that list tablets: none where somebody else tells of them.
  private var listing: Set<Address> = []

  package init(staleAfter: Duration = .seconds(3)) {
    vtgatesStaleAfter = staleAfter
    tabletsStaleAfter = staleAfter
  }

  // MARK: Input

  /// Makes a target known before its first answer, so that it has a row from the beginning.
  package mutating func watch(_ target: Target) {
    switch target.kind.role {
    case .gate where vtgates[target.address] == nil:
      vtgates[target.address] = VtgateState(target)
    case .member where tablets[target.address] == nil:
      tablets[target.address] = TabletState(target)
    default: break
    }
  }

  /// Forgets a target that left the topology.
  package mutating func forget(_ target: Target, at instant: Instant) {
    namings[target] = nil
    switch target.kind.role {
    case .gate:
      let server = vtgates[target.address]?.server ?? target
      vtgates[target.address] = nil
      listing.remove(target.address)
      markAll(.vtgates)
      tell(FleetEvent(at: instant, .vtgateLeft(server)))
    case .member:
      let alias = tablets[target.address].flatMap { self.alias(of: $0) }
      markTablet(at: target.address)
      if let shard = tablets[target.address]?.watched.value?.shard {
        records.change(of: shard) { _ = $0.polled.remove(target.address) }
      }
      tablets[target.address] = nil
      shardsAt[target.address] = nil
      tell(FleetEvent(at: instant, .tabletLeft(TabletName(alias, at: target.address))))
    }
  }

  /// Takes one poll's outcome.
  package mutating func apply(_ outcome: ScrapeOutcome) {
    watch(outcome.target)
    let address = outcome.target.address
    switch outcome.result {
    case .gate(let reading):
      guard var state = vtgates[address] else { return }
      noteRecovery(of: state.server, state.watched.recovery(at: outcome.at), at: outcome.at)
      let before = state
      take(reading, into: &state, at: outcome.at, took: outcome.took)
      // A server that just answered is fresh, whatever it was when the fleet was last settled.
      state.isFresh = true
      vtgates[address] = state
      if state.tablets != nil { listing.insert(address) }
      notePrimaries(
        of: markChanges(from: before, to: state),
        at: Moment(outcome.at, since: before.watched.askedAt))
      noteCutovers(state, after: before)
    case .member(let reading):
      noteRecovery(
        of: outcome.target, tablets.part(of: address) { $0.watched.recovery(at: outcome.at) },
        at: outcome.at)
      let before = tablets.part(of: address, \.watched.value?.shard)
      if before != reading.shard, let before {
        records.change(of: before) { _ = $0.polled.remove(address) }
      }
      tablets.change(of: address) {
        $0.watched.succeed(reading, at: outcome.at, took: outcome.took)
      }
      if let shard = reading.shard { record(shard) { $0.polled.insert(address) } }
      markTablet(at: address)
    case .failed(let failure):
      let known: ScrapeFailure?
      var server = outcome.target
      switch outcome.target.kind.role {
      case .gate:
        server = vtgates[address]?.server ?? server
        known = vtgates[address]?.watched.failure
        vtgates[address]?.watched.fail(failure, at: outcome.at)
      case .member:
        known = tablets[address]?.watched.failure
        tablets.change(of: address) { $0.watched.fail(failure, at: outcome.at) }
        markTablet(at: address)
      }
      if known?.kind != failure.kind { noteFailure(of: server, failure, at: outcome.at) }
    }
  }

  /// Takes how the server is doing that tells of the others.
  package mutating func apply(_ relay: Relay?, at instant: Instant) {
    let before = self.relay
    self.relay = relay
    guard let relay else { return }
    if let fault = relay.fault, fault != before?.fault {
      tell(FleetEvent(at: instant, .relayFails(relay.address, fault)))
    } else if relay.fault == nil, before?.fault != nil, let since = before?.failingSince {
      tell(FleetEvent(at: instant, .relayTellsAgain(relay.address, after: instant - since)))
    }
    if let fault = relay.tabletFault, fault != before?.tabletFault {
      tell(FleetEvent(at: instant, .relayHidesTablets(relay.address, fault)))
    }
    if let unreached = relay.unreached, before?.unreached == nil {
      tell(FleetEvent(at: instant, .staysRelayed(unreached)))
    }
  }

  /// Counts from here on: what the servers have counted so far is subtracted.
  package mutating func setBaseline(at instant: Instant) {
    baselineAt = instant
    for (address, state) in vtgates {
      vtgates[address]?.baseline = state.watched.value?.buffers ?? ShardCounters()
      vtgates[address]?.carried = [:]
    }
    markAll(.vtgates)
    tell(FleetEvent(at: instant, .baselineSet))
  }

  /// Returns to the servers' own totals.
  package mutating func clearBaseline(at instant: Instant) {
    guard baselineAt != nil else { return }
    baselineAt = nil
    for address in Array(vtgates.keys) {
      vtgates[address]?.baseline = ShardCounters()
      vtgates[address]?.carried = [:]
    }
    markAll(.vtgates)
    tell(FleetEvent(at: instant, .baselineRemoved))
  }

  /// Adds an event that did not come from a poll.
  package mutating func note(_ event: FleetEvent) {
    noteNaming(event)
    tell(event)
  }

  /// Forgets the events that were found so far, and nothing else.
  package mutating func forgetEvents() { log = EventLog() }

  /// What its vtgates were seen to count since the run began, regardless of restarts and baselines.
  package func movement(of shard: ShardName) -> Movement {
    records[shard]?.movement ?? Movement()
  }

  /// The most that vtgates held, by their own word, through the shard's last failover where that was
  /// found since an instant and no poll saw anything held; nil where there is nothing of the kind.
  package func unseenPeak(of shard: ShardName, since start: Instant) -> Int? {
    let peaks = (failovers.last(of: shard)?.tracks ?? []).compactMap(\.unseenPeak)
      .filter { $0.to > start }
    return peaks.isEmpty ? nil : peaks.reduce(0) { $0 &+ $1.most }
  }

  // MARK: Who is who

  package func alias(of tablet: TabletState) -> TabletAlias? {
    tablet.watched.value?.alias ?? listed(at: tablet.address).first?.alias
  }

  /// Whether it is known which shard a tablet belongs to.
  package func isPlaced(_ tablet: TabletState) -> Bool { shard(of: tablet) != nil }

  /// The shard that a tablet belongs to.
  package func shard(of tablet: TabletState) -> ShardName? {
    tablet.watched.value?.shard ?? listed(at: tablet.address).first?.shard
  }

  /// The tablets that some vtgate lists at an address.
  func listed(at address: Address) -> [GatewayTablet] {
    listing.lazy.compactMap { vtgates[$0]?.tablets?.tablets(at: address) }.first { !$0.isEmpty }
      ?? []
  }

  // MARK: Derived

  /// Marks what depends on servers that have become fresh or stale.
  private mutating func noteFreshness(at now: Instant) {
    let turning = vtgates.filter { _, vtgate in
      vtgate.watched.freshness(at: now, limit: vtgatesStaleAfter).isFresh != vtgate.isFresh
    }
    for address in turning.keys { vtgates[address]?.isFresh.toggle() }
    if !turning.isEmpty { markAll(.vtgates) }
    // What the others see counts from now on, though none of them has reported anything new.
    if let last = turning.values.compactMap(\.watched.readAt).max() {
      notePrimaries(of: Set(records.keys), at: Moment(now, since: last))
    }
    let turned = tablets.keys { tablet in
      tablet.watched.freshness(at: now, limit: tabletsStaleAfter).isFresh != tablet.isFresh
    }
    for address in turned {
      tablets.change(of: address) { $0.isFresh.toggle() }
      markTablet(at: address)
    }
  }

  /// Brings ``summaries`` and ``shard(_:)`` up to a moment.
  package mutating func settle(at now: Instant) {
    settledAt = now
    noteFreshness(at: now)
    noteBlindness(at: now)
    admitTopoShards(at: now)
    fill = vtgates.values.lazy.filter(\.isFresh).compactMap(\.fill).max()
    // In an order of their own: the same observations make the same events.
    let changed = records.keys { !$0.isSettled(at: now) }.sorted()
    lookForSightings(of: changed)
    let buffers = changed.isEmpty ? [] : vtgates.values.map { VtgateBuffers($0) }
    let holds = changed.isEmpty ? [:] : cutoversThatHold(at: now)
    for name in changed {
      let topo = topo[name.keyspace]
      let last = records.part(of: name, \.summary)
      let before = last?.disagreements ?? []
      let news = records.change(of: name) {
        $0.settle(
          name, vtgates.values, buffers, tablets, topo, hold: holds[name],
          inTopo: topoShards?.records[name], lagThreshold: lagThreshold, at: now)
      }
      for event in news ?? [] { tell(event) }
      noteDisagreements(of: name, before, at: now)
      noteBlindness(of: name, was: last, at: now)
      noteTurn(of: name, was: last, at: now)
      noteEndOfHold(of: name, was: last, at: now)
      if records.part(of: name, \.isKnown) == false, topoShards?.records[name] == nil {
        records[name] = nil
        plan.forget(name)
        shardsWithoutPrimary.remove(name)
      }
      place(name, was: last)
    }
    let hasNews = settleFailovers(at: now)
    guard hasNews || !changed.isEmpty || isSuccessionDue else { return }
    isSuccessionDue = false
    if records.count != names.count || names.contains(where: { records[$0] == nil }) {
      names = records.keys.sorted()
    }
    succession = succeed()
    summaries = names.compactMap { name in
      guard let summary = records.part(of: name, \.summary) else { return nil }
      let idleness = idleness(of: summary)
      if summary.idleness != idleness { records.change(of: name) { $0.note(idleness) } }
      return records.part(of: name, \.summary)
    }
  }

  /// Notes that a shard's primary has begun or ceased to serve.
  private mutating func noteTurn(of name: ShardName, was last: ShardSummary?, at now: Instant) {
    guard let last, let summary = records.part(of: name, \.summary),
      last.primaryIsServing != summary.primaryIsServing,
      summary.primaryIsServing || summary.isPrimaryMissing
    else { return }
    plan.note(name, serves: summary.primaryIsServing, at: now)
  }

  /// Looks at what the vtgates show of shards of which some vtgate says something else than before.
  private mutating func lookForSightings(of shards: [ShardName]) {
    guard !vtgates.isEmpty else { return }
    let unseen = shards.filter { records.part(of: $0, \.sightings) == nil }
    guard !unseen.isEmpty else { return }
    let checks = HealthChecks(vtgates.values, about: unseen)
    for shard in unseen { records.change(of: shard) { $0.sightings = Sightings(shard, checks) } }
  }

  /// Notes at which addresses a shard now has tablets, and at which it no longer does.
  private mutating func place(_ name: ShardName, was last: ShardSummary?) {
    let now = records.part(of: name) { $0.summary?.tablets.compactMap(\.address) } ?? []
    let before = last?.tablets.compactMap(\.address) ?? []
    for address in now where shardsAt[address]?.contains(name) != true {
      shardsAt[address, default: []].insert(name)
    }
    for address in before where !now.contains(address) {
      shardsAt[address]?.remove(name)
      if shardsAt[address]?.isEmpty == true { shardsAt[address] = nil }
    }
  }

  /// Reports once what servers disagree about, and when they agree again.
  private mutating func noteDisagreements(
    of name: ShardName, _ before: [Disagreement], at now: Instant
  ) {
    let after = records.part(of: name) { $0.summary?.disagreements } ?? []
    for found in after {
      let known = before.first { $0.kind == found.kind }
      guard known?.isStanding != found.isStanding else { continue }
      tell(FleetEvent(at: now, shard: name, .disagreement(found)))
    }
    for gone in before where !after.contains(where: { $0.kind == gone.kind }) {
      tell(FleetEvent(at: now, shard: name, .agreement(gone)))
    }
  }

  /// Whether something may be wrong, or over, in a moment: a few more polls will tell.
  package func isUndecided(at now: Instant) -> Bool {
    vtgates.values.contains { $0.isFresh && (!$0.isCompared || $0.processes.isUnclear) }
      || records.contains { $0.isUndecided(at: now) }
  }

  /// When a shard's primary last changed, as seen here or by the start of its term; a vtgate counts
  /// the change only if it was running by then.
  private func reparentedAt(_ shard: ShardName, as vtgate: VtgateState) -> Instant? {
    let start = vtgate.watched.value?.processStart
    let seen = records[shard]?.reparentedAt.flatMap { seen in
      start.map { seen.secondsSinceEpoch < $0 } == true ? nil : seen
    }
    guard let term = records[shard]?.seenPrimary?.term, term > 0, let start, Double(term) > start
    else { return seen }
    let began = Instant(secondsSinceEpoch: Double(term))
    // The clock of the tablet's host may be ahead.
    return began <= settledAt ? max(began, seen ?? began) : seen
  }

  /// One shard in full, as of the last ``settle(at:)``; one that nobody knows has no data.
  package func shard(_ name: ShardName) -> Shard {
    Shard(
      summary: records[name]?.summary ?? ShardSummary(name), vtgates: views(of: name),
      lastFailover: failovers.last(of: name), fill: fill,
      neighbours: failovers.last(of: name).map { failovers.neighbours(of: $0) } ?? [:],
      tabletSource: tabletSource, workflowsTold: failovers.routings.withWorkflows(of: name),
      gates: gates(of: name),
      isRelayed: relay != nil)
  }

  private var tabletSource: Shard.TabletSource? {
    if vtgates.values.contains(where: { $0.tablets != nil }) { return .vtgates }
    return relay?.tabletFault == nil ? relay.map { _ in .relay } : nil
  }

  /// Every vtgate's part in a shard, sorted by address.
  func views(of name: ShardName) -> [Shard.VtgateView] {
    vtgates.keys.sorted().compactMap { address in
      vtgates[address].map { state in
        Shard.VtgateView(
          name, state, state.watched.freshness(at: settledAt, limit: vtgatesStaleAfter),
          reparentedAt(name, as: state))
      }
    }
  }
}
