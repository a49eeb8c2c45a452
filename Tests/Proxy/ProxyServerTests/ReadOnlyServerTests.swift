import Buffering
import Cutover
import MySQLWire
import ProxyServer
import TestSupport
import Terms
import Testing

/// Servers that take no writes any more, as one that is about to be replaced.
@Suite(.serialized, .needs("mariadbd", "mariadb", "mariadb-install-db"))
struct ReadOnlyServerTests {
  private let route = ProxiedDatabase.route

  /// Two servers with a table, whose user may not write on a server that is read-only.
  private func database(
    _ adjust: (inout ProxyConfiguration) -> Void = { _ in }
  ) async throws -> ProxiedDatabase {
    let database = try await ProxiedDatabase(adjust)
    try database.createOnBoth("CREATE TABLE t (n INT, s TEXT)")
    for server in [database.old, database.new] {
      try server.run("REVOKE READ_ONLY ADMIN, SUPER ON *.* FROM 'app'@'127.0.0.1'", asRoot: true)
    }
    return database
  }

  private func setReadOnly(_ isReadOnly: Bool, _ server: MariaDBServer) throws {
    try server.run("SET GLOBAL read_only = \(isReadOnly ? 1 : 0)", asRoot: true)
  }

  private func waitForHeld(_ count: Int, _ database: ProxiedDatabase) async throws {
    try await wait(for: "\(count) statements that wait") {
      database.gate.board.buffer.waiting(for: route) == count
    }
  }

  @Test func aWriteWaitsUntilItsServerTakesWritesAgain() async throws {
    let database = try await database()
    let (client, other) = (try await database.client(), try await database.client())
    _ = try await client.query("INSERT INTO t VALUES (1, 'before')")
    try setReadOnly(true, database.old)
    async let held = client.query("INSERT INTO t VALUES (2, 'held')")
    try await waitForHeld(1, database)
    async let read = other.query("SELECT COUNT(*) AS n FROM t")
    try await waitForHeld(2, database)
    try setReadOnly(false, database.old)
    _ = try await held
    _ = try await read
    #expect(try database.old.run("SELECT * FROM commerce.t") == "1\tbefore\n2\theld\n")
    await database.end()
  }

  @Test func aWriteGoesToTheNewServer() async throws {
    let database = try await database()
    let client = try PlainClient(database.address)
    let number = try client.prepare("INSERT INTO t VALUES (?, ?)")
    try client.execute(number, 1, "old", withTypes: true)
    try setReadOnly(true, database.old)
    async let executed: Void = database.cutOver(to: "new", whenHeld: 1)
    try client.execute(number, 2, "new", withTypes: false)
    try await executed
    #expect(try database.old.run("SELECT * FROM commerce.t") == "1\told\n")
    #expect(try database.new.run("SELECT * FROM commerce.t") == "2\tnew\n")
    await database.end()
  }

  @Test func inATransactionTheErrorIsTheClients() async throws {
    let database = try await database()
    let client = try await database.client()
    _ = try await client.query("BEGIN")
    try setReadOnly(true, database.old)
    let error = await #expect(throws: ServerError.self) {
      try await client.query("INSERT INTO t VALUES (1, '')")
    }
    #expect(error?.code == 1290)
    _ = try await client.query("ROLLBACK")
    #expect(database.gate.board.buffer.counters(of: route)?.starts == 0)
    await database.end()
  }

  /// What a procedure did before cannot be known.
  @Test func aProcedureIsNotRunTwice() async throws {
    let database = try await database()
    try database.old.run("USE commerce; CREATE PROCEDURE p() INSERT INTO t VALUES (1, '')")
    let client = try await database.client()
    try setReadOnly(true, database.old)
    let error = await #expect(throws: ServerError.self) { try await client.query("CALL p()") }
    #expect(error?.code == 1290)
    await database.end()
  }

  /// It waits as long as anything may, and is told why in its server's words.
  @Test func whatWaitsInVainGetsItsServersError() async throws {
    let database = try await database {
      $0.buffering.window = .seconds(1)
      $0.buffering.maxFailoverDuration = .seconds(1)
    }
    let client = try await database.client()
    try setReadOnly(true, database.old)
    let error = await #expect(throws: ServerError.self) {
      try await client.query("INSERT INTO t VALUES (1, '')")
    }
    #expect(error?.code == 1290)
    #expect(try await client.query("SELECT COUNT(*) AS n FROM t")["n"] == "0")
    #expect(database.gate.board.buffer.counters(of: route)?.buffered == 1)
    await database.end()
  }
}
