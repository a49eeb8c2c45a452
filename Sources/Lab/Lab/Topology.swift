package import Terms

/// What the lab's topo server knows of keyspaces and shards; tablets hold their own records.
package struct Topology: Sendable {
  package struct Keyspace: Sendable {
    package let name: String
    package internal(set) var shards: [String]
    package internal(set) var durabilityPolicy = "none"
    /// v16 and later.
    package internal(set) var throttler: ThrottlerConfig?
    /// Tables that a completed MoveTables has dropped here.
    package internal(set) var droppedTables: Set<String> = []
  }

  package struct Shard: Sendable {
    package internal(set) var primary: TabletAlias?
    package internal(set) var primarySince: Instant?
    package internal(set) var deniedTables: Set<String> = []
    package internal(set) var isPrimaryServing = true
  }

  package internal(set) var keyspaces: [String: Keyspace] = [:]
  package internal(set) var shards: [ShardName: Shard] = [:]
  package internal(set) var routingRules = RoutingRules()
  /// The shards in the PRIMARY partitions of their keyspaces: `SrvKeyspace`.
  package internal(set) var serving: Set<ShardName> = []
  /// Those whose primaries are told to refuse everything while a Reshard takes their writes away.
  package internal(set) var disabled: Set<ShardName> = []
  /// Shards locked by a reparent, by the operation that holds the lock.
  var locks: [ShardName: Int] = [:]

  /// The shards that serve a keyspace, in order.
  package func partition(of keyspace: String) -> [String] {
    (keyspaces[keyspace]?.shards ?? []).filter {
      serving.contains(ShardName(keyspace: keyspace, shard: $0))
    }
  }
}

/// Why vtctld or a tablet refuses, in the server's own words.
package struct Refusal: Error, Sendable, Equatable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }

  /// vtctld went down while it was at work.
  package static let vtctldGone = Refusal("error reading from server: EOF")

  /// A cell's topo does not answer; no recording has this text.
  package static let cellGone = Refusal("context deadline exceeded")

  package static func noShard(_ shard: ShardName) -> Refusal {
    Refusal("node doesn't exist: /vitess/global/keyspaces/\(shard.keyspace)/shards/\(shard.shard)/")
  }

  package static func noKeyspace(_ keyspace: String) -> Refusal {
    Refusal("node doesn't exist: /vitess/global/keyspaces/\(keyspace)/Keyspace")
  }

  package static func noCell(_ cell: String) -> Refusal {
    Refusal("node doesn't exist: /vitess/global/cells/\(cell)/CellInfo")
  }

  package static func noTablet(_ alias: TabletAlias, cells: [String]) -> Refusal {
    cells.contains(alias.cell)
      ? Refusal("node doesn't exist: /vitess/\(alias.cell)/tablets/\(alias)/Tablet")
      : noCell(alias.cell)
  }
}
