import Buffering
import Cutover
import MySQLWire
import ProxyServer
import TestSupport
import Terms
import Testing

/// A proxy that is told anew, is stopped, or may not connect as often as it likes.
@Suite(.serialized, .needs("mariadbd", "mariadb", "mariadb-install-db"))
struct OperatingTests {
  private let route = ProxiedDatabase.route

  // MARK: Told anew

  @Test func usersLimitsAndBackendsComeWithAReload() async throws {
    let database = try await ProxiedDatabase()
    let client = try await database.client()
    var wanted = database.server.configuration
    wanted.users = [.init(name: "new", secret: .password("new"))]
    wanted.limits.statementSize = 1000
    wanted.backends.append(
      .init(
        name: "third", engine: .mysql,
        address: Address(host: "127.0.0.1", port: database.new.port),
        user: MariaDBServer.user, password: MariaDBServer.password))
    wanted.routes = [
      .init(
        name: route, engine: .mysql, backend: "old", candidates: ["old", "new", "third"])
    ]
    #expect(try database.server.reload(wanted) == [])
    await #expect(throws: ServerError.self) { try await database.client() }
    _ = try await database.client(user: "new", password: "new")
    // Who is in stays in.
    #expect(try await client.query("SELECT 7 AS n")["n"] == "7")
    try await wait(for: "a look at the new backend") {
      database.server.examinations["third"]?.isUp == true
    }
    try await database.cutOver(to: "third")
    #expect(try await client.query("SELECT @@port AS p")["p"] == "\(database.new.port)")
    await database.end()
  }

  @Test func aReloadThatCannotBeChangesNothing() async throws {
    let database = try await ProxiedDatabase()
    var wanted = database.server.configuration
    wanted.limits.connections = 1
    wanted.routes.append(
      .init(
        name: ShardName(keyspace: "x", shard: "-"), engine: .mysql, databases: ["x"],
        backend: "nobody", candidates: ["nobody"]))
    let error = #expect(throws: ConfigurationObjection.self) {
      try database.server.reload(wanted)
    }
    #expect(
      error?.description
        == "route 2: no backend is called nobody: add a [[backend]] of that name")
    #expect(database.server.configuration.limits.connections == 10_000)
    await database.end()
  }

  // MARK: Stopped

  @Test func whoIsIdleHearsThatTheProxyStops() async throws {
    let database = try await ProxiedDatabase()
    let client = try PlainClient(database.address)
    let stopped = Task { await database.server.stop() }
    #expect(try client.lastWords()?.code == 1053)
    await stopped.value
    await database.end()
  }

  @Test func aTransactionEndsBeforeTheProxyStops() async throws {
    let database = try await ProxiedDatabase()
    try database.createOnBoth("CREATE TABLE t (n INT)")
    let client = try await database.client()
    _ = try await client.query("BEGIN")
    async let stopped: Void = database.server.stop()
    await #expect(throws: (any Error).self) {
      while true { _ = try await database.client().close() }
    }
    _ = try await client.query("INSERT INTO t VALUES (1)")
    _ = try await client.query("COMMIT")
    await stopped
    #expect(try database.old.run("SELECT COUNT(*) FROM commerce.t") == "1\n")
    await database.end()
  }

  @Test func aTransactionThatDoesNotEndIsLeftBehind() async throws {
    let database = try await ProxiedDatabase { $0.limits.inFlight = .milliseconds(200) }
    try database.createOnBoth("CREATE TABLE t (n INT)")
    let client = try PlainClient(database.address)
    client.ask("BEGIN")
    _ = try client.readAnswer()
    await database.server.stop()
    #expect(try client.lastWords()?.code == 1053)
    await database.end()
  }

  // MARK: Few connections

  @Test func asManyConnectionsAsThereMayBeServeMoreClients() async throws {
    let database = try await ProxiedDatabase {
      for index in $0.backends.indices { $0.backends[index].mostConnections = 2 }
    }
    let clients = try await [
      database.client(), database.client(), database.client(), database.client(),
    ]
    try await withThrowingTaskGroup(of: Void.self) { group in
      for client in clients {
        group.addTask {
          for number in 0..<20 {
            let answer = try await client.query("SELECT \(number) AS n")["n"]
            #expect(answer == "\(number)")
          }
        }
      }
      try await group.waitForAll()
    }
    let most = try database.old.run("SHOW STATUS LIKE 'Max_used_connections'").split(
      separator: "\t")
    // The tests' own, and the proxy's looks.
    #expect(Int(most[1].dropLast()) ?? 99 <= 5, "\(most)")
    await database.end()
  }

  @Test func whoWaitsForAConnectionInVainIsToldWhy() async throws {
    let database = try await ProxiedDatabase {
      $0.backends[0].mostConnections = 1
      $0.limits.connect = .milliseconds(300)
    }
    let (client, other) = (try await database.client(), try await database.client())
    _ = try await client.query("BEGIN")
    let error = await #expect(throws: ServerError.self) { try await other.query("SELECT 1") }
    #expect(error?.code == 1040)
    #expect(
      error?.message
        == "all 1 connections to old are in use, and none came free within 0.3 s")
    _ = try await client.query("COMMIT")
    #expect(try await other.query("SELECT 7 AS n")["n"] == "7")
    await database.end()
  }
}
