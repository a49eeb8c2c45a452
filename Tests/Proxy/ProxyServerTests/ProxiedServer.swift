import Cutover
import NIOPosix
import ProxyServer
import Synchronization
import Terms
import TestSupport
import Testing

/// What a proxy has told its log.
final class ProxyLog: Sendable {
  private let all = Mutex<[ProxyEvent]>([])

  func add(_ event: ProxyEvent) { all.withLock { $0.append(event) } }

  var lines: [String] { all.withLock { $0.map(\.description) } }
}

extension ProxyServer {
  /// A proxy of both protocols on the tests' event loops, whose time begins when it is made.
  convenience init(
    forTestsOf configuration: ProxyConfiguration, log: ProxyLog = ProxyLog()
  ) throws {
    let start = ContinuousClock.now
    try self.init(
      configuration, on: MultiThreadedEventLoopGroup.singleton,
      now: { Instant(secondsSinceEpoch: 1_700_000_000) + (ContinuousClock.now - start) },
      log: { log.add($0) }
    ) { gate, group in
      [.mysql: try MySQLFront(gate, on: group), .postgres: try PostgresFront(gate, on: group)]
    }
  }
}

/// Two servers and a proxy in front of them.
protocol ProxiedServers {
  static var route: ShardName { get }
  var server: ProxyServer { get }
}

extension ProxiedServers {
  var gate: Gate { server.gate }

  /// A client has its answer before the work that led to it is over.
  func untilQuiet() async throws {
    try await wait(for: "the end of all work") { gate.board.routes[Self.route]?.inFlight == 0 }
  }

  /// Holds the route, and gives it to a backend without asking whether that has everything.
  func cutOver(to backend: BackendName) async throws {
    try gate.start(Self.route, to: backend)
    try await server.switchOver(Self.route, checks: false)
  }
}
