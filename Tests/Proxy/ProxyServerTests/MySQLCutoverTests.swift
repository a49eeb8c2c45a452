import Buffering
import Cutover
import MySQLWire
import ProxyServer
import Synchronization
import TestSupport
import Terms
import Testing

/// Cutovers of a route between two real servers.
@Suite(.serialized, .needs("mariadbd", "mariadb", "mariadb-install-db"))
struct MySQLCutoverTests {
  @Test func statementsWaitForTheNewServer() async throws {
    let database = try await ProxiedDatabase()
    let client = try await database.client()
    #expect(try await client.query("SELECT @@port AS p")["p"] == "\(database.old.port)")
    try database.gate.start(ProxiedDatabase.route, to: "new")
    async let held = client.query("SELECT @@port AS p")
    try await wait(for: "a statement that waits") {
      database.gate.board.buffer.waiting(for: ProxiedDatabase.route) == 1
    }
    try await database.server.switchOver(ProxiedDatabase.route, checks: false)
    #expect(try await held["p"] == "\(database.new.port)")
    try await wait(for: "the end of the drain") {
      database.gate.board.buffer.counters(of: ProxiedDatabase.route)?.drained == 1
    }
    let counters = database.gate.board.buffer.counters(of: ProxiedDatabase.route)
    #expect(counters?.stops[.newPrimarySeen] == 1)
    #expect(database.gate.board.violation(at: database.gate.instant) == nil)
    await database.end()
  }

