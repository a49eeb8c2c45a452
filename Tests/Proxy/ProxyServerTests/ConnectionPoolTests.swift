import Cutover
import NIOCore
import NIOPosix
import Terms
import Testing

@testable import ProxyServer

/// Who has a connection between two moments of its event loop: what is decided in one is done in a later
/// one.
@Suite struct ConnectionPoolTests {
  private final class Connection {}

  private final class Session: PooledSession {
    typealias Kind = Int

    var connection: Connection? = Connection()

    func park() {}

    func handOver(_ id: ObjectIdentifier) -> Connection? {
      defer { connection = nil }
      return connection
    }

    func giveBack(_ id: ObjectIdentifier?) { connection = nil }
  }

  private typealias Pool = ConnectionPool<Session>

  private let loop = MultiThreadedEventLoopGroup.singleton.any()

  private static func backend(_ most: Int) -> ProxyConfiguration.Backend {
    var backend = ProxyConfiguration.Backend(
      name: "only", engine: .mysql, address: Address(host: "127.0.0.1", port: 1), user: "app",
      password: "secret")
    backend.mostConnections = most
    return backend
  }

  /// One with a connection that it has parked.
  private static func session(
    _ kind: Int, in pool: Pool, on loop: any EventLoop
  ) throws -> Session {
    let session = Session()
    #expect(pool.takeFree(backend(2)))
    let connection = try #require(session.connection)
    #expect(pool.park(connection, kind, at: backend(2), of: session, on: loop) == .kept)
    return session
  }

  /// A statement that begins before it is closed would be cut off.
  @Test func aConnectionTooManyIsNotUsedAnyMore() async throws {
    let loop = loop
    let used = try await loop.submit {
      let pool = Pool()
      pool.limit([Self.backend(2)])
      let sessions = try [1, 2].map { try Self.session($0, in: pool, on: loop) }
      pool.limit([Self.backend(1)])
      return try sessions.count {
        pool.claim(try #require($0.connection), at: Self.backend(1))
      }
    }.get()
    #expect(used == 1)
  }

  /// It would be another's, and whoever waits for its end would wait for that one's.
  @Test func aConnectionThatIsBeingClosedIsNotParkedAgain() async throws {
    let loop = loop
    let parking = try await loop.submit {
      let pool = Pool()
      pool.limit([Self.backend(1)])
      let session = try Self.session(1, in: pool, on: loop)
      // Somebody whom it does not fit.
      let now = Instant(secondsSinceEpoch: 1)
      _ = pool.take(Self.backend(1), 2, on: loop, within: .milliseconds(50), at: now)
      return pool.park(
        try #require(session.connection), 1, at: Self.backend(1), of: session, on: loop)
    }.get()
    #expect(parking == .unwanted)
  }

  /// Connections stay on their loop: who is on another waits no longer for that than for his turn.
  @Test func whoIsOnAnotherLoopHasHisTurn() async throws {
    let (loop, other) = (loop, MultiThreadedEventLoopGroup(numberOfThreads: 1))
    let start = Instant(secondsSinceEpoch: 1)
    let pool = Pool()
    let (early, late, grant) = try await loop.submit {
      pool.limit([Self.backend(1)])
      let session = try Self.session(1, in: pool, on: loop)
      let connection = try #require(session.connection)
      pool.claim(connection, at: Self.backend(1))
      func take(_ milliseconds: Int, on loop: any EventLoop) -> EventLoopFuture<Pool.Grant> {
        pool.take(
          Self.backend(1), 1, on: loop, within: .seconds(10),
          at: start + .milliseconds(milliseconds))
      }
      func park() -> Pool.Parking {
        pool.park(connection, 1, at: Self.backend(1), of: session, on: loop)
      }
      let grant = take(0, on: other.next())
      for wait in [50, 200] { _ = take(wait, on: loop) }
      return (park(), park(), grant)
    }.get()
    // One comes first whom it fits as it is, and not one who came much later.
    #expect(early == .handedOver && late == .unwanted)
    pool.giveBack(Self.backend(1))
    guard case .opening = try await grant.get() else {
      Issue.record("it got something else")
      return
    }
    try await other.shutdownGracefully()
  }
}
