import FleetModel
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import GRPCProtobuf
import LabProtobuf
import SwiftProtobuf
import Terms
import Testing
import VtctldClient

/// A vtctld that knows these workflows into `customer`; of those without a state it has forgotten all by
/// the time it is asked for it.
private struct ToldVtctld: RegistrableRPCService {
  typealias Calls = Vtctlservice_Vtctld.Method

  let workflows: [Vtctldata_Workflow]
  let states: [String: String]
  /// Keyspaces beside `customer`, which cannot tell of workflows, with their shards' primaries.
  var others: [(name: String, isSnapshot: Bool, primaries: [UInt32?])] = []

  func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    register(Calls.GetKeyspaces.descriptor, &router) { (_: Vtctldata_GetKeyspacesRequest) in
      Vtctldata_GetKeyspacesResponse.with {
        $0.keyspaces = [.with { $0.name = "customer" }]
        $0.keyspaces += others.map { other in
          .with {
            $0.name = other.name
            $0.keyspace.keyspaceType = other.isSnapshot ? .snapshot : .normal
          }
        }
      }
    }
    register(Calls.GetWorkflows.descriptor, &router) { (request: Vtctldata_GetWorkflowsRequest) in
      guard request.keyspace == "customer" else {
        throw RPCError(code: .unknown, message: "no primary in shard \(request.keyspace)/0")
      }
      return Vtctldata_GetWorkflowsResponse.with { $0.workflows = workflows }
    }
    register(Calls.FindAllShardsInKeyspace.descriptor, &router) {
      (request: Vtctldata_FindAllShardsInKeyspaceRequest) in
      let primaries = others.first { $0.name == request.keyspace }?.primaries ?? []
      return Vtctldata_FindAllShardsInKeyspaceResponse.with {
        for (index, uid) in primaries.enumerated() {
          $0.shards["\(index)"] = .with {
            if let uid { $0.shard.primaryAlias = .with { $0.uid = uid } }
          }
        }
      }
    }
    register(Calls.WorkflowStatus.descriptor, &router) {
      (request: Vtctldata_WorkflowStatusRequest) in
      guard let state = states[request.workflow] else {
        throw RPCError(code: .notFound, message: "no streams found for workflow")
      }
      return Vtctldata_WorkflowStatusResponse.with { $0.trafficState = state }
    }
  }

  private func register<
    Transport: ServerTransport, Asked: SwiftProtobuf.Message, Told: SwiftProtobuf.Message
  >(
    _ method: MethodDescriptor, _ router: inout RPCRouter<Transport>,
    _ answer: @escaping @Sendable (Asked) throws -> Told
  ) {
    router.registerHandler(
      forMethod: method, deserializer: ProtobufDeserializer<Asked>(),
      serializer: ProtobufSerializer<Told>()
    ) { request, _ in
      for try await message in request.messages {
        let told = try answer(message)
        return StreamingServerResponse(single: ServerResponse(message: told))
      }
      throw RPCError(code: .internalError, message: "no request")
    }
  }

  /// Serves while something is asked of it.
  func serve<Result: Sendable>(_ ask: @Sendable @escaping (VtctldClient) async throws -> Result)
    async throws -> Result
  {
    let server = GRPCServer(
      transport: .http2NIOPosix(
        address: .ipv4(host: "127.0.0.1", port: 0), transportSecurity: .plaintext),
      services: [self])
    let serving = Task { try await server.serve() }
    let port = try #require(try await server.listeningAddress?.ipv4?.port)
    defer { serving.cancel() }
    return try await ask(
      VtctldClient(VtctldAccess(servers: [Address(host: "127.0.0.1", port: port)])))
  }
}

@Suite(.timeLimit(.minutes(1))) struct WorkflowsTests {
  private static func workflow(_ name: String, _ type: String) -> Vtctldata_Workflow {
    .with {
      $0.name = name
      $0.workflowType = type
      $0.source = .with { $0.keyspace = "commerce" }
      $0.target = .with { $0.keyspace = "customer" }
    }
  }

  private static func told(
    _ workflows: [(name: String, type: String)], _ states: [String: String]
  ) async throws -> [TrafficWorkflow] {
    try await ToldVtctld(workflows: workflows.map { workflow($0, $1) }, states: states).serve {
      try await $0.withConnection { connection throws(CallFailure) in
        try await connection.workflows(into: "customer")
      }
    }
  }

  /// Every kind of VReplication is among them; the types are those of binlogdata.proto.
  @Test func onlyThoseWhoseTrafficCanBeSwitchedAreTold() async throws {
    let names = try await Self.told(
      [
        ("m", "Materialize"), ("t", "MoveTables"), ("t_reverse", "MoveTables"),
        ("l", "CreateLookupIndex"), ("g", "Migrate"), ("r", "Reshard"), ("d", "OnlineDDL"),
        ("old", ""),
      ], [:]
    ).map(\.name)
    #expect(names == ["t", "r", "old"])
  }

  @Test func oneThatIsGoneMeanwhileHidesNoOther() async throws {
    let workflows = try await Self.told(
      [("gone", "MoveTables"), ("m1", "MoveTables")],
      ["m1": "Reads Not Switched. Writes Not Switched"])
    #expect(workflows.map(\.trafficState) == [nil, "Reads Not Switched. Writes Not Switched"])
  }

  /// Nobody can switch writes to a snapshot, nor to a keyspace without any primary; of one that has lost
  /// some of them nobody knows.
  @Test func keyspacesThatCannotTakeWritesAreNotMissed() async throws {
    func told(_ others: [(String, Bool, [UInt32?])]) async throws -> Result<
      [String], WorkflowsUntold
    > {
      let vtctld = ToldVtctld(
        workflows: [Self.workflow("m1", "MoveTables")], states: [:], others: others)
      return try await vtctld.serve {
        try await $0.withConnection { connection throws(CallFailure) in
          do throws(WorkflowsUntold) {
            return .success(try await connection.allWorkflows().map(\.name))
          } catch { return .failure(error) }
        }
      }
    }
    #expect(
      try await told([("yesterday", true, [nil]), ("new", false, [nil, nil])]).get() == ["m1"])
    let untold = await #expect(throws: WorkflowsUntold.self) {
      try await told([("broken", false, [100, nil])]).get()
    }
    #expect(untold?.keyspace == "broken")
  }
}
