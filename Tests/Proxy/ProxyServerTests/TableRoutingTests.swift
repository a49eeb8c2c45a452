import Buffering
import Cutover
import MySQLWire
import NIOCore
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
    #expect(database.gate.board.routes.states.allSatisfy { $0.inFlight == 0 })
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
      database.gate.board.routes.states.allSatisfy { $0.inFlight == 0 }
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

  /// What the proxy does not understand runs nowhere, and not where the database leads.
  @Test(arguments: [
    "BEGIN NOT ATOMIC UPDATE orders SET s = 'x'; END",
    "BEGIN NOT ATOMIC INSERT INTO orders (s) VALUES ('x'); UPDATE items SET s = 'x'; END",
    "IF 1 THEN UPDATE orders SET s = 'x'; END IF", "UPDATE items SET s = \"orders\"",
    "CREATE TRIGGER x BEFORE INSERT ON items FOR EACH ROW UPDATE orders SET s = 'x'",
    "WITH items AS (SELECT 1) SELECT * FROM items; INSERT INTO items (s) VALUES ('x'); UPDATE orders SET s = 'y'",
    "INSERT INTO items WITH items AS (SELECT n, s FROM orders) SELECT n, s FROM items",
    "SELECT * FROM items, orders WHERE items.n IN (WITH items AS (SELECT 1) SELECT * FROM items)",
  ]) func whatIsNotUnderstoodIsRefused(_ sql: String) async throws {
    let database = try await database()
    let client = try await database.client()
    for table in ["items", "orders"] {
      _ = try await client.query("INSERT INTO \(table) (s) VALUES ('a')")
    }
    let error = await #expect(throws: ServerError.self) { try await client.query(sql) }
    #expect(error?.code == 1235)
    #expect(try rows(database, "items") == ["a", "NULL"])
    #expect(try rows(database, "orders") == ["NULL", "a"])
    await database.end()
  }

  @Test(arguments: [
    "SET STATEMENT max_statement_time = 1 FOR UPDATE orders SET s = 'b'",
    "ANALYZE UPDATE orders SET s = 'b'", "UPDATE orders SET orders.s = 'b' WHERE orders.n > 0",
    "UPDATE `orders` o SET o.s = 'b'",
  ]) func whatIsUnderstoodRunsWhereItsTableIs(_ sql: String) async throws {
    let database = try await database()
    for server in [database.old, database.new] {
      _ = try server.run("INSERT INTO commerce.orders (s) VALUES ('a')")
    }
    let client = try await database.client()
    _ = try await client.query(sql)
    #expect(try rows(database, "orders") == ["a", "b"])
    await database.end()
  }

  /// What ties a session to one route holds it there before a cutover of the other and after it, and
  /// survives that.
  @Test func whatTiesTheSessionIsOfOneRoute() async throws {
    let database = try await database(hasMoved: false)
    let client = try await database.client()
    _ = try await client.query("CREATE TEMPORARY TABLE kept (n INT)")
    for hasMoved in [false, true] {
      if hasMoved {
        try database.gate.start(Self.orders, to: "new")
        try await database.server.switchOver(Self.orders, checks: false)
      }
      let error = await #expect(throws: ServerError.self) {
        try await client.query("SELECT * FROM orders")
      }
      #expect(error?.code == 1235)
      #expect(try await client.query("SELECT COUNT(*) AS n FROM kept")["n"] == "0")
    }
    await database.end()
  }

  @Test func whatNamesNoTableStaysWhereTheSessionIsTied() async throws {
    let database = try await database()
    let client = try await database.client()
    _ = try await client.query("SELECT GET_LOCK('x', 0) FROM (SELECT COUNT(*) FROM orders) c")
    #expect(try await client.query("SELECT @@port AS p")["p"] == "\(database.new.port)")
    #expect(try await client.query("SELECT RELEASE_LOCK('x') AS r")["r"] == "1")
    let error = await #expect(throws: ServerError.self) {
      try await client.query("SELECT * FROM items")
    }
    #expect(error?.code == 1235)
    await #expect(throws: ServerError.self) { try await client.query("CALL nothing()") }
    #expect(try await client.query("SELECT @@port AS p")["p"] == "\(database.new.port)")
    await database.end()
  }

  /// A session whose database the other server does not have.
  @Test func theSessionsDatabaseNeedNotBeThere() async throws {
    let database = try await database()
    try database.old.run("CREATE DATABASE elsewhere; CREATE TABLE elsewhere.t (n INT)")
    let client = try await database.client(database: "elsewhere")
    let question = "SELECT @@port AS p FROM commerce.orders"
    try database.new.run("INSERT INTO commerce.orders (s) VALUES ('a')")
    for _ in 0..<2 {
      #expect(try await client.query(question)["p"] == "\(database.new.port)")
      #expect(try await client.query("SELECT DATABASE() AS d")["d"] == "elsewhere")
      #expect(try await client.query("SELECT COUNT(*) AS n FROM t")["n"] == "0")
    }
    await database.end()
  }

  /// It was prepared in a database of the server that it runs on, which has not the session's.
  @Test func aPreparedStatementOutlivesItsSessionsDatabase() async throws {
    let database = try await database()
    try database.old.run("CREATE DATABASE elsewhere")
    let client = try PlainClient(database.address)
    let number = try client.prepare("INSERT INTO orders VALUES (?, ?)")
    client.ask("USE elsewhere")
    _ = try client.status()
    try client.execute(number, 0, "a", withTypes: true)
    #expect(try rows(database, "orders") == ["NULL", "a"])
    client.hangUp()
    await database.end()
  }

  /// The server uses them up with the transaction that they are for, which has to reach it.
  @Test func characteristicsAreOfTheNextTransaction() async throws {
    let database = try await database()
    let client = try await database.client()
    for sql in ["SET TRANSACTION READ ONLY", "BEGIN", "COMMIT"] { _ = try await client.query(sql) }
    _ = try await client.query("INSERT INTO items (s) VALUES ('a')")
    #expect(try rows(database, "items") == ["a", "NULL"])
    await database.end()
  }

  /// Where a backslash is a letter, the first statement of a session is read so already.
  @Test func aBackslashMeansWhatItMeansToTheServer() async throws {
    let database = try await database()
    for server in [database.old, database.new] {
      try server.run("SET GLOBAL sql_mode = 'NO_BACKSLASH_ESCAPES'", asRoot: true)
    }
    let sql = "UPDATE items SET s = '\\' WHERE n IN (SELECT n FROM orders) -- '"
    try await wait(for: "a look at the servers") {
      let error = await #expect(throws: ServerError.self) {
        _ = try await database.client().query(sql)
        throw ServerError(1, "it runs")
      }
      return error?.code == 1235
    }
    await database.end()
  }

  /// A database without a route is not the route of its name.
  @Test func aDatabaseWithoutARouteIsNone() async throws {
    let database = try await ProxiedDatabase {
      $0.routes = [
        .init(
          name: ProxiedDatabase.route, engine: .mysql, databases: ["commerce"], backend: "old",
          candidates: ["old", "new"]),
        .init(
          name: Self.orders, engine: .mysql, tables: ["commerce.orders"], backend: "old",
          candidates: ["old", "new"]),
      ]
    }
    try database.createOnBoth("CREATE TABLE orders (n INT); CREATE DATABASE orders")
    let client = try await database.client()
    let error = await #expect(throws: ServerError.self) {
      try await client.query("CREATE TABLE orders.log SELECT * FROM commerce.orders")
    }
    #expect(error?.code == 1235)
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

