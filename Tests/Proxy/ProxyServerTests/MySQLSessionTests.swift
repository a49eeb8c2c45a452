import Buffering
import Cutover
import Foundation
import MySQLWire
import NIOCore
import NIOPosix
import NIOSSL
import ProxyServer
import Synchronization
import TestSupport
import Terms
import Testing

/// Sessions of the MySQL port, by clients of others.
@Suite(.serialized, .needs("mariadbd", "mariadb", "mariadb-install-db"))
struct MySQLSessionTests {
  /// What MariaDB's own client gets: rows, or its complaint.
  private func client(
    _ database: ProxiedDatabase, _ arguments: [String], _ sql: String
  ) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments =
      [
        "mariadb", "--no-defaults", "-h127.0.0.1", "-P\(database.address.port)", "-ushop",
        "-popen sesame", "-N", "-B",
      ] + arguments + ["commerce", "-e", sql]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }

  @Test func anOrdinaryClientSeesWhatItSeesDirectly() async throws {
    let database = try await ProxiedDatabase()
    let sql = """
      CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, s TEXT);
      INSERT INTO t (s) VALUES ('a'), (NULL), ('ü'); SELECT * FROM t; SELECT LAST_INSERT_ID();
      SELECT 1 WHERE 1 = 0; SELECT REPEAT('x', 5); SELECT * FROM nowhere
      """
    let through = try client(database, [], sql)
    #expect(through.contains("1\ta\n2\tNULL\n3\t\u{FC}\n1\n"))
    #expect(through.contains("ERROR 1146 (42S02)"))
    #expect(through.contains("xxxxx\n"))
    #expect(try client(database, [], "LOAD DATA LOCAL INFILE '/x' INTO TABLE t").contains("1235"))
    #expect(try client(database, [], "XA START 'x'").contains("1235"))
    await database.end()
  }

  @Test func wrongPasswordsAndUnknownNamesAreRefusedAlike() async throws {
    let database = try await ProxiedDatabase()
    for (user, password) in [("shop", "wrong"), ("nobody", "open sesame"), ("shop", "")] {
      let error = await #expect(throws: ServerError.self) {
        try await database.client(user: user, password: password)
      }
      #expect(error?.code == 1045)
    }
    await database.end()
  }

  /// Drivers and pools know a database that does not exist by these numbers.
  @Test func anUnknownDatabaseIsOneAsOnAServer() async throws {
    let named = try await ProxiedDatabase { $0.routes[0].databases = ["commerce"] }
    let expected = ServerError(1049, state: "42000", "Unknown database 'nowhere'")
    #expect(
      await #expect(throws: ServerError.self) { try await named.client(database: "nowhere") }
        == expected)
    try await wait(for: "the log to say why") {
      named.log.lines.contains {
        $0.hasSuffix("is refused: no route leads to the database \"nowhere\"")
      }
    }
    for sql in ["USE nowhere", "SELECT 1; USE nowhere", "USE `nowhere`"] {
      #expect(try client(named, [], sql).contains("ERROR 1049 (42000)"))
    }
    let statement = try PlainClient(named.address)
    statement.ask("USE nowhere")
    #expect(try statement.error() == expected)
    statement.ask("SELECT 1")
    #expect(try statement.readAnswer() > 0)
    await named.end()
  }

  /// Its server says so, when the session gets its connection there.
  @Test func aDatabaseThatItsServerDoesNotHaveIsUnknown() async throws {
    let any = try await ProxiedDatabase()
    let lost = try await any.client(database: "nowhere")
    let expected = ServerError(1049, state: "42000", "Unknown database 'nowhere'")
    for _ in 0..<2 {
      #expect(
        await #expect(throws: ServerError.self) { try await lost.query("SELECT 1 AS one") }
          == expected)
    }
    _ = try await lost.query("USE commerce")
    #expect(try await lost.query("SELECT 1 AS one")["one"] == "1")
    lost.close()
    let statement = try PlainClient(any.address)
    for _ in 0..<2 {
      statement.ask("USE nowhere")
      #expect(try statement.error() == expected)
    }
    try await any.untilQuiet()
    await any.end()
  }

  @Test func aPreparedStatementOutlivesItsServer() async throws {
    let database = try await ProxiedDatabase()
    try database.createOnBoth("CREATE TABLE t (n INT, s TEXT)")
    let client = try PlainClient(database.address)
    let number = try client.prepare("INSERT INTO t VALUES (?, ?)")
    try client.execute(number, 1, "one", withTypes: true)
    try await database.cutOver(to: "new")
    // As drivers do it, the types are not sent again.
    try client.execute(number, 2, "two", withTypes: false)
    #expect(try database.old.run("SELECT * FROM commerce.t") == "1\tone\n")
    #expect(try database.new.run("SELECT * FROM commerce.t") == "2\ttwo\n")
    client.hangUp()
    await database.end()
  }

  /// A statement belongs to the database that was current when it was prepared.
  @Test func aPreparedStatementKeepsItsDatabase() async throws {
    let database = try await ProxiedDatabase()
    try database.createOnBoth("CREATE TABLE t (n INT, s TEXT); CREATE DATABASE other")
    try database.createOnBoth("CREATE TABLE other.t (n INT, s TEXT)")
    let client = try PlainClient(database.address)
    let number = try client.prepare("INSERT INTO t VALUES (?, ?)")
    client.ask("USE other")
    _ = try client.readAnswer()
    try await database.cutOver(to: "new")
    try client.execute(number, 1, "one", withTypes: true)
    client.ask("INSERT INTO t VALUES (2, 'two')")
    _ = try client.readAnswer()
    #expect(try database.new.run("SELECT * FROM commerce.t") == "1\tone\n")
    #expect(try database.new.run("SELECT * FROM other.t") == "2\ttwo\n")
    client.hangUp()
    await database.end()
  }

  /// Its database is gone when it is to be prepared again, amid a transaction.
  @Test func aStatementThatCannotBePreparedAgainEndsItsTransaction() async throws {
    let database = try await ProxiedDatabase()
    try database.createOnBoth("CREATE TABLE t (n INT, s TEXT); CREATE DATABASE other")
    let client = try PlainClient(database.address)
    let number = try client.prepare("INSERT INTO t VALUES (?, ?)")
    client.ask("USE other")
    _ = try client.status()
    try await database.cutOver(to: "new")
    client.ask("BEGIN")
    #expect(try client.status().contains(.inTransaction))
    try database.new.run("DROP DATABASE commerce")
    let error = #expect(throws: ServerError.self) {
      try client.execute(number, 1, "one", withTypes: true)
    }
    #expect(error?.code == 1049)
    try await database.untilQuiet()
    client.ask("ROLLBACK")
    #expect(try client.error()?.message.hasPrefix("the transaction is gone") == true)
    client.ask("ROLLBACK")
    #expect(try !client.status().contains(.inTransaction))
    client.hangUp()
    await database.end()
  }

  /// Clients leave at the moment at which what they wait for is let go.
  @Test func aClientThatLeavesWhileItIsLetGoLeavesNothing() async throws {
    let database = try await ProxiedDatabase()
    let question = "SELECT COUNT(*) FROM information_schema.processlist WHERE db = 'commerce'"
    for round in 0..<10 {
      let clients = try (0..<8).map { _ in try PlainClient(database.address) }
      for client in clients {
        client.ask("SELECT 1")
        _ = try client.readAnswer()
      }
      try database.gate.start(ProxiedDatabase.route, to: "new")
      for client in clients { client.ask("SELECT 2") }
      try await wait(for: "all to wait") {
        database.gate.board.buffer.waiting(for: ProxiedDatabase.route) == 8
      }
      // Half of them before, half after they are let go.
      let early = clients.prefix(round % 2 == 0 ? 8 : 4)
      for client in early { client.hangUp() }
      try database.gate.cancel(ProxiedDatabase.route, because: "of the test")
      for client in clients { client.hangUp() }
      try await wait(for: "their connections' end") { try database.old.run(question) == "0\n" }
      try await database.untilQuiet()
    }
    await database.end()
  }

  /// The proxy itself is at the statement, and no server is.
  @Test func aClientThatLeavesDuringItsKillLeavesNoTransaction() async throws {
    let database = try await ProxiedDatabase()
    try database.createOnBoth("CREATE TABLE t (n INT)")
    for _ in 0..<10 {
      let (client, other) = (
        try PlainClient(database.address), try PlainClient(database.address)
      )
      client.ask("BEGIN")
      _ = try client.status()
      client.ask("INSERT INTO t VALUES (1)")
      _ = try client.status()
      client.ask("KILL \(other.number)")
      client.hangUp()
      try await database.untilQuiet()
    }
    #expect(try database.old.run("SELECT COUNT(*) FROM commerce.t") == "0\n")
    await database.end()
  }

  /// However many clients leave at once, their server is not stormed for the end of their statements.
  @Test func statementsAreEndedOverOneConnection() async throws {
    let killers = Mutex<Set<ObjectIdentifier>>([])
    let asked = Mutex<[String]>([])
    let backend = try await ScriptedMySQL { query, connection in
      asked.withLock { $0.append(query) }
      if query.hasPrefix("KILL QUERY") {
        _ = killers.withLock { $0.insert(ObjectIdentifier(connection)) }
      }
      if query != "slow" { connection.writeAndFlush(ScriptedMySQL.done, promise: nil) }
    }
    let server = try ProxyServer(forTestsOf: backend.configuration)
    let address = try await server.start()[0]
    let clients = try (0..<30).map { _ in try PlainClient(address) }
    for client in clients { client.ask("slow") }
    try await wait(for: "all to be asked") {
      asked.withLock { $0.count { $0 == "slow" } == 30 }
    }
    for client in clients { client.hangUp() }
    try await wait(for: "all to be ended") {
      asked.withLock { $0.count { $0 == "KILL QUERY 1" } == 30 }
    }
    #expect(killers.withLock { $0.count } <= 3)
    await server.stop()
    try await backend.end()
  }

  /// The first execution, which had the types of its parameters, has not come to any server.
  @Test func typesAreKnownToTheServerThatRunsTheStatement() async throws {
    let database = try await ProxiedDatabase()
    try database.createOnBoth("CREATE TABLE t (n INT, s TEXT)")
    let client = try PlainClient(database.address)
    let number = try client.prepare("INSERT INTO t VALUES (?, ?)")
    try database.gate.start(ProxiedDatabase.route, to: "new")
    database.gate.drain("old", true)
    var settings = database.server.configuration
    settings.limits.heldBytes = 1
    _ = try database.server.reload(settings)
    #expect(throws: ServerError.self) { try client.execute(number, 1, "one", withTypes: true) }
    database.gate.drain("old", false)
    try database.gate.cancel(ProxiedDatabase.route, because: "of the test")
    try client.execute(number, 1, "one", withTypes: false)
    #expect(try database.old.run("SELECT * FROM commerce.t") == "1\tone\n")
    client.hangUp()
    await database.end()
  }

  @Test func preparedStatementsAreBoundedInBytes() async throws {
    let database = try await ProxiedDatabase()
    let client = try PlainClient(database.address)
    let comment = "/*" + String(repeating: "x", count: 7 << 20) + "*/"
    let sql = "INSERT INTO t VALUES (?, ?) \(comment)"
    try database.createOnBoth("CREATE TABLE t (n INT, s TEXT)")
    let first = try client.prepare(sql)
    _ = try client.prepare(sql)
    let error = #expect(throws: ServerError.self) { try client.prepare(sql) }
    #expect(error?.code == 1461)
    client.closePrepared(first)
    _ = try client.prepare(sql)
    client.hangUp()
    await database.end()
  }

  /// The limit of a statement is that of all parameters together that are sent ahead.
  @Test func parametersSentAheadAreBoundedTogether() async throws {
    let database = try await ProxiedDatabase { $0.limits.statementSize = 1 << 20 }
    try database.createOnBoth("CREATE TABLE t (n INT, s TEXT)")
    let client = try PlainClient(database.address)
    let part = [UInt8](repeating: 0x78, count: 600_000)
    let numbers = try (0..<2).map { _ in try client.prepare("INSERT INTO t VALUES (?, ?)") }
    client.sendAhead(part, of: numbers[0])
    client.ask("SELECT 1")
    #expect(try client.readAnswer() > 0)
    client.sendAhead(part, of: numbers[1])
    #expect(try client.error()?.code == 1153)
    client.hangUp()
    await database.end()
  }

  /// More than is read ahead comes while a statement runs, and another when that is answered.
  @Test func aClientThatSendsMuchAheadIsHeardAgain() async throws {
    let database = try await ProxiedDatabase()
    let client = try PlainClient(database.address)
    client.ask("SELECT SLEEP(0.2)")
    client.ask("SELECT LENGTH('\(String(repeating: "x", count: 100_000))')")
    for _ in 0..<2 { _ = try client.readAnswer() }
    client.ask("SELECT 1")
    #expect(try client.readAnswer() > 0)
    client.hangUp()
    await database.end()
  }

  @Test func aDatabaseThatIsNotThereLeavesTheSessionInItsOwn() async throws {
    let database = try await ProxiedDatabase()
    let client = try await database.client()
    await #expect(throws: ServerError.self) { try await client.query("USE nowhere") }
    #expect(try await client.query("SELECT DATABASE() AS d")["d"] == "commerce")
    await database.end()
  }

  /// A procedure's transaction is open after its error, and the session stays with it.
  @Test func anErrorHidesNoTransaction() async throws {
    let database = try await ProxiedDatabase()
    try database.createOnBoth("CREATE TABLE t (n INT)")
    let client = try await database.client()
    _ = try await client.query(
      """
      CREATE PROCEDURE p() BEGIN START TRANSACTION; INSERT INTO t VALUES (1);
      INSERT INTO nowhere VALUES (1); END
      """)
    let error = await #expect(throws: ServerError.self) { try await client.query("CALL p()") }
    #expect(error?.code == 1146)
    _ = try await client.query("SELECT 1")
    #expect(database.gate.board.routes[ProxiedDatabase.route]?.inFlight == 1)
    _ = try await client.query("COMMIT")
    try await database.untilQuiet()
    #expect(try database.old.run("SELECT * FROM commerce.t") == "1\n")
    await database.end()
  }

  /// A client that does not read does not make the proxy keep what the server sends.
  @Test func aLargeAnswerWaitsInTheNetwork() async throws {
    let database = try await ProxiedDatabase()
    let client = try PlainClient(database.address)
    let before = residentMemory()
    client.ask("SELECT REPEAT('x', 1000000) FROM seq_1_to_400")
    try await Task.sleep(for: .seconds(1))
    let during = residentMemory()
    #expect(during - before < 100 << 20, "\((during - before) >> 20) MiB for an answer of 400 MB")
    let length = try client.readAnswer()
    #expect(length > 400_000_000)
    client.hangUp()
    await database.end()
  }

  @Test func anIdleSessionGivesItsConnectionBack() async throws {
    let database = try await ProxiedDatabase { $0.limits.backendIdle = .milliseconds(200) }
    let client = try await database.client()
    _ = try await client.query("SET @kept = 5")
    let question = "SELECT COUNT(*) FROM information_schema.processlist WHERE db = 'commerce'"
    try await wait(for: "the connection to be given back") {
      try database.old.run(question) == "0\n"
    }
    #expect(try await client.query("SELECT @kept AS k")["k"] == "5")
    _ = try await client.query("CREATE TEMPORARY TABLE pinned (n INT)")
    try await Task.sleep(for: .seconds(2))
    #expect(try await client.query("SELECT COUNT(*) AS n FROM pinned")["n"] == "0")
    await database.end()
  }

  @Test func aClientThatLeavesInTheMiddleLeavesNothingInFlight() async throws {
    let database = try await ProxiedDatabase()
    let client = try PlainClient(database.address)
    client.ask("SELECT SLEEP(60) FROM seq_1_to_5")
    try await wait(for: "a statement in flight") {
      database.gate.board.routes[ProxiedDatabase.route]?.inFlight == 1
    }
    client.hangUp()
    try await wait(for: "the server's end of it") {
      database.gate.board.routes[ProxiedDatabase.route]?.inFlight == 0
    }
    await database.end()
  }

  @Test func aStatementThatTakesTooLongIsEndedByItsServer() async throws {
    let database = try await ProxiedDatabase { $0.limits.statement = .milliseconds(300) }
    let client = try await database.client()
    let start = ContinuousClock.now
    _ = try? await client.query("SELECT SLEEP(20) FROM seq_1_to_5")
    #expect(ContinuousClock.now - start < .seconds(10))
    #expect(try await client.query("SELECT 7 AS n")["n"] == "7")
    await database.end()
  }

  /// Clients over TLS, with the password itself where the proxy has its hash alone.
  @Test func clientsMayUseTLS() async throws {
    let files = Fixtures.root.appending(path: "tls").path
    let database = try await ProxiedDatabase {
      $0.listeners[0].certificate = ("\(files)/server.pem", "\(files)/server.key")
      $0.listeners[0].requiresTLS = true
      $0.users.append(
        .init(
          name: "hashed", secret: .verifier("*6C8989366EAF75BB670AD8EA7A7FC1176A95CEF4")))
    }
    let status = "SHOW STATUS LIKE 'Threads_running'"
    #expect(try client(database, ["--ssl"], status).contains("Threads_running"))
    #expect(try client(database, ["--skip-ssl"], status).contains("3159"))
    let error = await #expect(throws: ServerError.self) { try await database.client() }
    #expect(error?.code == 3159)
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.certificateVerification = .none
    var place = ProxyConfiguration.Backend(
      name: "proxy", engine: .mysql, address: database.address, user: "hashed",
      password: "mypass")
    place.transport = .encrypted
    let hashed = try await MySQLClient(
      to: place, try NIOSSLContext(configuration: tls),
      on: MultiThreadedEventLoopGroup.singleton.any(), within: .seconds(10))
    #expect(try await hashed.query("SELECT 5 AS n")["n"] == "5")
    await database.end()
  }

  /// As where a server's require_secure_transport changes, who is in stays in.
  @Test func clientsThatComeAfterAReloadUseTLS() async throws {
    let database = try await ProxiedDatabase()
    let first = try await database.client()
    let files = Fixtures.root.appending(path: "tls").path
    var wanted = database.server.configuration
    wanted.listeners[0].certificate = ("\(files)/server.pem", "\(files)/server.key")
    wanted.listeners[0].requiresTLS = true
    #expect(try database.server.reload(wanted) == [])
    let error = await #expect(throws: ServerError.self) { try await database.client() }
    #expect(error?.code == 3159)
    #expect(try client(database, ["--ssl"], "SELECT 7").contains("7"))
    #expect(try await first.query("SELECT 7 AS n")["n"] == "7")
    await database.end()
  }

  /// A client need not wait for anything between its wish for TLS and its first record: what follows
  /// is TLS' to answer, here with an alert.
  @Test func theFirstRecordMayComeWithTheWish() async throws {
    let files = Fixtures.root.appending(path: "tls").path
    let database = try await ProxiedDatabase {
      $0.listeners[0].certificate = ("\(files)/server.pem", "\(files)/server.key")
    }
    let client = try PlainClient(connectingTo: database.address)
    #expect(try client.askForTLS(beginningWith: [0x16, 3, 1, 0, 4, 1, 0, 0, 0]) == 0x15)
    await database.end()
  }

  @Test func serversMaySpeakTLS() async throws {
    let database = try await ProxiedDatabase(serversSpeakTLS: true)
    let client = try await database.client()
    let cipher = "SHOW STATUS LIKE 'Ssl_cipher'"
    #expect(try await client.query(cipher)["Value"]?.isEmpty == false)
    try await database.cutOver(to: "new")
    #expect(try await client.query(cipher)["Value"]?.isEmpty == false)
    await database.end()
  }

  /// A certificate that nobody whom the proxy trusts has signed: its server is not talked to.
  @Test func aServerThatIsNotTrustedIsDown() async throws {
    let database = try await ProxiedDatabase(serversSpeakTLS: true) {
      $0.backends[0].transport = .verified(authority: nil)
    }
    #expect(database.server.examinations["old"]?.isUp == false)
    #expect(database.server.examinations["new"]?.isUp == true)
    await database.end()
  }

  /// Somebody in between puts an OK behind the greeting, before TLS can begin.
  @Test func nothingIsTakenInTheClearBehindTheGreeting() async throws {
    let greeting = Greeting(
      version: "8.0.36", connection: 1, nonce: [UInt8](repeating: 7, count: 20),
      capabilities: .offered.union(.tls), collation: 45, plugin: "mysql_native_password")
    var frames = ByteBuffer()
    frames.writePacket(greeting.payload, sequence: 0)
    frames.writePacket(OKPacket(status: .autocommit).payload, sequence: 2)
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { [frames] channel in
        channel.eventLoop.makeCompletedFuture {
          // Once it is connected.
          channel.eventLoop.execute { channel.writeAndFlush(frames, promise: nil) }
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    var backend = ProxyConfiguration.Backend(
      name: "fake", engine: .mysql,
      address: Address(host: "127.0.0.1", port: server.localAddress?.port ?? 0), user: "a",
      password: "b")
    backend.transport = .encrypted
    await #expect(throws: ProtocolViolation.self) {
      try await MySQLClient(
        to: backend, try NIOSSLContext(configuration: .makeClientConfiguration()),
        on: MultiThreadedEventLoopGroup.singleton.any(), within: .seconds(10))
    }
    try await server.close()
  }

  private func residentMemory() -> Int {
    let pages =
      (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))
      .flatMap { Int($0.split(separator: " ")[1]) } ?? 0
    return pages * 4096
  }
}
