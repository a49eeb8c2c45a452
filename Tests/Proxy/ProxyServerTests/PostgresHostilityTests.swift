import Buffering
import Cutover
import Foundation
import NIOCore
import PostgresWire
import ProxyServer
import TestSupport
import Terms
import Testing

/// Clients that are broken or mean harm.
@Suite(.serialized, .needsPostgres) struct PostgresHostilityTests {
  /// Broken beginnings and broken sessions: nobody comes in, and the proxy serves on.
  @Test func brokenClientsDoNoHarm() async throws {
    try await ProxiedPostgres.with({ $0.limits.authentication = .seconds(2) }) { database in
      let recorded = ["psql", "psycopg"].compactMap { name in
        (try? Fixtures.data("postgres-15/\(name).client")).map(Array.init)
      }
      let mutations = Mutations(of: recorded, seed: 20)
      await withDiscardingTaskGroup { group in
        for _ in 0..<150 {
          let bytes = ByteBuffer(bytes: mutations.next())
          group.addTask {
            guard var answer = try? await RawConnection.send(bytes, to: database.address.port)
            else {
              return
            }
            // AuthenticationOk.
            let ok: [UInt8] = [0x52, 0, 0, 0, 8, 0, 0, 0, 0]
            let all = answer.readBytes(length: answer.readableBytes) ?? []
            #expect(!all.contains(ok))
          }
        }
      }
      try await database.client().value("select 1")
    }
  }

  /// Past the login: whatever a session sends, the others and the gate stay sound.
  @Test func brokenSessionsDoNoHarm() async throws {
    try await ProxiedPostgres.with { database in
      let messages = ["psql", "psycopg"].compactMap { name -> [UInt8]? in
        guard let data = try? Fixtures.data("postgres-15/\(name).client") else { return nil }
        var bytes = ByteBuffer(bytes: data)
        _ = try? StartupPacket.read(from: &bytes)
        // The two messages of the login.
        for _ in 0..<2 {
          guard let length: UInt32 = bytes.getInteger(at: bytes.readerIndex + 1) else { return nil }
          bytes.moveReaderIndex(forwardBy: 1 + Int(length))
        }
        return Array(buffer: bytes)
      }
      let mutations = Mutations(of: messages, seed: 21)
      for _ in 0..<60 {
        let client = try await database.client()
        let bytes = ByteBuffer(bytes: mutations.next())
        let task = Task { try? await client.send(bytes) }
        try await Task.sleep(for: .milliseconds(20))
        await client.close()
        _ = await task.value
      }
      try await database.untilQuiet()
      #expect(database.gate.board.violation(at: database.gate.instant) == nil)
      try await database.client().value("select 1")
    }
  }

  /// A message that is cut short is its server's to refuse, and the session goes on behind the Sync.
  @Test(arguments: [FrontendKind.parse, .bind, .execute, .close])
  func aMessageThatIsCutShortIsAnError(_ kind: FrontendKind) async throws {
    try await ProxiedPostgres.with { database in
      let client = try await database.client()
      var bytes = Frame<FrontendKind>(kind) { $0.writeString("Sx") }.bytes
      bytes.writeImmutableBuffer(Frame<FrontendKind>(.sync).bytes)
      let answer = try await client.send(bytes)
      #expect(answer.error?.code == .protocolViolation)
      #expect(answer.error?.severity == .error)
      try await client.value("select 1")
    }
  }

  /// As with a server.
  @Test func nobodyLogsInWithAnEmptyPassword() async throws {
    try await ProxiedPostgres.with({
      $0.users = [.init(name: "shop", secret: .password(""))]
    }) { database in
      await #expect(throws: (any Error).self) { try await database.client(password: "") }
    }
  }

  /// A client that asks for much and reads nothing keeps its server waiting, not the proxy's memory.
  @Test func aSlowReaderIsNotReadFor() async throws {
    try await ProxiedPostgres.with { database in
      let client = try await database.client()
      try await client.pauseReading()
      let before = Self.residentBytes
      let answer = Task {
        try await client.ask("select repeat('x', 1000000) from generate_series(1, 400)")
      }
      try await wait(for: "the server to wait for its client") {
        try database.old.run(
          "select count(*) from pg_stat_activity where wait_event = 'ClientWrite'", in: "postgres")
          == "1\n"
      }
      #expect(Self.residentBytes - before < 100 << 20)
      await client.close()
      _ = try? await answer.value
    }
  }

  /// A client that has asked for much, and for whom its server waits.
  private func clientThatReadsNothing(
    of database: ProxiedPostgres
  ) async throws -> (PostgresClient, Task<PostgresClient.Answer, any Error>) {
    let client = try await database.client()
    try await client.pauseReading()
    let answer = Task {
      try await client.ask("select repeat('x', 1000000) from generate_series(1, 400)")
    }
    try await wait(for: "the server to wait for its client") {
      try database.old.run(
        "select count(*) from pg_stat_activity where wait_event = 'ClientWrite'", in: "postgres")
        == "1\n"
    }
    return (client, answer)
  }

  /// Nor does it hold up others for ever.
  @Test func whoReadsNothingIsSentAway() async throws {
    try await ProxiedPostgres.with({ $0.limits.clientWrite = .milliseconds(500) }) { database in
      let (client, answer) = try await clientThatReadsNothing(of: database)
      try await database.untilQuiet()
      try await wait(for: "the client to be sent away") {
        database.gate.traffic.connections.now == 0
      }
      await client.close()
      _ = try? await answer.value
    }
  }

  /// Not even its last word keeps a connection open.
  @Test func whoDoesNotReadTheLastWordIsLeft() async throws {
    try await ProxiedPostgres.with({ $0.limits.inFlight = .milliseconds(100) }) { database in
      let (client, answer) = try await clientThatReadsNothing(of: database)
      await database.server.stop()
      try await wait(for: "the end", upTo: .seconds(20)) {
        database.gate.traffic.connections.now == 0
      }
      await client.close()
      _ = try? await answer.value
    }
  }

  /// However many statements come at once to be refused, they are refused one after the other.
  @Test func thousandsOfStatementsMayBeRefusedAtOnce() async throws {
    try await ProxiedPostgres.with({ $0.buffering.isEnabled = false }) { database in
      let client = try await database.client()
      database.gate.drain("old", true)
      let count = 20_000
      var bytes = ByteBuffer()
      for _ in 0..<count { bytes.write(FrontendKind.query) { $0.writeInteger(UInt8(0)) } }
      var answers = [try await client.send(bytes)]
      while answers.count < count { answers.append(try await client.send(ByteBuffer())) }
      #expect(answers.allSatisfy { $0.error?.code == .adminShutdown && $0.status == .idle })
      database.gate.drain("old", false)
      #expect(try await client.value("select 1") == "1")
    }
  }

  /// Of this process, in bytes.
  private static var residentBytes: Int {
    let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?
      .split(separator: " ").dropFirst().first.flatMap { Int($0) }
    return (pages ?? 0) * 4096
  }
}
