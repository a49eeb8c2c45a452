import Foundation
import GRPCCore
import Lab
import LabProtobuf
import LabServer
import SwiftProtobuf
import Terms
import TestSupport
import Testing

extension ServerTests {
  /// The commands that a real vtctldclient gave a real cluster of v23, given to the lab: two switches
  /// there and back, one that timed out, one that was cancelled, and what topo said in between.
  @Suite struct MoveTablesFidelityTests {
    @Test func topoSaysWhatItSaidThen() async throws {
      let recorded = try RecordedAnswers()
      let bench = try await ServerBench(.v22) {
        $0.keyspaces = [("commerce", ["0"]), ("customer", ["0"])]
        $0.traffic = [Traffic(.steady, to: ServerBench.shard)]
      }
      let created = try await bench.call(
        "MoveTablesCreate",
        Vtctldata_MoveTablesCreateRequest.with {
          $0.workflow = "m1"
          $0.sourceKeyspace = "commerce"
          $0.targetKeyspace = "customer"
          $0.includeTables = ["t1"]
        }, as: Vtctldata_WorkflowStatusResponse.self)
      #expect(created.trafficState == "Reads Not Switched. Writes Not Switched")
      try await compare(bench, recorded, "before")

      #expect(try await bench.switchTraffic() == recorded.output("switch1"))
      try await compare(bench, recorded, "switched")
      #expect(try await bench.switchTraffic(.backward) == recorded.output("reverse1"))
      #expect(try await bench.switchTraffic() == recorded.output("switch2"))
      #expect(try await bench.switchTraffic(.backward) == recorded.output("reverse2"))

      try await bench.run("catch-up", ["to": "customer", "workflow": "m1", "takes": "10s"])
      let refusal = await #expect(throws: RPCError.self) {
        _ = try await bench.switchTraffic(timeout: 5)
      }
      #expect(
        recorded.errors("switch-timeout5").contains(
          "code = Unknown desc = \(refusal?.message ?? "?")"))
      try await compare(bench, recorded, "after-timeout")

      // The caller goes away.
      _ = await #expect(throws: RPCError.self) {
        _ = try await bench.switchTraffic(deadline: .milliseconds(300))
      }
      try await bench.settled()
      try await compare(bench, recorded, "after-cancel")
      await bench.host.stop()
    }

    private func compare(
      _ bench: ServerBench, _ recorded: RecordedAnswers, _ moment: String
    ) async throws {
      for (name, keyspace) in [("getworkflows", "customer"), ("getworkflows-c", "commerce")] {
        try recorded.expect(
          await bench.call(
            "GetWorkflows",
            Vtctldata_GetWorkflowsRequest.with {
              $0.keyspace = keyspace
              $0.activeOnly = true
            }, as: Vtctldata_GetWorkflowsResponse.self), "\(name)-\(moment)")
      }
      try recorded.expect(
        await bench.call(
          "GetWorkflows",
          Vtctldata_GetWorkflowsRequest.with {
            $0.keyspace = "customer"
            $0.workflow = "m1"
          }, as: Vtctldata_GetWorkflowsResponse.self), "show-\(moment)")
      try recorded.expect(
        await bench.call(
          "WorkflowStatus",
          Vtctldata_WorkflowStatusRequest.with {
            $0.keyspace = "customer"
            $0.workflow = "m1"
          }, as: Vtctldata_WorkflowStatusResponse.self), "status-\(moment)")
      let rules = try await bench.call(
        "GetRoutingRules", Vtctldata_GetRoutingRulesRequest(),
        as: Vtctldata_GetRoutingRulesResponse.self)
      try recorded.expect(rules.routingRules, "rules-\(moment)")
      for (name, keyspace) in [("shard", "commerce"), ("shardc", "customer")] {
        let shard = try await bench.call(
          "GetShard",
          Vtctldata_GetShardRequest.with {
            $0.keyspace = keyspace
            $0.shardName = "0"
          }, as: Vtctldata_GetShardResponse.self)
        try recorded.expect(shard.shard, "\(name)-\(moment)")
      }
    }
  }
}

