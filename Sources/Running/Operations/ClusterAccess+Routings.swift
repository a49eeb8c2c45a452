package import FleetModel
package import Terms
internal import VtctldClient

extension ClusterAccess {
  /// Where writes go in all shards of all keyspaces, according to their records; with what the
  /// workflows of their keyspaces say where that is asked for.
  ///
  /// A server that does not know the call for workflows says so by `knowsWorkflows`.
  @concurrent package func routings(
    at now: Instant, withWorkflows: Bool = false
  ) async throws(CallFailure) -> (routings: [ShardName: ShardRouting], knowsWorkflows: Bool) {
    guard let vtctld else { return ([:], false) }
    return try await vtctld.withConnection { connection throws(CallFailure) in
      var records: [ShardName: TopoShard] = [:]
      for keyspace in connection.keyspaces.map(\.name) {
        // One that is being deleted is no reason to lose the others.
        for (name, shard) in (try? await connection.shards(of: keyspace)) ?? [:] {
          records[ShardName(keyspace: keyspace, shard: name)] = shard
        }
      }
      guard withWorkflows else { return (records.mapValues { $0.routing(at: now, nil) }, true) }
      do throws(CallFailure) {
        let workflows = try await connection.allWorkflows()
        return (routings(records, at: now, workflows), true)
      } catch {
        return (records.mapValues { $0.routing(at: now, nil) }, error.kind != .unimplemented)
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
        return (shard, record.routing(at: now, own))
      })
  }
}

extension VtctldConnection {
  /// All workflows, or none: a keyspace whose primary is gone cannot be asked, and then none is known
  /// for certain.
  fileprivate func allWorkflows() async throws(CallFailure) -> [TrafficWorkflow] {
    var workflows: [TrafficWorkflow] = []
    for keyspace in keyspaces.map(\.name) {
      workflows += try await self.workflows(into: keyspace)
    }
    return workflows
  }
}

extension TopoShard {
  fileprivate func routing(at now: Instant, _ workflows: [TrafficWorkflow]?) -> ShardRouting {
    ShardRouting(
      readAt: now, deniedTables: deniedTables, isPrimaryServing: isPrimaryServing,
      workflows: workflows)
  }
}
