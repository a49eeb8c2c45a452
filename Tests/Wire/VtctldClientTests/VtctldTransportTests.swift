import FleetModel
import Foundation
import LabServer
import Terms
import TestSupport
import Testing
import Wording

@testable import VtctldClient

/// Each fault of the way to vtctld is named as what it is.
@Suite(.serialized) struct VtctldTransportTests {
  private static func file(_ name: String) -> String {
    Fixtures.root.appending(path: "tls/\(name)").path
  }

  private static let identity = (certificate: file("client.pem"), key: file("client.key"))

  /// What a read comes to; nil when it is answered.
  private static func failure(
    _ security: VtctldAccess.Security?, isSecure: Bool = true, wantsCertificate: Bool = true,
    certificate: String = "server"
  ) async throws -> String? {
    var door = LabHost.Door()
    if isSecure { door.certificate = (file("\(certificate).pem"), file("\(certificate).key")) }
    if isSecure, wantsCertificate { door.authority = file("ca.pem") }
    let lab = try await LabVtctld(door: door)
    let client = VtctldClient(VtctldAccess(servers: [lab.address], security: security))
    var words: String?
    do throws(CallFailure) { _ = try await client.keyspaces() } catch {
      words = error.said
    }
    await lab.stop()
    return words
  }

  @Test func whatFitsIsAnswered() async throws {
    #expect(
      try await Self.failure(
        .init(identity: Self.identity, authority: Self.file("ca.pem"))) == nil)
  }

  @Test func anUntrustedCertificateIsNamed() async throws {
    let words = try await Self.failure(.init(identity: Self.identity, authority: nil))
    #expect(
      words?.hasSuffix(
        ": nobody whom this side trusts has signed its certificate: --vtctld-grpc-ca names its authority"
      ) == true, "\(words ?? "nil")")
  }

  /// Whether or not somebody trusts who has signed it.
  @Test(arguments: [nil, "expired.pem"])
  func anExpiredCertificateIsCalledThat(_ authority: String?) async throws {
    let words = try await Self.failure(
      .init(authority: authority.map(Self.file)), wantsCertificate: false, certificate: "expired")
    #expect(
      words?.hasSuffix(": its certificate expired on 2020-02-01") == true, "\(words ?? "nil")")
  }

  /// Without a name of the operator's the host's counts.
  @Test func aCertificateForAnotherNameIsCalledThat() async throws {
    let words = try await Self.failure(
      .init(identity: Self.identity, authority: Self.file("ca.pem"), serverName: "vtctld.prod"))
    #expect(
      words?.hasSuffix("not for vtctld.prod: --vtctld-grpc-server-name gives another") == true,
      "\(words ?? "nil")")
  }

  @Test func aMissingClientCertificateIsNamed() async throws {
    let words = try await Self.failure(.init(authority: Self.file("ca.pem")))
    #expect(words?.contains("wants a certificate of the client") == true, "\(words ?? "nil")")
  }

  @Test func anExpiredClientCertificateIsCalledThat() async throws {
    let words = try await Self.failure(
      .init(
        identity: (Self.file("expired.pem"), Self.file("expired.key")),
        authority: Self.file("ca.pem")))
    #expect(
      words?.hasSuffix(": the client's certificate (--vtctld-grpc-cert) expired on 2020-02-01")
        == true, "\(words ?? "nil")")
  }

  /// In plaintext by the first bytes that come, over TLS by what the library says of them.
  @Test(arguments: [
    ("HTTP/1.1 400 Bad Request\r\n\r\n", "the port speaks HTTP/1, as a web port does"),
    ("<!DOCTYPE HTML>\n<html>", "the port speaks HTTP/1, as a web port does"),
    ("SSH-2.0-OpenSSH_9.2\r\n", "the port speaks SSH"),
    ("J\0\0\0\n8.0.34\0", "the port speaks MySQL's protocol"),
    ("\u{15}\u{3}\u{1}\0\u{2}\u{2}\n", "the port speaks TLS, and is asked in plaintext"),
  ]) func whatSpeaksNoGRPCIsNamed(_ greeting: String, _ wanted: String) async throws {
    let server = try await StubServer(greeting: Array(greeting.utf8)) { _ in .hangUp }
    let client = VtctldClient(
      VtctldAccess(servers: [Address(host: "127.0.0.1", port: server.port)]))
    let failure = await #expect(throws: CallFailure.self) { _ = try await client.keyspaces() }
    #expect(failure?.said.contains(": \(wanted)") == true, "\(failure.map(\.said) ?? "")")
    await server.stop()
  }

  @Test func aWebPortBehindTLSIsNamed() async throws {
    let server = try await StubServer(
      over: .init(chain: Self.file("server.pem"), key: Self.file("server.key"), authority: nil)
    ) { _ in .body("hello") }
    let client = VtctldClient(
      VtctldAccess(
        servers: [Address(host: "127.0.0.1", port: server.port)],
        security: .init(authority: Self.file("ca.pem"))))
    let failure = await #expect(throws: CallFailure.self) { _ = try await client.keyspaces() }
    #expect(
      failure?.said.hasSuffix(
        "the port speaks TLS and no gRPC behind it, as a web port does: the gRPC port is wanted")
        == true, "\(failure.map(\.said) ?? "")")
    await server.stop()
  }

  @Test func plaintextWhereTLSIsSpokenIsNamed() async throws {
    let words = try await Self.failure(nil, wantsCertificate: false)
    #expect(
      words?.contains("speaks TLS, and is asked in plaintext: --vtctld-grpc-ca") == true,
      "\(words ?? "nil")"
    )
  }

  @Test func tlsWherePlaintextIsSpokenIsNamed() async throws {
    let words = try await Self.failure(.init(authority: Self.file("ca.pem")), isSecure: false)
    #expect(words?.contains("speaks plaintext, and is asked over TLS") == true, "\(words ?? "nil")")
  }

  @Test func aPortWhereNobodyListensIsNamed() async throws {
    let server = try await StubServer { _ in .hangUp }
    let port = server.port
    await server.stop()
    let client = VtctldClient(VtctldAccess(servers: [Address(host: "127.0.0.1", port: port)]))
    let failure = await #expect(throws: CallFailure.self) { _ = try await client.keyspaces() }
    #expect(
      failure?.said.contains("connection refused") == true,
      "\(failure.map(\.said) ?? "")")
  }

  @Test func aWebPortIsNamed() async throws {
    let server = try await StubServer { _ in .body("hello") }
    let client = VtctldClient(
      VtctldAccess(servers: [Address(host: "127.0.0.1", port: server.port)]))
    let failure = await #expect(throws: CallFailure.self) { _ = try await client.keyspaces() }
    #expect(
      failure?.said.contains("the port speaks HTTP/1") == true, "\(failure.map(\.said) ?? "")")
    await server.stop()
  }

  /// What a real vtctld said over HTTP/2, random and mutated: frames, headers and messages.
  @Test(arguments: 0..<4)
  func randomAndMutatedAnswersEndNothing(_ seed: Int) async throws {
    var originals: [[UInt8]] = []
    for path in Fixtures.paths(where: { $0.hasSuffix(".raw.ndjson.gz") }).prefix(4) {
      var bytes: [UInt8] = []
      for line in try Fixtures.data(path).split(separator: UInt8(ascii: "\n")) {
        let entry = try JSONSerialization.jsonObject(with: Data(line)) as? [Any]
        guard entry?[1] as? String == "s", let text = entry?[2] as? String else { continue }
        bytes += Data(base64Encoded: text) ?? Data()
      }
      originals.append(bytes)
    }
    try #require(!originals.isEmpty)
    let mutations = Mutations(of: originals, seed: seed)
    let server = try await StubServer { _ in .bytes(mutations.next()) }
    let client = VtctldClient(
      VtctldAccess(servers: [Address(host: "127.0.0.1", port: server.port)]))
    for _ in 0..<25 { _ = try? await client.keyspaces() }
    #expect(server.connections >= 25)
    await server.stop()
  }
}
