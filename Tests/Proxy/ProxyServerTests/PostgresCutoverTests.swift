import Buffering
import Cutover
import NIOCore
import PostgresWire
import ProxyServer
import TestSupport
import Terms
import Testing

@Suite(.serialized, .needsPostgres) struct PostgresCutoverTests {
  private static let route = ProxiedPostgres.route
  private static let port = "select inet_server_port()"

  @Test func aHeldStatementRunsOnTheNewServer() async throws {
    try await ProxiedPostgres.with { database in
      let client = try await database.client()
      #expect(try await client.value(Self.port) == "\(database.old.port)")
      try database.gate.start(Self.route, to: "new")
      async let held = client.value(Self.port)
      try await database.waitForHeldStatement()
      try await database.server.switchOver(Self.route, checks: false)
      let port = try await held
      #expect(port == "\(database.new.port)")
      #expect(try await client.value(Self.port) == "\(database.new.port)")
    }
  }

  /// While a statement waits, a connection for it is made ahead; if that is lost, another is made.
  @Test func aConnectionThatWasMadeAheadMayBeLost() async throws {
    try await ProxiedPostgres.with { database in
      let client = try await database.client()
      try database.gate.start(Self.route, to: "new")
      async let held = client.value(Self.port)
      let ahead = "from pg_stat_activity where datname = 'commerce'"
      try await wait(for: "the connection") {
        try database.new.run("select count(*) \(ahead)", in: "postgres") == "1\n"
      }
      try database.new.run("select pg_terminate_backend(pid) \(ahead)", in: "postgres")
      try await wait(for: "its end") {
        try database.new.run("select count(*) \(ahead)", in: "postgres") == "0\n"
      }
      // The connection of a look may have ended, too: until the next one the server counts as down.
      try await wait(for: "the switch") {
        (try? await database.server.switchOver(Self.route, checks: false)) != nil
      }
      let port = try await held
      #expect(port == "\(database.new.port)")
      try await database.untilQuiet()
    }
  }

  @Test func aCancelledCutoverGoesOnWhereItWas() async throws {
    try await ProxiedPostgres.with { database in
      let client = try await database.client()
      try database.gate.start(Self.route, to: "new")
      async let held = client.value(Self.port)
      try await database.waitForHeldStatement()
      try database.gate.cancel(Self.route, because: "the operator said so")
      let port = try await held
      #expect(port == "\(database.old.port)")
    }
  }

  /// What a session has made of itself is there on the new server, and the client is told where
  /// that differs of itself.
  @Test func aSessionTakesItsStateAlong() async throws {
    try await ProxiedPostgres.with { database in
      try database.new.run("alter system set intervalstyle = 'iso_8601'")
      try database.new.run("select pg_reload_conf()")
      let client = try await database.client()
      try await client.value("set timezone = 'Asia/Tokyo'; set search_path = 'a', 'b'")
      try await client.value("begin; set work_mem = '9MB'; rollback")
      try await client.value("prepare p (int) as select $1 + 1")
      var parse = ByteBuffer()
      parse.write(FrontendKind.parse) { $0.writeString("s\0select 7\0\0\0") }
      parse.write(FrontendKind.sync)
      #expect(try await client.send(parse).error == nil)
      #expect(try await client.parameters["IntervalStyle"] == "postgres")
      try await database.cutOver(to: "new")
      #expect(try await client.value("show timezone") == "Asia/Tokyo")
      #expect(try await client.value("show search_path") == "a, b")
      #expect(try await client.value("show work_mem") == "4MB")
      #expect(try await client.value("execute p(1)") == "2")
      var execute = ByteBuffer()
      execute.write(FrontendKind.bind) { $0.writeString("\0s\0\0\0\0\0\0\0") }
      execute.write(FrontendKind.execute) { $0.writeString("\0\0\0\0\0") }
      execute.write(FrontendKind.sync)
      #expect(try await client.send(execute).rows == [["7"]])
      #expect(try await client.value(Self.port) == "\(database.new.port)")
      #expect(try await client.parameters["IntervalStyle"] == "iso_8601")
    }
  }

