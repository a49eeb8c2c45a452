import FleetModel
import Foundation
import Terms
import TestSupport
import Testing
import VitessClient
import Wording

/// Servers behind TLS, credentials, prefixes and gateways, over real sockets.
@Suite(.timeLimit(.minutes(1))) struct HTTPAccessTests {
  private static func file(_ name: String) -> String {
    Fixtures.root.appending(path: "tls/\(name)").path
  }

  private static func server(
    _ name: String = "server", wantsCertificate: Bool = false
  ) async throws -> StubServer {
    try await StubServer(
      over: .init(
        chain: file("\(name).pem"), key: file("\(name).key"),
        authority: wantsCertificate ? file("ca.pem") : nil)
    ) { _ in .body("process_start_time_seconds 1", type: "text/plain; version=0.0.4") }
  }

  /// The status of a page, or why there is none.
  private static func ask(_ address: Address, _ access: HTTPAccess) async -> String {
    let fetcher = HTTPFetcher(deadline: .seconds(20), access)
    defer { Task { await fetcher.shutdown() } }
    do throws(ScrapeFailure) {
      return "\(try await fetcher.page("/metrics", of: Target(.vtgate, address)).status)"
    } catch {
      return Wording().words(error)
    }
  }

  private static func security(
    authority: String? = nil, identity: String? = nil, name: String? = nil, isVerified: Bool = true
  ) -> HTTPSecurity {
    var security = HTTPSecurity()
    security.authority = authority.map(file)
    security.identity = identity.map { (file("\($0).pem"), file("\($0).key")) }
    security.serverName = name
    security.isVerified = isVerified
    return security
  }

  @Test func aCertificateIsTrustedByItsAuthorityAndName() async throws {
    let server = try await Self.server()
    for host in ["localhost", "127.0.0.1"] {
      let address = try #require(Address("https://\(host):\(server.port)"))
      let known = HTTPAccess(security: Self.security(authority: "ca.pem"))
      #expect(await Self.ask(address, known) == "200", "\(host)")
      #expect(await Self.ask(address, .open).contains("--http-ca"), "\(host)")
      let any = HTTPAccess(security: Self.security(isVerified: false))
      #expect(await Self.ask(address, any) == "200", "\(host)")
    }
    let address = try #require(Address("https://localhost:\(server.port)"))
    let other = HTTPAccess(security: Self.security(authority: "ca.pem", name: "vtgate.prod"))
    let refusal = await Self.ask(address, other)
    #expect(
      refusal.hasPrefix("its certificate is for ")
        && refusal.hasSuffix(", not for vtgate.prod: --http-server-name gives another"),
      "\(refusal)")
    await server.stop()
  }

  @Test func aServerThatWantsACertificateGetsOne() async throws {
    let server = try await Self.server(wantsCertificate: true)
    let address = try #require(Address("https://localhost:\(server.port)"))
    let known = HTTPAccess(security: Self.security(authority: "ca.pem", identity: "client"))
    #expect(await Self.ask(address, known) == "200")
    let nobody = HTTPAccess(security: Self.security(authority: "ca.pem"))
    #expect(await Self.ask(address, nobody).contains("--http-cert"))
    // One that is no longer valid, and that this authority has not signed.
    let other = HTTPAccess(security: Self.security(authority: "ca.pem", identity: "expired"))
    let words = "the client's certificate (--http-cert) expired on 2020-02-01"
    #expect(await Self.ask(address, other) == words)
    await server.stop()
  }

  @Test func anExpiredCertificateIsCalledThat() async throws {
    let server = try await Self.server("expired")
    let address = try #require(Address("https://localhost:\(server.port)"))
    for access in [
      HTTPAccess.open, HTTPAccess(security: Self.security(authority: "expired.pem")),
    ] {
      #expect(await Self.ask(address, access) == "its certificate expired on 2020-02-01")
    }
    await server.stop()
  }

  @Test func aServerThatSpeaksPlaintextIsCalledThat() async throws {
    let open = try await StubServer(greeting: Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)) {
      _ in .hangUp
    }
    let address = try #require(Address("https://localhost:\(open.port)"))
    #expect(await Self.ask(address, .open).contains("http:// is wanted"))
    await open.stop()
  }

  @Test func credentialsAndHeadersAreForThoseWhoWereNamed() async throws {
    let server = try await StubServer { _ in .body("x 1", type: "text/plain") }
    let named = try #require(Address("127.0.0.1:\(server.port)/gate-1"))
    let found = Address(host: "127.0.0.1", port: server.port)
    for (text, wanted) in [
      ("watcher:p:ss\n", "Authorization: Basic d2F0Y2hlcjpwOnNz"),
      ("bearer abc.def", "Authorization: Bearer abc.def"),
    ] {
      let access = HTTPAccess(
        named: [named], credentials: HTTPCredentials(text), headers: [("X-Scope", "prod")])
      #expect(await Self.ask(named, access) == "200")
      #expect(await Self.ask(found, access) == "200")
      let heads = server.heads.suffix(2)
      #expect(heads.first?.hasPrefix("GET /gate-1/metrics HTTP/1.1") == true)
      #expect(
        heads.first?.contains(wanted) == true && heads.first?.contains("X-Scope: prod") == true)
      #expect(heads.last?.hasPrefix("GET /metrics ") == true)
      #expect(
        heads.last?.contains("Authorization") == false && heads.last?.contains("X-Scope") == false)
    }
    await server.stop()
  }

  @Test(arguments: ["", "\n", "secret", ":secret", "bearer ", "bearer a b", "a:b\u{7}"])
  func whatIsNoCredentialIsRefused(_ text: String) { #expect(HTTPCredentials(text) == nil) }

  @Test func credentialsShowNothing() throws {
    let credentials = try #require(HTTPCredentials("watcher:s3cret"))
    var dumped = "\(credentials) \(String(reflecting: credentials))"
    dump(credentials, to: &dumped)
    #expect(!dumped.contains("s3cret") && !dumped.contains("d2F0Y2hlcjpzM2NyZXQ="))
  }

  @Test(arguments: [
    (#"pod-(.*)\.vitess:15000 -> gw.example/\1"#, "pod-7.vitess:15000", "gw.example:80/7"),
    (#"(.*):15100 -> https://\1.gw.example:8443"#, "a:15100", "https://a.gw.example:8443"),
    (#"(a|b):(\d+)->127.0.0.1:\2"#, "b:15101", "127.0.0.1:15101"),
  ]) func anAddressIsMapped(_ rule: String, _ address: String, _ place: String) throws {
    let rule = try #require(AddressRule(rule))
    let access = HTTPAccess(map: [rule])
    let address = try #require(Address(address))
    #expect(access.place(address).description == place)
    let other = Address(host: "elsewhere", port: 1)
    #expect(access.place(other) == other)
  }

  @Test(arguments: ["", "a", "a ->", "-> b:1", "( -> b:1", "a -> b c", "a -> ftp://b"])
  func whatIsNoRuleIsRefused(_ text: String) { #expect(AddressRule(text) == nil) }

  @Test func tabletsAreAskedWhereTheMapLeads() async throws {
    let front = try await StubServer { _ in .body("x 1", type: "text/plain") }
    let rule = try #require(AddressRule(#"tablet(\d+):15100 -> 127.0.0.1:\#(front.port)/t/\1"#))
    let access = HTTPAccess(credentials: HTTPCredentials("a:b"), map: [rule])
    let list = """
      [{"TabletsStats": [{"Tablet": {"alias": {"cell": "z", "uid": 7}, "hostname": "tablet7",
        "port_map": {"vt": 15100}, "keyspace": "a", "shard": "0", "type": 1}, "Serving": true}]}]
      """
    let tablets = try DebugGateway.decode(Data(list.utf8), placing: access.place)
    let address = try #require(tablets.addresses.first)
    #expect(address.description == "127.0.0.1:\(front.port)/t/7")
    #expect(await Self.ask(address, access) == "200")
    #expect(front.requests == ["/t/7/metrics"])
    #expect(front.heads.first?.contains("Authorization: Basic YTpi") == true)
    await front.stop()
  }

  @Test func pagesAreCompressedWhereThatIsWanted() async throws {
    let server = try await StubServer { _ in .body("x 1", type: "text/plain") }
    let address = Address(host: "127.0.0.1", port: server.port)
    _ = await Self.ask(address, .open)
    _ = await Self.ask(address, HTTPAccess(takesGzip: true))
    #expect(server.heads.first?.contains("Accept-Encoding: identity") == true)
    #expect(server.heads.last?.contains("Accept-Encoding: gzip") == true)
    await server.stop()
  }
}
