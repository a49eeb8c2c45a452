import GRPCCore
import Lab
import LabProtobuf
import LabServer
import SwiftProtobuf
import Terms
import Testing

extension ServerTests {
  /// The calls of a MoveTables besides those that were recorded.
  @Suite struct MoveTablesCallsTests {
    private static func bench(_ release: VitessRelease = .v22) async throws -> ServerBench {
      try await ServerBench(release) {
        $0.keyspaces = [("commerce", ["0"]), ("customer", ["-80", "80-"])]
        $0.traffic = [Traffic(.steady, to: ServerBench.shard)]
      }
    }

    private static let create = Vtctldata_MoveTablesCreateRequest.with {
      $0.workflow = "m1"
      $0.sourceKeyspace = "commerce"
      $0.targetKeyspace = "customer"
      $0.allTables = true
    }

    private static func switching(
      _ change: (inout Vtctldata_WorkflowSwitchTrafficRequest) -> Void = { _ in }
    ) -> Vtctldata_WorkflowSwitchTrafficRequest {
      .with {
        $0.keyspace = "customer"
        $0.workflow = "m1"
        $0.tabletTypes = [.primary, .replica, .rdonly]
        $0.enableReverseReplication = true
        change(&$0)
      }
    }

    private static func state(_ bench: ServerBench) async throws -> String {
      try await bench.call(
        "WorkflowStatus",
        Vtctldata_WorkflowStatusRequest.with {
          $0.keyspace = "customer"
          $0.workflow = "m1"
        }, as: Vtctldata_WorkflowStatusResponse.self
      ).trafficState
    }

    @Test func aWholeWorkflow() async throws {
      typealias Switched = Vtctldata_WorkflowSwitchTrafficResponse
      let bench = try await Self.bench()
      let created = try await bench.call(
        "MoveTablesCreate", Self.create, as: Vtctldata_WorkflowStatusResponse.self)
      #expect(created.shardStreams.keys.sorted() == ["customer/-80", "customer/80-"])
      #expect(
        try await bench.refusal(
          of: "MoveTablesCreate", Self.create, as: Vtctldata_WorkflowStatusResponse.self
        ).contains("workflow m1 already exists in keyspace customer"))

      // A dry run names what would happen, and nothing does.
      let plan = try await bench.call(
        "WorkflowSwitchTraffic", Self.switching { $0.dryRun = true }, as: Switched.self)
      #expect(plan.summary.hasPrefix("SwitchTraffic dry run results for workflow customer.m1 at"))
      #expect(plan.dryRunResults.contains("Stop writes on keyspace commerce for tables [t1]"))
      #expect(try await Self.state(bench) == "Reads Not Switched. Writes Not Switched")

