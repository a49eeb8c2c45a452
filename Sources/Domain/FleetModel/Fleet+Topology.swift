package import Terms

/// What the topology says, beside what the servers say themselves.
extension Fleet {
  /// Takes what the topology says about all keyspaces.
  package mutating func apply(_ keyspaces: [TopoKeyspace]) {
    topoTrouble?.isOver = true
    let new = Dictionary(keyspaces.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    guard new != topo else { return }
    let changed = Set(new.keys).union(topo.keys).filter { new[$0] != topo[$0] }
    topo = new
    for shard in records.keys where changed.contains(shard.keyspace) {
      record(shard) { $0.mark(.tablets) }
    }
  }

  /// Takes what the topology says about where shards' writes go.
  package mutating func apply(_ told: [ShardName: ShardRouting]) {
    // A reading that took long may come after a newer one.
    let routings = told.filter { !failovers.knowsNewer(than: $0.value, of: $0.key) }
    // Topo may answer before the first vtgate does, and is asked again only a minute later.
    for (shard, routing) in routings { failovers.note(routing, of: shard) }
    plan.take(routings)
    isSuccessionDue = true
    let gone = failovers.routings.shards.filter { records[$0] == nil && told[$0] == nil }
    for name in gone where topoShards?.records[name] == nil { plan.forget(name) }
    failovers.forgetRoutings(of: gone)
  }

  /// The workflows that anybody told of last.
  package var workflowLabels: Set<String> {
    Set(
      failovers.routings.withWorkflows.lazy.compactMap(\.told.workflows).joined().map(\.label))
  }

  /// Shards of which the topology may tell more than it was last heard to: they held or failed
  /// requests without another primary, or a Reshard may be over.
  package func unexplained(at now: Instant) -> Set<ShardName> {
    failovers.unexplained(at: now).union(plan.outdated)
  }

  /// The rules in the topology that have not expired.
  package func topoRules(of keyspace: String, at now: Instant) -> [ThrottledApp] {
    topo[keyspace]?.throttler?.throttledApps.filter { $0.expiresAt > now } ?? []
  }

  /// Workflows that could be switched, or are in the middle of it, by the shards that writes would
  /// leave.
  package var switchesAhead: [ShardName: Set<TrafficWorkflow.Ahead>] {
    failovers.routings.withWorkflows.reduce(into: [:]) { ahead, entry in
      guard records[entry.shard] != nil else { return }
      let near = entry.told.workflows(leaving: entry.shard)
        .compactMap(TrafficWorkflow.Ahead.init)
      if !near.isEmpty { ahead[entry.shard] = Set(near) }
    }
  }
}
