internal import GRPCCore
internal import Lab
internal import LabProtobuf
internal import SwiftProtobuf
internal import Terms

// MoveTables and Reshard over gRPC, as vtctldclient's own commands call them from v18 on.
extension VtctldService {
  func getWorkflows(
    request: Vtctldata_GetWorkflowsRequest, context: ServerContext
  ) async throws -> Vtctldata_GetWorkflowsResponse {
    try await ask { cluster throws(Refusal) in
      guard cluster.topology.keyspaces[request.keyspace] != nil else {
        throw Refusal("node doesn't exist: /vitess/global/keyspaces/\(request.keyspace)/shards/")
      }
      let streams = cluster.allWorkflows.flatMap { WorkflowStreams.all(of: $0, at: cluster.now) }
        .filter {
          $0.id.keyspace == request.keyspace
            && (request.workflow.isEmpty || $0.id.name == request.workflow)
            && !(request.activeOnly && $0.isFrozen)
        }
      return .with {
        $0.workflows = streams.map { streams in
          request.nameOnly ? .with { $0.name = streams.id.name } : .init(streams, cluster)
        }
      }
    }
  }

  func workflowStatus(
    request: Vtctldata_WorkflowStatusRequest, context: ServerContext
  ) async throws -> Vtctldata_WorkflowStatusResponse {
    try await refuseBeforeWorkflowCalls("WorkflowStatus")
    let id = Workflow.ID(keyspace: request.keyspace, name: request.workflow)
    return try await ask { cluster throws(Refusal) in try .init(id, cluster) }
  }

  func moveTablesCreate(
    request: Vtctldata_MoveTablesCreateRequest, context: ServerContext
  ) async throws -> Vtctldata_WorkflowStatusResponse {
    try await refuseBeforeWorkflowCalls("MoveTablesCreate")
    let id = Workflow.ID(keyspace: request.targetKeyspace, name: request.workflow)
    return try await ask { cluster throws(Refusal) in
      var tables = Set(request.includeTables)
      if request.allTables { tables = cluster.tables(of: request.sourceKeyspace) }
      try cluster.createMoveTables(
        id, of: tables.subtracting(request.excludeTables), from: request.sourceKeyspace)
      return try .init(id, cluster)
    }
  }

  /// No recording shows its answer: here it is that of MoveTablesCreate.
  func reshardCreate(
    request: Vtctldata_ReshardCreateRequest, context: ServerContext
  ) async throws -> Vtctldata_WorkflowStatusResponse {
    try await refuseBeforeWorkflowCalls("ReshardCreate")
    let id = Workflow.ID(keyspace: request.keyspace, name: request.workflow)
    return try await ask { cluster throws(Refusal) in
      try cluster.createReshard(id, from: request.sourceShards, to: request.targetShards)
      return try .init(id, cluster)
    }
  }

  func workflowSwitchTraffic(
    request: Vtctldata_WorkflowSwitchTrafficRequest, context: ServerContext
  ) async throws -> Vtctldata_WorkflowSwitchTrafficResponse {
    try await refuseBeforeWorkflowCalls("WorkflowSwitchTraffic")
    let name = "\(request.keyspace).\(request.workflow)"
    var wanted = Workflow.SwitchRequest(
      Workflow.ID(keyspace: request.keyspace, name: request.workflow))
    wanted.direction = request.direction == 0 ? .forward : .backward
    wanted.types = Set(request.tabletTypes.map { TabletType(rawValue: $0.rawValue) })
    if request.hasTimeout { wanted.timeout = request.timeout.duration }
    wanted.enablesReverseReplication = request.enableReverseReplication
    let command = wanted.direction == .forward ? "SwitchTraffic" : "ReverseTraffic"
    let known = wanted
    try await ask { cluster throws(Refusal) in try cluster.checkCells(request.cells) }
    if request.dryRun {
      return try await ask { cluster throws(Refusal) in
        let plan = SwitchPlan(known, try cluster.check(known))
        return .with {
          $0.summary =
            "\(command) dry run results for workflow \(name) at \(rfc822(cluster.now))"
          $0.dryRunResults = plan.lines
        }
      }
    }
    let outcome = try await carryOut(known)
    if let failure = outcome.failure {
      throw RPCError(code: .unknown, message: failure.description)
    }
    return .with {
      $0.summary = "\(command) was successful for workflow \(name)"
      $0.startState = outcome.startState
      $0.currentState = outcome.currentState
    }
  }

  /// A switch whose caller goes away is given up.
  private func carryOut(_ request: Workflow.SwitchRequest) async throws -> Workflow.Outcome {
    let host = host
    return try await withRPCCancellationHandler {
      do throws(Refusal) {
        return try await host.switchTraffic(request)
      } catch {
        throw RPCError(code: .unknown, message: error.description)
      }
    } onCancelRPC: {
      Task { await host.cancelSwitch(of: request.workflow) }
    }
  }

  func moveTablesComplete(
    request: Vtctldata_MoveTablesCompleteRequest, context: ServerContext
  ) async throws -> Vtctldata_MoveTablesCompleteResponse {
    try await refuseBeforeWorkflowCalls("MoveTablesComplete")
    let id = Workflow.ID(keyspace: request.targetKeyspace, name: request.workflow)
    return try await ask { cluster throws(Refusal) in
      if request.dryRun {
        let workflow = try cluster.completable(id)
        return .with {
          $0.summary = "Complete dry run results for workflow \(id) at \(rfc822(cluster.now))"
          $0.dryRunResults = SwitchPlan.completion(
            of: workflow, keepsData: request.keepData,
            keepsRoutingRules: request.keepRoutingRules)
        }
      }
      try cluster.complete(
        id, keepsData: request.keepData, keepsRoutingRules: request.keepRoutingRules)
      return .with {
        $0.summary =
          "Successfully completed the \(id.name) workflow in the \(id.keyspace) keyspace"
      }
    }
  }

