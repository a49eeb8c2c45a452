internal import Terms

// The calls of MoveTables and Reshard and what they do to the cluster.
// Mirrors the order of go/vt/vtctl/workflow: reads are switched first; for writes, the primaries that
// take them deny the tables, the other side catches up, routing rules change, vtgates see the new
// vschema.
extension LabCluster {
  /// All workflows, by keyspace and name.
  package var allWorkflows: [Workflow] { workflows.values.sorted { $0.id < $1.id } }

  package func workflow(_ id: Workflow.ID) -> Workflow? { workflows[id] }

  // MARK: Creating and ending

  /// `MoveTables create`.
  ///
  /// `copy`: how long the copy of the tables takes. `catchUp`: how long a switch then has to wait for
  /// the last writes.
  package mutating func createMoveTables(
    _ id: Workflow.ID, of tables: Set<String>, from source: String, copy: Duration = .zero,
    catchUp: Duration = .milliseconds(600)
  ) throws(Refusal) {
    for keyspace in [source, id.keyspace] where topology.keyspaces[keyspace] == nil {
      throw Refusal.noKeyspace(keyspace)
    }
    guard source != id.keyspace else { throw Refusal("source and target are the same keyspace") }
    guard !tables.isEmpty else { throw Refusal("no tables to move") }
    guard workflows[id] == nil else { throw Refusal.alreadyExists(id) }
    let moving = allWorkflows.filter { Set([$0.source, $0.target]).contains(source) }
    if let other = moving.first(where: { !$0.tables.isDisjoint(with: tables) }) {
      throw Refusal("tables are in workflow \(other.id) already")
    }
    workflows[id] = Workflow(
      id: id, kind: .moveTables, source: source,
      sourceShards: topology.keyspaces[source]?.shards ?? [],
      targetShards: topology.keyspaces[id.keyspace]?.shards ?? [], tables: tables, createdAt: now,
      copiedAt: now + copy, catchUp: catchUp)
    topology.keyspaces[id.keyspace]?.droppedTables.subtract(tables)
    topology.routingRules.create(tables, from: source, to: id.keyspace)
    if configuration.release.deniesTablesUntilSwitched { deny(tables, in: id.keyspace) }
  }

  /// `Reshard create`.
  ///
  /// Source: go/vt/vtctl/workflow/resharder.go, `buildResharder`, and go/vt/topotools/split.go,
  /// `ValidateForReshard`.
  package mutating func createReshard(
    _ id: Workflow.ID, from sources: [String], to targets: [String],
    catchUp: Duration = .milliseconds(600)
  ) throws(Refusal) {
    guard topology.keyspaces[id.keyspace] != nil else { throw Refusal.noKeyspace(id.keyspace) }
    guard workflows[id] == nil else { throw Refusal.alreadyExists(id) }
    for (shards, serves) in [(sources, true), (targets, false)] {
      guard !shards.isEmpty else { throw Refusal("source and target shards are required") }
      for shard in shards {
        let name = ShardName(keyspace: id.keyspace, shard: shard)
        guard let record = topology.shards[name] else { throw Refusal.noShard(name) }
        guard record.isPrimaryServing == serves else {
          throw Refusal(
            "buildResharder: "
              + (serves
                ? "source shard \(shard) is not in serving state"
                : "target shard \(shard) is in serving state"))
        }
      }
    }
    let ranges = (
      sources.compactMap(KeyRange.init(heldBy:)), targets.compactMap(KeyRange.init(heldBy:))
    )
    func refusal(_ why: String) -> Refusal { Refusal("buildResharder: ValidateForReshard: \(why)") }
    if let both = ranges.0.first(where: ranges.1.contains) {
      throw refusal("same keyrange is present in source and target: \(both)")
    }
    guard let source = KeyRange.combined(ranges.0), let target = KeyRange.combined(ranges.1) else {
      throw refusal("shards don't form a contiguous keyrange")
    }
    guard source == target else {
      throw refusal("source and target keyranges don't match: \(source) vs \(target)")
    }
    workflows[id] = Workflow(
      id: id, kind: .reshard, source: id.keyspace, sourceShards: sources, targetShards: targets,
      tables: [], createdAt: now, copiedAt: now, catchUp: catchUp)
  }

  /// `MoveTables complete`: the source's tables are dropped, and with them all that led away from
  /// them.
  package mutating func complete(
    _ id: Workflow.ID, keepsData: Bool = false, keepsRoutingRules: Bool = false
  ) throws(Refusal) {
    let workflow = try completable(id)
    if !keepsData { topology.keyspaces[workflow.source]?.droppedTables.formUnion(workflow.tables) }
    remove(workflow, keepsData, keepsRoutingRules)
  }

  /// A workflow that may be completed.
  package func completable(_ id: Workflow.ID) throws(Refusal) -> Workflow {
    let workflow = try idle(id)
    guard workflow.areWritesSwitched, workflow.switchedReads == [.replica, .rdonly] else {
      throw Refusal(
        "cannot complete workflow because you have not yet switched all read and write traffic")
    }
    return workflow
  }

