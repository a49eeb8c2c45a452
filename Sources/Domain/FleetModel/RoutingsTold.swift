internal import Terms

/// What the topology told last about where shards' writes go, and of which workflows.
struct RoutingsTold: Sendable, Equatable, Codable {
  private var last: [ShardName: ShardRouting] = [:]
  /// The last word of workflows, of shards whose last reading tells of none.
  private var earlier: [ShardName: ShardRouting] = [:]

  subscript(shard: ShardName) -> ShardRouting? { last[shard] }

  var shards: Dictionary<ShardName, ShardRouting>.Keys { last.keys }

  /// The last that tells of workflows, without those that a later one refutes.
  func withWorkflows(of shard: ShardName) -> ShardRouting? {
    last[shard].flatMap { $0.workflows == nil ? earlier[shard] : $0 }
  }

  /// The same of all shards.
  var withWorkflows: [(shard: ShardName, told: ShardRouting)] {
    last.keys.compactMap { shard in withWorkflows(of: shard).map { (shard, $0) } }
  }

  mutating func take(_ routing: ShardRouting, of shard: ShardName) {
    earlier[shard] =
      routing.workflows == nil ? withWorkflows(of: shard)?.without(switchedBy: routing) : nil
    last[shard] = routing
  }

  mutating func forget(_ shards: [ShardName]) {
    for shard in shards { (last[shard], earlier[shard]) = (nil, nil) }
  }
}
