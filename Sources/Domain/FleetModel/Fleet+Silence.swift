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

  /// The shards that serve a shard's whole key range in its place when it was set aside on purpose:
  /// the source of a finished reshard, whose primary is healthy and does not serve, or is not meant
  /// to by its record in topo.
  ///
  /// Nil for any other shard. As of the last ``settle(at:)``.
  package func successors(of name: ShardName) -> [ShardName]? { succession[name] }

  /// The keyspace of whose backup a shard is a snapshot, by topo: such a shard has no primary on purpose.
  ///
  /// Nil for any other shard, and where topo is not asked.
  package func snapshotBase(of name: ShardName) -> String? { topo[name.keyspace]?.snapshotOf }

  /// Whether a shard is without a primary, or without one that serves, on purpose.
  package func isMeantToBe(_ shard: ShardSummary) -> Bool {
    switch shard.state {
    case .noPrimary, .noData, .blind:
      successors(of: shard.name) != nil
        || (shard.state == .noPrimary && snapshotBase(of: shard.name) != nil)
    default: false
    }
  }

  /// Whether it may have been set aside; by its vtgates, a shard that has served in this run was not.
  func mayBeSetAside(_ name: ShardName) -> Bool {
    guard let record = records[name], record.summary?.primaryIsServing == false else {
      return false
    }
    if notServingInTopo.contains(name) { return true }
    guard record.summary?.isPrimaryMissing == true, record.lastPrimary == nil else { return false }
    return record.sightings?.records.contains {
      $0.tablet.type == .primary && !$0.tablet.isServing && !$0.tablet.hasError
        && $0.tablet.hasBeenHeard
    } == true
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
    let isBlind = !vtgates.isEmpty && !vtgates.values.contains(where: \.isFresh)
    // Before the first answer there was no sight to lose.
    let last = vtgates.values.compactMap(\.watched.readAt).max()
    if isBlind, let last, blindSince == nil {
      blindSince = last
      tell(FleetEvent(at: now, .blind))
    } else if !isBlind, !vtgates.isEmpty, let since = blindSince {
      blindSince = nil
      tell(FleetEvent(at: now, .sightRegained(after: now - since)))
    }
  }

  /// Notes when nothing can be said about one shard while other shards can still be seen, and when
  /// it is seen again.
  mutating func noteBlindness(of name: ShardName, was before: ShardSummary?, at now: Instant) {
    let isBlind = records[name]?.summary?.state == .blind
    if isBlind, blindSince == nil, before != nil, saidBlind.insert(name).inserted {
      tell(FleetEvent(at: now, shard: name, .shardBlind))
    } else if !isBlind, saidBlind.remove(name) != nil {
      tell(FleetEvent(at: now, shard: name, .shardSeenAgain))
    }
  }
}
