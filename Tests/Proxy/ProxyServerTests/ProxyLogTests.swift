import Buffering
import Cutover
import Foundation
import MySQLWire
import NIOCore
import NIOPosix
import PostgresWire
import ProxyServer
import Synchronization
import TestSupport
import Terms
import Testing

/// What a proxy tells its log.
@Suite struct ProxyLogTests {
  private let route = ProxiedDatabase.route

  @Test(.needs("mariadbd", "mariadb", "mariadb-install-db"))
  func cutoversAndServersAreToldOf() async throws {
    let database = try await ProxiedDatabase()
    try database.gate.start(route, to: "new")
    try database.gate.cancel(route, because: "of the test")
    try await database.cutOver(to: "new")
    await #expect(throws: Refusal.self) {
      try await database.server.switchOver(route, checks: true)
    }
    database.gate.drain("old", true)
    database.old.kill()
    try await wait(for: "the server's end") {
      database.log.lines.contains { $0.hasPrefix("old is down: ") }
    }
    try database.old.start()
    try await wait(for: "its return") { database.log.lines.contains("old answers again") }
    try database.new.run("SET GLOBAL read_only = 1", asRoot: true)
    try await wait(for: "its refusal") { database.log.lines.contains("new is read-only") }
    await database.server.stop()
    var lines = database.log.lines
    lines.removeAll { $0.hasPrefix("old is down: ") || $0.hasPrefix("old: ") }
    #expect(
      lines == [
        "cutover of commerce/- from old to new: holding",
        "cutover of commerce/- from old to new: cancelled, of the test",
        "cutover of commerce/- from old to new: holding",
        "cutover of commerce/- from old to new: switched",
        "commerce/- is not switched: no cutover of commerce/- is under way",
        "old is drained: it gets no new work", "old answers again", "new is read-only",
        "the proxy stops",
      ])
    await database.end()
  }

  /// Of many at once some are told of, and how many more there were.
  @Test func refusedClientsAreToldOfAndCounted() async throws {
    let backend = try await ScriptedMySQL { _, connection in
      connection.writeAndFlush(ScriptedMySQL.done, promise: nil)
    }
    let log = ProxyLog()
    let server = try ProxyServer(forTestsOf: backend.configuration, log: log)
    let address = try await server.start()[0]
    func tryToLogIn() async throws {
      let place = ProxyConfiguration.Backend(
        name: "proxy", engine: .mysql, address: address, user: "mallory", password: "guess")
      await #expect(throws: ServerError.self) {
        try await MySQLClient(
          to: place, on: MultiThreadedEventLoopGroup.singleton.any(), within: .seconds(10))
      }
    }
    for _ in 0..<9 { try await tryToLogIn() }
    let refused = { log.lines.filter { $0.contains("is refused") } }
    #expect(
      refused().first
        == "client 127.0.0.1 is refused: Access denied for user 'mallory'@'127.0.0.1' "
        + "(using password: YES)")
    // How many there were besides is told also where nobody else comes.
    try await wait(for: "the others to be counted") {
      let besides = log.lines.compactMap {
        $0.wholeMatch(of: /(\d+) more clients? (is|are) refused/)
      }
      return refused().count + besides.compactMap { Int($0.1) }.reduce(0, +) == 9
    }
    #expect(!log.lines.contains { $0.contains("guess") })
    await server.stop()
    try await backend.end()
  }

  /// Whatever keeps a client out is told.
  @Test func clientsThatDoNotComeInAreToldOf() async throws {
    let backend = try await ScriptedMySQL { _, connection in
      connection.writeAndFlush(ScriptedMySQL.done, promise: nil)
    }
    let log = ProxyLog()
    var configuration = backend.configuration
    configuration.routes[0].databases = ["shop"]
    configuration.limits.authentication = .milliseconds(200)
    configuration.listeners.append(
      .init(engine: .postgres, address: Address(host: "127.0.0.1", port: 0)))
    let server = try ProxyServer(forTestsOf: configuration, log: log)
    let ports = try await server.start()
    #expect(throws: (any Error).self) {
      let client = try PlainClient(ports[0])
      client.ask("SELECT 1")
      if let error = try client.error() { throw error }
    }
    let silent = try [PlainClient(connectingTo: ports[0]), PlainClient(connectingTo: ports[1])]
    let rude = try PlainClient(connectingTo: ports[0])
    rude.ask("this is no login")
    await #expect(throws: (any Error).self) { try await PostgresClient(to: ports[1].port) }
    try await wait(for: "all to be told of") {
      log.lines.filter { $0.hasPrefix("client 127.0.0.1 is refused: ") }.count == 5
    }
    #expect(log.lines.count { $0.hasSuffix("no route leads to the database \"commerce\"") } == 2)
    #expect(log.lines.count { $0.hasSuffix("it did not log in within 0.2 s") } == 2)
    for client in silent { client.hangUp() }
    rude.hangUp()
    await server.stop()
    try await backend.end()
  }

  /// While it was down nobody knew.
  @Test(.needs("mariadbd", "mariadb", "mariadb-install-db"))
  func aServerThatComesBackReadOnlyIsToldOf() async throws {
    let database = try await ProxiedDatabase()
    database.old.kill()
    try await wait(for: "the server's end") {
      database.log.lines.contains { $0.hasPrefix("old is down: ") }
    }
    try database.old.start(["--read-only"])
    try await wait(for: "its return") { database.log.lines.contains("old answers again") }
    #expect(database.log.lines.contains("old is read-only"))
    await database.end()
  }

  /// A log that is not read holds nobody up.
  @Test func answersComeBeforeTheirLog() async throws {
    let backend = try await ScriptedMySQL { _, connection in
      connection.writeAndFlush(ScriptedMySQL.done, promise: nil)
    }
    var configuration = backend.configuration
    configuration.buffering.isEnabled = true
    configuration.backends.append(
      .init(
        name: "new", engine: .mysql, address: configuration.backends[0].address, user: "app",
        password: "secret"))
    configuration.routes = [
      .init(name: route, engine: .mysql, backend: "only", candidates: ["only", "new"])
    ]
    let isLetGo = Mutex(false)
    let isReported = Mutex(false)
    let gate = Gate(
      configuration, on: MultiThreadedEventLoopGroup.singleton.any(),
      now: { Instant(secondsSinceEpoch: 1_700_000_000) },
      log: { event in
        guard case .cutover(let cutover) = event, cutover.phase == .switched else { return }
        let end = ContinuousClock.now + .seconds(2)
        while !isLetGo.withLock({ $0 }), ContinuousClock.now < end { usleep(1000) }
        let isTold = isLetGo.withLock { $0 }
        isReported.withLock { $0 = isTold }
      })
    gate.found("new", Examination(isUp: true), asked: gate.instant)
    try gate.start(route, to: "new")
    let (_, answer) = gate.admit(
      to: route, bytes: 1, on: MultiThreadedEventLoopGroup.singleton.any())
    guard case .later(let future) = answer else {
      Issue.record("it does not wait")
      return
    }
    future.whenSuccess { _ in isLetGo.withLock { $0 = true } }
    try gate.commit(#require(gate.board.routes[route]?.cutover))
    #expect(isReported.withLock { $0 })
    try await backend.end()
  }

  @Test func aRefusedPostgresClientIsToldOf() async throws {
    let backend = try await ScriptedPostgres { _, connection in
      connection.writeAndFlush(ScriptedPostgres.done, promise: nil)
    }
    let log = ProxyLog()
    let server = try ProxyServer(forTestsOf: backend.configuration, log: log)
    let port = try await server.start()[0].port
    await #expect(throws: (any Error).self) {
      try await PostgresClient(to: port, user: "mallory", password: "guess")
    }
    #expect(
      log.lines.contains(
        "client 127.0.0.1 is refused: password authentication failed for user \"mallory\""))
    await server.stop()
    try await backend.end()
  }
}
