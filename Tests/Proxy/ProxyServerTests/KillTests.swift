import Buffering
import Cutover
import MySQLWire
import ProxyServer
import TestSupport
import Terms
import Testing

/// KILL, with the numbers that the proxy has given its clients.
@Suite(.serialized, .needs("mariadbd", "mariadb", "mariadb-install-db"))
struct KillTests {
  private let route = ProxiedDatabase.route

  private func waitUntilItRuns(_ database: ProxiedDatabase) async throws {
    let question = "SELECT COUNT(*) FROM information_schema.processlist WHERE state = 'User sleep'"
    try await wait(for: "a statement that runs") { try database.old.run(question) == "1\n" }
  }

  @Test func killQueryEndsAStatementThatRuns() async throws {
    let database = try await ProxiedDatabase()
    let (client, other) = (try await database.client(), try await database.client())
    let ended = Task { try await client.query("SELECT SLEEP(60)") }
    try await waitUntilItRuns(database)
    _ = try await other.query("KILL QUERY \(client.number)")
    let error = await #expect(throws: ServerError.self) { try await ended.value }
    #expect(error?.code == 1317)
    #expect(try await client.query("SELECT 7 AS n")["n"] == "7")
    await database.end()
  }

  @Test func killQueryEndsAStatementThatWaits() async throws {
    let database = try await ProxiedDatabase()
    let (client, other) = (try await database.client(), try await database.client())
    try database.gate.start(route, to: "new")
    let ended = Task { try await client.query("SELECT 1") }
    try await wait(for: "a statement that waits") {
      database.gate.board.buffer.waiting(for: route) == 1
    }
    _ = try await other.query("KILL QUERY \(client.number)")
    let error = await #expect(throws: ServerError.self) { try await ended.value }
    #expect(error?.code == 1317)
    #expect(database.gate.board.buffer.counters(of: route)?.evicted[.contextDone] == 1)
    try database.gate.cancel(route, because: "of the test")
    #expect(try await client.query("SELECT 7 AS n")["n"] == "7")
    await database.end()
  }

  @Test func killEndsAConnectionAndWhatItIsAt() async throws {
    let database = try await ProxiedDatabase()
    let (client, other) = (try await database.client(), try await database.client())
    let ended = Task { try await client.query("SELECT SLEEP(60)") }
    try await waitUntilItRuns(database)
    _ = try await other.query("KILL \(client.number)")
    let error = await #expect(throws: ServerError.self) { try await ended.value }
    #expect(error?.code == 1927)
    try await database.untilQuiet()
    await database.end()
  }

  @Test func othersAndNobodyCannotBeKilled() async throws {
    let database = try await ProxiedDatabase {
      $0.users.append(.init(name: "other", secret: .password("x")))
    }
    let client = try await database.client()
    let other = try await database.client(user: "other", password: "x")
    for (number, code) in [(client.number, 1095), (4_000_000, 1094)] as [(UInt32, UInt16)] {
      let error = await #expect(throws: ServerError.self) {
        try await other.query("KILL \(number)")
      }
      #expect(error?.code == code)
    }
    #expect(try await client.query("SELECT 7 AS n")["n"] == "7")
    await database.end()
  }

  /// By the command of the protocol, against itself.
  @Test func aConnectionMayEndItself() async throws {
    let database = try await ProxiedDatabase()
    let client = try PlainClient(database.address)
    let number = client.number
    #expect(try client.kill(number) == nil)
    #expect(try client.lastWords()?.code == 1927)
    await database.end()
  }
}
