internal import FleetModel
internal import Terms
package import VtctldClient

extension ServerDirectory {
  /// Topo's records of shards and of tablets, in all cells, as vtctld lists them.
  package static func topo(
    _ vtctld: VtctldClient, pause: Duration = .seconds(15)
  ) -> ServerDirectory {
    ServerDirectory(.vtctld, "vtctld", pause: pause) { () throws(CallFailure) in
      try await vtctld.withConnection { connection throws(CallFailure) in
        try await list(by: connection)
      }
    }
  }

  private static func list(
    by connection: VtctldConnection
  ) async throws(CallFailure) -> ServerList {
    var list = ServerList()
    var shards: [ShardName: TopoShard] = [:]
    for keyspace in connection.keyspaces.map(\.name).sorted() {
      for (name, shard) in try await connection.shards(of: keyspace)
      where shards.count < ServerList.shardLimit {
        shards[ShardName(keyspace: keyspace, shard: name)] = shard
      }
      // A record that a graceful stop has emptied has no address.
      for tablet in try await connection.tablets(of: keyspace) {
        guard let address = tablet.address, list.servers.count < ServerList.limit else { continue }
        var server = NamedServer(
          .vttablet, address, cell: tablet.alias.cell, keyspace: keyspace, shard: tablet.shard)
        server.alias = tablet.alias
        list.servers.append(server)
      }
    }
    list.shards = shards
    return list
  }
}
