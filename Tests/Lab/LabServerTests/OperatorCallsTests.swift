import GRPCCore
import Lab
import LabProtobuf
import LabServer
import SwiftProtobuf
import Terms
import Testing

extension ServerTests {
  /// What an operator types beside a reparent or a switch.
  @Suite struct OperatorCallsTests {
    private static func alias(_ uid: UInt32) -> Topodata_TabletAlias {
      .with {
        $0.cell = "zone1"
        $0.uid = uid
      }
    }

    @Test func replicationIsStoppedAndStarted() async throws {
      let bench = try await ServerBench(.v22, ServerBench.steady)
      typealias Status = Vtctldata_GetFullStatusResponse
      let ask = Vtctldata_GetFullStatusRequest.with { $0.tabletAlias = Self.alias(101) }
      let before = try await bench.call("GetFullStatus", ask, as: Status.self).status
      #expect(before.replicationStatus.ioState == 3 && before.readOnly)
      _ = try await bench.call(
        "StopReplication",
        Vtctldata_StopReplicationRequest.with { $0.tabletAlias = Self.alias(101) },
        as: Vtctldata_StopReplicationResponse.self)
      bench.clock.pass(.seconds(9))
      let stopped = try await bench.call("GetFullStatus", ask, as: Status.self).status
      #expect(stopped.replicationStatus.ioState == 1 && stopped.replicationStatus.sqlState == 1)
      _ = try await bench.call(
        "StartReplication",
        Vtctldata_StartReplicationRequest.with { $0.tabletAlias = Self.alias(101) },
        as: Vtctldata_StartReplicationResponse.self)
      let started = try await bench.call("GetFullStatus", ask, as: Status.self).status
      #expect(started.replicationStatus.sqlState == 3)
      #expect(
        try await bench.refusal(
          of: "StopReplication", Vtctldata_StopReplicationRequest(),
          as: Vtctldata_StopReplicationResponse.self)
          == "unknown: StopReplication.TabletAlias is required")
      await bench.host.stop()
    }

    @Test func aPrimaryThatIsNotWritableIsBuffered() async throws {
      let bench = try await ServerBench(.v22, ServerBench.steady)
      bench.clock.pass(.seconds(2))
      _ = try await bench.call(
        "SetWritable", Vtctldata_SetWritableRequest.with { $0.tabletAlias = Self.alias(100) },
        as: Vtctldata_SetWritableResponse.self)
      bench.clock.pass(.seconds(1))
      let page = try await bench.get("/metrics").text
      #expect(page.contains("vtgate_buffer_starts{keyspace=\"commerce\",shard_name=\"0\"} 1"))
      let status = try await bench.call(
        "GetFullStatus", Vtctldata_GetFullStatusRequest.with { $0.tabletAlias = Self.alias(100) },
        as: Vtctldata_GetFullStatusResponse.self
      ).status
      #expect(status.readOnly && status.hasPrimaryStatus)
      await bench.host.stop()
    }