extension ServerBench {
  /// Switches all of customer.m1 and returns what vtctldclient prints of the answer.
  fileprivate func switchTraffic(
    _ direction: Workflow.Direction = .forward, timeout: Int64 = 30,
    deadline: Duration = .seconds(20)
  ) async throws -> String {
    let answer = try await call(
      "WorkflowSwitchTraffic",
      Vtctldata_WorkflowSwitchTrafficRequest.with {
        $0.keyspace = "customer"
        $0.workflow = "m1"
        $0.tabletTypes = [.primary, .replica, .rdonly]
        $0.direction = Int32(direction.rawValue)
        $0.enableReverseReplication = true
        $0.timeout.seconds = timeout
      }, as: Vtctldata_WorkflowSwitchTrafficResponse.self, timeout: deadline)
    return """
      \(answer.summary)

      Start State: \(answer.startState)
      Current State: \(answer.currentState)
      """
  }

  /// Waits until no table of commerce/0 is denied any more.
  fileprivate func settled() async throws {
    for _ in 0..<500 {
      let shard = try await call(
        "GetShard",
        Vtctldata_GetShardRequest.with {
          $0.keyspace = "commerce"
          $0.shardName = "0"
        }, as: Vtctldata_GetShardResponse.self)
      if shard.shard.shard.tabletControls.isEmpty { return }
    }
    Issue.record("the switch was not undone")
  }
}

/// What vtctldclient printed.
private struct RecordedAnswers {
  private let actions: [[String: Any]]

  init() throws { actions = try Fixtures.objects("movetables/v23-actions.ndjson.gz") }

  private func text(_ name: String, _ stream: String) -> String {
    actions.first { $0["name"] as? String == name }?[stream] as? String ?? ""
  }

  func output(_ name: String) -> String {
    text(name, "stdout").trimmingCharacters(in: .whitespacesAndNewlines)
  }

  func errors(_ name: String) -> String { text(name, "stderr") }

  /// Compares what counts, and that the lab has no field that the real server does not have.
  func expect(_ message: some Message, _ name: String) throws {
    var options = JSONEncodingOptions()
    options.preserveProtoFieldNames = true
    let own = try JSONSerialization.jsonObject(
      with: message.jsonUTF8Bytes(options: options) as Data)
    let real = try JSONSerialization.jsonObject(with: Data(text(name, "stdout").utf8))
    #expect(Self.essence(own).symmetricDifference(Self.essence(real)) == [], "\(name)")
    let strange = shape(own).subtracting(shape(real)).map(Self.nameless)
      .filter { path in !shape(real).map(Self.nameless).contains(path) }
    #expect(strange == [], "\(name)")
  }

  /// Other tablets have other names.
  private static func nameless(_ path: String) -> String {
    path.replacing(/zone1-\d+/, with: "zone1-N")
  }

  /// The fields that say where traffic goes and how far a workflow is, by their paths.
  private static let telling: Set<String> = [
    "name", "keyspace", "shards", "state", "status", "message", "traffic_state", "source_shard",
    "denied_tables", "is_primary_serving", "workflow_type", "workflow_sub_type", "match", "db_name",
    "from_table", "to_tables",
  ]

  private static func essence(_ object: Any, _ path: String = "") -> Set<String> {
    switch object {
    case let members as [String: Any]:
      // Streams of the lab keep no log.
      return members.filter { $0.key != "logs" }.reduce(into: []) { found, member in
        found.formUnion(essence(member.value, "\(path).\(nameless(member.key))"))
      }
    case let items as [Any]:
      return items.reduce(into: []) { $0.formUnion(essence($1, path)) }
    default:
      let last = path.split(separator: ".").last.map(String.init) ?? ""
      // What is empty or false is absent on the wire.
      let text = "\(object)"
      return telling.contains(last) && !["", "0", "false", "<null>"].contains(text)
        ? ["\(path)=\(text)"] : []
    }
  }
}
