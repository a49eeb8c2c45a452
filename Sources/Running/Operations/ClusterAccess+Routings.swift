package import FleetModel
package import Terms
internal import VtctldClient

extension ClusterAccess {
  /// Where writes go in all shards of all keyspaces, according to their records alone.
  @concurrent package func routings(at now: Instant) async throws(CallFailure) -> [ShardName:
    ShardRouting]
  {
    guard let vtctld else { return [:] }
    return try await vtctld.withConnection { connection throws(CallFailure) in
      var routings: [ShardName: ShardRouting] = [:]
      for keyspace in connection.keyspaces.map(\.name) {
        // One that is being deleted is no reason to lose the others.
        for (name, shard) in (try? await connection.shards(of: keyspace)) ?? [:] {
          routings[ShardName(keyspace: keyspace, shard: name)] = ShardRouting(
            shard, readAt: now, workflows: nil)
        }
      }
      return routings
    }
  }

  /// Where writes go in some shards, including what the workflows of their keyspaces say.
  ///
  /// A workflow is known only to the keyspace it goes into, so all keyspaces are asked.
  @concurrent package func routings(
    of shards: Set<ShardName>, at now: Instant
  ) async throws(CallFailure) -> [ShardName: ShardRouting] {
    guard let vtctld else { return [:] }
    return try await vtctld.withConnection { connection throws(CallFailure) in
      var records: [ShardName: TopoShard] = [:]
      for shard in shards.sorted() { records[shard] = try? await connection.shard(shard) }
      var workflows: [TrafficWorkflow]? = []
      for keyspace in connection.keyspaces.map(\.name) {
        // A keyspace whose primary is gone cannot be asked; then none is known for certain.
        guard let own = try? await connection.workflows(into: keyspace) else {
          workflows = nil
          break
        }
        workflows?.append(contentsOf: own)
      }
      return Dictionary(
        uniqueKeysWithValues: records.map { shard, record in
          let own = workflows?.filter { [$0.source, $0.target].contains(shard.keyspace) }
          return (shard, ShardRouting(record, readAt: now, workflows: own))
        })
    }
  }
}

extension ShardRouting {
  fileprivate init(_ shard: TopoShard, readAt: Instant, workflows: [TrafficWorkflow]?) {
    self.init(
      readAt: readAt, deniedTables: shard.deniedTables, isPrimaryServing: shard.isPrimaryServing,
      workflows: workflows)
  }
}
