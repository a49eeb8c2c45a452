import Buffering
import Cutover
import NIOCore
import PostgresWire
import ProxyServer
import TestSupport
import Terms
import Testing

/// Postgres servers that take no writes any more, as one that is about to be replaced.
@Suite(.serialized, .needsPostgres) struct PostgresReadOnlyTests {
  private static let insert = "insert into t values (1)"

  private func setReadOnly(_ isReadOnly: Bool, _ server: PostgresServer) async throws {
    let value = isReadOnly ? "on" : "off"
    try server.run("alter system set default_transaction_read_only = \(value)", in: "postgres")
    try server.run("select pg_reload_conf()", in: "postgres")
    try await wait(for: "the setting") {
      try server.run("show default_transaction_read_only", in: "postgres") == "\(value)\n"
    }
  }

  /// The unnamed statement, prepared, described and run in one batch.
  private var batch: ByteBuffer {
    var bytes = ByteBuffer()
    let messages = [
      Frame<FrontendKind>(.parse) { body in
        body.writeString("\0" + Self.insert + "\0")
        body.writeInteger(UInt16(0))
      },
      Frame<FrontendKind>(.bind) { $0.writeBytes([0, 0, 0, 0, 0, 0, 0, 0]) },
      Frame<FrontendKind>(.describe) { $0.writeString("P\0") },
      Frame<FrontendKind>(.execute) { $0.writeBytes([0, 0, 0, 0, 0]) },
      Frame<FrontendKind>(.sync),
    ]
    for message in messages { bytes.writeImmutableBuffer(message.bytes) }
    return bytes
  }

  @Test func aWriteWaitsUntilItsServerTakesWritesAgain() async throws {
    try await ProxiedPostgres.with { database in
      try database.old.run("create table t (n int)")
      let client = try await database.client()
      try await client.value("select 1")
      try await setReadOnly(true, database.old)
      let held = Task { try await client.ask(Self.insert) }
      try await database.waitForHeldStatement()
      try await setReadOnly(false, database.old)
      let answer = try await held.value
      #expect(answer.error == nil)
      #expect(answer.kinds.filter { $0 != .parameterStatus } == [.commandComplete, .readyForQuery])
      #expect(try database.old.run("select count(*) from t") == "1\n")
    }
  }

  @Test func aBatchGoesToTheNewServerAndIsAnsweredOnce() async throws {
    try await ProxiedPostgres.with { database in
      try database.runOnBoth("create table t (n int)")
      let client = try await database.client()
      try await client.value("select 1")
      try await setReadOnly(true, database.old)
      let (held, batch) = (client, batch)
      let answered = Task { try await held.send(batch) }
      try await database.waitForHeldStatement()
      try await database.cutOver(to: "new")
      let answer = try await answered.value
      #expect(answer.error == nil)
      #expect(
        answer.kinds.filter { $0 != .parameterStatus } == [
          .parseComplete, .bindComplete, .noData, .commandComplete, .readyForQuery,
        ])
      #expect(try database.old.run("select count(*) from t") == "0\n")
      #expect(try database.new.run("select count(*) from t") == "1\n")
    }
  }

  /// In a transaction, and where the client itself wants its transactions so.
  @Test func otherRefusalsAreTheClients() async throws {
    try await ProxiedPostgres.with { database in
      try database.old.run("create table t (n int)")
      let client = try await database.client()
      try await client.value("set default_transaction_read_only = on")
      #expect(try await client.ask(Self.insert).error?.code == .readOnlyTransaction)
      try await client.value("reset default_transaction_read_only")
      try await client.value("begin")
      try await client.value("set transaction read only")
      #expect(try await client.ask(Self.insert).error?.code == .readOnlyTransaction)
      try await client.value("rollback")
      #expect(database.gate.board.buffer.counters(of: ProxiedPostgres.route)?.starts == 0)
    }
  }
}
