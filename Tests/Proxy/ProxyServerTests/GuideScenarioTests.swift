import Buffering
import Cutover
import MySQLWire
import ProxyServer
import Terms
import TestSupport
import Testing

/// The scenarios of Vitess' guide on buffering, with a proxy in vtgate's place: six clients, a
/// cutover, and the counters that the guide reads.
@Suite(.serialized, .needs("mariadbd", "mariadb", "mariadb-install-db"))
struct GuideScenarioTests {
  private static let route = ProxiedDatabase.route
  private static let tooLong =
    "target: commerce.-.primary: primary is not serving, there is a reparent operation in progress"

  /// What six clients got that each sent one statement: who answered, or the error.
  private typealias Asked = [Task<Result<String, ServerError>, any Error>]

  private func clients(of database: ProxiedDatabase) async throws -> [MySQLClient] {
    var clients: [MySQLClient] = []
    for _ in 0..<6 { clients.append(try await database.client()) }
    return clients
  }

  private func ask(_ clients: [MySQLClient]) -> Asked {
    clients.map { client in
      Task {
        do {
          return .success(try await client.query("SELECT @@port AS p")["p"] ?? "")
        } catch let error as ServerError {
          return .failure(error)
        }
      }
    }
  }

  private func outcome(
    of asked: Asked
  ) async throws -> (ports: Set<String>, answered: Int, errors: [String]) {
    var (ports, answered, errors) = (Set<String>(), 0, [String]())
    for task in asked {
      switch try await task.value {
      case .success(let port):
        ports.insert(port)
        answered += 1
      case .failure(let error): errors.append(error.message)
      }
    }
    return (ports, answered, errors)
  }

  private func counted(at database: ProxiedDatabase) throws -> RequestBuffer.Counters {
    try #require(database.gate.board.buffer.counters(of: Self.route))
  }

  /// The first and the second: without a buffer work fails, and who tries again gets on.
  @Test func withoutABufferWorkFailsUntilItIsTriedAgain() async throws {
    let database = try await ProxiedDatabase { $0.buffering.isEnabled = false }
    let clients = try await clients(of: database)
    try database.gate.start(Self.route, to: "new", unbuffered: true)
    let failed = try await outcome(of: ask(clients))
    #expect(failed.errors == Array(repeating: Self.tooLong, count: 6))
    try await database.server.switchOver(Self.route, checks: false)
    let again = try await outcome(of: ask(clients))
    #expect(again.ports == ["\(database.new.port)"] && again.answered == 6)
    // As vtgate counts: all that came, also what was answered.
    #expect(try counted(at: database).skipped[.disabled, default: 0] >= 12)
    #expect(try counted(at: database).buffered == 0)
    await database.end()
  }

  /// The third and the fourth: one is buffered, and one that comes too soon after it is not.
  @Test func aSecondOneComesTooSoon() async throws {
    let database = try await ProxiedDatabase {
      $0.buffering.minTimeBetweenFailovers = .seconds(600)
    }
    let clients = try await clients(of: database)
    try database.gate.start(Self.route, to: "new")
    let first = ask(clients)
    try await wait(for: "six statements that wait") {
      database.gate.board.buffer.waiting(for: Self.route) == 6
    }
    try await database.server.switchOver(Self.route, checks: false)
    let drained = try await outcome(of: first)
    #expect(drained.ports == ["\(database.new.port)"] && drained.errors.isEmpty)

    try await database.untilQuiet()
    try database.gate.start(Self.route, to: "old", unbuffered: true)
    #expect(try await outcome(of: ask(clients)).errors == Array(repeating: Self.tooLong, count: 6))
    try await database.server.switchOver(Self.route, checks: false)
    try await wait(for: "six that are drained") { try counted(at: database).drained == 6 }
    let counters = try counted(at: database)
    #expect(counters.buffered == 6)
    #expect(counters.skipped[.lastFailoverTooRecent] == 6)
    await database.end()
  }

  /// The fifth: room for four, so that the two that came first make room for the last two.
  @Test func aFullBufferLetsGoOfTheOldest() async throws {
    let database = try await ProxiedDatabase { $0.buffering.size = 4 }
    let clients = try await clients(of: database)
    try database.gate.start(Self.route, to: "new")
    let asked = ask(clients)
    try await wait(for: "six statements that came") {
      try counted(at: database).buffered == 6
    }
    try await database.server.switchOver(Self.route, checks: false)
    let told = try await outcome(of: asked)
    #expect(told.answered == 4 && told.errors.count == 2)
    #expect(
      told.errors.allSatisfy { $0.hasSuffix("buffer full: request evicted for newer request") })
    // A client has its answer before the work that led to it is over.
    try await wait(for: "four that are drained") { try counted(at: database).drained == 4 }
    #expect(try counted(at: database).evicted[.bufferFull] == 2)
    await database.end()
  }

  /// The sixth and the seventh: nobody waits longer than the window, and a new server that does not
  /// get there leaves work at the old one.
  @Test func whatOutlastsTheWindowFailsAndTheOldServerServesOn() async throws {
    let database = try await ProxiedDatabase {
      $0.buffering.window = .milliseconds(300)
      $0.limits.catchUp = .seconds(1)
    }
    let clients = try await clients(of: database)
    try database.gate.start(Self.route, to: "new")
    let told = try await outcome(of: ask(clients))
    #expect(told.errors == Array(repeating: Self.tooLong, count: 6))
    await #expect(throws: (any Error).self) {
      try await database.server.switchOver(Self.route, checks: true)
    }
    try database.gate.cancel(Self.route, because: "of the test")
    let again = try await outcome(of: ask(clients))
    #expect(again.ports == ["\(database.old.port)"] && again.answered == 6)
    let counters = try counted(at: database)
    #expect(counters.buffered == 6 && counters.evicted[.windowExceeded] == 6)
    await database.end()
  }
}
