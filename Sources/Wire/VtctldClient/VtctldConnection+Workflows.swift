package import FleetModel
internal import SwiftProtobuf
internal import VtctldProtobuf

/// Why nothing is told of workflows: as long as one keyspace cannot be asked, none is known for certain.
package struct WorkflowsUntold: Error, Sendable, Equatable {
  package let keyspace: String
  package let failure: CallFailure

  package init(keyspace: String, _ failure: CallFailure) {
    (self.keyspace, self.failure) = (keyspace, failure)
  }
}

extension VtctldConnection {
  /// All workflows, but for those into keyspaces that nobody could switch writes to: snapshots, and
  /// keyspaces none of whose shards has a primary.
  package func allWorkflows() async throws(WorkflowsUntold) -> [TrafficWorkflow] {
    var workflows: [TrafficWorkflow] = []
    for keyspace in keyspaces where keyspace.snapshotOf == nil {
      do throws(CallFailure) {
        workflows += try await self.workflows(into: keyspace.name)
      } catch {
        let shards = try? await self.shards(of: keyspace.name)
        if let shards, shards.values.allSatisfy({ $0.primary == nil }) { continue }
        throw WorkflowsUntold(keyspace: keyspace.name, error)
      }
    }
    return workflows
  }

  /// The workflows into a keyspace whose traffic can be switched, without those that only reverse
  /// another.
  ///
  /// Asks the keyspace's primaries, and fails where one of its shards has none.
  package func workflows(
    into keyspace: String
  ) async throws(CallFailure) -> [TrafficWorkflow] {
    let answer: WireGetWorkflowsResponse = try await call.read(
      "GetWorkflows",
      WireGetWorkflowsRequest.with { request in request.keyspace = keyspace },
      within: Self.readDeadline)
    var workflows: [TrafficWorkflow] = []
    for workflow in answer.workflows where workflow.switchesTraffic {
      workflows.append(
        TrafficWorkflow(
          workflow, trafficState: try await trafficState(of: workflow.name, into: keyspace)))
    }
    return workflows
  }

  /// In vtctld's words; nil when its release does not know the call, or the workflow is gone.
  private func trafficState(
    of workflow: String, into keyspace: String
  ) async throws(CallFailure) -> String? {
    do throws(CallFailure) {
      let answer: WireWorkflowStatusResponse = try await call.read(
        "WorkflowStatus",
        WireWorkflowStatusRequest.with { request in
          request.keyspace = keyspace
          request.workflow = workflow
        }, within: Self.readDeadline)
      return answer.trafficState.isEmpty ? nil : answer.trafficState
    } catch {
      guard [.unimplemented, .refused].contains(error.kind) else { throw error }
      return nil
    }
  }
}

extension WireGetWorkflowsResponse.Workflow {
  /// The types of workflow that SwitchTraffic takes, as binlogdata.proto names them; older servers tell
  /// none.
  private static let switchedTypes: Set = ["MoveTables", "Reshard", ""]

  fileprivate var switchesTraffic: Bool {
    Self.switchedTypes.contains(workflowType) && !name.hasSuffix("_reverse")
  }
}

extension TrafficWorkflow {
  /// A year: while a stream copies, vtctld says the largest number there is.
  private static let mostLag: Int64 = 31_536_000

  fileprivate init(_ workflow: WireGetWorkflowsResponse.Workflow, trafficState: String?) {
    let streams = workflow.shardStreams.values.flatMap(\.streams)
    let isReshard = workflow.source.keyspace == workflow.target.keyspace
    self.init(
      name: workflow.name, source: workflow.source.keyspace,
      sourceShards: isReshard ? Set(workflow.source.shards) : [], target: workflow.target.keyspace,
      tables: isReshard ? [] : Set(streams.flatMap { $0.binlogSource.filter.rules.map(\.match) }),
      trafficState: trafficState,
      isFrozen: !streams.isEmpty && streams.allSatisfy { $0.message == "FROZEN" },
      streams: Streams(
        states: Set(streams.map(\.state)).subtracting([""]),
        lag: .seconds(
          min(
            max(workflow.maxVReplicationLag, workflow.maxVReplicationTransactionLag, 0),
            Self.mostLag))))
  }
}
