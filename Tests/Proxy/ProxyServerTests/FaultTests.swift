import Buffering
import Cutover
import MySQLWire
import ProxyServer
import Synchronization
import TestSupport
import Terms
import Testing

/// Cutovers under load while things go wrong.
@Suite(.serialized, .needs("mariadbd", "mariadb", "mariadb-install-db"))
struct FaultTests {
  private let route = ProxiedDatabase.route

  /// Whatever fails, an acknowledged row is there once, on one side; one whose client got an error
  /// may be there, once; and no other is.
  ///
  /// Also where clients share a connection or two.
  @Test(arguments: [(1, nil), (2, nil), (3, 2)])
  func aLedgerAddsUpWhateverFails(_ seed: Int, _ connections: Int?) async throws {
    var dice = Dice(UInt64(seed))
    let database = try await ProxiedDatabase {
      $0.buffering.window = .seconds(2)
      $0.buffering.maxFailoverDuration = .seconds(3)
      $0.limits.inFlight = .milliseconds(300)
      for index in $0.backends.indices { $0.backends[index].mostConnections = connections }
    }
    try database.createOnBoth(
      "CREATE TABLE ledger (client INT, n INT, PRIMARY KEY (client, n))")
    let ledger = FaultyLedger(database)
    let writers = (0..<6).map { number in
      Task { await ledger.write(as: number) }
    }
    for _ in 0..<40 {
      try await misfortune(database, &dice)
      try await Task.sleep(for: .milliseconds(Int.random(in: 0..<80, using: &dice)))
    }
    ledger.close()
    for writer in writers { await writer.value }
    let rows = try [database.old, database.new].map {
      try $0.run("SELECT client, n FROM commerce.ledger").split(separator: "\n").map(String.init)
    }
    let (old, new) = (Set(rows[0]), Set(rows[1]))
    #expect(old.isDisjoint(with: new), "rows on both sides: \(old.intersection(new))")
    let there = old.union(new)
    let (acknowledged, unknown) = ledger.rows
    #expect(acknowledged.count > 100)
    #expect(acknowledged.isSubset(of: there), "lost: \(acknowledged.subtracting(there))")
    #expect(there.isSubset(of: acknowledged.union(unknown)), "from nowhere")
    try await database.untilQuiet()
    #expect(database.gate.board.violation(at: database.gate.instant) == nil)
    await database.end()
  }

  private func misfortune(_ database: ProxiedDatabase, _ dice: inout Dice) async throws {
    let serving = database.gate.board.routes[route]?.backend ?? "old"
    let server = serving == "old" ? database.old : database.new
    switch Int.random(in: 0..<10, using: &dice) {
    case 0:
      // The server's connections are cut.
      let kills = try server.run(
        """
        SELECT CONCAT('KILL ', id, ';') FROM information_schema.processlist
        WHERE db = 'commerce' AND id <> CONNECTION_ID()
        """)
      _ = try? server.run(kills)
    case 1:
      try? database.gate.start(route, to: serving == "old" ? "new" : "old")
      try await Task.sleep(for: .milliseconds(Int.random(in: 0..<60, using: &dice)))
      try? database.gate.cancel(route, because: "of the test")
    case 2:
      database.gate.drain(serving, true)
      try await Task.sleep(for: .milliseconds(50))
      database.gate.drain(serving, false)
    case 3 where Int.random(in: 0..<3, using: &dice) == 0:
      server.kill()
      try server.start()
      try await server.waitUntilItAnswers()
    default:
      try? database.gate.start(route, to: serving == "old" ? "new" : "old")
      _ = try? await database.server.switchOver(route, checks: false)
    }
  }
}

/// Rows that clients write who come back after every error.
private final class FaultyLedger: Sendable {
  private struct State {
    var isClosed = false
    var acknowledged: Set<String> = []
    var unknown: Set<String> = []
  }

  private let database: ProxiedDatabase
  private let state = Mutex(State())

  init(_ database: ProxiedDatabase) { self.database = database }

  func close() { state.withLock { $0.isClosed = true } }
  var rows: (acknowledged: Set<String>, unknown: Set<String>) {
    state.withLock { ($0.acknowledged, $0.unknown) }
  }

  func write(as number: Int) async {
    var count = 0
    var client: MySQLClient?
    while !state.withLock({ $0.isClosed }) {
      let row = "\(number)\t\(count)"
      do {
        if client == nil { client = try await database.client() }
        let insert = "INSERT INTO ledger VALUES (\(number), \(count))"
        for sql in count % 3 == 0 ? ["BEGIN", insert, "COMMIT"] : [insert] {
          _ = try await client?.query(sql)
        }
        _ = state.withLock { $0.acknowledged.insert(row) }
      } catch {
        _ = state.withLock { $0.unknown.insert(row) }
        client?.close()
        client = nil
        try? await Task.sleep(for: .milliseconds(5))
      }
      count += 1
    }
    client?.close()
  }
}
