import MySQLWire
import NIOCore
import TestSupport
import Testing

/// The proxy's two sides of a login, one against the other.
@Suite struct LoginTests {
  private static let nonce = (1...20).map(UInt8.init)

  /// Lets the client's side log in to the server's side; nil where it was let in.
  private func login(
    _ password: String, _ verifier: PasswordVerifier, _ plugin: AuthenticationPlugin,
    tls: Bool = false
  ) throws -> ServerError? {
    var server = ServerLogin(
      users: ["shop": verifier], nonce: Self.nonce, host: "h", offersTLS: true, requiresTLS: false)
    var client = BackendLogin(
      .init(
        user: "shop", password: password, database: "commerce", collation: 45,
        capabilities: [.deprecateEOF], wantsTLS: tls))
    var step = try client.take(
      Greeting(
        version: "8.0.36", connection: 5, nonce: Self.nonce,
        capabilities: Capabilities.offered.union(.tls), collation: 45, plugin: plugin.rawValue
      ).payload)
    for _ in 0..<5 {
      let sent: ByteBuffer
      switch step {
      case .send(let payload): sent = payload
      case .startTLS(let first, let second):
        #expect(try server.take(first) == .startTLS)
        sent = second
      case .wait, .done: return nil
      }
      switch try server.take(sent) {
      case .send(let payloads): step = try client.take(try #require(payloads.first))
      case .refuse(let error): return error
      case .accept:
        #expect(server.response.database == "commerce")
        #expect(server.response.capabilities.contains(.deprecateEOF))
        return nil
      case .startTLS: Issue.record("TLS twice")
      }
    }
    Issue.record("no end")
    return nil
  }

  @Test(arguments: AuthenticationPlugin.allCases, [true, false])
  func aPasswordLetsIn(_ plugin: AuthenticationPlugin, _ tls: Bool) throws {
    #expect(try login("sesame", .password("sesame"), plugin, tls: tls) == nil)
    #expect(try login("simsim", .password("sesame"), plugin, tls: tls)?.code == 1045)
    #expect(try login("", .password("sesame"), plugin, tls: tls)?.code == 1045)
    #expect(try login("", .password(""), plugin, tls: tls) == nil)
    #expect(try login("x", .password(""), plugin, tls: tls)?.code == 1045)
  }

  /// With a hash alone, caching_sha2_password needs the password itself, which goes over TLS only.
  @Test func aHashTakesThePasswordOverTLSOnly() throws {
    let hash = try #require(
      PasswordVerifier(stored: "*6C8989366EAF75BB670AD8EA7A7FC1176A95CEF4"))
    #expect(try login("mypass", hash, .native) == nil)
    #expect(try login("mypass", hash, .cachingSHA2, tls: true) == nil)
    #expect(try login("mypast", hash, .cachingSHA2, tls: true)?.code == 1045)
    #expect(try login("mypass", hash, .cachingSHA2)?.message.contains("TLS") == true)
  }

  @Test func aClientWithAnotherMethodIsToldWhichToUse() throws {
    var server = ServerLogin(
      users: ["shop": .password("sesame")], nonce: Self.nonce, host: "h", offersTLS: false,
      requiresTLS: false)
    var response = HandshakeResponse(
      capabilities: [.protocol41, .secureConnection, .pluginAuthentication], collation: 45)
    response.user = "shop"
    response.plugin = "sha256_password"
    guard case .send(let payloads) = try server.take(response.payload),
      let wish = payloads.first
    else {
      Issue.record("it is not told")
      return
    }
    #expect(String(buffer: wish).contains("mysql_native_password"))
    let proof = Scramble.proof(of: "sesame", .native, nonce: Self.nonce)
    #expect(try server.take(ByteBuffer(bytes: proof)) == .accept([]))
  }

  /// Some clients compress without having been offered it.
  @Test(arguments: [5, 26]) func whoCompressesIsToldThatNobodyElseDoes(_ bit: Int) throws {
    var server = ServerLogin(
      users: ["shop": .password("sesame")], nonce: Self.nonce, host: "h", offersTLS: false,
      requiresTLS: false)
    var response = HandshakeResponse(
      capabilities: [.protocol41, .secureConnection, Capabilities(rawValue: 1 << bit)],
      collation: 45)
    response.user = "shop"
    response.proof = Scramble.proof(of: "sesame", .native, nonce: Self.nonce)
    guard case .refuse(let error) = try server.take(response.payload) else {
      Issue.record("it is let in")
      return
    }
    #expect(error.code == 1235 && error.message.contains("compression"))
  }

  /// Whatever comes, nobody is let in without a proof, and nothing crashes.
  @Test func broken() {
    var response = HandshakeResponse(
      capabilities: Capabilities.offered, collation: 45)
    response.user = "shop"
    response.proof = Array(repeating: 7, count: 20)
    response.database = "commerce"
    response.plugin = "mysql_native_password"
    let mutations = Mutations(of: [Array(response.payload.readableBytesView)], seed: 5)
    for _ in 0..<20_000 {
      var server = ServerLogin(
        users: ["shop": .password("sesame")], nonce: Self.nonce, host: "h", offersTLS: true,
        requiresTLS: false)
      for _ in 0..<3 {
        if case .accept = try? server.take(ByteBuffer(bytes: mutations.next())) {
          Issue.record("let in")
        }
      }
      _ = try? ChangeUser(reading: ByteBuffer(bytes: mutations.next()))
    }
  }
}