  /// `MoveTables cancel`: everything is as if it had never begun.
  package mutating func cancel(
    _ id: Workflow.ID, keepsData: Bool = false, keepsRoutingRules: Bool = false
  ) throws(Refusal) {
    let workflow = try idle(id)
    guard !workflow.areWritesSwitched else {
      throw Refusal(
        "cannot cancel workflow because you have already switched some or all read and write traffic"
      )
    }
    remove(workflow, keepsData, keepsRoutingRules)
  }

  /// Forgets a workflow; what a Reshard leaves behind stays: shards that serve nobody.
  private mutating func remove(
    _ workflow: Workflow, _ keepsData: Bool, _ keepsRoutingRules: Bool
  ) {
    workflows[workflow.id] = nil
    guard workflow.kind == .moveTables else { return }
    if !keepsData {
      for keyspace in [workflow.source, workflow.target] { allow(workflow.tables, in: keyspace) }
    }
    if !keepsRoutingRules {
      topology.routingRules.delete(workflow.tables, between: [workflow.source, workflow.target])
    }
    wakeReplans()
  }

  /// A workflow that is not being switched.
  func idle(_ id: Workflow.ID) throws(Refusal) -> Workflow {
    guard let workflow = workflows[id] else { throw Refusal.noStreams(id) }
    guard !workflow.isSwitching else {
      throw Refusal("failed to lock the \(workflow.source) keyspace: a switch of \(id) is going on")
    }
    return workflow
  }

  /// How long switches of a workflow wait for the last writes from now on.
  package mutating func setCatchUp(_ id: Workflow.ID, _ duration: Duration) throws(Refusal) {
    guard workflows[id] != nil else { throw Refusal.noStreams(id) }
    workflows[id]?.catchUp = duration
  }

  // MARK: Switching

  /// Starts a switch; its outcome comes later, by the operation that is returned.
  package mutating func switchTraffic(
    _ request: Workflow.SwitchRequest
  ) throws(Refusal) -> Int {
    var workflow = try idle(request.workflow)
    let start = workflow.trafficState
    try check(request, workflow)
    switchReads(request, &workflow)
    let operation = nextOperation
    nextOperation += 1
    workflows[workflow.id] = workflow
    guard request.types.contains(.primary),
      workflow.areWritesSwitched == (request.direction == .backward)
    else {
      note(operation, request, start, workflow)
      return operation
    }
    workflows[workflow.id]?.ongoing = Workflow.Switch(
      operation: operation, request: request, startState: start,
      caughtUpAt: now + workflow.catchUp, deadline: now + request.timeout)
    stopWrites(of: workflow)
    agenda.add(.workflow(workflow.id), at: now + min(workflow.catchUp, request.timeout))
    return operation
  }

  /// What dry runs check as well.
  package func check(_ request: Workflow.SwitchRequest) throws(Refusal) -> Workflow {
    let workflow = try idle(request.workflow)
    try check(request, workflow)
    return workflow
  }

  private func check(
    _ request: Workflow.SwitchRequest, _ workflow: Workflow
  ) throws(Refusal) {
    let isBackward = request.direction == .backward
    guard !isBackward || workflow.hasReverse else { throw Refusal.noStreams(workflow.reverseID) }
    if !isBackward, workflow.isCopying(at: now) {
      throw Refusal(
        "cannot switch traffic for workflow \(workflow.id.name) at this time: copy is still in "
          + "progress")
    }
    if isBackward, request.types.contains(.replica), !workflow.switchedReads.contains(.replica) {
      throw Refusal(
        "requesting reversal of read traffic for REPLICAs but REPLICA reads have not been switched")
    }
    if isBackward, request.types.contains(.rdonly), !workflow.switchedReads.contains(.rdonly) {
      throw Refusal(
        "requesting reversal of SwitchReads for RDONLYs but RDONLY reads have not been switched")
    }
  }

  /// Without tablets for rdonly, their reads go along with those of replicas.
  private mutating func switchReads(
    _ request: Workflow.SwitchRequest, _ workflow: inout Workflow
  ) {
    var types = request.types.intersection([.replica, .rdonly])
    guard !types.isEmpty else { return }
    if types.contains(.replica) { types.insert(.rdonly) }
    let isBackward = request.direction == .backward
    if workflow.kind == .moveTables {
      topology.routingRules.switchReads(
        of: workflow.tables, between: [workflow.source, workflow.target],
        to: isBackward ? workflow.source : workflow.target, types)
    }
    workflow.switchedReads =
      isBackward
      ? workflow.switchedReads.subtracting(types) : workflow.switchedReads.union(types)
  }

  /// Gives a switch up, as when the caller goes away: writes continue where they were.
  package mutating func cancelSwitch(of id: Workflow.ID) {
    guard let workflow = workflows[id], workflow.isSwitching else { return }
    abandon(
      workflow, Refusal("context canceled"),
      leavesTablesDenied: !configuration.release.undoesCanceledSwitch)
  }