      // Reads first, then writes.
      let reads = try await bench.call(
        "WorkflowSwitchTraffic", Self.switching { $0.tabletTypes = [.replica] }, as: Switched.self)
      #expect(reads.currentState == "All Reads Switched. Writes Not Switched")
      let complete = Vtctldata_MoveTablesCompleteRequest.with {
        $0.workflow = "m1"
        $0.targetKeyspace = "customer"
      }
      #expect(
        try await bench.refusal(
          of: "MoveTablesComplete", complete, as: Vtctldata_MoveTablesCompleteResponse.self)
          == "unknown: cannot complete workflow because you have not yet switched all read and write "
          + "traffic")
      let writes = try await bench.call(
        "WorkflowSwitchTraffic", Self.switching { $0.tabletTypes = [.primary] }, as: Switched.self)
      #expect(writes.startState == "All Reads Switched. Writes Not Switched")
      #expect(writes.currentState == "All Reads Switched. Writes Switched")
      // Once more is no error.
      _ = try await bench.call("WorkflowSwitchTraffic", Self.switching(), as: Switched.self)
      #expect(
        try await bench.refusal(
          of: "WorkflowDelete",
          Vtctldata_WorkflowDeleteRequest.with {
            $0.keyspace = "customer"
            $0.workflow = "m1"
          }, as: Vtctldata_WorkflowDeleteResponse.self
        ).contains("cannot cancel workflow because you have already switched"))
      let done = try await bench.call(
        "MoveTablesComplete", complete, as: Vtctldata_MoveTablesCompleteResponse.self)
      #expect(done.summary == "Successfully completed the m1 workflow in the customer keyspace")
      #expect(
        try await bench.call(
          "GetRoutingRules", Vtctldata_GetRoutingRulesRequest(),
          as: Vtctldata_GetRoutingRulesResponse.self
        ).routingRules.rules.isEmpty)
      await bench.host.stop()
    }

    @Test func cancellingUndoesWhatWasCreated() async throws {
      let bench = try await Self.bench()
      _ = try await bench.call(
        "MoveTablesCreate", Self.create, as: Vtctldata_WorkflowStatusResponse.self)
      let answer = try await bench.call(
        "WorkflowDelete",
        Vtctldata_WorkflowDeleteRequest.with {
          $0.keyspace = "customer"
          $0.workflow = "m1"
        }, as: Vtctldata_WorkflowDeleteResponse.self)
      #expect(answer.summary == "Successfully cancelled the m1 workflow in the customer keyspace")
      #expect(answer.details.map(\.tablet.uid) == [200, 300])
      #expect(
        try await bench.refusal(
          of: "WorkflowSwitchTraffic", Self.switching(),
          as: Vtctldata_WorkflowSwitchTrafficResponse.self)
          == "unknown: no streams found for workflow m1 in keyspace customer")
      await bench.host.stop()
    }

    @Test func whatCannotBeReversedIsRefused() async throws {
      let bench = try await Self.bench()
      _ = try await bench.call(
        "MoveTablesCreate", Self.create, as: Vtctldata_WorkflowStatusResponse.self)
      #expect(
        try await bench.refusal(
          of: "WorkflowSwitchTraffic", Self.switching { $0.direction = 1 },
          as: Vtctldata_WorkflowSwitchTrafficResponse.self)
          == "unknown: no streams found for workflow m1_reverse in keyspace commerce")
      await bench.host.stop()
    }

    @Test func olderReleasesDoNotKnowTheCalls() async throws {
      let bench = try await Self.bench(.v16)
      for refusal in [
        try await bench.refusal(
          of: "WorkflowSwitchTraffic", Self.switching(),
          as: Vtctldata_WorkflowSwitchTrafficResponse.self),
        try await bench.refusal(
          of: "MoveTablesCreate", Self.create, as: Vtctldata_WorkflowStatusResponse.self),
      ] {
        #expect(refusal.hasPrefix("unimplemented: unknown method"))
      }
      await bench.host.stop()
    }
  }
}

extension ServerTests {
  /// The calls of a Reshard.
  @Suite struct ReshardCallsTests {
    @Test func aWholeReshard() async throws {
      let bench = try await ServerBench(.v22) {
        $0.keyspaces = [("commerce", ["0", "-80", "80-"])]
        $0.traffic = [Traffic(.steady, to: ServerBench.shard)]
      }
      let created = try await bench.call(
        "ReshardCreate",
        Vtctldata_ReshardCreateRequest.with {
          $0.workflow = "r1"
          $0.keyspace = "commerce"
          $0.sourceShards = ["0"]
          $0.targetShards = ["-80", "80-"]
        }, as: Vtctldata_WorkflowStatusResponse.self)
      #expect(created.shardStreams.keys.sorted() == ["commerce/-80", "commerce/80-"])
      let switched = try await bench.call(
        "WorkflowSwitchTraffic",
        Vtctldata_WorkflowSwitchTrafficRequest.with {
          $0.keyspace = "commerce"
          $0.workflow = "r1"
          $0.tabletTypes = [.primary, .replica, .rdonly]
          $0.enableReverseReplication = true
        }, as: Vtctldata_WorkflowSwitchTrafficResponse.self)
      #expect(switched.currentState == "All Reads Switched. Writes Switched")
      let graph = try await bench.call(
        "GetSrvKeyspaces", Vtctldata_GetSrvKeyspacesRequest.with { $0.keyspace = "commerce" },
        as: Vtctldata_GetSrvKeyspacesResponse.self)
      let partition = graph.srvKeyspaces["zone1"]?.partitions.first { $0.servedType == .primary }
      #expect(partition?.shardReferences.map(\.name) == ["-80", "80-"])
      let shard = try await bench.call(
        "GetShard",
        Vtctldata_GetShardRequest.with {
          $0.keyspace = "commerce"
          $0.shardName = "0"
        }, as: Vtctldata_GetShardResponse.self)
      #expect(!shard.shard.shard.isPrimaryServing)
      let workflows = try await bench.call(
        "GetWorkflows",
        Vtctldata_GetWorkflowsRequest.with {
          $0.keyspace = "commerce"
          $0.activeOnly = true
        }, as: Vtctldata_GetWorkflowsResponse.self)
      #expect(workflows.workflows.map(\.name) == ["r1_reverse"])
      #expect(workflows.workflows.first?.workflowType == "Reshard")
      #expect(workflows.workflows.first?.target.shards == ["0"])
      await bench.host.stop()
    }
  }
}
