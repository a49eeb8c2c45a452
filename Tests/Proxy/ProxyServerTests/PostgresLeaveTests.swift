import Buffering
import Cutover
import NIOCore
import NIOPosix
import PostgresWire
import ProxyServer
import TestSupport
import Terms
import Testing

/// How servers take their leave, down to which bytes come together.
@Suite struct PostgresLeaveTests {
  private func client(
    of bytes: ByteBuffer, _ body: (PostgresClient) async throws -> Void
  ) async throws {
    let backend = try await ScriptedPostgres { _, connection in
      connection.writeAndFlush(bytes).whenComplete { _ in connection.close(promise: nil) }
    }
    var configuration = backend.configuration
    // A look would find that it does so.
    configuration.limits.healthInterval = .seconds(600)
    let server = try ProxyServer(forTestsOf: configuration)
    let port = try await server.start()[0].port
    server.gate.found("only", Examination(isUp: true), asked: server.gate.instant)
    try await body(try await PostgresClient(to: port))
    await server.stop()
    try await backend.end()
  }

  private static let done: ByteBuffer = {
    var bytes = Frame<BackendKind>(.commandComplete) { $0.writeString("INSERT 0 1\0") }.bytes
    bytes.write(BackendKind.readyForQuery) { $0.writeString("I") }
    return bytes
  }()

  private static let leave = PostgresError(
    .fatal, .adminShutdown, "terminating connection due to administrator command")

  /// The answer reaches its client, and the session goes on: the leave is not meant for it.
  @Test func anAnswerMayComeTogetherWithTheServersLeave() async throws {
    var bytes = Self.done
    bytes.writeImmutableBuffer(Self.leave.bytes)
    try await client(of: bytes) { client in
      for _ in 0..<3 {
        let answer = try await client.ask("insert into items values (1)")
        #expect(answer.kinds == [.commandComplete, .readyForQuery])
      }
    }
  }

  /// Amid a statement the server's own words are the last that its client hears.
  @Test func aLeaveInTheMiddleIsPassedOn() async throws {
    try await client(of: Self.leave.bytes) { client in
      await #expect(throws: PostgresClient.Lost.self) { try await client.ask("select 1") }
      let word = try await client.lost()
      #expect(word == Self.leave)
    }
  }

  @Test func aLeaveWithoutAWordIsSaid() async throws {
    try await client(of: ByteBuffer()) { client in
      await #expect(throws: PostgresClient.Lost.self) { try await client.ask("select 1") }
      let word = try await client.lost()
      #expect(word?.code == .connectionFailure)
    }
  }

  @Test(
    arguments: [[0x5A, 0, 0, 0, 1], [0xFF, 0xFF], [0x45, 0xFF, 0xFF, 0xFF, 0xFF]] as [[UInt8]])
  func aServerThatBreaksTheProtocolEndsTheSession(_ bytes: [UInt8]) async throws {
    try await client(of: ByteBuffer(bytes: bytes)) { client in
      await #expect(throws: PostgresClient.Lost.self) { try await client.ask("select 1") }
      let word = try await client.lost()
      #expect(word?.code == .connectionFailure)
    }
  }
}
