package import FleetModel
package import Terms
package import VtctldClient

extension ClusterAccess {
  /// Where writes go in all shards of all keyspaces, according to their records; with what the
  /// workflows of their keyspaces say where that is asked for and can be learnt.
  @concurrent package func routings(
    at now: Instant, withWorkflows: Bool = false
  ) async throws(CallFailure) -> (routings: [ShardName: ShardRouting], untold: WorkflowsUntold?) {
    guard let vtctld else { return ([:], nil) }
    return try await vtctld.withConnection { connection throws(CallFailure) in
      var records: [ShardName: TopoShard] = [:]
      for keyspace in connection.keyspaces.map(\.name) {
        // One that is being deleted is no reason to lose the others.
        for (name, shard) in (try? await connection.shards(of: keyspace)) ?? [:] {
          records[ShardName(keyspace: keyspace, shard: name)] = shard
        }
      }
      guard withWorkflows else { return (routings(records, at: now, nil), nil) }
      do throws(WorkflowsUntold) {
        return (routings(records, at: now, try await connection.allWorkflows()), nil)
      } catch {
        return (routings(records, at: now, nil), error)
      }
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
      return routings(records, at: now, try? await connection.allWorkflows())
    }
  }

  private func routings(
    _ records: [ShardName: TopoShard], at now: Instant, _ workflows: [TrafficWorkflow]?
  ) -> [ShardName: ShardRouting] {
    Dictionary(
      uniqueKeysWithValues: records.map { shard, record in
        let own = workflows?.filter { [$0.source, $0.target].contains(shard.keyspace) }
        return (
          shard,
          ShardRouting(
            readAt: now, deniedTables: record.deniedTables,
            isPrimaryServing: record.isPrimaryServing, workflows: own)
        )
      })
  }
}
