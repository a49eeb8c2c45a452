import Cutover
import MySQLWire
import NIOCore
import ProxyServer
import TestSupport
import Terms
import Testing

/// Clients that ask and do not read.
@Suite struct SlowClientTests {
  /// An answer longer than what the network holds, or what comes before one.
  private static let row = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)

  /// A result of one column.
  private static func sendRows(_ count: Int, over connection: any Channel) {
    connection.write(ScriptedMySQL.packet([1]), promise: nil)
    connection.write(ScriptedMySQL.packet([3, 0x64, 0x65, 0x66], 2), promise: nil)
    let end: [UInt8] = [0xFE, 0, 0, 2, 0]
    connection.write(ScriptedMySQL.packet(end, 3), promise: nil)
    for number in 0..<count {
      connection.write(ScriptedMySQL.packet(row, UInt8(4 + number)), promise: nil)
    }
    connection.writeAndFlush(ScriptedMySQL.packet(end, UInt8(4 + count)), promise: nil)
  }

  /// It is sent away, and what it was at ends once its server has said all.
  @Test func aMySQLClientThatTakesNothingIsSentAway() async throws {
    let backend = try await ScriptedMySQL { query, connection in
      query == "much"
        ? Self.sendRows(40, over: connection)
        : connection.writeAndFlush(ScriptedMySQL.done, promise: nil)
    }
    var configuration = backend.configuration
    configuration.limits.clientWrite = .milliseconds(300)
    let server = try ProxyServer(forTestsOf: configuration)
    let client = try PlainClient(try await server.start()[0])
    client.ask("much")
    try await wait(for: "the client to be sent away") {
      server.gate.traffic.connections.now == 0
        && server.gate.board.routes[ProxiedDatabase.route]?.inFlight == 0
    }
    client.hangUp()
    await server.stop()
    try await backend.end()
  }

  /// The proxy's own answers wait for their reader as well: it takes no more commands meanwhile.
  @Test func whoReadsNothingIsNotAnsweredForEver() async throws {
    let backend = try await ScriptedMySQL { _, connection in
      connection.writeAndFlush(ScriptedMySQL.done, promise: nil)
    }
    var configuration = backend.configuration
    configuration.limits.clientWrite = .milliseconds(300)
    configuration.routes[0].databases = ["commerce"]
    let server = try ProxyServer(forTestsOf: configuration)
    let client = try PlainClient(try await server.start()[0])
    // Each is refused by the proxy itself, which repeats the name.
    let question = "USE " + String(repeating: "x", count: 60_000)
    let hasHungUp = (0..<2_000).contains { _ in !client.ask(question) }
    #expect(hasHungUp)
    client.hangUp()
    await server.stop()
    try await backend.end()
  }

  /// Who reads, however slowly, gets it all.
  @Test func whoReadsSlowlyIsHeardOut() async throws {
    let backend = try await ScriptedMySQL { query, connection in
      query == "much"
        ? Self.sendRows(16, over: connection)
        : connection.writeAndFlush(ScriptedMySQL.done, promise: nil)
    }
    var configuration = backend.configuration
    configuration.limits.clientWrite = .seconds(1)
    let server = try ProxyServer(forTestsOf: configuration)
    let client = try PlainClient(try await server.start()[0])
    client.ask("much")
    try await client.readSlowly(16 << 20, pausing: .milliseconds(10))
    client.hangUp()
    await server.stop()
    try await backend.end()
  }
}
