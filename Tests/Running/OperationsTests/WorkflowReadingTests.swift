import FleetModel
import Lab
import LabServer
import Operations
import Terms
import Testing
import VtctldClient

/// What is read of workflows while nothing happens.
@Suite(.serialized) struct WorkflowReadingTests {
  private static func access(_ lab: RunningLab) throws -> ClusterAccess {
    ClusterAccess(
      vtctld: VtctldClient(VtctldAccess(servers: [try lab.vtctld])),
      audit: AuditLog(path: "/dev/null", cluster: "test"))
  }

  private static func lab(_ release: VitessRelease) async throws -> RunningLab {
    let lab = try await RunningLab(release) {
      $0.keyspaces = [("commerce", ["0"]), ("customer", ["-80", "80-"])]
    }
    _ = try await lab.host.perform(
      DrillCommand(
        "create-move-tables",
        ["from": "commerce", "to": "customer", "tables": "t1", "workflow": "m1"], at: lab.now()))
    return lab
  }

  @Test(arguments: [VitessRelease.v16, .v22])
  func aWorkflowIsReadyOnceItsStreamsRun(_ release: VitessRelease) async throws {
    let lab = try await Self.lab(release)
    let access = try Self.access(lab)
    let (routings, untold) = try await access.routings(at: lab.now(), withWorkflows: true)
    #expect(untold == nil && routings.count == 3)
    let workflow = try #require(routings[RunningLab.shard]?.workflows?.first)
    #expect(workflow.label == "customer.m1" && workflow.tables == ["t1"])
    #expect(workflow.readiness == .ready)
    // WorkflowStatus came with v18.
    let state = release == .v16 ? nil : "Reads Not Switched. Writes Not Switched"
    #expect(workflow.trafficState == state)
    // Without being asked it tells nothing of them.
    let (plain, _) = try await access.routings(at: lab.now())
    #expect(plain[RunningLab.shard]?.workflows == nil)
    await lab.stop()
  }
}
