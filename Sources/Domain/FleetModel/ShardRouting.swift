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

  /// The workflows that decide whether writes go to a shard, as far as that is known.
  package func workflows(deciding shard: ShardName) -> [TrafficWorkflow] {
    (workflows ?? []).filter { $0.leavesWrites(at: shard) != nil }
  }
}

/// A MoveTables or Reshard that is under way, as vtctld reports it.
package struct TrafficWorkflow: Sendable, Equatable, Codable {
  package let name: String
  package let source: String
  package let sourceShards: Set<String>
  package let target: String
  /// The tables that it moves; empty for a Reshard.
  package let tables: Set<String>
  /// vtctld's words, `All Reads Switched. Writes Not Switched`; nil when it does not know the call
  /// (WorkflowStatus) or did not answer.
  package let trafficState: String?
  /// All its streams carry the message FROZEN, as they do once its writes are switched.
  package let isFrozen: Bool

  package init(
    name: String, source: String, sourceShards: Set<String>, target: String, tables: Set<String>,
    trafficState: String?, isFrozen: Bool
  ) {
    self.name = name
    self.source = source
    self.sourceShards = sourceShards
    self.target = target
    self.tables = tables
    self.trafficState = trafficState
    self.isFrozen = isFrozen
  }

  /// `customer.m1`, as vtctldclient writes it.
  package var label: String { "\(target).\(name)" }

  /// Whether writes are switched; nil when they are for some shards and not for others.
  ///
  /// Source: `Workflow State` in go/vt/vtctl/workflow, v16 to v24.
  private var haveWritesSwitched: Bool? {
    guard let trafficState else { return isFrozen }
    if trafficState.contains("Writes Not Switched") { return false }
    return trafficState.contains("Writes Switched") ? true : nil
  }

  /// Whether writes go to a shard as far as this workflow decides it; nil when it does not.
  func leavesWrites(at shard: ShardName) -> Bool? {
    if source == target {
      return sourceShards.contains(shard.shard) ? haveWritesSwitched.map { !$0 } : nil
    }
    if source == shard.keyspace { return haveWritesSwitched.map { !$0 } }
    return target == shard.keyspace ? haveWritesSwitched : nil
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
    let newlyDenied = routingBefore.map { after.deniedTables.subtracting($0.deniedTables) }
    let isHere = leavesWrites(newlyDenied ?? [])
    switch (isHere, newlyDenied?.isEmpty) {
    case (true?, false?): return .halfDone
    case (true?, true?): return .notSwitched
    case (false?, false?): return .switched
    default: return after.deniedTables.isEmpty && isHere != false ? .notSwitched : nil
    }
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
    guard primaryGone == nil, waitedFor == nil, sign != .primaryChanged,
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
    } else {
      if let known = self.routing { deniedInBetween.formUnion(known.deniedTables) }
      self.routing = routing
    }
  }
}