    @Test func aReplicaIsDrained() async throws {
      let bench = try await ServerBench(.v22)
      let wanted = Vtctldata_ChangeTabletTypeRequest.with {
        $0.tabletAlias = Self.alias(101)
        $0.dbType = .drained
      }
      let answer = try await bench.call(
        "ChangeTabletType", wanted, as: Vtctldata_ChangeTabletTypeResponse.self)
      #expect(answer.beforeTablet.type == .replica && answer.afterTablet.type == .drained)
      let health = try await bench.get("/debug/health", from: bench.tablet(101))
      #expect(health.status == 500)
      #expect(
        try await bench.refusal(
          of: "ChangeTabletType",
          Vtctldata_ChangeTabletTypeRequest.with {
            $0.tabletAlias = Self.alias(100)
            $0.dbType = .replica
          }, as: Vtctldata_ChangeTabletTypeResponse.self
        ).contains("type change PRIMARY -> REPLICA is not an allowed transition"))
      await bench.host.stop()
    }

    @Test func recordsAreReadAndChanged() async throws {
      let bench = try await ServerBench(.v22, ServerBench.steady)
      let names = try await bench.call(
        "GetSrvKeyspaceNames", Vtctldata_GetSrvKeyspaceNamesRequest(),
        as: Vtctldata_GetSrvKeyspaceNamesResponse.self)
      #expect(names.names["zone1"]?.names == ["commerce"])
      let replication = try await bench.call(
        "GetShardReplication",
        Vtctldata_GetShardReplicationRequest.with {
          $0.keyspace = "commerce"
          $0.shard = "0"
        }, as: Vtctldata_GetShardReplicationResponse.self)
      #expect(
        replication.shardReplicationByCell["zone1"]?.nodes.map(\.tabletAlias.uid) == [
          100, 101, 102,
        ])
      let info = try await bench.call(
        "GetCellInfo", Vtctldata_GetCellInfoRequest.with { $0.cell = "zone1" },
        as: Vtctldata_GetCellInfoResponse.self)
      #expect(info.cellInfo.root == "/vitess/zone1")
      #expect(
        try await bench.refusal(
          of: "GetCellInfo", Vtctldata_GetCellInfoRequest.with { $0.cell = "zone9" },
          as: Vtctldata_GetCellInfoResponse.self)
          == "unknown: node doesn't exist: /vitess/global/cells/zone9/CellInfo")
      let vschema = try await bench.call(
        "GetSrvVSchema", Vtctldata_GetSrvVSchemaRequest.with { $0.cell = "zone1" },
        as: Vtctldata_GetSrvVSchemaResponse.self)
      #expect(vschema.srvVSchema.keyspaces["commerce"]?.tables.keys.sorted() == ["t1"])
      let policy = try await bench.call(
        "SetKeyspaceDurabilityPolicy",
        Vtctldata_SetKeyspaceDurabilityPolicyRequest.with {
          $0.keyspace = "commerce"
          $0.durabilityPolicy = "semi_sync"
        }, as: Vtctldata_SetKeyspaceDurabilityPolicyResponse.self)
      #expect(policy.keyspace.durabilityPolicy == "semi_sync")
      #expect(
        try await bench.refusal(
          of: "SetKeyspaceDurabilityPolicy",
          Vtctldata_SetKeyspaceDurabilityPolicyRequest.with {
            $0.keyspace = "commerce"
            $0.durabilityPolicy = "best"
          }, as: Vtctldata_SetKeyspaceDurabilityPolicyResponse.self)
          == "unknown: durability policy <best> is not a valid policy. Please register it as a policy "
          + "first")
      let shard = try await bench.call(
        "SetShardIsPrimaryServing",
        Vtctldata_SetShardIsPrimaryServingRequest.with {
          $0.keyspace = "commerce"
          $0.shard = "0"
        }, as: Vtctldata_SetShardIsPrimaryServingResponse.self)
      #expect(!shard.shard.isPrimaryServing && shard.shard.primaryAlias.uid == 100)
      await bench.host.stop()
    }

    @Test func topologyIsWalkedFromItsRoot() async throws {
      let bench = try await ServerBench(.v22)
      func cell(_ path: String) async throws -> Vtctldata_TopologyCell {
        try await bench.call(
          "GetTopologyPath", Vtctldata_GetTopologyPathRequest.with { $0.path = path },
          as: Vtctldata_GetTopologyPathResponse.self
        ).cell
      }
      #expect(try await cell("/").children == ["global", "zone1"])
      #expect(try await cell("/global/keyspaces").children == ["commerce"])
      #expect(try await cell("/global/keyspaces/commerce/shards").children == ["0"])
      #expect(try await cell("/zone1/tablets").children.count == 3)
      let shard = try await cell("/global/keyspaces/commerce/shards/0/Shard")
      #expect(shard.name == "Shard" && shard.data.contains("is_primary_serving: true"))
      for path in ["/global/keyspaces/nothing", "/nowhere", "/zone1/tablets/zone1-0000000999"] {
        #expect(
          try await bench.refusal(
            of: "GetTopologyPath", Vtctldata_GetTopologyPathRequest.with { $0.path = path },
            as: Vtctldata_GetTopologyPathResponse.self
          ).contains("no file contents and no children"))
      }
      await bench.host.stop()
    }

    @Test func validatingFindsWhoIsGone() async throws {
      let bench = try await ServerBench(.v22)
      let all = try await bench.call(
        "Validate", Vtctldata_ValidateRequest.with { $0.pingTablets = true },
        as: Vtctldata_ValidateResponse.self)
      #expect(all.resultsByKeyspace["commerce"]?.resultsByShard["0"]?.results == [])
      try await bench.run("process", ["server": "zone1-102", "state": "dead"])
      let one = try await bench.call(
        "ValidateShard",
        Vtctldata_ValidateShardRequest.with {
          $0.keyspace = "commerce"
          $0.shard = "0"
          $0.pingTablets = true
        }, as: Vtctldata_ValidateShardResponse.self)
      #expect(one.results.count == 1)
      let unknown = try await bench.call(
        "ValidateKeyspace", Vtctldata_ValidateKeyspaceRequest.with { $0.keyspace = "none" },
        as: Vtctldata_ValidateKeyspaceResponse.self)
      #expect(unknown.results.first?.contains("GetShardNames(none) failed") == true)
      await bench.host.stop()
    }

    @Test func aReparentFromOutsideIsReported() async throws {
      let bench = try await ServerBench(.v22)
      let answer = try await bench.call(
        "TabletExternallyReparented",
        Vtctldata_TabletExternallyReparentedRequest.with { $0.tablet = Self.alias(102) },
        as: Vtctldata_TabletExternallyReparentedResponse.self)
      #expect(answer.oldPrimary.uid == 100 && answer.newPrimary.uid == 102)
      let shard = try await bench.call(
        "GetShard",
        Vtctldata_GetShardRequest.with {
          $0.keyspace = "commerce"
          $0.shardName = "0"
        }, as: Vtctldata_GetShardResponse.self)
      #expect(shard.shard.shard.primaryAlias.uid == 102)
      await bench.host.stop()
    }
  }
}
