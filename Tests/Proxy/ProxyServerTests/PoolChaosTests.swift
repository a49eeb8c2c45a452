import Cutover
import Foundation
import MySQLWire
import PostgresWire
import Synchronization
import TestSupport
import Terms
import Testing

@testable import ProxyServer

/// Few connections, and everything at once: limits that change, cutovers, servers that end connections,
/// and clients that leave amid answers.
@Suite(.serialized, .timeLimit(.minutes(3))) struct PoolChaosTests {
  private static let clients = 16

  private final class End: Sendable {
    private let flag = Mutex(false)

    var hasCome: Bool { flag.withLock(\.self) }
    func come() { flag.withLock { $0 = true } }
  }

  private static func limit(_ configuration: inout ProxyConfiguration, to most: Int?) {
    for index in configuration.backends.indices {
      configuration.backends[index].mostConnections = most
    }
  }

  private static func prepare(_ configuration: inout ProxyConfiguration) {
    limit(&configuration, to: 3)
    configuration.limits.connect = .seconds(2)
    configuration.limits.inFlight = .milliseconds(200)
  }

  /// `use`: what a client does until the end comes; `kill`: ends connections of a server's sessions, and
  /// says how many.
  private func rage(
    at database: some ProxiedServers & Sendable, log: ProxyLog,
    kill: (BackendName) -> Int, use: @escaping @Sendable (UInt64, End) async -> Void
  ) async throws {
    let end = End()
    let route = type(of: database).route
    var killed = 0
    await withTaskGroup(of: Void.self) { group in
      for number in 1...Self.clients { group.addTask { await use(UInt64(number), end) } }
      var dice = Dice(99)
      let last = ContinuousClock.now + .seconds(6)
      while ContinuousClock.now < last {
        var wanted = database.server.configuration
        let most = Int.random(in: 0...5, using: &dice)
        Self.limit(&wanted, to: most == 0 ? nil : most)
        _ = try? database.server.reload(wanted)
        let target: BackendName = Bool.random(using: &dice) ? "old" : "new"
        try? database.gate.start(route, to: target, unbuffered: true)
        killed += kill(target == "new" ? "old" : "new")
        if Int.random(in: 0..<3, using: &dice) > 0 {
          _ = try? await database.server.switchOver(route, checks: false)
        } else {
          try? database.gate.cancel(route, because: "of the test")
        }
      }
      end.come()
    }
    #expect(killed > 0 && log.lines.contains { $0.hasSuffix("to new: switched") })
    try await database.untilQuiet()
    try await wait(for: "all connections to be given back") {
      database.server.pages.backendConnections.values.allSatisfy { $0 == 0 }
    }
    #expect(database.gate.board.violation(at: database.gate.instant) == nil)
    var wanted = database.server.configuration
    Self.limit(&wanted, to: 2)
    _ = try database.server.reload(wanted)
  }

  // MARK: MySQL

  /// What one client does, and does not mind to be refused.
  private static func use(_ address: Address, _ dice: inout Dice) throws {
    let client = try PlainClient(address)
    defer { client.hangUp() }
    for _ in 0..<Int.random(in: 1...20, using: &dice) {
      let statements =
        switch Int.random(in: 0..<10, using: &dice) {
        case 0: [] as [String]
        case 1: ["BEGIN", "DO SLEEP(0.003)", "COMMIT"]
        case 2: ["SET @own = 1, time_zone = '+05:00'"]
        case 3: ["USE mysql"]
        default: ["DO SLEEP(0.002)"]
        }
      guard !statements.isEmpty else {
        // Gone before its answer.
        client.ask("DO SLEEP(0.01)")
        return
      }
      for statement in statements {
        client.ask(statement)
        _ = try client.error()
      }
    }
  }

  @Test(.needs("mariadbd", "mariadb", "mariadb-install-db"))
  func nothingIsLeftBehind() async throws {
    let database = try await ProxiedDatabase(Self.prepare)
    let address = database.address
    try await rage(at: database, log: database.log) { name in
      let server = name == "old" ? database.old : database.new
      let orders = try? server.run(
        """
        SELECT CONCAT('KILL ', id) FROM information_schema.processlist
        WHERE user = 'app' AND db IS NOT NULL AND id <> CONNECTION_ID() LIMIT 2
        """
      ).split(separator: "\n")
      // Some are gone by themselves meanwhile.
      for order in orders ?? [] { _ = try? server.run(String(order)) }
      return orders?.count ?? 0
    } use: { number, end in
      await withCheckedContinuation { continuation in
        Thread.detachNewThread {
          var dice = Dice(number)
          while !end.hasCome { try? Self.use(address, &dice) }
          continuation.resume()
        }
      }
    }
    var clients: [MySQLClient] = []
    for _ in 0..<6 { clients.append(try await database.client()) }
    for client in clients + clients {
      #expect(try await client.query("SELECT 1 AS a")["a"] == "1")
    }
    await database.end()
  }

  // MARK: Postgres

  private static func use(_ database: ProxiedPostgres, _ dice: inout Dice) async throws {
    let client = try await database.client()
    for _ in 0..<Int.random(in: 1...20, using: &dice) {
      let statements =
        switch Int.random(in: 0..<10, using: &dice) {
        case 0: [] as [String]
        case 1: ["begin", "select pg_sleep(0.003)", "commit"]
        case 2: ["set timezone = 'Asia/Tokyo'", "prepare own as select 7"]
        case 3: ["select nothing"]
        default: ["select pg_sleep(0.002)"]
        }
      guard !statements.isEmpty else { break }
      do {
        for statement in statements { _ = try await client.ask(statement) }
      } catch let error as PostgresError where error.severity == .error {
        continue
      } catch {
        break
      }
    }
    // Perhaps before its answer.
    let last = Task { try? await client.ask("select pg_sleep(0.01)") }
    if Bool.random(using: &dice) { _ = await last.value }
    await client.close()
    _ = await last.value
  }

  @Test(.needsPostgres) func nothingOfPostgresIsLeftBehind() async throws {
    try await ProxiedPostgres.with(Self.prepare) { database in
      try await rage(at: database, log: database.log) { name in
        let ended = try? (name == "old" ? database.old : database.new).run(
          """
          select count(pg_terminate_backend(pid)) from (select pid from pg_stat_activity
          where datname = 'commerce' and pid <> pg_backend_pid() limit 2) as found
          """)
        return ended.flatMap { Int($0.dropLast()) } ?? 0
      } use: { number, end in
        var dice = Dice(number)
        while !end.hasCome { try? await Self.use(database, &dice) }
      }
      var clients: [PostgresClient] = []
      for _ in 0..<6 { clients.append(try await database.client()) }
      for client in clients + clients { #expect(try await client.value("select 1") == "1") }
    }
  }
}