  func workflowDelete(
    request: Vtctldata_WorkflowDeleteRequest, context: ServerContext
  ) async throws -> Vtctldata_WorkflowDeleteResponse {
    try await refuseBeforeWorkflowCalls("WorkflowDelete")
    let id = Workflow.ID(keyspace: request.keyspace, name: request.workflow)
    return try await ask { cluster throws(Refusal) in
      let shards = cluster.workflow(id)?.targetShards ?? []
      try cluster.cancel(
        id, keepsData: request.keepData, keepsRoutingRules: request.keepRoutingRules)
      return .with {
        $0.summary =
          "Successfully cancelled the \(id.name) workflow in the \(id.keyspace) keyspace"
        $0.details = cluster.primaries(of: shards, in: id.keyspace).map { primary in
          .with {
            $0.tablet = .init(primary.alias)
            $0.deleted = true
          }
        }
      }
    }
  }

  func getRoutingRules(
    request: Vtctldata_GetRoutingRulesRequest, context: ServerContext
  ) async throws -> Vtctldata_GetRoutingRulesResponse {
    try await ask { cluster in
      .with { $0.routingRules = .init(cluster.topology.routingRules) }
    }
  }

  private func refuseBeforeWorkflowCalls(_ method: String) async throws {
    guard await host.release.hasWorkflowCalls else { throw unimplemented(method) }
  }
}

/// What a dry run says a switch would do.
private struct SwitchPlan {
  let lines: [String]

  /// Source: go/vt/vtctl/workflow, `switcher_dry_run.go`, without the lines that name positions.
  init(_ request: Workflow.SwitchRequest, _ workflow: Workflow) {
    let (here, there) =
      request.direction == .forward
      ? (workflow.source, workflow.target) : (workflow.target, workflow.source)
    guard workflow.kind == .moveTables else {
      lines = Self.reshard(request, workflow)
      return
    }
    let tables = workflow.tables.sorted().joined(separator: ",")
    var lines: [String] = []
    let reads = [TabletType.replica, .rdonly].filter(request.types.contains)
    if !reads.isEmpty {
      let types = reads.map { $0.description.uppercased() }.joined(separator: ",")
      lines += [
        "Lock keyspace \(here)",
        "Switch reads for tables [\(tables)] to keyspace \(there) for tablet types [\(types)]",
        "Routing rules for tables [\(tables)] will be updated", "Unlock keyspace \(here)",
      ]
    }
    if request.types.contains(.primary),
      workflow.areWritesSwitched == (request.direction == .backward)
    {
      let name =
        request.direction == .forward ? workflow.reverseID.name : workflow.id.name
      lines += [
        "Lock keyspace \(here)", "Lock keyspace \(there)",
        "Stop writes on keyspace \(here) for tables [\(tables)]",
        "Wait for vreplication on stopped streams to catchup for up to \(request.timeout.tight)",
        "Create reverse vreplication workflow \(name)",
        "Create journal entries on source databases",
        "Enable writes on keyspace \(there) for tables [\(tables)]",
        "Switch routing from keyspace \(here) to keyspace \(there)",
        "Routing rules for tables [\(tables)] will be updated", "Unlock keyspace \(there)",
        "Unlock keyspace \(here)",
      ]
    }
    self.lines = lines.isEmpty ? ["No changes required"] : lines
  }

  private static func reshard(
    _ request: Workflow.SwitchRequest, _ workflow: Workflow
  ) -> [String] {
    let isForward = request.direction == .forward
    let sides = [workflow.sourceShards, workflow.targetShards].map { $0.joined(separator: ",") }
    let (here, there) = isForward ? (sides[0], sides[1]) : (sides[1], sides[0])
    let keyspace = workflow.target
    var lines: [String] = []
    if !request.types.isDisjoint(with: [.replica, .rdonly]) {
      lines.append(
        "Switch reads from keyspace \(keyspace) to keyspace \(keyspace) for shards [\(here)] to "
          + "shards [\(there)]")
    }
    if request.types.contains(.primary), workflow.areWritesSwitched != isForward {
      lines += [
        "Wait for vreplication on stopped streams to catchup for up to \(request.timeout.tight)",
        "Switch routing from keyspace \(keyspace) to keyspace \(keyspace)",
      ]
    }
    return lines.isEmpty ? ["No changes required"] : lines
  }

  static func completion(
    of workflow: Workflow, keepsData: Bool, keepsRoutingRules: Bool
  ) -> [String] {
    let keyspaces =
      workflow.kind == .reshard ? [workflow.target] : [workflow.source, workflow.target]
    var lines = keyspaces.map { "Lock keyspace \($0)" }
    if !keepsData, workflow.kind == .moveTables {
      let tables = workflow.tables.sorted().joined(separator: ",")
      lines.append(
        "Dropping these tables from the database and removing them from the vschema for keyspace "
          + "\(workflow.source): [\(tables)]")
    }
    if !keepsRoutingRules { lines.append("Routing rules for participating tables will be deleted") }
    return lines + keyspaces.reversed().map { "Unlock keyspace \($0)" }
  }
}
