import Buffering
import Cutover
import Foundation
import MySQLWire
import NIOCore
import PostgresWire
import ProxyServer
import TestSupport
import Terms
import Testing

/// More clients than a backend may have connections.
@Suite(.serialized) struct PoolTests {
  private static func limit(_ configuration: inout ProxyConfiguration, to most: Int) {
    for index in configuration.backends.indices {
      configuration.backends[index].mostConnections = most
    }
  }

  /// Clients on sockets that block, each on a thread of its own.
  private func onThreads(
    _ count: Int, _ body: @escaping @Sendable (Int) throws -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<count {
        group.addTask {
          try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try body(number) }) }
          }
        }
      }
      try await group.waitForAll()
    }
  }

  // MARK: MySQL

  @Test(.needs("mariadbd", "mariadb", "mariadb-install-db"))
  func fortyClientsShareFiveConnections() async throws {
    let database = try await ProxiedDatabase { Self.limit(&$0, to: 5) }
    try database.createOnBoth(
      """
      CREATE TABLE ledger (n INT, s VARCHAR(20), PRIMARY KEY (n, s));
      CREATE TABLE seen (client INT, own INT, zone VARCHAR(20), charset VARCHAR(20), d VARCHAR(20))
      """)
    func logins() throws -> Int {
      let line = try database.old.run("SHOW GLOBAL STATUS LIKE 'Connections'")
      return try #require(Int(line.split(separator: "\t")[1].dropLast()))
    }
    let before = try logins()
    let address = database.address
    try await onThreads(40) { number in
      let client = try PlainClient(address)
      func run(_ sql: String) throws {
        client.ask(sql)
        _ = try client.status()
      }
      let charset = number % 2 == 0 ? "latin1" : "utf8mb4"
      try run("SET @own = \(number), time_zone = '+0\(number % 10):00'")
      try run("SET NAMES \(charset)")
      let statement = try client.prepare("INSERT INTO ledger VALUES (?, ?)")
      for round in 0..<20 {
        if round % 4 == 0 { try run("BEGIN") }
        try client.execute(statement, Int32(number), "\(round)", withTypes: round == 0)
        try run(
          "INSERT INTO seen SELECT \(number), @own, @@time_zone, @@character_set_client, DATABASE()"
        )
        if round % 4 == 0 { try run(round % 8 == 0 ? "COMMIT" : "ROLLBACK") }
      }
      client.hangUp()
    }
    let logged = try logins() - before
    // Rounds 4 and 12 roll their row back.
    let kept = (0..<20).filter { $0 % 8 != 4 }.count
    #expect(try database.old.run("SELECT COUNT(*) FROM commerce.ledger") == "\(40 * kept)\n")
    let seen = try database.old.run("SELECT DISTINCT * FROM commerce.seen ORDER BY client")
    let expected = (0..<40).map {
      "\($0)\t\($0)\t+0\($0 % 10):00\t\($0 % 2 == 0 ? "latin1" : "utf8mb4")\tcommerce\n"
    }
    #expect(seen == expected.joined())
    let most = try database.old.run("SHOW GLOBAL STATUS LIKE 'Max_used_connections'")
    let peak = try #require(Int(most.split(separator: "\t")[1].dropLast()))
    #expect(peak <= 5 + 4, "sessions, the proxy's looks and the test")
    // Each statement outside of a transaction may change hands: nearly all do so without a login.
    #expect(logged < 400, "\(logged) logins")
    try await database.untilQuiet()
    #expect(database.gate.board.violation(at: database.gate.instant) == nil)
    await database.end()
  }

  /// A limit that comes with a reload is kept to as soon as nothing is under way.
  @Test(.needs("mariadbd", "mariadb", "mariadb-install-db"))
  func aLimitThatComesLaterIsKeptTo() async throws {
    let database = try await ProxiedDatabase()
    var clients: [MySQLClient] = []
    for _ in 0..<4 { clients.append(try await database.client()) }
    for client in clients { _ = try await client.query("SELECT 1") }
    let question = "SELECT COUNT(*) FROM information_schema.processlist WHERE db = 'commerce'"
    #expect(try database.old.run(question) == "4\n")
    for most in [3, 1] {
      var wanted = database.server.configuration
      Self.limit(&wanted, to: most)
      #expect(try database.server.reload(wanted) == [])
      try await wait(for: "no more than there may be") {
        for client in clients { _ = try await client.query("SELECT 1") }
        return try database.old.run(question) == "\(most)\n"
      }
    }
    await database.end()
  }

  /// Also by those who have said nothing since.
  @Test(.needs("mariadbd", "mariadb", "mariadb-install-db"))
  func whoIsSilentKeepsNobodyWaiting() async throws {
    let database = try await ProxiedDatabase { $0.limits.connect = .seconds(1) }
    var clients: [MySQLClient] = []
    for _ in 0..<3 { clients.append(try await database.client()) }
    for client in clients { _ = try await client.query("SELECT 1") }
    var wanted = database.server.configuration
    Self.limit(&wanted, to: 2)
    #expect(try database.server.reload(wanted) == [])
    let fourth = try await database.client()
    #expect(try await fourth.query("SELECT 1 AS a")["a"] == "1")
    await database.end()
  }

  /// A server that is to be spoken to over TLS by now is not spoken to as before.
  @Test(.needs("mariadbd", "mariadb", "mariadb-install-db"))
  func aConnectionInTheClearIsNotHandedOnWhereTLSIsWanted() async throws {
    let database = try await ProxiedDatabase(serversSpeakTLS: true) {
      Self.limit(&$0, to: 1)
      for index in $0.backends.indices { $0.backends[index].transport = .plain }
    }
    func cipher(_ client: MySQLClient) async throws -> String? {
      try await client.query("SHOW STATUS LIKE 'Ssl_cipher'")["Value"]
    }
    let first = try await database.client()
    #expect(try await cipher(first) == "")
    var wanted = database.server.configuration
    for index in wanted.backends.indices { wanted.backends[index].transport = .encrypted }
    #expect(try database.server.reload(wanted) == [])
    #expect(try await cipher(try await database.client())?.isEmpty == false)
    await database.end()
  }

  /// Not by the session either whose connection it is, once nothing ties it to that.
  @Test(.needs("mariadbd", "mariadb", "mariadb-install-db"))
  func aSessionDoesNotGoOnInTheClearWhereTLSIsWanted() async throws {
    let database = try await ProxiedDatabase(serversSpeakTLS: true) {
      Self.limit(&$0, to: 2)
      for index in $0.backends.indices { $0.backends[index].transport = .plain }
    }
    func isEncrypted(_ client: MySQLClient) async throws -> Bool {
      try await client.query("SHOW STATUS LIKE 'Ssl_cipher'")["Value"] != ""
    }
    let (free, busy) = (try await database.client(), try await database.client())
    _ = try await free.query("SET @mine = 7")
    _ = try await busy.query("CREATE TEMPORARY TABLE mine (n INT)")
    var wanted = database.server.configuration
    for index in wanted.backends.indices { wanted.backends[index].transport = .encrypted }
    #expect(try database.server.reload(wanted) == [])
    #expect(try await isEncrypted(free))
    #expect(try await free.query("SELECT @mine AS n")["n"] == "7")
    #expect(try await !isEncrypted(busy))
    _ = try await busy.query("INSERT INTO mine VALUES (1)")
    await database.end()
  }

  @Test(.needs("initdb", "postgres"))
  func aPostgresSessionDoesNotGoOnInTheClearWhereTLSIsWanted() async throws {
    try await ProxiedPostgres.with(oldSpeaksTLS: true, { Self.limit(&$0, to: 2) }) { database in
      let sql = "select ssl from pg_stat_ssl where pid = pg_backend_pid()"
      let (free, busy) = (try await database.client(), try await database.client())
      _ = try await free.value("set application_name to 'mine'")
      _ = try await busy.value("create temporary table mine (n int)")
      var wanted = database.server.configuration
      wanted.backends[0].transport = .encrypted
      #expect(try database.server.reload(wanted) == [])
      #expect(try await free.value(sql) == "t")
      #expect(try await free.value("show application_name") == "mine")
      #expect(try await busy.value(sql) == "f")
      #expect(try await busy.value("select count(*) from mine") == "0")
    }
  }

  /// What is opened ahead of a switch is closed for who needs its place.
  @Test(.needs("mariadbd", "mariadb", "mariadb-install-db"))
  func whatIsAheadKeepsNobodyWaiting() async throws {
    let database = try await ProxiedDatabase {
      $0.limits.connect = .seconds(1)
      $0.backends[1].mostConnections = 1
      $0.routes.append(
        .init(
          name: ShardName(keyspace: "other", shard: "-"), engine: .mysql, databases: ["other"],
          backend: "new", candidates: ["new"]))
    }
    try database.new.run("CREATE DATABASE other", asRoot: true)
    let client = try await database.client()
    try database.gate.start(ProxiedDatabase.route, to: "new")
    let held = Task { try await client.query("SELECT 1 AS a")["a"] }
    try await wait(for: "a connection that is ahead") {
      try database.new.run(
        "SELECT COUNT(*) FROM information_schema.processlist WHERE db = 'commerce'") == "1\n"
    }
    let other = try await database.client(database: "other")
    #expect(try await other.query("SELECT 2 AS a")["a"] == "2")
    try await database.server.switchOver(ProxiedDatabase.route, checks: false)
    #expect(try await held.value == "1")
    await database.end()
  }

  /// A server that does not answer to a reset is logged in to, after some time.
  @Test(.timeLimit(.minutes(1))) func whatCannotBeResetIsOpenedAnew() async throws {
    // It knows queries only.
    let backend = try await ScriptedMySQL { _, connection in
      connection.writeAndFlush(ScriptedMySQL.done, promise: nil)
    }
    var configuration = backend.configuration
    Self.limit(&configuration, to: 1)
    configuration.limits.connect = .milliseconds(300)
    let server = try ProxyServer(forTestsOf: configuration)
    let address = try await server.start()[0]
    // On several event loops, of which some have two of them.
    try await onThreads(8) { _ in
      let client = try PlainClient(address)
      for _ in 0..<3 {
        // Some find none free in time.
        client.ask("SELECT 1")
        _ = try client.error()
      }
      client.hangUp()
    }
    try await wait(for: "the end of all work") {
      server.gate.board.routes[ProxiedDatabase.route]?.inFlight == 0
    }
    await server.stop()
    try await backend.end()
  }

  /// Whatever a session makes of its connection, the next one finds it as if it were new.
  @Test(.needs("mariadbd", "mariadb", "mariadb-install-db"))
  func anotherSessionsConnectionIsAsNew() async throws {
    let database = try await ProxiedDatabase { Self.limit(&$0, to: 1) }
    try database.createOnBoth("CREATE TABLE t (n INT PRIMARY KEY AUTO_INCREMENT)")
    let question = """
      SELECT GROUP_CONCAT(
      variable_name, '=', variable_value ORDER BY variable_name SEPARATOR '\n') AS v
      FROM information_schema.session_variables WHERE variable_name NOT IN ('TIMESTAMP',
      'PSEUDO_THREAD_ID', 'GTID_BINLOG_STATE', 'GTID_BINLOG_POS', 'GTID_CURRENT_POS', 'RAND_SEED1',
      'RAND_SEED2', 'LAST_GTID', 'GTID_BINLOG_STATE', 'GROUP_CONCAT_MAX_LEN')
      """
    let state = "SELECT @a AS a, LAST_INSERT_ID() AS i, DATABASE() AS d, CONNECTION_ID() AS c"
    func look(_ client: MySQLClient) async throws -> (
      variables: String, state: [String?], id: String?
    ) {
      _ = try await client.query("SET group_concat_max_len = 1000000")
      let variables = try await client.query(question)["v"] ?? ""
      let rest = try await client.query(state)
      return (variables, [rest["a"], rest["i"], rest["d"]], rest["c"])
    }
    let first = try await database.client()
    let fresh = try await look(first)
    first.close()
    var handedOver = 0
    for _ in 0..<12 {
      let (one, other) = (try await database.client(), try await database.client())
      for sql in [
        "SET @a = 5, time_zone = '+05:00', sql_mode = 'ANSI_QUOTES', autocommit = 0",
        "SET NAMES latin1", "SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE",
        "INSERT INTO t VALUES (NULL)", "COMMIT",
      ] { _ = try await one.query(sql) }
      let before = try await one.query(state)["c"]
      let found = try await look(other)
      #expect(found.variables == fresh.variables)
      #expect(found.state == fresh.state)
      if found.id == before { handedOver += 1 }
      #expect(try await one.query(state)["a"] == "5")
      #expect(try await one.query("SELECT @@autocommit AS a")["a"] == "0")
      for client in [one, other] { client.close() }
    }
    #expect(handedOver > 0)
    await database.end()
  }

  // MARK: Postgres

  @Test(.needsPostgres)
  func fortyPostgresClientsShareFiveConnections() async throws {
    try await ProxiedPostgres.with({ Self.limit(&$0, to: 5) }) { database in
      try database.runOnBoth(
        """
        create table ledger (n int, s text, primary key (n, s));
        create table seen (client int, own text, zone text)
        """)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<40 {
          let client = try await database.client()
          group.addTask {
            try await client.value("set application_name = 'c\(number)'")
            try await client.value("set timezone = '\(number % 10)'")
            try await client.value("prepare add (int, text) as insert into ledger values ($1, $2)")
            for round in 0..<20 {
              if round % 4 == 0 { try await client.value("begin") }
              try await client.value("execute add (\(number), '\(round)')")
              try await client.value(
                """
                insert into seen select \(number), current_setting('application_name'),
                current_setting('timezone')
                """)
              if round % 4 == 0 {
                try await client.value(round % 8 == 0 ? "commit" : "rollback")
              }
            }
            await client.close()
          }
        }
        try await group.waitForAll()
      }
      let kept = (0..<20).filter { $0 % 8 != 4 }.count
      #expect(try database.old.run("select count(*) from ledger") == "\(40 * kept)\n")
      let seen = try database.old.run("select distinct client, own from seen order by client")
      #expect(seen == (0..<40).map { "\($0)\tc\($0)\n" }.joined())
      #expect(try database.old.run("select count(distinct zone) from seen") == "10\n")
      try await database.untilQuiet()
      #expect(database.gate.board.violation(at: database.gate.instant) == nil)
    }
  }

  @Test(.needsPostgres)
  func anotherPostgresSessionsConnectionIsAsNew() async throws {
    try await ProxiedPostgres.with({ Self.limit(&$0, to: 1) }) { database in
      let question = """
        select string_agg(name || '=' || setting, ',' order by name) from pg_settings
        where name not in ('transaction_isolation')
        """
      let first = try await database.client()
      let fresh = try await first.value(question)
      await first.close()
      var handedOver = 0
      for _ in 0..<12 {
        let (one, other) = (try await database.client(), try await database.client())
        try await one.value("set timezone = 'Asia/Tokyo'")
        try await one.value("set search_path = nowhere")
        try await one.value("prepare own as select 7")
        let before = try await one.value("select pg_backend_pid()")
        #expect(try await other.value(question) == fresh)
        #expect(try await other.value("select count(*) from pg_prepared_statements") == "0")
        #expect(try await other.parameters["TimeZone"] != "Asia/Tokyo")
        if try await other.value("select pg_backend_pid()") == before { handedOver += 1 }
        #expect(try await one.value("execute own") == "7")
        #expect(try await one.value("show timezone") == "Asia/Tokyo")
        for client in [one, other] { await client.close() }
      }
      #expect(handedOver > 0)
    }
  }

  /// What is opened ahead of a switch takes nobody's connection away.
  @Test(.needsPostgres)
  func whatWaitsTakesNobodysConnection() async throws {
    try await ProxiedPostgres.with({
      $0.backends[1].mostConnections = 1
      $0.routes.append(
        .init(
          name: ShardName(keyspace: "other", shard: "-"), engine: .postgres, databases: ["other"],
          backend: "new", candidates: ["new"]))
    }) { database in
      try database.runOnBoth("create database other")
      let other = try await database.client(database: "other")
      let before = try await other.value("select pg_backend_pid()")
      let client = try await database.client()
      try database.gate.start(ProxiedPostgres.route, to: "new")
      let held = Task { try await client.value("select 1") }
      try await database.waitForHeldStatement()
      #expect(try await other.value("select pg_backend_pid()") == before)
      try database.gate.cancel(ProxiedPostgres.route, because: "of the test")
      _ = try await held.value
    }
  }

  /// What is opened ahead of a switch is closed for who needs its place.
  @Test(.needsPostgres)
  func whatIsAheadInPostgresKeepsNobodyWaiting() async throws {
    try await ProxiedPostgres.with({
      $0.limits.connect = .seconds(1)
      $0.backends[1].mostConnections = 1
      $0.routes.append(
        .init(
          name: ShardName(keyspace: "other", shard: "-"), engine: .postgres, databases: ["other"],
          backend: "new", candidates: ["new"]))
    }) { database in
      try database.runOnBoth("create database other")
      let client = try await database.client()
      try database.gate.start(ProxiedPostgres.route, to: "new")
      let held = Task { try await client.value("select 1") }
      try await database.waitForHeldStatement()
      try await wait(for: "a connection that is ahead") {
        try database.new.run(
          "select count(*) from pg_stat_activity where datname = 'commerce'", in: "postgres"
        ) == "1\n"
      }
      let other = try await database.client(database: "other")
      #expect(try await other.value("select 2") == "2")
      try await database.server.switchOver(ProxiedPostgres.route, checks: false)
      #expect(try await held.value == "1")
    }
  }
}
