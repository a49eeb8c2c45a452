package import Terms

/// The last step of a MoveTables: writes stop on the source, the target catches up, routing flips.
///
/// Mirrors the order of `MoveTables SwitchTraffic`: the source's primaries deny the tables, the
/// copy catches up, routing rules change, vtgates see the new vschema.
package struct MoveTablesCutover: Sendable {
  package enum Phase: Sendable, Equatable {
    /// Writes are stopped; the target applies the rest.
    case catchingUp
    case done
    case abandoned(Refusal)
  }

  /// The name that all of the lab's workflows share: a keyspace is the source of one at most.
  package static let workflow = "move"

  package let source: String
  package let target: String
  package let tables: Set<String>
  package let startedAt: Instant
  package internal(set) var phase = Phase.catchingUp
  /// As WorkflowStatus has it: reads are switched before writes, and stay switched when those fail.
  package var trafficState: String {
    "All Reads Switched. Writes \(phase == .done ? "" : "Not ")Switched"
  }

  /// When the target will have applied everything.
  let caughtUpAt: Instant
  /// `--timeout` of SwitchTraffic, 30 s unless given.
  let deadline: Instant
}

extension LabCluster {
  /// Starts the cutover of a MoveTables.
  ///
  /// `catchUp`: how long the target needs to apply the source's last writes; if longer than
  /// `timeout`, the cutover is abandoned.
  package mutating func switchTraffic(
    of tables: Set<String>, from source: String, to target: String, catchUp: Duration,
    timeout: Duration = .seconds(30)
  ) throws(Refusal) {
    for keyspace in [source, target] where topology.keyspaces[keyspace] == nil {
      throw Refusal.noKeyspace(keyspace)
    }
    guard source != target else { throw Refusal("source and target are the same keyspace") }
    if let running = cutovers[source], running.phase == .catchingUp {
      throw Refusal("a cutover of \(running.tables.sorted().joined(separator: ",")) is going on")
    }
    cutovers[source] = MoveTablesCutover(
      source: source, target: target, tables: tables, startedAt: now, caughtUpAt: now + catchUp,
      deadline: now + timeout)
    deny(tables, in: source)
    watchers(of: source, .switching)
    agenda.add(.moveTables(source), at: min(now + catchUp, now + timeout))
  }

  /// Abandons a cutover: writes continue where they were.
  package mutating func cancelSwitchTraffic(from source: String) throws(Refusal) {
    guard let cutover = cutovers[source], cutover.phase == .catchingUp else {
      throw Refusal("no cutover is going on in keyspace \(source)")
    }
    abandon(cutover, Refusal("the cutover was canceled"))
  }

  /// All cutovers so far, by source; the next one between the same keyspaces replaces it.
  package var workflows: [MoveTablesCutover] {
    cutovers.values.sorted { $0.source < $1.source }
  }

  package func cutover(from source: String) -> MoveTablesCutover? { cutovers[source] }

  mutating func stepCutover(_ source: String) {
    guard let cutover = cutovers[source], now >= min(cutover.caughtUpAt, cutover.deadline) else {
      return
    }
    switch cutover.phase {
    case .catchingUp where cutover.caughtUpAt > cutover.deadline:
      abandon(
        cutover,
        Refusal(
          "failed to sync up replication between the source and target: context deadline exceeded"))
    case .catchingUp:
      // Tables moved from there to here earlier may be written here again.
      allow(cutover.tables, in: cutover.target)
      for index in vtgates.indices {
        for table in cutover.tables { vtgates[index].routes[table] = cutover.target }
        vtgates[index].routing += 1
      }
      watchers(of: source, .switched)
      cutovers[source]?.phase = .done
      // Moving back is the same workflow.
      if cutovers[cutover.target]?.target == source { cutovers[cutover.target] = nil }
    default: break
    }
  }

  private mutating func abandon(_ cutover: MoveTablesCutover, _ refusal: Refusal) {
    cutovers[cutover.source]?.phase = .abandoned(refusal)
    allow(cutover.tables, in: cutover.source)
    // The rules are unchanged but written anew: requests waiting for them need not wait any longer.
    for index in vtgates.indices { vtgates[index].routing += 1 }
    watchers(of: cutover.source, .none)
    wakeReplans()
  }

  private mutating func deny(_ tables: Set<String>, in keyspace: String) {
    for shard in shards where shard.keyspace == keyspace {
      topology.shards[shard]?.deniedTables.formUnion(tables)
      if let primary = topology.shards[shard]?.primary {
        tablets[primary]?.deniedTables.formUnion(tables)
      }
    }
  }

  private mutating func allow(_ tables: Set<String>, in keyspace: String) {
    for shard in shards where shard.keyspace == keyspace {
      topology.shards[shard]?.deniedTables.subtract(tables)
      for alias in tabletsOfShard[shard] ?? [] { tablets[alias]?.deniedTables.subtract(tables) }
    }
  }

  private mutating func watchers(of keyspace: String, _ state: KeyspaceWatcher.MoveTables) {
    guard configuration.release.buffersMovedTables else { return }
    for index in vtgates.indices where vtgates[index].process != .dead {
      agenda.add(.moveTablesState(index, keyspace, state), at: now)
    }
    if state == .switched { wakeReplans() }
  }

  /// A vtgate sees in topo how far a MoveTables has got.
  mutating func see(_ index: Int, _ keyspace: String, _ state: KeyspaceWatcher.MoveTables) {
    guard vtgates[index].process == .running,
      let event = vtgates[index].watcher.moveTables(state, from: keyspace)
    else { return }
    take(event, index)
  }

  /// Requests that wait for newer routing rules look at once.
  private mutating func wakeReplans() {
    for index in vtgates.indices {
      for (request, call) in vtgates[index].calls.sorted(by: { $0.key < $1.key })
      where call.replans > 0 && call.routing < vtgates[index].routing {
        after(.zero, .replan(index, request))
      }
    }
  }
}
