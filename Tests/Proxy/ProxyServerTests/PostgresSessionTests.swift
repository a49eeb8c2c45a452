import Buffering
import Cutover
import Foundation
import NIOCore
import PostgresWire
import ProxyServer
import Stats
import TestSupport
import Terms
import Testing

extension Trait where Self == ConditionTrait {
  /// What ``ProxiedPostgres`` starts.
  static var needsPostgres: Self { .needs("initdb", "postgres", "pg_basebackup", "psql") }
}

@Suite(.serialized, .needsPostgres) struct PostgresSessionTests {
  @Test func statementsAndTheirErrorsPassThrough() async throws {
    try await ProxiedPostgres.with { database in
      let client = try await database.client()
      #expect(try await client.value("select 1") == "1")
      let several = try await client.ask("select 1; select 2, null; select 1/0; select 3")
      #expect(several.rows == [["1"], ["2", nil]])
      #expect(several.error?.code.rawValue == "22012")
      #expect(several.status == .idle)
      #expect(try await client.ask("begin").status == .open)
      #expect(try await client.ask("selct").status == .failed)
      #expect(try await client.ask("rollback").status == .idle)
      #expect(try await client.ask("").error == nil)
      try await database.untilQuiet()
      #expect(database.gate.board.violation(at: database.gate.instant) == nil)
      #expect(database.gate.traffic.counts[ProxiedPostgres.route]?.times.count == 6)
    }
  }

  /// Drivers look at what the server says of itself; a session that gets no connection at first is
  /// told the same.
  @Test func aSessionIsToldTheServersSettings() async throws {
    try await ProxiedPostgres.with { database in
      let first = try await database.client()
      let second = try await database.client()
      #expect(try await first.parameters["server_version"]?.hasPrefix("1") == true)
      #expect(try await first.parameters == second.parameters)
      #expect(try await first.parameters["client_encoding"] == "UTF8")
      #expect(try await first.key != second.key)
      let connections = "select count(*) from pg_stat_activity where datname = 'commerce'"
      #expect(try database.old.run(connections, in: "postgres") == "1\n")
      let third = try await PostgresClient(
        to: database.address.port, settings: [.init("TimeZone", "Asia/Tokyo")])
      #expect(try await third.parameters["TimeZone"] == "Asia/Tokyo")
      #expect(try await third.value("show timezone") == "Asia/Tokyo")
    }
  }

