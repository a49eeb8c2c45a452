internal import Terms

/// A MoveTables or Reshard that is under way, as vtctld reports it.
package struct TrafficWorkflow: Sendable, Equatable, Codable {
  package let name: String
  package let source: String
  /// The shards that a Reshard takes writes from; of a MoveTables they decide nothing.
  package let sourceShards: Set<String>
  package let target: String
  /// The tables that it moves; empty for a Reshard.
  package let tables: Set<String>
  /// vtctld's words, `All Reads Switched. Writes Not Switched`; nil when it does not know the call
  /// (WorkflowStatus) or did not answer.
  package let trafficState: String?
  /// All its streams carry the message FROZEN, as they do once its writes are switched.
  package let isFrozen: Bool
  /// What its streams did; nil when that was not told.
  package let streams: Streams?

  /// The streams of a workflow, as GetWorkflows tells of them.
  package struct Streams: Sendable, Equatable, Codable {
    /// `Init`, `Copying`, `Running`, `Lagging`, `Stopped`, `Error`, each once: vtctld's words in
    /// GetWorkflows (go/vt/vtctl/workflow, v16 to v24).
    package let states: Set<String>
    /// How far the slowest is behind its source, in whole seconds.
    package let lag: Duration

    package init(states: Set<String>, lag: Duration) {
      self.states = states
      self.lag = lag
    }
  }

  /// How near a workflow is to a switch.
  package enum Readiness: String, Sendable, Equatable {
    case copying
    /// SwitchTraffic would be accepted.
    case ready
    /// Further behind than SwitchTraffic accepts.
    case lagging
    /// Streams that are stopped, or have failed.
    case halted
  }

  /// SwitchTraffic's `--max-replication-lag-allowed` unless set otherwise.
  package static let lagAllowed: Duration = .seconds(30)

  package init(
    name: String, source: String, sourceShards: Set<String>, target: String, tables: Set<String>,
    trafficState: String?, isFrozen: Bool, streams: Streams? = nil
  ) {
    self.name = name
    self.source = source
    self.sourceShards = sourceShards
    self.target = target
    self.tables = tables
    self.trafficState = trafficState
    self.isFrozen = isFrozen
    self.streams = streams
  }

  package var isReshard: Bool { source == target }

  /// How near it is to a switch; nil when its streams were not told of.
  package var readiness: Readiness? {
    guard let streams, !streams.states.isEmpty else { return nil }
    if !streams.states.isDisjoint(with: ["Init", "Copying"]) { return .copying }
    guard streams.states.isSubset(of: ["Running", "Lagging"]) else { return .halted }
    let isBehind = streams.states.contains("Lagging") || streams.lag > Self.lagAllowed
    return isBehind ? .lagging : .ready
  }

  /// Whether its reads have been switched and its writes have not: it is in the middle of a cutover.
  package var isHalfWay: Bool {
    trafficState?.hasPrefix("Reads Not Switched") == false && haveWritesSwitched == false
  }

  /// Whether a shard's writes leave it when this is switched.
  func leads(awayFrom shard: ShardName) -> Bool {
    source == shard.keyspace && (!isReshard || sourceShards.contains(shard.shard))
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
    if isReshard {
      return sourceShards.contains(shard.shard) ? haveWritesSwitched.map { !$0 } : nil
    }
    if source == shard.keyspace { return haveWritesSwitched.map { !$0 } }
    return target == shard.keyspace ? haveWritesSwitched : nil
  }
}

extension TrafficWorkflow {
  /// A workflow near its switch; what makes one is news when it was not so before.
  package struct Ahead: Hashable, Comparable, Codable, Sendable {
    package let label: String
    package let isHalfWay: Bool

    package static func < (left: Ahead, right: Ahead) -> Bool {
      (left.label, left.isHalfWay ? 1 : 0) < (right.label, right.isHalfWay ? 1 : 0)
    }

    /// Nil if a switch is not near.
    init?(_ workflow: TrafficWorkflow) {
      guard workflow.readiness == .ready || workflow.isHalfWay else { return nil }
      label = workflow.label
      isHalfWay = workflow.isHalfWay
    }
  }
}
