import Cutover
import MySQLWire
import NIOCore
import ProxyServer
import Synchronization
import TestSupport
import Terms
import Testing

/// Servers and clients of MySQL's protocol that do what none should.
@Suite struct MySQLHostilityTests {
  private func proxy(
    _ whenAsked: @escaping @Sendable (String, any Channel) -> Void,
    _ body: (PlainClient, ProxyServer) async throws -> Void
  ) async throws {
    let backend = try await ScriptedMySQL(whenAsked)
    let server = try ProxyServer(forTestsOf: backend.configuration)
    let client = try PlainClient(try await server.start()[0])
    server.gate.found("only", Examination(isUp: true), asked: server.gate.instant)
    try await body(client, server)
    client.hangUp()
    await server.stop()
    try await backend.end()
  }

  /// The server is asked to end what nobody waits for; until it has, that is in flight.
  @Test func aStatementEndsWithItsServersAnswer() async throws {
    struct Server { var busy: (any Channel)?, isAskedToEnd = false }
    let state = Mutex(Server())
    try await proxy({ query, connection in
      switch query {
      case "slow": state.withLock { $0.busy = connection }
      case "KILL QUERY 1": state.withLock { $0.isAskedToEnd = true }
      default: connection.writeAndFlush(ScriptedMySQL.done, promise: nil)
      }
    }) { client, server in
      client.ask("slow")
      try await wait(for: "the statement") { state.withLock { $0.busy != nil } }
      client.hangUp()
      try await wait(for: "the wish that it end") { state.withLock { $0.isAskedToEnd } }
      #expect(server.gate.board.routes[ProxiedDatabase.route]?.inFlight == 1)
      let busy = state.withLock { $0.busy }
      busy?.writeAndFlush(ScriptedMySQL.done, promise: nil)
      try await wait(for: "nothing in flight") {
        server.gate.board.routes[ProxiedDatabase.route]?.inFlight == 0
      }
    }
  }

  /// A server asks for a file of the client's: the client hears nothing of that, and goes on.
  @Test func noServerGetsAClientsFile() async throws {
    let request = ScriptedMySQL.packet([0xFB] + Array("/etc/passwd".utf8))
    try await proxy({ query, connection in
      connection.writeAndFlush(query == "file" ? request : ScriptedMySQL.done, promise: nil)
    }) { client, server in
      client.ask("file")
      let error = try client.error()
      #expect(error?.code == 2013)
      #expect(error?.message.contains("asked for a file") == true)
      client.ask("SELECT 1")
      #expect(try client.error() == nil)
      try await wait(for: "nothing in flight") {
        server.gate.board.routes[ProxiedDatabase.route]?.inFlight == 0
      }
    }
  }
}
