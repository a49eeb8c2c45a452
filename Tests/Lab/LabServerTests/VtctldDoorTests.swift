import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import GRPCProtobuf
import Lab
import LabProtobuf
import LabServer
import Terms
import TestSupport
import Testing

extension ServerTests {
  /// Who gets in at vtctld, and how.
  @Suite struct VtctldDoorTests {
    private static func file(_ name: String) -> String {
      Fixtures.root.appending(path: "tls/\(name)").path
    }

    private static func keyspaces(
      _ bench: ServerBench, metadata: Metadata = [:],
      security: HTTP2ClientTransport.Posix.TransportSecurity = .plaintext
    ) async throws -> [String] {
      let address = try #require(bench.addresses.vtctld)
      return try await withGRPCClient(
        transport: .http2NIOPosix(
          target: .ipv4(address: address.host, port: address.port), transportSecurity: security)
      ) { client in
        try await client.unary(
          request: ClientRequest(message: Vtctldata_GetKeyspacesRequest(), metadata: metadata),
          descriptor: MethodDescriptor(
            fullyQualifiedService: "vtctlservice.Vtctld", method: "GetKeyspaces"),
          serializer: ProtobufSerializer<Vtctldata_GetKeyspacesRequest>(),
          deserializer: ProtobufDeserializer<Vtctldata_GetKeyspacesResponse>(),
          options: {
            var options = CallOptions.defaults
            options.timeout = .seconds(10)
            return options
          }()
        ) { response in
          try response.message.keyspaces.map(\.name)
        }
      }
    }

    @Test func aNameAndPasswordAreAskedFor() async throws {
      var door = LabHost.Door()
      door.credentials = ("operator", "secret")
      let bench = try await ServerBench(.v22, door: door)
      let good: Metadata = ["username": "operator", "password": "secret"]
      #expect(try await Self.keyspaces(bench, metadata: good) == ["commerce"])
      let missing = await #expect(throws: RPCError.self) { _ = try await Self.keyspaces(bench) }
      #expect(missing?.code == .unauthenticated)
      let wrong = await #expect(throws: RPCError.self) {
        _ = try await Self.keyspaces(bench, metadata: ["username": "operator", "password": "x"])
      }
      #expect(wrong?.code == .permissionDenied)
      await bench.host.stop()
    }

    @Test func tlsAndClientCertificates() async throws {
      var door = LabHost.Door()
      door.certificate = (Self.file("server.pem"), Self.file("server.key"))
      door.authority = Self.file("ca.pem")
      let bench = try await ServerBench(.v22, door: door)
      let trust = TLSConfig.TrustRootsSource.certificates([
        .file(path: Self.file("ca.pem"), format: .pem)
      ])
      let known = HTTP2ClientTransport.Posix.TransportSecurity.mTLS(
        certificateChain: [.file(path: Self.file("client.pem"), format: .pem)],
        privateKey: .file(path: Self.file("client.key"), format: .pem)
      ) { config in
        config.trustRoots = trust
        config.serverCertificateVerification = .noHostnameVerification
      }
      #expect(try await Self.keyspaces(bench, security: known) == ["commerce"])
      let stranger = HTTP2ClientTransport.Posix.TransportSecurity.tls { config in
        config.trustRoots = trust
        config.serverCertificateVerification = .noHostnameVerification
      }
      await #expect(throws: RPCError.self) {
        _ = try await Self.keyspaces(bench, security: stranger)
      }
      await bench.host.stop()
    }

    @Test func callsThatAReleaseDoesNotHaveAreUnimplemented() async throws {
      let bench = try await ServerBench(.v16)
      let address = try #require(bench.addresses.vtctld)
      let refusal = await #expect(throws: RPCError.self) {
        try await withGRPCClient(
          transport: .http2NIOPosix(
            target: .ipv4(address: address.host, port: address.port),
            transportSecurity: .plaintext)
        ) { client in
          try await client.unary(
            request: ClientRequest(message: Vtctldata_GetThrottlerStatusRequest()),
            descriptor: MethodDescriptor(
              fullyQualifiedService: "vtctlservice.Vtctld", method: "GetThrottlerStatus"),
            serializer: ProtobufSerializer<Vtctldata_GetThrottlerStatusRequest>(),
            deserializer: ProtobufDeserializer<Vtctldata_GetThrottlerStatusResponse>(),
            options: .defaults
          ) { response in
            _ = try response.message
          }
        }
      }
      #expect(refusal?.code == .unimplemented)
      await bench.host.stop()
    }
  }
}
