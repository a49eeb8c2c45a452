import Buffering
import Cutover
import MySQLWire
import ProxyServer
import Synchronization
import TestSupport
import Terms
import Testing

/// Routes by table: `items` is where its database is, `orders` has a route of its own.
@Suite(.serialized, .needs("mariadbd", "mariadb", "mariadb-install-db"))
struct TableRoutingTests {
  private static let orders = ShardName(keyspace: "orders", shard: "-")

  /// Two servers with both tables, of which the new one serves `orders`.
  private func database(hasMoved: Bool = true) async throws -> ProxiedDatabase {
    let database = try await ProxiedDatabase {
      $0.routes.append(
        .init(
          name: Self.orders, engine: .mysql, tables: ["commerce.orders"], backend: "old",
          candidates: ["old", "new"]))
    }
    try database.createOnBoth(
      """
      CREATE TABLE orders (n INT PRIMARY KEY AUTO_INCREMENT, s TEXT);
      CREATE TABLE items (n INT PRIMARY KEY AUTO_INCREMENT, s TEXT)
      """)
    if hasMoved {
      try database.gate.start(Self.orders, to: "new")
      try await database.server.switchOver(Self.orders, checks: false)
    }
    return database
  }

  private func rows(_ database: ProxiedDatabase, _ table: String) throws -> [String] {
    try [database.old, database.new].map {
      try $0.run("SELECT GROUP_CONCAT(s ORDER BY n) FROM commerce.\(table)").replacing(
        "\n", with: "")
    }
  }

