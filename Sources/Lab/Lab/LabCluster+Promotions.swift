package import Terms

// The end of every reparent: a tablet becomes primary, and the others follow it.
extension LabCluster {
  mutating func promote(_ operation: Int) {
    guard let reparent = reparents[operation], let candidate = reparent.to else { return }
    promote(candidate, of: reparent.shard)
    go(operation, .repointing, after: between(.milliseconds(3), .milliseconds(20)))
  }

  /// Makes a tablet its shard's primary, in MySQL, in its own record and in the shard's.
  mutating func promote(_ alias: TabletAlias, of shard: ShardName) {
    topology.shards[shard]?.primary = alias
    topology.shards[shard]?.primarySince = now
    tablets[alias]?.become(.primary, since: now, at: now)
    tablets[alias]?.replication.caughtUp(at: now)
    if let own = tablets[alias], own.isMySQLRunning, serves(own) {
      tablets[alias]?.state = .serving
    }
    tablets[alias]?.deniedTables = topology.shards[shard]?.deniedTables ?? []
    tablets[alias]?.throttler.open(at: now)
    resumeWriting(alias)
    broadcast(alias)
  }

  mutating func repoint(_ operation: Int) {
    guard let reparent = reparents[operation], let primary = reparent.to else { return }
    let isPlanned = reparent.request.kind == .planned
    var failed: [TabletAlias] = []
    let isSame = reparent.from == primary
    if isSame || !isPlanned {
      say(
        operation, isPlanned ? .journal : .emergencyJournal,
        "populating reparent journal on new primary \(primary)")
    }
    for alias in tabletsOfShard[reparent.shard] ?? [] where alias != primary {
      say(
        operation, isPlanned ? .repointing : .emergencyRepointing,
        "setting new primary on replica \(alias)")
      if !follow(alias, isPlanned: isPlanned) { failed.append(alias) }
    }
    if !isSame, isPlanned {
      say(operation, .journal, "populating reparent journal on new primary \(primary)")
    }
    guard let silent = failed.first, isPlanned else { return end(operation, nil) }
    let cause = unreachable(silent).description
    wait(
      operation,
      for: Refusal(
        "some replicas failed to reparent; retry PlannedReparentShard with the same new primary alias "
          + "(\(primary)) to retry failed replicas: tablet \(silent) failed to "
          + "SetReplicationSource(\(primary)): \(cause): \(cause)"))
  }

  /// Makes a tablet follow the shard's primary; false when the tablet cannot be reached.
  private mutating func follow(_ alias: TabletAlias, isPlanned: Bool) -> Bool {
    guard let tablet = tablets[alias], isReachable(alias, from: .vtctld), tablet.isMySQLRunning
    else { return false }
    let wasPrimary = tablet.type == .primary
    let head = logs[tablet.shard]?.head(at: now) ?? now
    if wasPrimary {
      tablets[alias]?.become(.replica, at: now)
      // It has everything it wrote: it was caught up when it was demoted.
      let end = tablet.demotedAt ?? now
      tablets[alias]?.replication.caughtUp(at: min(end, now))
    }
    tablets[alias]?.demotedAt = nil
    if let own = tablets[alias], serves(own) { tablets[alias]?.state = .serving }
    tablets[alias]?.throttler.open(at: now)
    let primary = topology.shards[tablet.shard]?.primary ?? alias
    let canReach = !isSplit(.tablet(alias), .tablet(primary))
    tablets[alias]?.replication.change(at: now, head: head) { $0.setIOThread(canReach) }
    if wasPrimary || tablet.state != .serving { broadcast(alias) }
    return true
  }

  /// A reparent done outside of Vitess: `TabletExternallyReparented`.
  ///
  /// The new primary's tablet reports it at once; the old one finds out from the shard's record.
  package mutating func externalReparent(
    _ shard: ShardName, to alias: TabletAlias
  ) throws(Refusal) {
    guard topology.shards[shard] != nil else { throw Refusal.noShard(shard) }
    guard let tablet = tablets[alias], tablet.shard == shard else {
      throw Refusal.noTablet(alias, cells: cells)
    }
    guard tablet.type != .primary else { return }
    let old = topology.shards[shard]?.primary
    logs[shard]?.end(at: now)
    promote(alias, of: shard)
    if let old { after(.seconds(1), .tablet(old, .stepsDown(follows: true))) }
  }
}
