import Foundation
import Lab
import LabProtobuf
import LabServer
import SwiftProtobuf
import Terms
import Testing

extension ServerTests {
  /// What vtctld and vtgates show of several cells.
  @Suite struct CellCallsTests {
    private static func bench() async throws -> ServerBench {
      try await ServerBench(.v22) {
        $0.cells = ["zone1", "zone2", "zone3"]
        ServerBench.steady(&$0)
      }
    }

    @Test func topoKeepsItsRecordsByCell() async throws {
      let bench = try await Self.bench()
      let names = try await bench.call(
        "GetCellInfoNames", Vtctldata_GetCellInfoNamesRequest(),
        as: Vtctldata_GetCellInfoNamesResponse.self)
      #expect(names.names == ["zone1", "zone2", "zone3"])
      let replication = try await bench.call(
        "GetShardReplication",
        Vtctldata_GetShardReplicationRequest.with {
          $0.keyspace = "commerce"
          $0.shard = "0"
          $0.cells = ["zone2", "zone3"]
        }, as: Vtctldata_GetShardReplicationResponse.self)
      #expect(
        replication.shardReplicationByCell.mapValues { $0.nodes.map(\.tabletAlias.uid) }
          == ["zone2": [101], "zone3": [102]])
      let graph = try await bench.call(
        "GetSrvKeyspaces", Vtctldata_GetSrvKeyspacesRequest.with { $0.keyspace = "commerce" },
        as: Vtctldata_GetSrvKeyspacesResponse.self)
      #expect(graph.srvKeyspaces.keys.sorted() == ["zone1", "zone2", "zone3"])
      let path = try await bench.call(
        "GetTopologyPath", Vtctldata_GetTopologyPathRequest.with { $0.path = "/zone3/tablets" },
        as: Vtctldata_GetTopologyPathResponse.self)
      #expect(path.cell.children == ["zone3-0000000102"])
      await bench.host.stop()
    }

    /// A cell that cannot be read is left out of the list unless the caller is strict.
    @Test func aLostCellIsMissingFromTheListOfTablets() async throws {
      let bench = try await Self.bench()
      try await bench.run("cell", ["name": "zone2", "lost": "true"])
      bench.clock.pass(.seconds(1))
      let some = try await bench.call(
        "GetTablets", Vtctldata_GetTabletsRequest(), as: Vtctldata_GetTabletsResponse.self)
      #expect(some.tablets.map(\.alias.uid) == [100, 102])
      let strict = try await bench.refusal(
        of: "GetTablets", Vtctldata_GetTabletsRequest.with { $0.strict = true },
        as: Vtctldata_GetTabletsResponse.self)
      #expect(strict.contains("GetTabletsByCell(zone2) failed"))
      try await bench.run("cell", ["name": "zone2", "lost": "false"])
      bench.clock.pass(.seconds(1))
      let all = try await bench.call(
        "GetTablets", Vtctldata_GetTabletsRequest.with { $0.cells = ["zone2"] },
        as: Vtctldata_GetTabletsResponse.self)
      #expect(all.tablets.map(\.alias.uid) == [101])
      await bench.host.stop()
    }

    @Test func aGatewaysDocumentIsByCell() async throws {
      let bench = try await Self.bench()
      let whole = try #require(try await bench.get("/debug/gateway").json as? [[String: Any]])
      #expect(whole.compactMap { $0["Cell"] as? String } == ["zone1", "zone2", "zone3"])
      let part = try #require(
        try await bench.get("/api/health-check/cell/zone2").json as? [[String: Any]])
      #expect(part.compactMap { $0["Cell"] as? String } == ["zone2"])
      let vars = try #require(try await bench.get("/debug/vars").json as? [String: Any])
      let arguments = try #require(vars["cmdline"] as? [String])
      #expect(arguments.contains("zone1,zone2,zone3"))
      await bench.host.stop()
    }
  }
}
