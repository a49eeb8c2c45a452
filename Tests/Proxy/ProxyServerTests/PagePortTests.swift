import Cutover
import MySQLWire
import NIOCore
import NIOPosix
import ProxyServer
import TestSupport
import Terms
import Testing

/// The pages' port, for others than those whom it is meant for.
@Suite struct PagePortTests {
  private func pages(
    _ body: (Address, ProxyServer) async throws -> Void
  ) async throws {
    let backend = try await ScriptedMySQL { _, connection in
      connection.writeAndFlush(ScriptedMySQL.done, promise: nil)
    }
    var configuration = backend.configuration
    configuration.pages = Address(host: "127.0.0.1", port: 0)
    let server = try ProxyServer(forTestsOf: configuration)
    try await body(try await server.servePages(token: "right"), server)
    await server.stop()
    try await backend.end()
  }

  /// What a request is answered, head and all.
  private func ask(_ head: String, at address: Address) async throws -> String {
    String(
      buffer: try await RawConnection.send(
        ByteBuffer(string: head + "Connection: close\r\n\r\n"), to: address.port))
  }

  @Test func anAnswerToHeadHasNoBody() async throws {
    try await pages { address, _ in
      for path in ["/healthz", "/nowhere"] {
        let answer = try await ask("HEAD \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n", at: address)
        #expect(answer.hasPrefix("HTTP/1.1 "))
        #expect(answer.contains("Content-Length: "))
        #expect(answer.hasSuffix("\r\n\r\n"))
      }
    }
  }

  /// A web page has a name of its own lead here, and reads what it is told.
  @Test(arguments: [
    ("127.0.0.1:15999", true), ("localhost", true), ("LOCALHOST:1", true), ("[::1]:80", true),
    ("evil.example", false), ("127.evil.example:15999", false), ("localhost.evil.example", false),
  ]) func pagesAreFoundUnderTheirOwnName(_ host: String, _ isOwn: Bool) async throws {
    try await pages { address, _ in
      let answer = try await ask("GET /cutover HTTP/1.1\r\nHost: \(host)\r\n", at: address)
      #expect(answer.hasPrefix(isOwn ? "HTTP/1.1 200" : "HTTP/1.1 403"))
    }
  }

  @Test(arguments: [
    "/drain?backend=%1b%5b31m", "/cutover/start?to=x%0a", "/cutover/start?to=%c2%9b",
  ])
  func whatCannotBeShownIsNotRepeated(_ path: String) async throws {
    try await pages { address, _ in
      let answer = try await ask(
        "POST \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer right\r\n", at: address)
      #expect(answer.hasPrefix("HTTP/1.1 400"))
      #expect(answer.hasSuffix("has characters that no name has\n"))
    }
  }

  @Test func connectionsAreBounded() async throws {
    try await pages { address, _ in
      var open: [any Channel] = []
      func connect() async throws -> any Channel {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
          .connect(host: "127.0.0.1", port: address.port).get()
      }
      for _ in 0..<100 { open.append(try await connect()) }
      // Which one that is the proxy's event loops may see otherwise.
      open.append(try await connect())
      try await wait(for: "one to be closed") { open.count { !$0.isActive } == 1 }
      for channel in open where channel.isActive { try await channel.close() }
      try await wait(for: "room for another") {
        (try? await ask("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n", at: address))?
          .hasPrefix("HTTP/1.1 ") == true
      }
    }
  }

  /// Half a request, and no more.
  @Test(.timeLimit(.minutes(1))) func whoDoesNotFinishAskingIsSentAway() async throws {
    try await pages { address, _ in
      let bytes = ByteBuffer(string: "GET /healthz HTTP/1.1\r\nHost: 127")
      let answer = try await RawConnection.send(bytes, to: address.port)
      #expect(answer.readableBytes == 0)
    }
  }
}
