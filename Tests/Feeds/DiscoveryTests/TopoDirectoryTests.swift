import Discovery
import FleetModel
import Foundation
import Lab
import LabServer
import Terms
import Testing
import VtctldClient

/// Tablets as the lab's vtctld lists them.
@Suite(.timeLimit(.minutes(1))) struct TopoDirectoryTests {
  @Test func topoNamesTabletsWithTheirCells() async throws {
    var configuration = LabCluster.Configuration()
    configuration.keyspaces = [("commerce", ["-80", "80-"])]
    configuration.vtgates = 1
    let host = LabHost(configuration) {
      Instant(secondsSinceEpoch: Date().timeIntervalSince1970)
    }
    let addresses = try await host.start(.free)
    let vtctld = try #require(addresses.vtctld)
    var records = ServerDirectory.topo(VtctldClient(VtctldAccess(servers: [vtctld])))
    let list = try #require(try await records.look())
    #expect(list.servers.count == 6)
    #expect(list.servers.allSatisfy { $0.target.kind == .vttablet && $0.keyspace == "commerce" })
    #expect(list.servers.allSatisfy { $0.cell?.hasPrefix("zone") == true })
    #expect(Set(list.servers.compactMap(\.shard)) == ["-80", "80-"])
    #expect(list.servers.allSatisfy { $0.alias != nil && $0.alias?.cell == $0.cell })
    let shards = try #require(list.shards)
    #expect(Set(shards.keys.map(\.description)) == ["commerce/-80", "commerce/80-"])
    #expect(
      shards.values.allSatisfy { shard in
        shard.isPrimaryServing && list.servers.contains { $0.alias == shard.primary }
      })
    #expect(try await records.look() == nil)
    await host.stop()
    await #expect(throws: DiscoveryFault.self) { _ = try await records.look() }
  }
}
