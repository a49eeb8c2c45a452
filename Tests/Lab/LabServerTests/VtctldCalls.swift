import GRPCCore
import GRPCNIOTransportHTTP2Posix
import GRPCProtobuf
import LabServer
import SwiftProtobuf
import Terms
import Testing

extension ServerBench {
  /// Calls vtctld as vtctldclient does, while the clock moves on.
  func call<Request: Message, Response: Message>(
    _ method: String, _ request: Request, as: Response.Type = Response.self,
    timeout: Duration = .seconds(20)
  ) async throws -> Response {
    let address = try #require(addresses.vtctld)
    let mover = Task { [clock] in
      while !Task.isCancelled {
        clock.pass(.milliseconds(20))
        _ = try? await self.get("/debug/health")
      }
    }
    defer { mover.cancel() }
    return try await withGRPCClient(
      transport: .http2NIOPosix(
        target: .ipv4(address: address.host, port: address.port), transportSecurity: .plaintext)
    ) { client in
      var options = CallOptions.defaults
      options.timeout = timeout
      return try await client.unary(
        request: ClientRequest(message: request),
        descriptor: MethodDescriptor(
          fullyQualifiedService: "vtctlservice.Vtctld", method: method),
        serializer: ProtobufSerializer<Request>(),
        deserializer: ProtobufDeserializer<Response>(), options: options
      ) { response in try response.message }
    }
  }

  /// The words of the server that refuses a call.
  func refusal<Request: Message, Response: Message>(
    of method: String, _ request: Request, as: Response.Type
  ) async throws -> String {
    let error = await #expect(throws: RPCError.self) {
      _ = try await call(method, request, as: Response.self)
    }
    return error.map { "\($0.code): \($0.message)" } ?? ""
  }
}
