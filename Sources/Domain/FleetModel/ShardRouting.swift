package import Terms

/// Where the topology sends a shard's writes, as vtctld reported it at some moment.
package struct ShardRouting: Sendable, Equatable, Codable {
  /// When it was asked for.
  package let readAt: Instant
  /// Tables that its primary denies: those that a MoveTables has switched away, or is about to
  /// (topodata.Shard.tablet_controls).
  package let deniedTables: Set<String>
  /// False once a Reshard has switched its writes away.
  package let isPrimaryServing: Bool
  /// Workflows to or from its keyspace; nil when they were not asked for, or not all could be.
  package let workflows: [TrafficWorkflow]?

  package init(
    readAt: Instant, deniedTables: Set<String>, isPrimaryServing: Bool,
    workflows: [TrafficWorkflow]?
  ) {
    self.readAt = readAt
    self.deniedTables = deniedTables
    self.isPrimaryServing = isPrimaryServing
    self.workflows = workflows
  }

  /// Those that would take a shard's writes away if they were switched now or later.
  package func workflows(leaving shard: ShardName) -> [TrafficWorkflow] {
    (workflows ?? []).filter { $0.leads(awayFrom: shard) && $0.leavesWrites(at: shard) == true }
  }

  /// What was told, without the workflows whose writes have left by a newer word of topo.
  func without(switchedBy newer: ShardRouting) -> ShardRouting {
    ShardRouting(
      readAt: readAt, deniedTables: deniedTables, isPrimaryServing: isPrimaryServing,
      workflows: workflows?.filter { workflow in
        newer.isPrimaryServing && newer.deniedTables.isDisjoint(with: workflow.tables)
      })
  }

  /// The workflows that decide whether writes go to a shard, as far as that is known.
  package func workflows(deciding shard: ShardName) -> [TrafficWorkflow] {
    (workflows ?? []).filter { $0.leavesWrites(at: shard) != nil }
  }
}

extension Failover {
  /// How a switch of traffic away from the shard ended.
  package enum Switching: Sendable, Equatable {
    case switched
    /// It timed out, was cancelled or never was a switch: writes are where they were.
    case notSwitched
    /// Tables are denied here, and their writes go nowhere else.
    case halfDone
  }

  /// What the topology and its workflows prove; nil when they prove nothing.
  ///
  /// A time-out and a cancellation leave the same behind (recorded on v23), so they share a case.
  package var switching: Switching? {
    guard let after = routing else { return nil }
    if !after.isPrimaryServing {
      return routingBefore?.isPrimaryServing == true ? .switched : nil
    }
    let newlyDenied = newlyDenied(by: after)
    let isHere = leavesWrites(newlyDenied ?? [])
    switch (isHere, newlyDenied?.isEmpty) {
    case (true?, false?): return .halfDone
    case (true?, true?): return .notSwitched
    case (false?, false?): return .switched
    default: return after.deniedTables.isEmpty && isHere != false ? .notSwitched : nil
    }
  }

  /// The tables that topo denies now and did not before it; nil when it was not asked before.
  private func newlyDenied(by routing: ShardRouting) -> Set<String>? {
    routingBefore.map { routing.deniedTables.subtracting($0.deniedTables) }
  }

  /// The keyspaces that writes were switched from and to, and of a proxy's route the servers; nil where
  /// they stayed, where workflows do not tell or contradict each other, and for a Reshard, which stays in
  /// its keyspace.
  package var cutover: (from: String, to: String)? {
    guard verdict == .switched else { return nil }
    if let plannedCutover { return (plannedCutover.from, plannedCutover.to) }
    guard let routing, let denied = newlyDenied(by: routing) else { return nil }
    let moved = (routing.workflows ?? []).filter {
      !$0.isReshard && $0.leavesWrites(at: shard) == false && !$0.tables.isDisjoint(with: denied)
    }
    let others = Set(moved.map { $0.source == shard.keyspace ? $0.target : $0.source })
    return others.count == 1 ? others.first.map { (shard.keyspace, $0) } : nil
  }

  /// Whether writes still go to the shard according to all workflows that decide it, for these
  /// tables if there are any.
  private func leavesWrites(_ tables: Set<String>) -> Bool? {
    let concerned = (routing?.workflows ?? []).filter {
      tables.isEmpty || $0.tables.isEmpty || !$0.tables.isDisjoint(with: tables)
    }
    let told = Set(concerned.compactMap { $0.leavesWrites(at: shard) })
    return told.count == 1 ? told.first : nil
  }

  /// Whether tables were denied in the middle of it that no longer are: a switch was begun and
  /// undone.
  private var hasSeenDenial: Bool {
    let known = (routing?.deniedTables ?? []).union(routingBefore?.deniedTables ?? [])
    return routing != nil && !deniedInBetween.subtracting(known).isEmpty
  }

  /// Tables that the shard's primary has begun to refuse, and when topo said so, as long as nothing is
  /// known of how that ends; nil where it refuses none, or nobody knows what it refused before.
  package var refusedMeanwhile: (tables: Set<String>, at: Instant)? {
    guard ended == nil, routing == nil, let newest = routingMeanwhile,
      let refused = newlyDenied(by: newest), !refused.isEmpty
    else { return nil }
    return (refused, newest.readAt)
  }

  /// Whether the topology proves that it was a traffic switch.
  var isProvenSwitch: Bool {
    switching == .switched || switching == .halfDone || hasSeenDenial
  }

  /// Whether a workflow could have been switched and was not.
  var isSwitchUndone: Bool {
    switching == .notSwitched
      && (hasSeenDenial
        || routing?.workflows?.contains { $0.leavesWrites(at: shard) == true } == true)
  }

  /// Whether nobody has seen another primary, and vtctld may tell what it was.
  func isUnexplained(at now: Instant) -> Bool {
    guard primaryGone == nil, waitedFor == nil, plannedCutover == nil, !gates.hasProxies,
      sign != .primaryChanged,
      primaryAfter == nil || primaryAfter == primaryBefore
    else { return false }
    // Errors may go on for hours.
    let pause: Duration = kind == .errors ? .seconds(30) : .zero
    if let asked = routing?.readAt, now - asked < pause { return false }
    guard ended != nil else { return true }
    return now - changed.at < .seconds(60)
      && (routing == nil || verdict == .unchanged || verdict == .halfSwitched)
  }

  mutating func take(_ routing: ShardRouting) {
    // A reading without the workflows tells less.
    if routing.workflows == nil, self.routing?.workflows != nil { return }
    // Errors without buffering go on for as long as their cause.
    if isActive || (kind != .errors && routing.readAt < changed.at) {
      deniedInBetween.formUnion(routing.deniedTables)
      routingMeanwhile = routing
    } else {
      if let known = self.routing { deniedInBetween.formUnion(known.deniedTables) }
      self.routing = routing
    }
  }
}
