package import Terms

// What an operator asks of one tablet through vtctld, and what it does.
extension LabCluster {
  /// `RunHealthCheck`: the tablet tells vtgates how it is, without waiting for its next time.
  package mutating func runHealthCheck(on alias: TabletAlias) throws(Refusal) {
    _ = try known(alias)
    repeatHealth(of: alias)
  }

  /// `RefreshState`: the tablet reads its shard's record.
  package mutating func refreshState(of alias: TabletAlias) throws(Refusal) {
    let tablet = try known(alias)
    tablets[alias]?.deniedTables = topology.shards[tablet.shard]?.deniedTables ?? []
  }

  /// `SetWritable`: MySQL's `read_only` is set or cleared.
  ///
  /// A primary that is read-only serves on as far as its health goes, but takes no writes.
  package mutating func setWritable(_ alias: TabletAlias, _ isWritable: Bool) throws(Refusal) {
    _ = try known(alias)
    tablets[alias]?.isReadOnly = !isWritable
  }

  /// `StopReplication`.
  package mutating func stopReplication(on alias: TabletAlias) throws(Refusal) {
    let tablet = try known(alias)
    guard tablet.type != .primary else { return }
    change(tablet) {
      $0.setSQLThread(false)
      $0.setIOThread(false)
    }
  }

  /// `StartReplication`: from the shard's primary, if the tablet can reach it.
  package mutating func startReplication(on alias: TabletAlias) throws(Refusal) {
    let tablet = try known(alias)
    guard let primary = topology.shards[tablet.shard]?.primary else {
      throw Refusal("no primary tablet for shard \(tablet.shard)")
    }
    guard tablet.type != .primary else {
      // MySQL's number and words, which no recording has.
      throw Refusal(
        "The server is not configured as replica; fix in config file or with CHANGE REPLICATION "
          + "SOURCE TO (errno 1200) (sqlstate HY000) during query: START REPLICA")
    }
    let canFollow = !tablet.hasOwnTransactions && !isSplit(.tablet(alias), .tablet(primary))
    change(tablet) {
      $0.setSQLThread(true)
      $0.setIOThread(canFollow)
    }
  }

  private mutating func change(_ tablet: Tablet, _ body: (inout Replication) -> Void) {
    let head = logs[tablet.shard]?.head(at: now) ?? now
    tablets[tablet.alias]?.replication.change(at: now, head: head, body)
  }

  /// The types between which `ChangeTabletType` changes; a primary is made by a reparent.
  ///
  /// Source: go/vt/topo, `IsTrivialTypeChange`.
  private static let changeableTypes: Set<TabletType> = [
    .replica, .rdonly, .spare, .experimental, .backup, .drained,
  ]
  private static let servingTypes: Set<TabletType> = [.primary, .replica, .rdonly, .experimental]

  /// Whether a tablet of some type may become one of another.
  package static func canChange(_ type: TabletType, to other: TabletType) -> Bool {
    changeableTypes.contains(type) && changeableTypes.contains(other)
  }

  /// `ChangeTabletType`: a spare, drained, or one taking a backup serves nobody.
  package mutating func changeType(
    of alias: TabletAlias, to type: TabletType, isDryRun: Bool
  ) throws(Refusal) {
    let tablet = try known(alias)
    guard Self.canChange(tablet.type, to: type) else {
      throw Refusal(
        "tablet cell:\"\(alias.cell)\" uid:\(alias.uid) type change "
          + "\(tablet.type.description.uppercased()) -> \(type.description.uppercased()) is not an "
          + "allowed transition for ChangeTabletType")
    }
    guard !isDryRun else { return }
    tablets[alias]?.become(type, at: now)
    settle(alias)
  }

  /// Whether a tablet serves while its MySQL runs, by its type and by what topo has of its shard.
  func serves(_ tablet: Tablet) -> Bool {
    Self.servingTypes.contains(tablet.type) && topology.serving.contains(tablet.shard)
      && !(tablet.type == .primary && topology.disabled.contains(tablet.shard))
  }

  /// A tablet begins to serve or ceases to, as its type and topo have it, and says so.
  mutating func settle(_ alias: TabletAlias) {
    guard let tablet = tablets[alias] else { return }
    let isServing = serves(tablet) && tablet.isMySQLRunning
    tablets[alias]?.state = isServing ? .serving : .notServing
    broadcast(alias)
  }

  // MARK: Keyspaces and shards

  /// `SetKeyspaceDurabilityPolicy`.
  package mutating func setDurabilityPolicy(
    _ policy: String, of keyspace: String
  ) throws(Refusal) {
    guard topology.keyspaces[keyspace] != nil else { throw Refusal.noKeyspace(keyspace) }
    guard ["none", "semi_sync", "cross_cell"].contains(policy) else {
      throw Refusal(
        "durability policy <\(policy)> is not a valid policy. Please register it as a policy first")
    }
    topology.keyspaces[keyspace]?.durabilityPolicy = policy
  }

  /// `SetShardIsPrimaryServing`: changes the record alone.
  package mutating func setPrimaryServing(
    _ shard: ShardName, _ isServing: Bool
  ) throws(Refusal) {
    guard topology.shards[shard] != nil else { throw Refusal.noShard(shard) }
    topology.shards[shard]?.isPrimaryServing = isServing
  }

  /// What `ValidateShard` finds; empty when all is as it should be.
  ///
  /// `pings`: also ask every tablet, and look at who replicates.
  package func problems(of shard: ShardName, pings: Bool) -> [String] {
    guard let record = topology.shards[shard] else {
      return [
        "TopologyServer.GetShard(\(shard.keyspace), \(shard.shard)) failed: \(Refusal.noShard(shard))"
      ]
    }
    let members = (tabletsOfShard[shard] ?? []).compactMap { tablets[$0] }
    var problems: [String] = []
    let primaries = members.filter { $0.type == .primary }
    for other in primaries.dropFirst() {
      problems.append(
        "shard \(shard) already has primary \(primaries[0].alias) but found other primary "
          + "\(other.alias)")
    }
    if let first = primaries.first, let primary = record.primary, first.alias != primary {
      problems.append(
        "primary mismatch for shard \(shard): found \(first.alias), expected \(primary)")
    } else if primaries.isEmpty {
      problems.append("no primary for shard \(shard)")
    }
    guard pings else { return problems }
    for tablet in members where !tablet.isReachable || isSplit(.vtctld, .tablet(tablet.alias)) {
      problems.append(
        "Ping(\(tablet.alias)) failed: rpc error: code = DeadlineExceeded desc = context deadline "
          + "exceeded tablet hostname: 127.0.0.1")
    }
    return problems
  }
}
