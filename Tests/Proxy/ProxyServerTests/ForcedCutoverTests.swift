import Buffering
import Cutover
import MySQLWire
import NIOCore
import PostgresWire
import ProxyServer
import Synchronization
import TestSupport
import Terms
import Testing

/// Cutovers away from a server whose work does not end.
@Suite struct ForcedCutoverTests {
  private let route = ProxiedDatabase.route

  /// Two scripted servers, of which the first answers nothing that is slow.
  private func configuration(
    _ one: ProxyConfiguration, _ other: ProxyConfiguration
  ) -> ProxyConfiguration {
    var configuration = one
    configuration.backends = zip(["old", "new"], [one.backends[0], other.backends[0]]).map {
      .init(
        name: BackendName($0), engine: $1.engine, address: $1.address, user: $1.user,
        password: $1.password)
    }
    configuration.routes = [
      .init(
        name: route, engine: one.backends[0].engine, backend: "old", candidates: ["old", "new"])
    ]
    configuration.limits.inFlight = .seconds(60)
    configuration.buffering.isEnabled = true
    return configuration
  }

  @Test func whatIsInFlightEndsAndTheRouteChanges() async throws {
    let asked = Mutex<[String]>([])
    let old = try await ScriptedMySQL { query, connection in
      asked.withLock { $0.append(query) }
      if query != "slow" { connection.writeAndFlush(ScriptedMySQL.done, promise: nil) }
    }
    let new = try await ScriptedMySQL { _, connection in
      connection.writeAndFlush(ScriptedMySQL.done, promise: nil)
    }
    let log = ProxyLog()
    let server = try ProxyServer(
      forTestsOf: configuration(old.configuration, new.configuration), log: log)
    let address = try await server.start()[0]
    let clients = try (0..<3).map { _ in try PlainClient(address) }
    for client in clients { client.ask("slow") }
    // A session is in flight before its statement has reached the server: such a one needs no KILL.
    try await wait(for: "three statements at the server") {
      asked.withLock { $0.count { $0 == "slow" } } == 3
    }
    #expect(server.gate.board.routes[route]?.inFlight == 3)
    // Its statement goes on without it.
    clients[2].hangUp()
    try await wait(for: "the client's end") { server.gate.traffic.connections.now == 2 }
    try server.gate.start(route, to: "new")
    let refusal = await #expect(throws: Refusal.self) {
      try await server.switchOver(route, checks: false, ending: 2)
    }
    #expect(refusal?.description.hasPrefix("3 statements or transactions are in flight") == true)
    // The servers do not say how they replicate.
    let early = await #expect(throws: Refusal.self) {
      try await server.switchOver(route, checks: true, ending: 3)
    }
    #expect(early?.description.contains("--unchecked") == true)
    #expect(server.gate.board.routes[route]?.inFlight == 3)
    #expect(try await server.switchOver(route, checks: false, ending: 3) == 3)
    for client in clients[..<2] { #expect(try client.error()?.code == 1927) }
    #expect(server.gate.board.routes[route]?.backend == "new")
    #expect(server.gate.board.violation(at: server.gate.instant) == nil)
    // Before the route changed, and also of the client that had left.
    #expect(asked.withLock { $0.count { $0 == "KILL 1" } } == 3)
    let lines = log.lines
    let told = lines.firstIndex(
      of: "3 statements or transactions of commerce/- are being ended on old: its switch is forced")
    let switched = lines.firstIndex(of: "cutover of commerce/- from old to new: switched")
    #expect(try #require(told) < #require(switched))
    let client = try PlainClient(address)
    client.ask("SELECT 1")
    #expect(try client.error() == nil)
    client.hangUp()
    await server.stop()
    try await old.end()
    try await new.end()
  }

  /// A server that does not end what it is told to is named in the log, with its reason.
  @Test func aKillThatIsRefusedIsToldOf() async throws {
    let refusal = ScriptedMySQL.packet(
      Array(ServerError(1095, "You are not owner of thread 1").payload.readableBytesView))
    let isAsked = Atomic(false)
    let old = try await ScriptedMySQL { query, connection in
      guard query != "slow" else { return isAsked.store(true, ordering: .relaxed) }
      connection.writeAndFlush(
        query.hasPrefix("KILL") ? refusal : ScriptedMySQL.done, promise: nil)
    }
    let new = try await ScriptedMySQL { _, connection in
      connection.writeAndFlush(ScriptedMySQL.done, promise: nil)
    }
    let log = ProxyLog()
    let server = try ProxyServer(
      forTestsOf: configuration(old.configuration, new.configuration), log: log)
    let client = try PlainClient(try await server.start()[0])
    client.ask("slow")
    try await wait(for: "the statement at the server") { isAsked.load(ordering: .relaxed) }
    try server.gate.start(route, to: "new")
    #expect(try await server.switchOver(route, checks: false, ending: 1) == 1)
    let line = log.lines.first { $0.hasPrefix("old could not be told to end") }
    #expect(line?.contains("You are not owner of thread 1") == true)
    client.hangUp()
    await server.stop()
    try await old.end()
    try await new.end()
  }

  @Test func aPostgresSessionIsToldWhatHasBecomeOfIt() async throws {
    let old = try await ScriptedPostgres { query, connection in
      if query != "slow" { connection.writeAndFlush(ScriptedPostgres.done, promise: nil) }
    }
    let new = try await ScriptedPostgres { _, connection in
      connection.writeAndFlush(ScriptedPostgres.done, promise: nil)
    }
    let server = try ProxyServer(
      forTestsOf: configuration(old.configuration, new.configuration))
    let port = try await server.start()[0].port
    for name in ["old", "new"] as [BackendName] {
      server.gate.found(name, Examination(isUp: true), asked: server.gate.instant)
    }
    let client = try await PostgresClient(to: port)
    let slow = Task { try await client.ask("slow") }
    try await wait(for: "a statement in flight") {
      server.gate.board.routes[route]?.inFlight == 1
    }
    try server.gate.start(route, to: "new")
    #expect(try await server.switchOver(route, checks: false, ending: 1) == 1)
    let lost = await #expect(throws: PostgresClient.Lost.self) { try await slow.value }
    #expect(lost?.word?.code == .adminShutdown)
    #expect(server.gate.board.routes[route]?.backend == "new")
    #expect(server.gate.board.violation(at: server.gate.instant) == nil)
    await server.stop()
    try await old.end()
    try await new.end()
  }

  /// What waits is not in flight, and goes on at the new server.
  @Test(.needs("mariadbd", "mariadb", "mariadb-install-db"))
  func whatWaitsIsNotEnded() async throws {
    let database = try await ProxiedDatabase()
    try database.createOnBoth("CREATE TABLE t (n INT)")
    let (client, other) = (try await database.client(), try await database.client())
    _ = try await client.query("BEGIN")
    _ = try await client.query("INSERT INTO t VALUES (1)")
    try database.gate.start(route, to: "new")
    async let held = other.query("SELECT @@port AS p")
    try await wait(for: "a statement that waits") {
      database.gate.board.buffer.waiting(for: route) == 1
    }
    #expect(try await database.server.switchOver(route, checks: false, ending: 1) == 1)
    #expect(try await held["p"] == "\(database.new.port)")
    await #expect(throws: (any Error).self) { try await client.query("COMMIT") }
    #expect(try database.old.run("SELECT COUNT(*) FROM commerce.t") == "0\n")
    #expect(try database.new.run("SELECT COUNT(*) FROM commerce.t") == "0\n")
    await database.end()
  }
}
