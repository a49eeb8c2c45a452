package import Terms

/// A MoveTables or Reshard workflow of VReplication: from its creation to its completion, there and
/// back.
///
/// Where its traffic goes stands in topo, in routing rules and denied tables; this is the part that
/// lives in the sidecar databases of the keyspaces' primaries. Once writes are switched the streams
/// are frozen, and those of a second workflow, `NAME_reverse`, run from the target to the source.
package struct Workflow: Sendable {
  /// Workflows belong to the keyspace that they write into.
  package struct ID: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let keyspace: String
    package let name: String

    package init(keyspace: String, name: String) {
      self.keyspace = keyspace
      self.name = name
    }

    package static func < (left: ID, right: ID) -> Bool {
      (left.keyspace, left.name) < (right.keyspace, right.name)
    }

    package var description: String { "\(keyspace).\(name)" }
  }

  package enum Direction: Int, Sendable { case forward, backward }

  /// What a switch is asked to do: `WorkflowSwitchTrafficRequest`.
  package struct SwitchRequest: Sendable {
    package var workflow: ID
    package var direction = Direction.forward
    package var types: Set<TabletType> = [.primary, .replica, .rdonly]
    /// How long the target may take to catch up once writes have stopped: `--timeout`.
    package var timeout: Duration = .seconds(30)
    /// Whether streams back to where writes were are made: `--enable-reverse-replication`.
    package var enablesReverseReplication = true

    package init(_ workflow: ID) { self.workflow = workflow }
  }

  /// A switch of writes on its way: they are stopped, and the other side applies the rest.
  struct Switch: Sendable {
    let operation: Int
    let request: SwitchRequest
    let startState: String
    let caughtUpAt: Instant
    let deadline: Instant
  }

  /// What came of a switch.
  package struct Outcome: Sendable {
    package let request: SwitchRequest
    /// The traffic states before and after it.
    package let startState: String
    package let currentState: String
    package let failure: Refusal?
  }

  package enum Kind: String, Sendable {
    case moveTables = "MoveTables"
    /// Moves all of a keyspace's rows from some of its shards to others.
    case reshard = "Reshard"
  }

  package let id: ID
  package let kind: Kind
  package let source: String
  package let sourceShards: [String]
  package let targetShards: [String]
  /// Of a MoveTables.
  package let tables: Set<String>
  package let createdAt: Instant
  /// When the tables are copied and the streams follow the source.
  package let copiedAt: Instant
  /// How long it takes the receiving side to apply the last writes once they have stopped.
  package internal(set) var catchUp: Duration
  package internal(set) var switchedReads: Set<TabletType> = []
  package internal(set) var areWritesSwitched = false
  /// Whether the streams of `NAME_reverse` exist.
  package internal(set) var hasReverse = false
  /// When its writes were last switched, in either direction; nil: never.
  package internal(set) var switchedAt: Instant?
  var ongoing: Switch?

  package var target: String { id.keyspace }
  package var reverseID: ID { ID(keyspace: source, name: id.name + "_reverse") }
  package var isSwitching: Bool { ongoing != nil }

  package func isCopying(at now: Instant) -> Bool { now < copiedAt }

  /// The shards where writes go, and where they are taken from next.
  var writingShards: (here: [ShardName], there: [ShardName]) {
    let sources = sourceShards.map { ShardName(keyspace: source, shard: $0) }
    let targets = targetShards.map { ShardName(keyspace: target, shard: $0) }
    return areWritesSwitched ? (targets, sources) : (sources, targets)
  }

  /// The keyspaces where writes go, and where they are taken from next.
  var writes: (here: String, there: String) {
    areWritesSwitched ? (target, source) : (source, target)
  }

  /// As WorkflowStatus words it.
  ///
  /// Source: go/vt/vtctl/workflow, `State.String`.
  package var trafficState: String {
    let reads =
      switch (switchedReads.contains(.replica), switchedReads.contains(.rdonly)) {
      case (true, true): "All Reads Switched"
      case (false, false): "Reads Not Switched"
      case (true, false):
        "Reads partially switched. All Replica Reads Switched. Rdonly not switched"
      case (false, true):
        "Reads partially switched. Replica not switched. All Rdonly Reads Switched"
      }
    return "\(reads). Writes \(areWritesSwitched ? "" : "Not ")Switched"
  }
}

extension Refusal {
  /// The words are the lab's: no recording has them.
  static func alreadyExists(_ workflow: Workflow.ID) -> Refusal {
    Refusal("workflow \(workflow.name) already exists in keyspace \(workflow.keyspace)")
  }

  package static func noStreams(_ workflow: Workflow.ID) -> Refusal {
    Refusal("no streams found for workflow \(workflow.name) in keyspace \(workflow.keyspace)")
  }
}
