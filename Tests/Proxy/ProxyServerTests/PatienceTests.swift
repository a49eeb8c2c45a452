import NIOCore
import NIOPosix
import Testing

@testable import ProxyServer

@Suite struct PatienceTests {
  /// Nobody is called silent whom the loop had no time to hear.
  @Test func aLoopThatIsBusyDoesNotListen() async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let loop = group.next()
    let over = loop.makePromise(of: Void.self)
    let wasOver = loop.makePromise(of: Bool.self)
    loop.execute {
      var isOver = false
      let isolated = loop.assumeIsolated()
      _ = Patience(of: .milliseconds(200), on: loop) {
        isOver = true
        over.succeed()
      }
      let free = NIODeadline.now() + .milliseconds(400)
      while NIODeadline.now() < free {}
      // What was due meanwhile comes first.
      isolated.scheduleTask(in: .nanoseconds(1)) { wasOver.succeed(isOver) }
    }
    #expect(try await wasOver.futureResult.get() == false)
    try await over.futureResult.get()
    try await group.shutdownGracefully()
  }
}