  @Test func statementsGoWhereTheirTablesAre() async throws {
    let database = try await database()
    let client = try await database.client()
    for (table, text) in [("orders", "a"), ("items", "b"), ("commerce.`Orders`", "c")] {
      // The servers tell capitals apart.
      if table.contains("Orders") {
        await #expect(throws: ServerError.self) {
          try await client.query("INSERT INTO \(table) (s) VALUES ('c')")
        }
      } else {
        _ = try await client.query("INSERT INTO \(table) (s) VALUES ('\(text)')")
      }
    }
    #expect(try await client.query("SELECT @@port AS p FROM orders")["p"] == "\(database.new.port)")
    #expect(try await client.query("SELECT @@port AS p FROM items")["p"] == "\(database.old.port)")
    #expect(try await client.query("SELECT @@port AS p")["p"] == "\(database.old.port)")
    #expect(try rows(database, "orders") == ["NULL", "a"])
    #expect(try rows(database, "items") == ["b", "NULL"])
    await database.end()
  }

  @Test(arguments: [
    "SELECT * FROM orders JOIN items USING (n)", "INSERT INTO orders SELECT * FROM items",
    "SELECT 1 FROM items WHERE n IN (SELECT n FROM commerce.orders)",
    "INSERT INTO items (s) VALUES ('x'); INSERT INTO orders (s) VALUES ('x')",
  ]) func noStatementRunsOnTwoServers(_ sql: String) async throws {
    // Not either while both tables are on one: it would fail from the cutover on.
    for hasMoved in [false, true] {
      let database = try await database(hasMoved: hasMoved)
      let client = try await database.client()
      let error = await #expect(throws: ServerError.self) { try await client.query(sql) }
      #expect(error?.code == 1235)
      #expect(error?.message.contains("commerce/-, orders/-") == true)
      #expect(try await client.query("SELECT 7 AS n")["n"] == "7")
      #expect(try rows(database, "items") == ["NULL", "NULL"])
      await database.end()
    }
  }

  @Test func aTransactionIsWhereItsFirstStatementLeads() async throws {
    let database = try await database()
    let client = try await database.client()
    _ = try await client.query("START TRANSACTION")
    #expect(database.gate.board.routes.values.allSatisfy { $0.inFlight == 0 })
    _ = try await client.query("INSERT INTO orders (s) VALUES ('a')")
    #expect(database.gate.board.routes[Self.orders]?.inFlight == 1)
    let error = await #expect(throws: ServerError.self) {
      try await client.query("INSERT INTO items (s) VALUES ('x')")
    }
    #expect(error?.code == 1235)
    _ = try await client.query("INSERT INTO orders (s) VALUES ('b')")
    _ = try await client.query("COMMIT")
    #expect(try rows(database, "orders") == ["NULL", "a,b"])
    _ = try await client.query("BEGIN")
    _ = try await client.query("INSERT INTO orders (s) VALUES ('c')")
    _ = try await client.query("ROLLBACK")
    _ = try await client.query("BEGIN")
    _ = try await client.query("INSERT INTO items (s) VALUES ('d')")
    await #expect(throws: ServerError.self) { try await client.query("SELECT * FROM orders") }
    _ = try await client.query("COMMIT")
    #expect(try rows(database, "orders") == ["NULL", "a,b"])
    #expect(try rows(database, "items") == ["d", "NULL"])
    try await wait(for: "nothing in flight") {
      database.gate.board.routes.values.allSatisfy { $0.inFlight == 0 }
    }
    await database.end()
  }

  /// One that has begun and done nothing else is nowhere, holds up no cutover, and ends in no server.
  @Test func aTransactionThatHasOnlyBegunIsNowhere() async throws {
    let database = try await database(hasMoved: false)
    let client = try PlainClient(database.address)
    client.ask("BEGIN")
    #expect(try client.status().contains(.inTransaction))
    client.ask("COMMIT")
    #expect(try !client.status().contains(.inTransaction))
    client.ask("BEGIN")
    _ = try client.status()
    try database.gate.start(Self.orders, to: "new")
    try await database.server.switchOver(Self.orders, checks: false)
    client.ask("INSERT INTO orders (s) VALUES ('a')")
    #expect(try client.status().contains(.inTransaction))
    client.ask("COMMIT")
    #expect(try !client.status().contains(.inTransaction))
    #expect(try rows(database, "orders") == ["NULL", "a"])
    client.hangUp()
    await database.end()
  }

  /// A statement that had no place leaves the transaction begun: what follows is in it.
  @Test func aTransactionOutlivesTheRefusalOfItsFirstStatement() async throws {
    let database = try await database()
    let client = try await database.client()
    _ = try await client.query("BEGIN")
    await #expect(throws: ServerError.self) {
      try await client.query("SELECT * FROM orders, items")
    }
    _ = try await client.query("INSERT INTO orders (s) VALUES ('a')")
    _ = try await client.query("ROLLBACK")
    #expect(try rows(database, "orders") == ["NULL", "NULL"])
    await database.end()
  }

  @Test func aPreparedStatementGoesWhereItsTableIs() async throws {
    let database = try await database()
    let client = try PlainClient(database.address)
    let numbers = try ["orders", "items"].map {
      try client.prepare("INSERT INTO \($0) VALUES (?, ?)")
    }
    for _ in 0..<2 {
      try client.execute(numbers[0], 0, "a", withTypes: true)
      try client.execute(numbers[1], 0, "b", withTypes: true)
    }
    #expect(try rows(database, "orders") == ["NULL", "a,a"])
    #expect(try rows(database, "items") == ["b,b", "NULL"])
    client.hangUp()
    await database.end()
  }

  @Test func whatTiesTheSessionIsNotGivenUp() async throws {
    let database = try await database()
    let client = try await database.client()
    _ = try await client.query("CREATE TEMPORARY TABLE kept (n INT)")
    let error = await #expect(throws: ServerError.self) {
      try await client.query("SELECT * FROM orders")
    }
    #expect(error?.code == 1235)
    #expect(error?.message.hasSuffix("temporary tables") == true)
    #expect(try await client.query("SELECT COUNT(*) AS n FROM kept")["n"] == "0")
    await database.end()
  }

  @Test func theSessionsStateGoesAlong() async throws {
    let database = try await database()
    let client = try await database.client()
    _ = try await client.query("SET @kept = 5")
    _ = try await client.query("INSERT INTO items (n, s) VALUES (1, 'a'), (2, 'b')")
    _ = try await client.query("INSERT INTO orders (s) VALUES ('a'), ('b')")
    _ = try await client.query("INSERT INTO items (s) VALUES ('c')")
    #expect(try await client.query("SELECT @kept AS k FROM orders LIMIT 1")["k"] == "5")
    #expect(try await client.query("SELECT LAST_INSERT_ID() AS i")["i"] == "3")
    await database.end()
  }

  /// Clients write rows to both tables, in transactions and without, while one of them goes to and fro.
  @Test func everyAcknowledgedRowIsThereOnce() async throws {
    let database = try await database(hasMoved: false)
    let writers = Writers()
    let acknowledged = try await withThrowingTaskGroup(of: [String: Int].self) { group in
      for number in 0..<6 {
        let client = try await database.client()
        group.addTask { try await writers.write(as: number, through: client) }
      }
      for round in 0..<12 {
        try database.gate.start(Self.orders, to: round % 2 == 0 ? "new" : "old")
        try await database.server.switchOver(Self.orders, checks: false)
        let before = writers.count
        try await wait(for: "what waited, and rows where it leads") {
          database.gate.board.buffer.state(of: Self.orders) == .idle && writers.count > before + 20
        }
      }
      writers.stop()
      var all = ["orders": 0, "items": 0]
      for try await counts in group { all.merge(counts, uniquingKeysWith: +) }
      return all
    }
    for (table, count) in acknowledged {
      let rows = try [database.old, database.new].map {
        try $0.run("SELECT s FROM commerce.\(table)").split(separator: "\n")
      }
      let both = rows[0] + rows[1]
      #expect(Set(both).count == both.count)
      #expect(both.count == count)
      #expect(count > 0)
      #expect(rows[1].isEmpty == (table == "items"))
    }
    #expect(database.gate.board.violation(at: database.gate.instant) == nil)
    await database.end()
  }
}

/// Clients that write numbered rows to both tables until they are stopped.
private final class Writers: Sendable {
  private let isOver = Mutex(false)
  private let written = Mutex(0)

  func stop() { isOver.withLock { $0 = true } }

  /// How many rows were acknowledged up to now.
  var count: Int { written.withLock { $0 } }

  /// Returns how many rows of each table were acknowledged; throws at the first error.
  func write(as number: Int, through client: MySQLClient) async throws -> [String: Int] {
    defer { client.close() }
    var counts = ["orders": 0, "items": 0]
    var round = 0
    while !isOver.withLock({ $0 }) {
      let table = (round + number) % 3 == 0 ? "items" : "orders"
      let insert = "INSERT INTO \(table) (s) VALUES ('\(number)-\(round)')"
      for sql in round % 2 == 0 ? ["BEGIN", insert, "COMMIT"] : [insert] {
        _ = try await client.query(sql)
      }
      counts[table, default: 0] += 1
      written.withLock { $0 += 1 }
      round += 1
    }
    return counts
  }
}
