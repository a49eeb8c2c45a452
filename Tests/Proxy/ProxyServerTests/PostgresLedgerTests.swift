import Buffering
import Cutover
import PostgresWire
import ProxyServer
import Synchronization
import Terms
import TestSupport
import Testing

/// Clients write numbered rows while the route goes back and forth between two servers, and then
/// the books are compared.
@Suite(.serialized, .needsPostgres) struct PostgresLedgerTests {
  /// What became of the rows, as their writers know it.
  private struct Book: Sendable {
    var acknowledged: Set<String> = []
    /// Refused without having reached a server.
    var refused: Set<String> = []
    /// The connection was lost before an answer: it may have been written, or not.
    var unknown: Set<String> = []
  }

  private final class Ledger: Sendable {
    let book = Mutex(Book())
    let isOver = Mutex(false)
  }

  @Test func everyAcknowledgedRowIsThereOnce() async throws {
    try await run(rounds: 20, faults: false)
  }

  /// Servers end their connections in the middle, too.
  @Test func everyAcknowledgedRowIsThereOnceWhateverBreaks() async throws {
    try await run(rounds: 20, faults: true)
  }

  /// And where clients share a connection or two.
  @Test func everyAcknowledgedRowIsThereOnceHoweverFewConnections() async throws {
    try await run(rounds: 20, faults: true, connections: 2)
  }

  private func run(rounds: Int, faults: Bool, connections: Int? = nil) async throws {
    try await ProxiedPostgres.with({ configuration in
      for index in configuration.backends.indices {
        configuration.backends[index].mostConnections = connections
      }
      configuration.buffering.window = .seconds(2)
      configuration.buffering.maxFailoverDuration = .seconds(4)
    }) { database in
      try database.runOnBoth("create table ledger (row text)")
      let ledger = Ledger()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for client in 0..<6 {
          group.addTask { try await write(as: client, to: database, ledger) }
        }
        try await cutOver(database, rounds, faults)
        ledger.isOver.withLock { $0 = true }
        try await group.waitForAll()
      }
      try check(database, ledger.book.withLock { $0 }, faults)
    }
  }

  private func cutOver(_ database: ProxiedPostgres, _ rounds: Int, _ faults: Bool) async throws {
    var dice = Dice(faults ? 12 : 13)
    for _ in 0..<rounds {
      guard let state = database.gate.board.routes[ProxiedPostgres.route] else { return }
      let isOld = state.backend == "old"
      try await wait(for: "the last cutover to be over") {
        (try? database.gate.start(ProxiedPostgres.route, to: isOld ? "new" : "old")) != nil
      }
      try await Task.sleep(for: .milliseconds(.random(in: 0...30, using: &dice)))
      if faults { try terminate(at: isOld ? database.old : database.new) }
      if Int.random(in: 0..<4, using: &dice) == 0 {
        try? database.gate.cancel(ProxiedPostgres.route, because: "the dice said so")
      } else {
        _ = try? await database.server.switchOver(ProxiedPostgres.route, checks: false)
      }
      try await Task.sleep(for: .milliseconds(.random(in: 20...80, using: &dice)))
      let violation = database.gate.board.violation(at: database.gate.instant)
      #expect(violation == nil)
    }
  }

  private func terminate(at server: PostgresServer) throws {
    try server.run(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'commerce'",
      in: "postgres")
  }

  private func write(
    as client: Int, to database: ProxiedPostgres, _ ledger: Ledger
  ) async throws {
    var connection: PostgresClient?
    var number = 0
    while !ledger.isOver.withLock({ $0 }) {
      number += 1
      let row = "\(client)-\(number)"
      do {
        let session: PostgresClient
        if let connection { session = connection } else { session = try await database.client() }
        connection = session
        try await write(row, inTransaction: number % 3 == 0, over: session)
        ledger.book.withLock { _ = $0.acknowledged.insert(row) }
      } catch is PostgresError {
        ledger.book.withLock { _ = $0.refused.insert(row) }
      } catch is PostgresClient.Lost {
        ledger.book.withLock { _ = $0.unknown.insert(row) }
        connection = nil
      } catch is BackendLogin.Failure {
        // Its session began while a server was gone.
        connection = nil
      }
    }
    await connection?.close()
  }

  private func write(
    _ row: String, inTransaction: Bool, over session: PostgresClient
  ) async throws {
    let insert = "insert into ledger values ('\(row)')"
    guard inTransaction else { return _ = try await session.value(insert) }
    try await session.value("begin")
    try await session.value(insert)
    let end = try await session.ask("commit")
    if let error = end.error { throw error }
  }

  private func check(_ database: ProxiedPostgres, _ book: Book, _ faults: Bool) throws {
    var count: [String: Int] = [:]
    var sides: [Int] = []
    for server in [database.old, database.new] {
      let rows = try server.run("select row from ledger").split(separator: "\n").map(String.init)
      sides.append(rows.count)
      for row in rows { count[row, default: 0] += 1 }
    }
    #expect(sides.allSatisfy { $0 > 0 }, "both servers have served")
    #expect(book.acknowledged.count > 20)
    #expect(book.acknowledged.filter { count[$0] != 1 }.isEmpty)
    #expect(book.refused.filter { count[$0] != nil }.isEmpty)
    #expect(book.unknown.filter { (count[$0] ?? 0) > 1 }.isEmpty)
    if !faults { #expect(book.unknown.isEmpty) }
    let known = book.acknowledged.union(book.unknown)
    #expect(count.keys.filter { !known.contains($0) }.isEmpty)
  }
}
