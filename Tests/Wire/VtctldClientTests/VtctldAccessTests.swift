import FleetModel
import Foundation
import LabServer
import Terms
import TestSupport
import Testing
import VtctldClient
import Wording

/// Who gets in at vtctld.
@Suite(.serialized, .timeLimit(.minutes(1))) struct VtctldAccessTests {
  private static func file(_ name: String) -> String {
    Fixtures.root.appending(path: "tls/\(name)").path
  }

  private static func credentials(_ text: String) throws -> String {
    let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  @Test func aNameAndPasswordFromAFile() async throws {
    var door = LabHost.Door()
    door.credentials = ("operator", "s3cret")
    let lab = try await LabVtctld(door: door)
    func keyspaces(_ credentials: VtctldAccess.Credentials?) async throws -> Int {
      try await VtctldClient(
        VtctldAccess(servers: [lab.address], credentials: credentials)
      ).keyspaces().count
    }
    let path = try Self.credentials(#"{"Username": "operator", "Password": "s3cret"}"#)
    let good = try VtctldAccess.Credentials(contentsOf: path)
    #expect(try await keyspaces(good) == 1)
    #expect(!"\(good) \(String(reflecting: good))".contains("s3cret"))
    var dumped = ""
    dump(good, to: &dumped)
    #expect(!dumped.contains("s3cret"))
    await #expect(throws: CallFailure.self) { _ = try await keyspaces(nil) }

    let bad = try Self.credentials(#"["s3cret"]"#)
    let failure = #expect(throws: CallFailure.self) {
      _ = try VtctldAccess.Credentials(contentsOf: bad)
    }
    #expect(failure?.said.contains("s3cret") == false)
    await lab.stop()
  }

  @Test func tlsWithAClientsCertificate() async throws {
    var door = LabHost.Door()
    door.certificate = (Self.file("server.pem"), Self.file("server.key"))
    door.authority = Self.file("ca.pem")
    let lab = try await LabVtctld(door: door)
    func keyspaces(_ security: VtctldAccess.Security?) async throws -> Int {
      try await VtctldClient(VtctldAccess(servers: [lab.address], security: security))
        .keyspaces().count
    }
    let identity = (certificate: Self.file("client.pem"), key: Self.file("client.key"))
    let known = VtctldAccess.Security(
      identity: identity, authority: Self.file("ca.pem"), serverName: "localhost")
    #expect(try await keyspaces(known) == 1)
    // The name that the operator gave must match: that the address does is not enough.
    for name in ["vtctld.prod", "localhost.example", "127.0.0.2", "::1"] {
      let other = VtctldAccess.Security(
        identity: identity, authority: Self.file("ca.pem"), serverName: name)
      let failure = await #expect(throws: CallFailure.self) { _ = try await keyspaces(other) }
      #expect(
        failure?.said.hasSuffix(
          "its certificate is for localhost, 127.0.0.1, not for \(name): "
            + "--vtctld-grpc-server-name gives another") == true)
    }
    // An address is a name as well, also where another way leads to the server.
    for host in ["127.0.0.1", "localhost"] {
      let server = Address(host: host, port: lab.address.port)
      let named = VtctldAccess.Security(
        identity: identity, authority: Self.file("ca.pem"), serverName: "127.0.0.1")
      let client = VtctldClient(VtctldAccess(servers: [server], security: named))
      #expect(try await client.keyspaces().count == 1, "\(host)")
    }
    // It replaces the name, never the authority.
    await #expect(throws: CallFailure.self) {
      _ = try await keyspaces(.init(identity: identity, serverName: "127.0.0.1"))
    }
    let byAddress = VtctldAccess.Security(identity: identity, authority: Self.file("ca.pem"))
    #expect(try await keyspaces(byAddress) == 1)
    for security in [
      nil, VtctldAccess.Security(authority: Self.file("ca.pem"), serverName: "localhost"),
      VtctldAccess.Security(identity: identity, serverName: "localhost"),
    ] {
      await #expect(throws: CallFailure.self, "\(String(describing: security))") {
        _ = try await keyspaces(security)
      }
    }
    await lab.stop()
  }
}