  mutating func stepWorkflow(_ id: Workflow.ID) {
    guard let workflow = workflows[id], let ongoing = workflow.ongoing,
      now >= min(ongoing.caughtUpAt, ongoing.deadline)
    else { return }
    guard ongoing.caughtUpAt <= ongoing.deadline else {
      return abandon(
        workflow,
        Refusal(
          "failed to sync up replication between the source and target: rpc error: code = "
            + "DeadlineExceeded desc = context deadline exceeded"))
    }
    moveWrites(of: workflow)
    workflows[id]?.areWritesSwitched = ongoing.request.direction == .forward
    if ongoing.request.direction == .forward {
      workflows[id]?.hasReverse = ongoing.request.enablesReverseReplication
    }
    workflows[id]?.switchedAt = now
    workflows[id]?.ongoing = nil
    if let workflow = workflows[id] {
      note(ongoing.operation, ongoing.request, ongoing.startState, workflow)
    }
  }

  private mutating func abandon(
    _ workflow: Workflow, _ refusal: Refusal, leavesTablesDenied: Bool = false
  ) {
    guard let ongoing = workflow.ongoing else { return }
    workflows[workflow.id]?.ongoing = nil
    // The streams of the other direction are made anew by each switch.
    if ongoing.request.direction == .forward { workflows[workflow.id]?.hasReverse = false }
    if !leavesTablesDenied { resumeWrites(of: workflow) }
    note(ongoing.operation, ongoing.request, ongoing.startState, workflow, refusal)
  }

  private mutating func note(
    _ operation: Int, _ request: Workflow.SwitchRequest, _ start: String, _ workflow: Workflow,
    _ failure: Refusal? = nil
  ) {
    switchOutcomes[operation] = Workflow.Outcome(
      request: request, startState: start, currentState: workflow.trafficState, failure: failure)
  }

  /// The outcomes of switches since the last call, by operation.
  package mutating func takeSwitchOutcomes() -> [Int: Workflow.Outcome] {
    defer { switchOutcomes = [:] }
    return switchOutcomes
  }

  // MARK: Writes

  private mutating func stopWrites(of workflow: Workflow) {
    switch workflow.kind {
    case .moveTables:
      deny(workflow.tables, in: workflow.writes.here)
      tellWatchers(of: workflow.writes.here, .switching)
    case .reshard:
      topology.disabled.formUnion(workflow.writingShards.here)
      settlePrimaries(of: workflow.writingShards.here)
    }
  }

  private mutating func resumeWrites(of workflow: Workflow) {
    switch workflow.kind {
    case .moveTables:
      allow(workflow.tables, in: workflow.writes.here)
      tellWatchers(of: workflow.writes.here, .none)
    case .reshard:
      topology.disabled.subtract(workflow.writingShards.here)
      settlePrimaries(of: workflow.writingShards.here)
    }
  }

  /// The point of no return.
  private mutating func moveWrites(of workflow: Workflow) {
    switch workflow.kind {
    case .moveTables:
      let (old, new) = workflow.writes
      allow(workflow.tables, in: new)
      topology.routingRules.switchWrites(of: workflow.tables, from: old, to: new)
      tellWatchers(of: old, .switched)
      wakeReplans()
    case .reshard:
      let (old, new) = workflow.writingShards
      topology.disabled.subtract(old)
      topology.serving.subtract(old)
      topology.serving.formUnion(new)
      for shard in old + new {
        topology.shards[shard]?.isPrimaryServing = topology.serving.contains(shard)
        for alias in tabletsOfShard[shard] ?? [] { settle(alias) }
      }
      for index in vtgates.indices where vtgates[index].process != .dead {
        after(between(.milliseconds(1), .milliseconds(15)), .srvKeyspace(index, workflow.target))
      }
    }
  }

  private mutating func settlePrimaries(of shards: [ShardName]) {
    for shard in shards {
      if let primary = topology.shards[shard]?.primary { settle(primary) }
    }
  }

  /// A vtgate sees in topo which shards serve a keyspace.
  mutating func seePartition(_ index: Int, of keyspace: String) {
    guard vtgates[index].process == .running,
      let event = vtgates[index].watcher.partition(keyspace, topology.partition(of: keyspace))
    else { return }
    take(event, index)
  }

  // MARK: Topo and vtgates

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

  /// Vtgates read from topo how far a MoveTables is.
  ///
  /// That it has begun they see only if they look between the denial and the new rules: of six
  /// recorded switches of v23 one was seen. Where that decides nothing the lab leaves it out.
  private mutating func tellWatchers(of keyspace: String, _ state: KeyspaceWatcher.MoveTables) {
    let release = configuration.release
    guard release.buffersMovedTables, state == .switched || !release.asksWatcherBeforeStart else {
      return
    }
    for index in vtgates.indices where vtgates[index].process != .dead {
      agenda.add(.moveTablesState(index, keyspace, state), at: now)
    }
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
    guard configuration.release.buffersMovedTables else { return }
    for index in vtgates.indices {
      for (request, call) in vtgates[index].calls.sorted(by: { $0.key < $1.key })
      where call.replans > 0 && call.routing < topology.routingRules.revision {
        after(.zero, .replan(index, request))
      }
    }
  }
}
