package import Terms

/// Servers that do not answer, and what that means for what can be known.
extension Fleet {
  /// Whether a tablet is only a record of one that left long ago: some vtgate or topo lists it, no
  /// vtgate has ever heard from it, and it has never answered here.
  package func isDeadRecord(_ tablet: TabletState) -> Bool {
    guard tablet.watched.readAt == nil, tablet.watched.failure != nil else { return false }
    var isListed = false
    var last: GatewayTablets?
    for vtgate in vtgates.values {
      // Most vtgates share one list.
      guard let list = vtgate.tablets, last?.shares(list) != true else { continue }
      last = list
      let records = list.tablets(at: tablet.address)
      if records.contains(where: \.hasBeenHeard) { return false }
      isListed = isListed || !records.isEmpty
    }
    return isListed || namings[tablet.target]?.sources == [.vtctld]
  }

  /// The tablets of which the last poll failed.
  package var failingTablets: [TabletState] { tablets.filter { $0.watched.failure != nil } }

  /// How many tablets are known, without mere records, and how many of them are fresh.
  package var tabletCounts: (fresh: Int, known: Int) {
    (tablets.count(where: \.isFresh), tablets.count - tablets.count(where: isDeadRecord))
  }

  /// The shards that have a shard's whole key range in its place when it is idle on purpose: the
  /// source of a finished Reshard, or the target of one whose writes are not switched.
  ///
  /// Nil for any other shard. As of the last ``settle(at:)``.
  package func successors(of name: ShardName) -> [ShardName]? { succession[name] }

  /// The keyspace of whose backup a shard is a snapshot, by topo: such a shard has no primary on purpose.
  ///
  /// Nil for any other shard, and where topo is not asked.
  package func snapshotBase(of name: ShardName) -> String? { topo[name.keyspace]?.snapshotOf }

  /// Which shards others serve in place of.
  ///
  /// One that topo does not mean to serve is idle while topo means others to serve all of its rows,
  /// whether or not they do: if they do not, that is their trouble. One that topo meant to serve is
  /// idle if all of its rows are with shards that have begun to serve since: the records change with
  /// them and have yet to be read. Where topo says nothing, the others must be seen to serve.
  func succeed() -> Succession {
    func serves(_ name: ShardName) -> Bool? {
      records.part(of: name) { $0.summary?.primaryIsServing }
    }
    var (planned, overtaken, untold): ([ShardName], [ShardName], [ShardName]) = ([], [], [])
    for name in names where serves(name) == false {
      switch plan.standing(of: name) {
      case .notMeant?: planned.append(name)
      case .meant? where records.part(of: name, { $0.summary?.isPrimaryMissing }) == true:
        overtaken.append(name)
      case nil where hasNeverServed(name): untold.append(name)
      default: break
      }
    }
    var succession = Succession()
    for (setAside, others) in [
      (
        planned,
        { [plan] name in plan.standing(of: name).map { $0 != .notMeant } ?? (serves(name) == true) }
      ),
      (overtaken, { [plan] name in serves(name) == true && plan.standing(of: name) == .begun }),
      (untold, { [plan] name in serves(name) == true && plan.standing(of: name) != .notMeant }),
    ] as [([ShardName], (ShardName) -> Bool)] where !setAside.isEmpty {
      succession.add(Succession(of: setAside, among: names.filter(others)))
    }
    return succession
  }

  /// Whether its primary is well and serves nobody, as far as this run has seen.
  ///
  /// By its vtgates alone, a shard that has served was not set aside.
  private func hasNeverServed(_ name: ShardName) -> Bool {
    guard let record = records[name], record.summary?.isPrimaryMissing == true,
      record.lastPrimary == nil
    else { return false }
    return record.sightings?.records.contains {
      $0.tablet.type == .primary && !$0.tablet.isServing && !$0.tablet.hasError
        && $0.tablet.hasBeenHeard
    } == true
  }

  /// Why a shard is without a primary, or without one that serves, on purpose; nil if it is not.
  func idleness(of shard: ShardSummary) -> Idleness? {
    switch shard.state {
    case .noPrimary, .noData, .blind:
      if successors(of: shard.name) != nil {
        return Idleness(
          shard.name, failovers.routings.withWorkflows(of: shard.name)?.workflows ?? [])
      }
      guard shard.state == .noPrimary || shard.onlyInTopo != nil else { return nil }
      if let base = snapshotBase(of: shard.name) { return .snapshot(of: base) }
      return shard.onlyInTopo.flatMap { $0.primary == nil ? .uninitialized : nil }
    default: return nil
    }
  }

  mutating func noteFailure(of target: Target, _ failure: ScrapeFailure, at now: Instant) {
    guard target.kind.role == .member else {
      tell(FleetEvent(at: now, .noAnswer(target, failure)))
      return
    }
    if let tablet = tablets[target.address], isDeadRecord(tablet) {
      guard !hasSaidDeadRecords else { return }
      hasSaidDeadRecords = true
      tell(FleetEvent(at: now, .deadRecords))
      return
    }
    // Many at once make one event.
    tell(
      FleetEvent(at: now, .tabletsSilent(failure), sources: [.init(target.address)]))
  }

  /// Notes when no vtgate answers any more, and when one does again.
  mutating func noteBlindness(at now: Instant) {
    guard !vtgates.isEmpty else { return }
    let isBlind = !vtgates.values.contains(where: \.isFresh)
    if isBlind, blindSince == nil, let begin = beginOfBlindness(at: now) {
      blindSince = begin
      // Who tells of them was said to be silent, and they may well answer.
      if relay?.fault == nil { tell(FleetEvent(at: now, .blind)) }
    } else if !isBlind, let since = blindSince {
      blindSince = nil
      tell(FleetEvent(at: now, .sightRegained(after: now - since)))
    }
  }

  /// When a vtgate last answered, or, where none ever did, since when all of them fail.
  ///
  /// They may be starting: until they have failed for as long as an answer would hold, nil.
  private func beginOfBlindness(at now: Instant) -> Instant? {
    if let last = vtgates.values.compactMap(\.watched.readAt).max() { return last }
    let failing = vtgates.values.compactMap(\.watched.failingSince)
    guard failing.count == vtgates.count, let begin = failing.max(),
      now - begin >= vtgatesStaleAfter
    else { return nil }
    return begin
  }

  /// Notes when nothing can be said about one shard while other shards can still be seen, and when
  /// it is seen again.
  mutating func noteBlindness(of name: ShardName, was before: ShardSummary?, at now: Instant) {
    let isBlind = records.part(of: name) { $0.summary?.state } == .blind
    if isBlind, blindSince == nil, before != nil, saidBlind.insert(name).inserted {
      tell(FleetEvent(at: now, shard: name, .shardBlind))
    } else if !isBlind, saidBlind.remove(name) != nil {
      tell(FleetEvent(at: now, shard: name, .shardSeenAgain))
    }
  }
}