  @Test func nobodyComesInWithoutThePassword() async throws {
    try await ProxiedPostgres.with { database in
      for (user, password) in [("shop", "wrong"), ("postgres", "secret"), ("shop", "")] {
        await #expect(throws: BackendLogin.Failure.self) {
          _ = try await database.client(user: user, password: password)
        }
      }
    }
  }

  /// Whether no route names it or its server does not have it: drivers know it by its SQLSTATE, and
  /// the log says which it was.
  @Test(
    arguments: [
      (["commerce"], #"no route leads to the database "elsewhere""#),
      ([], #"database "elsewhere" does not exist"#),
    ] as [(Set<String>, String)])
  func anUnknownDatabaseIsOneAsOnAServer(databases: Set<String>, log: String) async throws {
    try await ProxiedPostgres.with({ $0.routes[0].databases = databases }) { database in
      let failure = await #expect(throws: BackendLogin.Failure.self) {
        _ = try await database.client(database: "elsewhere")
      }
      guard case .refused(let error) = failure else {
        Issue.record("it is told \(String(describing: failure))")
        return
      }
      #expect(error.severity == .fatal)
      #expect(error.code == .invalidCatalogName)
      #expect(error.message == #"database "elsewhere" does not exist"#)
      try await wait(for: "the log to say why") {
        database.log.lines.contains { $0.hasSuffix("is refused: \(log)") }
      }
    }
  }

  @Test func dataIsCopiedBothWays() async throws {
    try await ProxiedPostgres.with { database in
      let client = try await database.client()
      try await client.value("create table items (id int, note text)")
      var copied = Frame<FrontendKind>(.query) { $0.writeString("copy items from stdin\0") }.bytes
      for id in 0..<20_000 {
        copied.write(FrontendKind.copyData) { body in
          body.writeString("\(id)\t\(String(repeating: "x", count: 100))\n")
        }
      }
      copied.write(FrontendKind.copyDone)
      #expect(try await client.send(copied).error == nil)
      #expect(try await client.value("select count(*), sum(id) from items") == "20000")
      let answer = try await client.ask("copy items to stdout")
      #expect(answer.kinds.count { $0 == .copyData } == 20_000)
      // What was sent after the server gave up is passed over.
      var broken = Frame<FrontendKind>(.query) { $0.writeString("copy items from stdin\0") }.bytes
      broken.write(FrontendKind.copyData) { $0.writeString("no number\tx\n") }
      broken.write(FrontendKind.copyDone)
      #expect(try await client.send(broken).error?.code.rawValue == "22P02")
      #expect(try await client.value("select 7") == "7")
    }
  }

  /// Several batches at once are answered one after the other.
  @Test func batchesMayBeSentAtOnce() async throws {
    try await ProxiedPostgres.with { database in
      let client = try await database.client()
      var bytes = ByteBuffer()
      for number in 0..<50 {
        bytes.write(FrontendKind.parse) { $0.writeString("\0select \(number)\0\0\0") }
        bytes.write(FrontendKind.bind) { $0.writeString("\0\0\0\0\0\0\0\0") }
        bytes.write(FrontendKind.execute) { $0.writeString("\0\0\0\0\0") }
        if number % 10 == 9 { bytes.write(FrontendKind.sync) }
      }
      var rows = try await client.send(bytes).rows
      for _ in 0..<4 { rows += try await client.send(ByteBuffer()).rows }
      #expect(rows.compactMap(\.first) == (0..<50).map { "\($0)" })
    }
  }

  @Test func aStatementIsCancelledByItsOwnClientOnly() async throws {
    try await ProxiedPostgres.with { database in
      let client = try await database.client()
      let key = try #require(try await client.key)
      async let answer = client.ask("select pg_sleep(20)")
      try await wait(for: "the statement") {
        try database.old.run(
          "select count(*) from pg_stat_activity where query ~ '^select pg_sleep'")
          == "1\n"
      }
      try await cancel(CancelKey(process: key.process, secret: key.secret &+ 1), at: database)
      try await cancel(key, at: database)
      let error = try await answer.error
      #expect(error?.code == .queryCanceled)
      #expect(try await client.value("select 1") == "1")
    }
  }

  private func cancel(_ key: CancelKey, at database: ProxiedPostgres) async throws {
    try await RawConnection.send(StartupPacket.cancel(key).bytes, to: database.address.port)
  }

  /// Whoever is silent takes no connection, and notices nothing of that.
  @Test func anIdleSessionHoldsNoConnection() async throws {
    try await ProxiedPostgres.with({ $0.limits.backendIdle = .milliseconds(50) }) { database in
      let client = try await database.client()
      try await client.value("set timezone = 'Asia/Tokyo'")
      try await client.value("prepare p as select 42")
      try await wait(for: "the connection to be given back") {
        try database.old.run(
          "select count(*) from pg_stat_activity where datname = 'commerce'", in: "postgres")
          == "0\n"
      }
      #expect(try await client.value("show timezone") == "Asia/Tokyo")
      #expect(try await client.value("execute p") == "42")
      // Who has something that cannot be made again keeps it.
      try await client.value("create temp table scratch (i int)")
      try await Task.sleep(for: .milliseconds(300))
      #expect(try await client.value("select count(*) from scratch") == "0")
    }
  }

  /// More sessions than the server takes connections: those that are silent make room.
  @Test func aFullServerIsShared() async throws {
    try await ProxiedPostgres.with(
      oldSettings: ["max_connections=8"], { $0.limits.healthInterval = .seconds(60) }
    ) { database in
      var clients: [PostgresClient] = []
      for _ in 0..<20 { clients.append(try await database.client()) }
      for _ in 0..<2 {
        for client in clients { try await client.value("select 1") }
      }
      // Who has a transaction open gives nothing back.
      for client in clients.prefix(8) { _ = try? await client.ask("begin") }
      let answer = try await clients[10].ask("select 1")
      #expect(answer.error?.code == .tooManyConnections)
    }
  }

  /// A statement whose client has gone is cancelled, and its transaction rolled back.
  @Test func nothingGoesOnForAClientThatHasGone() async throws {
    try await ProxiedPostgres.with { database in
      let client = try await database.client()
      try await client.value("create table items (id int)")
      try await client.value("begin; insert into items values (1)")
      async let answer = client.ask("select pg_sleep(20)")
      try await wait(for: "the statement") {
        try database.old.run(
          "select count(*) from pg_stat_activity where query ~ '^select pg_sleep'")
          == "1\n"
      }
      await client.close()
      _ = try? await answer
      try await database.untilQuiet()
      #expect(try database.old.run("select count(*) from items") == "0\n")
      #expect(database.gate.board.violation(at: database.gate.instant) == nil)
    }
  }

  /// Nor does a copy whose client stops in the middle.
  @Test func aCopyEndsWithItsClient() async throws {
    try await ProxiedPostgres.with { database in
      let client = try await database.client()
      try await client.value("create table items (id int)")
      var bytes = Frame<FrontendKind>(.query) { $0.writeString("copy items from stdin\0") }.bytes
      bytes.write(FrontendKind.copyData) { $0.writeString("1\n") }
      let sent = bytes
      let answer = Task { try? await client.send(sent) }
      try await wait(for: "the copy") {
        try database.old.run("select count(*) from pg_stat_activity where query ~ '^copy items'")
          == "1\n"
      }
      await client.close()
      _ = await answer.value
      try await database.untilQuiet()
      #expect(try database.old.run("select count(*) from items") == "0\n")
    }
  }

  /// Nor one that ends within a message, of which the server would wait for the rest.
  @Test(arguments: [false, true])
  func aCopyEndsWithItsClientAmidAMessage(overTLS: Bool) async throws {
    try await ProxiedPostgres.with(
      oldSpeaksTLS: overTLS, { if overTLS { $0.backends[0].transport = .encrypted } }
    ) { database in
      let client = try await database.client()
      try await client.value("create table items (note text)")
      var bytes = Frame<FrontendKind>(.query) { $0.writeString("copy items from stdin\0") }.bytes
      bytes.writeInteger(FrontendKind.copyData.rawValue)
      bytes.writeInteger(UInt32(1_000_000))
      bytes.writeString(String(repeating: "x\n", count: 10_000))
      let sent = bytes
      let answer = Task { try? await client.send(sent) }
      let copies = "from pg_stat_activity where query ~ '^copy items'"
      try await wait(for: "the server to wait for data") {
        try database.old.run("select count(*) \(copies) and wait_event = 'ClientRead'") == "1\n"
      }
      await client.close()
      _ = await answer.value
      try await database.untilQuiet()
      #expect(try database.old.run("select count(*) \(copies)") == "0\n")
      #expect(try database.old.run("select count(*) from items") == "0\n")
    }
  }

  /// On its way to a server that has no room for it a statement can be cancelled as well.
  @Test func aStatementThatWaitsForAConnectionCanBeCancelled() async throws {
    try await ProxiedPostgres.with(
      oldSettings: ["max_connections=8"],
      { configuration in
        configuration.limits.healthInterval = .seconds(60)
        configuration.limits.connect = .seconds(20)
      }
    ) { database in
      var clients: [PostgresClient] = []
      for _ in 0..<9 { clients.append(try await database.client()) }
      for client in clients.prefix(8) { _ = try await client.ask("begin") }
      let last = clients[8]
      let key = try #require(try await last.key)
      let answer = Task { try await last.ask("select 1") }
      func inFlight() -> Int? { database.gate.board.routes[ProxiedPostgres.route]?.inFlight }
      try await wait(for: "the statement") { inFlight() == 9 }
      try await cancel(key, at: database)
      #expect(try await answer.value.error?.code == .queryCanceled)
      try await wait(for: "the end of its work") { inFlight() == 8 }
      for client in clients.prefix(8) { _ = try await client.ask("rollback") }
      #expect(try await last.value("select 7") == "7")
    }
  }

  /// A batch that has failed may be followed by anything up to its Sync.
  @Test func aQueryBehindAFailedBatchIsPassedOver() async throws {
    try await ProxiedPostgres.with { database in
      let client = try await database.client()
      var bytes = Frame<FrontendKind>(.parse) { $0.writeString("\0selct\0\0\0") }.bytes
      bytes.write(FrontendKind.flush)
      let sent = bytes
      let answer = Task { try await client.send(sent) }
      try await wait(for: "the error") { try await client.hasHeardAnError }
      var rest = Frame<FrontendKind>(.query) { $0.writeString("select 1\0") }.bytes
      rest.write(FrontendKind.sync)
      try await client.tell(rest)
      let whole = try await answer.value
      #expect(whole.kinds == [.errorResponse, .readyForQuery])
      #expect(try await client.value("select 7") == "7")
    }
  }

  /// Amid a batch without its Sync nobody can tell whose error it is: the session ends, and hangs not.
  @Test func aQueryWithinABatchThatFailsEndsTheSession() async throws {
    try await ProxiedPostgres.with { database in
      let client = try await database.client()
      var bytes = Frame<FrontendKind>(.parse) { $0.writeString("\0selct\0\0\0") }.bytes
      bytes.write(FrontendKind.query) { $0.writeString("select 1\0") }
      bytes.write(FrontendKind.sync)
      let sent = bytes
      await #expect(throws: PostgresClient.Lost.self) { try await client.send(sent) }
      #expect(try await client.lost()?.code == .protocolViolation)
      try await database.untilQuiet()
    }
  }

  @Test func aStatementThatTakesTooLongIsCancelled() async throws {
    try await ProxiedPostgres.with({ $0.limits.statement = .milliseconds(200) }) { database in
      let client = try await database.client()
      #expect(try await client.ask("select pg_sleep(20)").error?.code == .queryCanceled)
      #expect(try await client.value("select 1") == "1")
    }
  }

  @Test func aSilentClientIsSentAway() async throws {
    try await ProxiedPostgres.with({ $0.limits.clientIdle = .milliseconds(200) }) { database in
      let word = try await database.client().lost()
      #expect(word?.code == .idleSessionTimeout)
    }
  }

  /// A transaction may end first.
  @Test func aProxyThatStopsSaysSo() async throws {
    try await ProxiedPostgres.with { database in
      let busy = try await database.client()
      try await busy.value("create table items (id int)")
      try await busy.value("begin; insert into items values (1)")
      let idle = try await database.client()
      let stopped = Task { await database.server.stop() }
      try await wait(for: "the port to close") {
        (try? await database.client()) == nil
      }
      try await busy.value("insert into items values (2)")
      try await busy.value("commit")
      for client in [idle, busy] {
        let word = try await client.lost()
        #expect(word?.code == .adminShutdown)
      }
      await stopped.value
      let count = try database.old.run("select count(*) from items")
      #expect(count == "2\n")
    }
  }

  @Test func oneClientTooManyIsToldSo() async throws {
    try await ProxiedPostgres.with({ $0.limits.connections = 1 }) { database in
      let client = try await database.client()
      await #expect(
        throws: BackendLogin.Failure.refused(
          PostgresError(.fatal, .tooManyConnections, "sorry, too many clients already"))
      ) {
        _ = try await database.client()
      }
      await client.close()
      try await wait(for: "room") { (try? await database.client()) != nil }
    }
  }

  @Test func anOverlongMessageEndsItsSession() async throws {
    try await ProxiedPostgres.with({ $0.limits.statementSize = 10_000 }) { database in
      let client = try await database.client()
      #expect(
        try await client.value("select length('\(String(repeating: "x", count: 5_000))')") == "5000"
      )
      do {
        _ = try await client.ask("select '\(String(repeating: "x", count: 20_000))'")
        Issue.record("it was taken")
      } catch let lost as PostgresClient.Lost {
        #expect(lost.word?.code == .protocolViolation)
      }
    }
  }

  /// As a client of another make sees it: over TLS, with a certificate that it checks.
  @Test func psqlComesInOverTLS() async throws {
    let files = Fixtures.root.appending(path: "tls").path
    try await ProxiedPostgres.with({ configuration in
      configuration.listeners[0].certificate = ("\(files)/server.pem", "\(files)/server.key")
      configuration.listeners[0].requiresTLS = true
    }) { database in
      let options = "sslmode=verify-full sslrootcert=\(files)/ca.pem"
      let answer = try psql(database.address.port, options, "select 1")
      #expect(answer == "1\n")
      #expect(throws: (any Error).self) {
        _ = try self.psql(database.address.port, "sslmode=disable", "select 1")
      }
    }
  }

  private static let authority = Fixtures.root.appending(path: "tls/ca.pem").path

  @Test func theServerIsReachedOverTLS() async throws {
    try await ProxiedPostgres.with(
      oldSpeaksTLS: true,
      { $0.backends[0].transport = .verified(authority: Self.authority) }
    ) { database in
      let client = try await database.client()
      let query = "select ssl from pg_stat_ssl where pid = pg_backend_pid()"
      let isEncrypted = try await client.value(query)
      #expect(isEncrypted == "t")
      let key = try #require(try await client.key)
      let answer = Task { try await client.ask("select pg_sleep(20)") }
      try await wait(for: "the statement") {
        try database.old.run("select count(*) from pg_stat_activity where query ~ '^select pg_sl'")
          == "1\n"
      }
      try await cancel(key, at: database)
      let error = try await answer.value.error
      #expect(error?.code == .queryCanceled)
    }
  }

  /// Nothing goes to a server in the clear that was to be encrypted, nor to one that somebody else
  /// vouches for.
  @Test(arguments: [true, false]) func aServerThatIsNotWhatItShouldBeIsNotUsed(
    speaksTLS: Bool
  ) async throws {
    try await ProxiedPostgres.with(
      oldSpeaksTLS: speaksTLS,
      { configuration in
        configuration.backends[0].transport = speaksTLS ? .verified(authority: nil) : .encrypted
        configuration.buffering.isEnabled = false
      }
    ) { database in
      await #expect(throws: BackendLogin.Failure.self) { _ = try await database.client() }
      #expect(database.server.examinations["old"]?.fault != nil)
      let seen = "select count(*) from pg_stat_activity where datname = 'commerce'"
      let sessions = try database.old.run(seen, in: "postgres")
      #expect(sessions == "0\n")
    }
  }

  private func psql(_ port: Int, _ options: String, _ query: String) throws -> String {
    try PostgresServer.psql(
      "host=localhost port=\(port) user=shop password='open sesame' dbname=commerce \(options)",
      query)
  }
}
