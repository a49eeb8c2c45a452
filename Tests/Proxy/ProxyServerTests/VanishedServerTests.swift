#if os(Linux)
  import Cutover
  import NIOCore
  import NIOPosix
  import PostgresWire
  import ProxyServer
  import TestSupport
  import Terms
  import Testing

  /// Servers that are gone without having closed their connections, as when their machine loses power
  /// or a cable is cut.
  @Suite struct VanishedServerTests {
    /// Before a query gets there, or while its answer is awaited.
    @Test(arguments: [true, false]) func aServerThatVanishesIsNotedInTime(
      beforeTheQuery: Bool
    ) async throws {
      let backend = try await ScriptedPostgres { query, connection in
        if query == "vanish" || beforeTheQuery && query == "last words" { Self.vanish(connection) }
        if query == "vanish" { return }
        connection.writeAndFlush(ScriptedPostgres.done, promise: nil)
      }
      var configuration = backend.configuration
      configuration.limits.connect = .seconds(1)
      let server = try ProxyServer(forTestsOf: configuration)
      let client = try await PostgresClient(to: try await server.start()[0].port)
      _ = try await client.ask("last words")
      let asked = ContinuousClock.now
      await #expect(throws: PostgresClient.Lost.self) { try await client.ask("vanish") }
      #expect(ContinuousClock.now - asked < .seconds(10))
      let word = try await client.lost()
      #expect(word?.code == .connectionFailure)
      try await wait(for: "the end of its work") {
        server.gate.board.routes[ProxiedPostgres.route]?.inFlight == 0
      }
      await server.stop()
      try await backend.end()
    }

    /// From now on nothing reaches this end of the connection, and nothing is acknowledged.
    private static func vanish(_ connection: any Channel) {
      struct Instruction {
        var code: UInt16 = 0x06  // Return …
        var jumps: UInt16 = 0
        var value: UInt32 = 0  // … no byte of the packet.
      }
      struct Program: @unchecked Sendable {
        var length: UInt16 = 1
        let instructions: UnsafeMutablePointer<Instruction>
      }
      let program = Program(instructions: .allocate(capacity: 1))
      program.instructions.initialize(to: Instruction())
      let attachFilter = NIOBSDSocket.Option(rawValue: 26)
      (connection as? any SocketOptionProvider)?.unsafeSetSocketOption(
        level: .socket, name: attachFilter, value: program
      ).whenComplete { _ in program.instructions.deallocate() }
    }
  }
#endif