  /// Sessions whose statements wait connect to where the cutover leads while they wait.
  @Test func whatWaitsIsConnectedAhead() async throws {
    let database = try await ProxiedDatabase { $0.limits.healthInterval = .seconds(3600) }
    let clients = try await [database.client(), database.client(), database.client()]
    for client in clients { _ = try await client.query("SET @kept = 5") }
    try database.gate.start(ProxiedDatabase.route, to: "new")
    func connections() throws -> Int {
      // One more is the question's own.
      let row = try database.new.run("SHOW STATUS LIKE 'Threads_connected'")
      return (Int(row.split { $0.isWhitespace }.last ?? "") ?? 0) - 1
    }
    let held = clients.map { client in
      Task { try await client.query("SELECT CONCAT(@@port, '|', @kept) AS s")["s"] }
    }
    try await wait(for: "connections ahead") { try connections() == 3 }
    let count =
      "SELECT VARIABLE_VALUE FROM information_schema.global_status WHERE VARIABLE_NAME = 'CONNECTIONS'"
    let before = try database.new.run(count)
    try await database.server.switchOver(ProxiedDatabase.route, checks: false)
    for answer in held { #expect(try await answer.value == "\(database.new.port)|5") }
    let after = try database.new.run(count)
    #expect(Int(after.dropLast()) == Int(before.dropLast()).map { $0 + 1 })
    await database.end()
  }

  /// A cutover that is cancelled leaves no connection behind where it would have led; nor does a client
  /// that goes.
  @Test(arguments: [true, false])
  func connectionsAheadAreGivenUp(_ isCancelled: Bool) async throws {
    let database = try await ProxiedDatabase { $0.limits.healthInterval = .seconds(3600) }
    let client = try PlainClient(database.address)
    try database.gate.start(ProxiedDatabase.route, to: "new")
    func isConnected() throws -> Bool {
      let row = try database.new.run("SHOW STATUS LIKE 'Threads_connected'")
      return row.split { $0.isWhitespace }.last != "1"
    }
    client.ask("SELECT 1")
    try await wait(for: "a connection ahead") { try isConnected() }
    if isCancelled {
      try database.gate.cancel(ProxiedDatabase.route, because: "of the test")
      #expect(try client.readAnswer() > 0)
    } else {
      client.hangUp()
    }
    try await wait(for: "the connection's end") { try !isConnected() }
    client.hangUp()
    await database.end()
  }

  @Test func aTransactionEndsWhereItBegan() async throws {
    let database = try await ProxiedDatabase()
    try database.createOnBoth("CREATE TABLE t (n INT PRIMARY KEY)")
    let client = try await database.client()
    _ = try await client.query("BEGIN")
    _ = try await client.query("INSERT INTO t VALUES (1)")
    try database.gate.start(ProxiedDatabase.route, to: "new")
    async let switched = database.server.switchOver(ProxiedDatabase.route, checks: false)
    _ = try await client.query("INSERT INTO t VALUES (2)")
    #expect(database.gate.board.routes[ProxiedDatabase.route]?.isHolding == true)
    _ = try await client.query("COMMIT")
    _ = try await switched
    _ = try await client.query("INSERT INTO t VALUES (3)")
    #expect(try database.old.run("SELECT GROUP_CONCAT(n) FROM commerce.t") == "1,2\n")
    #expect(try database.new.run("SELECT GROUP_CONCAT(n) FROM commerce.t") == "3\n")
    await database.end()
  }

  @Test func theSessionsStateIsCarried() async throws {
    let database = try await ProxiedDatabase()
    let client = try await database.client()
    let settings = [
      "SET NAMES latin1", "SET time_zone = '+05:30', sql_mode = 'ANSI'", "SET @answer := 42",
      "SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE",
    ]
    for setting in settings { _ = try await client.query(setting) }
    let question = """
      SELECT CONCAT_WS('|', DATABASE(), @@character_set_client, @@time_zone, @@sql_mode, @answer,
        @@tx_isolation) AS s
      """
    let before = try await client.query(question)["s"]
    try await database.cutOver(to: "new")
    #expect(try await client.query(question)["s"] == before)
    #expect(try await client.query("SELECT @@port AS p")["p"] == "\(database.new.port)")
    await database.end()
  }

  @Test func whatCannotBeCarriedIsSaidOnce() async throws {
    let database = try await ProxiedDatabase()
    let client = try await database.client()
    _ = try await client.query("CREATE TEMPORARY TABLE x (n INT)")
    try await database.cutOver(to: "new")
    await #expect(throws: ServerError.self) { try await client.query("SELECT 1") }
    #expect(try await client.query("SELECT @@port AS p")["p"] == "\(database.new.port)")
    await database.end()
  }

  /// Of variables so much is remembered, and more of them tie the session to its server.
  @Test(arguments: [(3, false), (4, true)])
  func variablesAreCarriedUpToALimit(_ count: Int, _ isPinned: Bool) async throws {
    let database = try await ProxiedDatabase()
    let client = try await database.client()
    let text = String(repeating: "x", count: 300_000)
    for number in 1...count { _ = try await client.query("SET @v\(number) = '\(text)'") }
    try await database.cutOver(to: "new")
    if isPinned {
      let error = await #expect(throws: ServerError.self) { try await client.query("SELECT 1") }
      #expect(error?.message.contains("variables") == true)
    }
    #expect(try await client.query("SELECT LENGTH(@v1) AS n")["n"] == "300000")
    await database.end()
  }

  /// What has ended with the first server is not told of again with the second.
  @Test func aSecondCutoverLosesNothingMore() async throws {
    let database = try await ProxiedDatabase()
    let client = try await database.client()
    _ = try await client.query("CREATE TEMPORARY TABLE x (n INT)")
    try await database.cutOver(to: "new")
    await #expect(throws: ServerError.self) { try await client.query("SELECT 1") }
    _ = try await client.query("SELECT 1")
    try await database.cutOver(to: "old")
    #expect(try await client.query("SELECT @@port AS p")["p"] == "\(database.old.port)")
    await database.end()
  }

  /// The old server ends while statements of sessions wait that still have connections to it.
  @Test(arguments: [true, false]) func whatWaitsOutlivesTheOldServer(_ isPinned: Bool) async throws
  {
    let database = try await ProxiedDatabase()
    let client = try await database.client()
    _ = try await client.query(isPinned ? "CREATE TEMPORARY TABLE x (n INT)" : "SELECT 1")
    try database.gate.start(ProxiedDatabase.route, to: "new")
    let held = Task { try await client.query("SELECT @@port AS p")["p"] }
    try await wait(for: "a statement that waits") {
      database.gate.board.buffer.waiting(for: ProxiedDatabase.route) == 1
    }
    database.old.kill()
    try await wait(for: "the proxy to hear of it") {
      database.server.examinations["old"]?.isUp == false
    }
    try await database.server.switchOver(ProxiedDatabase.route, checks: false)
    if isPinned {
      let error = await #expect(throws: ServerError.self) { try await held.value }
      #expect(error?.message.hasSuffix("went temporary tables") == true)
    } else {
      #expect(try await held.value == "\(database.new.port)")
    }
    #expect(try await client.query("SELECT 7 AS n")["n"] == "7")
    #expect(database.gate.board.heldBytes == 0)
    #expect(database.gate.board.violation(at: database.gate.instant) == nil)
    await database.end()
  }

  @Test func aServerThatDiesIsWaitedFor() async throws {
    let database = try await ProxiedDatabase()
    let client = try await database.client()
    _ = try await client.query("SELECT 1")
    database.old.kill()
    async let held = client.query("SELECT @@port AS p")
    try await wait(for: "a statement that waits") {
      database.gate.board.buffer.waiting(for: ProxiedDatabase.route) == 1
    }
    try database.old.start()
    #expect(try await held["p"] == "\(database.old.port)")
    await database.end()
  }

  @Test func aCancelledCutoverLetsStatementsGoToTheOldServer() async throws {
    let database = try await ProxiedDatabase()
    let client = try await database.client()
    try database.gate.start(ProxiedDatabase.route, to: "new")
    async let held = client.query("SELECT @@port AS p")
    try await wait(for: "a statement that waits") {
      database.gate.board.buffer.waiting(for: ProxiedDatabase.route) == 1
    }
    try database.gate.cancel(ProxiedDatabase.route, because: "of the test")
    #expect(try await held["p"] == "\(database.old.port)")
    await database.end()
  }

  @Test func whatWaitsTooLongFailsAsWithVtgate() async throws {
    let database = try await ProxiedDatabase {
      $0.buffering.window = .seconds(1)
      $0.buffering.maxFailoverDuration = .seconds(2)
    }
    let client = try await database.client()
    try database.gate.start(ProxiedDatabase.route, to: "new")
    let error = await #expect(throws: ServerError.self) { try await client.query("SELECT 1") }
    #expect(error?.code == 1105)
    #expect(
      error?.message
        == "target: commerce.-.primary: primary is not serving, there is a reparent operation in "
        + "progress")
    try await wait(for: "the cutover's end") {
      database.gate.board.routes[ProxiedDatabase.route]?.cutover?.phase == .timedOut
    }
    #expect(try await client.query("SELECT @@port AS p")["p"] == "\(database.old.port)")
    await database.end()
  }

