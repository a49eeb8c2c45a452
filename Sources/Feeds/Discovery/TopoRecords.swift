package import FleetModel
internal import Terms
package import VtctldClient
internal import Wording

/// Topo's records of shards and of tablets, in all cells, as vtctld lists them.
package struct TopoRecords: DiscoverySource {
  package let source = ServerSource.vtctld
  package let pause: Duration
  private let client: VtctldClient
  private var last: ServerList?

  package init(_ client: VtctldClient, pause: Duration = .seconds(15)) {
    self.client = client
    self.pause = pause
  }

  @concurrent package mutating func look() async throws(DiscoveryFault) -> ServerList? {
    let list: ServerList
    do throws(CallFailure) {
      list = try await client.withConnection { connection throws(CallFailure) in
        var list = ServerList()
        var shards: [ShardName: TopoShard] = [:]
        for keyspace in connection.keyspaces.map(\.name).sorted() {
          for (name, shard) in try await connection.shards(of: keyspace)
          where shards.count < ServerList.shardLimit {
            shards[ShardName(keyspace: keyspace, shard: name)] = shard
          }
          // A record that a graceful stop has emptied has no address.
          for tablet in try await connection.tablets(of: keyspace) {
            guard let address = tablet.address, list.servers.count < ServerList.limit else {
              continue
            }
            var server = NamedServer(
              .vttablet, address, cell: tablet.alias.cell, keyspace: keyspace, shard: tablet.shard)
            server.alias = tablet.alias
            list.servers.append(server)
          }
        }
        list.shards = shards
        return list
      }
    } catch {
      throw DiscoveryFault("vtctld", Wording().words(error))
    }
    guard list != last else { return nil }
    last = list
    return list
  }
}
