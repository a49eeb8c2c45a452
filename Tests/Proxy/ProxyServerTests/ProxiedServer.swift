import Cutover
import NIOPosix
import ProxyServer
import Synchronization
import Terms

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