  /// Clients write numbered rows while the route goes to and fro: every row that was acknowledged
  /// is there, once, on one side, and no other.
  @Test func everyAcknowledgedRowIsThereOnce() async throws {
    let database = try await ProxiedDatabase()
    try database.createOnBoth(
      "CREATE TABLE ledger (client INT, n INT, PRIMARY KEY (client, n))")
    let ledger = Ledger()
    let acknowledged = try await withThrowingTaskGroup(of: (Int, Int).self) { group in
      for number in 0..<8 {
        let client = try await database.client()
        group.addTask { (number, try await ledger.write(as: number, through: client)) }
      }
      for round in 0..<20 {
        try await Task.sleep(for: .milliseconds(30))
        try await database.cutOver(to: round % 2 == 0 ? "new" : "old")
        // The queue is worked off before the next hold.
        try await wait(for: "what waited") {
          database.gate.board.buffer.state(of: ProxiedDatabase.route) == .idle
        }
      }
      ledger.close()
      var results: [Int: Int] = [:]
      for try await (number, count) in group { results[number] = count }
      return results
    }
    let rows = "SELECT client, n FROM commerce.ledger"
    let all = try [database.old, database.new].flatMap { try $0.run(rows).split(separator: "\n") }
    #expect(Set(all).count == all.count, "a row is on both sides")
    #expect(all.count == acknowledged.values.reduce(0, +))
    for (number, count) in acknowledged { #expect(count > 0, "client \(number) wrote nothing") }
    #expect(try database.new.run("SELECT COUNT(*) FROM commerce.ledger") != "0\n")
    #expect(database.gate.board.violation(at: database.gate.instant) == nil)
    await database.end()
  }
}

/// Numbered rows that clients write until it is closed.
private final class Ledger: Sendable {
  private let isClosed = Mutex(false)

  func close() { isClosed.withLock { $0 = true } }

  /// Returns how many rows were acknowledged; throws at the first error.
  func write(as number: Int, through client: MySQLClient) async throws -> Int {
    defer { client.close() }
    var count = 0
    while !isClosed.withLock({ $0 }) {
      let insert = "INSERT INTO ledger VALUES (\(number), \(count))"
      for sql in count % 3 == 0 ? ["BEGIN", insert, "COMMIT"] : [insert] {
        _ = try await client.query(sql)
      }
      count += 1
    }
    return count
  }
}
