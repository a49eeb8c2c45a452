import Cutover
import Foundation
import MySQLWire
import Synchronization
import TestSupport
import Terms
import Testing

@testable import ProxyServer

/// Few connections, and everything at once: limits that change, cutovers, servers that end connections,
/// and clients that leave amid answers.
@Suite(.serialized, .needs("mariadbd", "mariadb", "mariadb-install-db"), .timeLimit(.minutes(2)))
struct PoolChaosTests {
  private static let clients = 16

  private final class End: Sendable {
    let hasCome = Mutex(false)
  }

  /// What one client does, and does not mind to be refused.
  private static func use(_ address: Address, _ dice: inout Dice) throws {
    let client = try PlainClient(address)
    defer { client.hangUp() }
    for _ in 0..<Int.random(in: 1...20, using: &dice) {
      switch Int.random(in: 0..<10, using: &dice) {
      case 0:
        // Gone before its answer.
        client.ask("DO SLEEP(0.01)")
        return
      case 1:
        for sql in ["BEGIN", "DO SLEEP(0.003)", "COMMIT"] {
          client.ask(sql)
          _ = try client.error()
        }
      case 2:
        client.ask("SET @own = 1, time_zone = '+05:00'")
        _ = try client.error()
      case 3:
        client.ask("USE mysql")
        _ = try client.error()
      default:
        client.ask("DO SLEEP(0.002)")
        _ = try client.error()
      }
    }
  }

  private static func onThread(_ body: @escaping @Sendable () -> Void) async {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        body()
        continuation.resume()
      }
    }
  }

  @Test func nothingIsLeftBehind() async throws {
    let database = try await ProxiedDatabase { configuration in
      for index in configuration.backends.indices {
        configuration.backends[index].mostConnections = 3
      }
      configuration.limits.connect = .seconds(2)
      configuration.limits.inFlight = .milliseconds(200)
    }
    let address = database.address
    let end = End()
    var killed = 0
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<Self.clients {
        group.addTask {
          await Self.onThread {
            var dice = Dice(UInt64(number) + 1)
            while !end.hasCome.withLock(\.self) { try? Self.use(address, &dice) }
          }
        }
      }
      var dice = Dice(99)
      let last = ContinuousClock.now + .seconds(6)
      while ContinuousClock.now < last {
        var wanted = database.server.configuration
        let most = Int.random(in: 0...5, using: &dice)
        for index in wanted.backends.indices {
          wanted.backends[index].mostConnections = most == 0 ? nil : most
        }
        _ = try? database.server.reload(wanted)
        let target: BackendName = Bool.random(using: &dice) ? "old" : "new"
        try? database.gate.start(ProxiedDatabase.route, to: target, unbuffered: true)
        killed += (try? Self.kill(at: target == "new" ? database.old : database.new)) ?? 0
        if Int.random(in: 0..<3, using: &dice) > 0 {
          _ = try? await database.server.switchOver(ProxiedDatabase.route, checks: false)
        } else {
          try? database.gate.cancel(ProxiedDatabase.route, because: "of the test")
        }
      }
      end.hasCome.withLock { $0 = true }
    }
    #expect(killed > 0 && database.log.lines.contains { $0.hasSuffix("to new: switched") })
    try await database.untilQuiet()
    try await wait(for: "all connections to be given back") {
      database.server.pages.backendConnections.values.allSatisfy { $0 == 0 }
    }
    // And as many may be had as the limit says, one after the other and at once.
    var wanted = database.server.configuration
    for index in wanted.backends.indices { wanted.backends[index].mostConnections = 2 }
    _ = try database.server.reload(wanted)
    var clients: [MySQLClient] = []
    for _ in 0..<6 { clients.append(try await database.client()) }
    for _ in 0..<3 {
      for client in clients { #expect(try await client.query("SELECT 1 AS a")["a"] == "1") }
    }
    #expect(database.gate.board.violation(at: database.gate.instant) == nil)
    await database.end()
  }

  /// Ends connections of the proxy's sessions, without looking at what they are at; how many.
  private static func kill(at server: MariaDBServer) throws -> Int {
    let found = try server.run(
      """
      SELECT CONCAT('KILL ', id) FROM information_schema.processlist
      WHERE user = 'app' AND db IS NOT NULL AND id <> CONNECTION_ID() LIMIT 2
      """)
    let orders = found.split(separator: "\n")
    // Some are gone by themselves meanwhile.
    for order in orders { _ = try? server.run(String(order)) }
    return orders.count
  }
}