/// Transactions whose beginning a server refuses.
@Suite struct RefusedTransactionTests {
  /// The client was told that it is in a transaction: what follows runs in one, or not at all.
  @Test func theTransactionIsBegunByTheNextStatement() async throws {
    let asked = Mutex<[String]>([])
    let only = try await ScriptedMySQL { query, connection in
      let isRefused = asked.withLock { asked in
        asked.append(query)
        return query == "BEGIN" && asked.count { $0 == "BEGIN" } == 1
      }
      let refusal = ScriptedMySQL.packet(
        Array(ServerError(1290, "read only").payload.readableBytesView))
      connection.writeAndFlush(isRefused ? refusal : ScriptedMySQL.done, promise: nil)
    }
    var configuration = only.configuration
    configuration.routes.append(
      .init(
        name: ShardName(keyspace: "orders", shard: "-"), engine: .mysql,
        tables: ["commerce.orders"], backend: "only", candidates: ["only"]))
    let server = try ProxyServer(forTestsOf: configuration)
    let client = try PlainClient(try await server.start()[0])
    client.ask("BEGIN")
    #expect(try client.status().contains(.inTransaction))
    client.ask("INSERT INTO commerce.orders VALUES (1)")
    #expect(try client.error()?.code == 1290)
    client.ask("INSERT INTO commerce.orders VALUES (2)")
    #expect(try client.error() == nil)
    #expect(
      asked.withLock { $0.filter { $0 == "BEGIN" || $0.hasPrefix("INSERT") } }
        == ["BEGIN", "BEGIN", "INSERT INTO commerce.orders VALUES (2)"])
    client.hangUp()
    await server.stop()
    try await only.end()
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
