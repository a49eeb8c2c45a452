import Cutover
import NIOPosix
import ProxyServer
import Terms

extension ProxyServer {
  /// A proxy of both protocols on the tests' event loops, whose time begins when it is made.
  convenience init(forTestsOf configuration: ProxyConfiguration) throws {
    let start = ContinuousClock.now
    try self.init(
      configuration, on: MultiThreadedEventLoopGroup.singleton,
      now: { Instant(secondsSinceEpoch: 1_700_000_000) + (ContinuousClock.now - start) }
    ) { gate, group in
      [.mysql: try MySQLFront(gate, on: group), .postgres: try PostgresFront(gate, on: group)]
    }
  }
}
