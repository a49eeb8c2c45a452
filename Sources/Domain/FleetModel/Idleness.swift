internal import Terms

/// Why a shard serves nobody on purpose.
package enum Idleness: Sendable, Hashable, Codable {
  /// A Reshard is to give it its rows, and its writes have not been switched.
  case awaits(workflow: String)
  /// A Reshard has given its rows to others.
  case replaced
  /// Others serve its rows, and no workflow tells why.
  case unused
  /// Topo has its record, and it has never had a primary.
  case uninitialized
  /// It is a snapshot of a keyspace's backup, which has no primary.
  case snapshot(of: String)
}

extension Idleness {
  /// Of a shard whose rows others serve; `workflows`: what was told of its keyspace's.
  init(_ name: ShardName, _ workflows: [TrafficWorkflow]) {
    let own = workflows.filter { $0.isReshard && $0.source == name.keyspace }
    let leaving = own.first {
      $0.sourceShards.contains(name.shard) && $0.leavesWrites(at: name) == false
    }
    let coming = own.first { workflow in
      !workflow.sourceShards.contains(name.shard)
        && workflow.sourceShards.contains { shard in
          let source = ShardName(keyspace: name.keyspace, shard: shard)
          return KeyRange.overlap(source, name) && workflow.leavesWrites(at: source) == true
        }
    }
    if let coming {
      self = .awaits(workflow: coming.label)
    } else {
      self = leaving == nil ? .unused : .replaced
    }
  }
}