  /// A transaction ends where it began, and the route waits for it.
  @Test func aTransactionIsOnOneSide() async throws {
    try await ProxiedPostgres.with { database in
      try database.runOnBoth("create table items (id int)")
      let client = try await database.client()
      try await client.value("begin; insert into items values (1)")
      try database.gate.start(Self.route, to: "new")
      async let switched = database.server.switchOver(Self.route, checks: false)
      #expect(try await client.value(Self.port) == "\(database.old.port)")
      try await client.value("insert into items values (2)")
      try await client.value("commit")
      _ = try await switched
      try await client.value("insert into items values (3)")
      #expect(
        try database.old.run("select string_agg(id::text, ',' order by id) from items") == "1,2\n")
      #expect(
        try database.new.run("select string_agg(id::text, ',' order by id) from items") == "3\n")
    }
  }

  /// Nothing that cannot come along is lost in silence, not even for a client that only listens.
  @Test(arguments: [
    ("create temp table scratch (i int)", "temporary tables"), ("listen news", "LISTEN"),
    ("select pg_advisory_lock(1)", "advisory locks"),
    ("begin; declare c cursor with hold for select 1; commit", "cursors WITH HOLD"),
    ("select set_config('timezone', 'UTC', false)", "settings made by set_config"),
  ]) func whatCannotComeAlongEndsTheSession(statement: String, name: String) async throws {
    try await ProxiedPostgres.with { database in
      let client = try await database.client()
      try await client.value(statement)
      async let word = client.lost()
      try await database.cutOver(to: "new")
      let words = try await word
      let last = try #require(words)
      #expect(last.severity == .fatal)
      #expect(last.code == .adminShutdown)
      #expect(last.detail == "The session has state that no other server can take over: \(name).")
      let next = try await database.client()
      #expect(try await next.value(Self.port) == "\(database.new.port)")
    }
  }

  /// A statement that the new server cannot prepare ends the session, too.
  @Test func whatCannotBeMadeAgainEndsTheSession() async throws {
    try await ProxiedPostgres.with { database in
      try database.old.run("create table only_here (i int)")
      let client = try await database.client()
      try await client.value("prepare p as select * from only_here")
      try await database.cutOver(to: "new")
      await #expect(throws: PostgresClient.Lost.self) { try await client.value("select 1") }
    }
  }

  @Test func whatWaitsTooLongFailsAsVtgateSaysIt() async throws {
    try await ProxiedPostgres.with({ configuration in
      configuration.buffering.window = .seconds(1)
      configuration.buffering.maxFailoverDuration = .seconds(2)
    }) { database in
      let client = try await database.client()
      try database.gate.start(Self.route, to: "new")
      let answer = try await client.ask("select 1")
      #expect(answer.error?.code == .adminShutdown)
      #expect(answer.error?.severity == .error)
      #expect(answer.error?.message.hasPrefix("target: commerce.-.primary: ") == true)
      #expect(answer.status == .idle)
      // In a batch, everything up to its Sync is passed over.
      var batch = ByteBuffer()
      batch.write(FrontendKind.parse) { $0.writeString("\0select 1\0\0\0") }
      batch.write(FrontendKind.bind) { $0.writeString("\0\0\0\0\0\0\0\0") }
      batch.write(FrontendKind.execute) { $0.writeString("\0\0\0\0\0") }
      batch.write(FrontendKind.sync)
      let failed = try await client.send(batch)
      #expect(failed.kinds == [.errorResponse, .readyForQuery])
      try await wait(for: "the cutover to end") {
        database.gate.board.routes[Self.route]?.isHolding == false
      }
      #expect(try await client.value(Self.port) == "\(database.old.port)")
    }
  }

  @Test func aHeldStatementCanBeCancelled() async throws {
    try await ProxiedPostgres.with { database in
      let client = try await database.client()
      let key = try #require(try await client.key)
      try database.gate.start(Self.route, to: "new")
      async let held = client.ask("select 1")
      try await database.waitForHeldStatement()
      try await RawConnection.send(StartupPacket.cancel(key).bytes, to: database.address.port)
      let answer = try await held
      #expect(answer.error?.code == .queryCanceled)
      #expect(database.heldStatements == 0)
    }
  }

  /// A server that dies takes what was in flight with it; whatever comes next waits for it.
  @Test func aDeadServerStartsBuffering() async throws {
    try await ProxiedPostgres.with { database in
      let idle = try await database.client()
      try await idle.value("set timezone = 'Asia/Tokyo'")
      let busy = try await database.client()
      let lost = Task { try await busy.ask("select pg_sleep(20)") }
      try await wait(for: "the statement") {
        try database.old.run(
          "select count(*) from pg_stat_activity where query ~ '^select pg_sleep'")
          == "1\n"
      }
      database.old.kill()
      await #expect(throws: PostgresClient.Lost.self) { try await lost.value }
      async let held = idle.value("show timezone")
      try await database.waitForHeldStatement()
      try await database.old.start()
      let timezone = try await held
      #expect(timezone == "Asia/Tokyo")
      #expect(database.gate.board.violation(at: database.gate.instant) == nil)
    }
  }

  /// A standby is switched to once it has everything, and serves writes from then on.
  @Test func aStandbyTakesOver() async throws {
    try await ProxiedPostgres.with(
      new: { try await PostgresServer(following: $0) },
      { $0.limits.catchUp = .seconds(20) }
    ) { database in
      let client = try await database.client()
      try await client.value("create table items as select generate_series(1, 10000) id")
      #expect(database.server.examinations["new"]?.isReadOnly == true)
      #expect(
        ["old", "new"].map { database.server.examinations[$0]?.replicates } == [false, true])
      try database.gate.start(Self.route, to: "new")
      try await database.server.switchOver(Self.route, checks: true)
      try await client.value("insert into items values (0)")
      #expect(try await client.value("select count(*) from items") == "10001")
      #expect(try await client.value(Self.port) == "\(database.new.port)")
    }
  }

  private static let isStandby = "select pg_is_in_recovery()"

  /// Why a switch is refused; nil: it is carried out.
  private func refusal(of database: ProxiedPostgres) async -> String? {
    do throws(Refusal) {
      try await database.server.switchOver(Self.route, checks: true)
      return nil
    } catch {
      return error.description
    }
  }

  /// A cutover that ends while a switch still waits leaves the standby what it is, however it ends.
  @Test func aCutoverThatEndsWhileItWaitsPromotesNobody() async throws {
    try await ProxiedPostgres.with(
      new: { try await PostgresServer(following: $0) },
      { $0.limits.inFlight = .milliseconds(500) }
    ) { database in
      let client = try await database.client()
      _ = try await client.ask("begin")
      try database.gate.start(Self.route, to: "new")
      let refusal = await refusal(of: database)
      #expect(refusal?.hasSuffix("did not end in time") == true)
      #expect(try database.new.run(Self.isStandby) == "t\n")
      _ = try await client.ask("commit")
      #expect(try await client.value(Self.port) == "\(database.old.port)")
    }
  }

  @Test func aCutoverThatEndsWhileItCatchesUpPromotesNobody() async throws {
    try await ProxiedPostgres.with(
      new: { try await PostgresServer(following: $0) },
      { configuration in
        configuration.limits.catchUp = .seconds(60)
        // Whoever connects to the new server is the switch.
        configuration.limits.healthInterval = .seconds(600)
      }
    ) { database in
      let client = try await database.client()
      try database.new.run("select pg_wal_replay_pause()", in: "postgres")
      try await client.value("create table items (id int)")
      try database.gate.start(Self.route, to: "new")
      let switched = Task { try await database.server.switchOver(Self.route, checks: true) }
      func connections() throws -> Int {
        let query = "select sessions from pg_stat_database where datname = 'commerce'"
        let count = try database.new.run(query, in: "postgres").dropLast()
        return try #require(Int(count))
      }
      let before = try connections()
      try await wait(for: "it to ask time and again whether the standby has caught up") {
        try connections() >= before + 5
      }
      try database.gate.cancel(Self.route, because: "the operator said so")
      try database.new.run("select pg_wal_replay_resume()", in: "postgres")
      await #expect(throws: Refusal.self) { try await switched.value }
      #expect(try database.new.run(Self.isStandby) == "t\n")
      #expect(try await client.value(Self.port) == "\(database.old.port)")
    }
  }

  /// A server that will not be promoted is no reason to let go what waits.
  @Test func aPromotionThatIsRefusedLeavesTheHold() async throws {
    try await ProxiedPostgres.with(
      new: { old in
        try old.run("create role app login password 'app'")
        return try await PostgresServer(following: old)
      },
      { configuration in
        let new = configuration.backends[1]
        configuration.backends[1] = .init(
          name: new.name, engine: .postgres, address: new.address, user: "app", password: "app")
        configuration.limits.catchUp = .seconds(20)
      }
    ) { database in
      try database.gate.start(Self.route, to: "new")
      let refusal = await refusal(of: database)
      #expect(refusal?.contains("could not be promoted: permission denied") == true)
      #expect(database.gate.board.routes[Self.route]?.cutover?.phase == .holding)
      #expect(try database.new.run(Self.isStandby) == "t\n")
      try database.gate.cancel(Self.route, because: "the operator said so")
      let client = try await database.client()
      #expect(try await client.value(Self.port) == "\(database.old.port)")
    }
  }

  /// It may be further than the old server, and have none of its data.
  @Test(arguments: [true, false])
  func aStandbyOfSomeOtherServerIsNotSwitchedTo(ofACopy: Bool) async throws {
    let other = try await PostgresServer(isCopy: ofACopy)
    defer { other.end() }
    for _ in 0..<8 { try other.run("create table t(); drop table t; select pg_switch_wal()") }
    try await ProxiedPostgres.with(new: { _ in try await PostgresServer(following: other) }) {
      database in
      try database.gate.start(Self.route, to: "new")
      let refusal = await refusal(of: database)
      #expect(refusal == (ofACopy ? "new is ahead of old" : "new is not a standby of old"))
      #expect(try database.new.run(Self.isStandby) == "t\n")
    }
  }

  /// What the old server knows nothing of has not confirmed anything.
  @Test func aSubscriberWithoutASlotIsNotSwitchedTo() async throws {
    try await ProxiedPostgres.with { database in
      try database.new.run(
        """
        create subscription follower connection 'host=127.0.0.1 port=1' publication everything \
        with (connect = false, slot_name = 'elsewhere')
        """)
      try database.new.run("alter subscription follower enable")
      try database.gate.start(Self.route, to: "new")
      let refusal = await refusal(of: database)
      #expect(refusal == "old has no slot for a subscription of new")
    }
  }

  /// Has a server follow all that another has published as `everything`.
  private func subscribe(_ subscriber: PostgresServer, to publisher: PostgresServer) throws {
    try subscriber.run(
      """
      create subscription follower connection 'host=127.0.0.1 port=\(publisher.port) \
      user=\(PostgresServer.user) password=\(PostgresServer.password) dbname=commerce' \
      publication everything
      """)
  }

  /// A subscription copies each of its tables once, before it follows them.
  private func untilCopied(to subscriber: PostgresServer) async throws {
    try await wait(for: "the copy") {
      let states = try subscriber.run("select distinct srsubstate from pg_subscription_rel")
      return states == "r\n"
    }
  }

  /// A subscription is of one database: the others' rows would be missing.
  @Test func eachDatabaseNeedsASubscription() async throws {
    try await ProxiedPostgres.with({ $0.routes[0].databases = ["commerce", "other"] }) { database in
      try database.runOnBoth("create database other")
      try database.old.run("create publication everything for all tables")
      try subscribe(database.new, to: database.old)
      try database.gate.start(Self.route, to: "new")
      let refusal = await refusal(of: database)
      #expect(refusal == "new has no subscription in the database other")
    }
  }

  /// So does each that a route serves without naming it, if there is anything in it.
  @Test func databasesThatNoRouteNamesNeedOneWhereTheyHaveTables() async throws {
    try await ProxiedPostgres.with({ $0.routes[0].databases = [] }) { database in
      try database.runOnBoth("create database other")
      try database.old.run("create publication everything for all tables")
      try subscribe(database.new, to: database.old)
      try database.old.run("create table items (id int)", in: "other")
      try database.gate.start(Self.route, to: "new")
      #expect(await refusal(of: database) == "new has no subscription in the database other")
      try database.old.run("drop table items", in: "other")
      #expect(await refusal(of: database) == nil)
    }
  }

  /// What another route between the same servers has is that one's concern.
  @Test func theDatabasesOfOtherRoutesNeedNone() async throws {
    try await ProxiedPostgres.with({
      $0.routes.append(
        .init(
          name: ShardName(keyspace: "other", shard: "-"), engine: .postgres, databases: ["other"],
          backend: "old", candidates: ["old", "new"]))
    }) { database in
      try database.runOnBoth("create database other")
      try database.old.run("create publication everything for all tables")
      try subscribe(database.new, to: database.old)
      try database.gate.start(Self.route, to: "new")
      let refusal = await refusal(of: database)
      #expect(refusal == nil)
    }
  }

  /// Neither tables that are still being copied nor prepared transactions stand behind what a
  /// subscriber has confirmed.
  @Test func whatASubscriberCannotHaveIsSaid() async throws {
    try await ProxiedPostgres.with(oldSettings: ["max_prepared_transactions=5"]) { database in
      try database.runOnBoth("create table items (id int primary key)")
      try database.old.run("create publication everything for all tables")
      let holder = try await PostgresClient(
        to: database.new.port, user: PostgresServer.user, password: PostgresServer.password)
      _ = try await holder.ask("begin; lock table items in share mode")
      try subscribe(database.new, to: database.old)
      try database.gate.start(Self.route, to: "new")
      let copying = await refusal(of: database)
      #expect(copying == "new is still copying tables of commerce for the first time")
      _ = try await holder.ask("rollback")
      try await untilCopied(to: database.new)
      try database.old.run("begin; prepare transaction 'later'")
      let prepared = await refusal(of: database)
      #expect(prepared == "old has prepared transactions, which new may lack")
      try database.old.run("rollback prepared 'later'")
      let none = await refusal(of: database)
      #expect(none == nil)
    }
  }

  /// Logical replication: the publisher is asked what its subscriber has confirmed.
  @Test func aSubscriberIsWaitedFor() async throws {
    try await ProxiedPostgres.with({ $0.limits.catchUp = .seconds(20) }) { database in
      try database.runOnBoth("create table items (id int primary key)")
      try database.old.run("create publication everything for all tables")
      try subscribe(database.new, to: database.old)
      try await untilCopied(to: database.new)
      let client = try await database.client()
      try await client.value("insert into items select generate_series(1, 10000)")
      try database.gate.start(Self.route, to: "new")
      try await database.server.switchOver(Self.route, checks: true)
      #expect(try await client.value("select count(*) from items") == "10000")
      #expect(try await client.value(Self.port) == "\(database.new.port)")
    }
  }

  @Test func serversThatDoNotReplicateAreNotSwitchedUnasked() async throws {
    try await ProxiedPostgres.with { database in
      try database.gate.start(Self.route, to: "new")
      await #expect(throws: Refusal.self) {
        try await database.server.switchOver(Self.route, checks: true)
      }
    }
  }
}
