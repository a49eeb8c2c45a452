import Cutover
import NIOCore
import NIOPosix
import PostgresWire
import ProxyServer
import Synchronization
import TestSupport
import Terms
import Testing

/// Requests to cancel that take their time.
@Suite struct PostgresCancelTests {
  /// A server's connections as far as they matter here.
  private struct Connections {
    /// The one whose statement is to be cancelled.
    var busy: (any Channel)?
    /// Over which requests to cancel have come.
    var cancels: [any Channel] = []
    /// How many of those were open when the next statement came.
    var openAtNext: Int?
  }

  /// A statement that ends by itself in that moment is not followed by one that is cancelled in its
  /// place.
  @Test func aRequestThatIsLateDoesNotHitTheNextStatement() async throws {
    let connections = Mutex(Connections())
    let backend = try await ScriptedPostgres { query, connection in
      switch query {
      case nil: connections.withLock { $0.cancels.append(connection) }
      case "slow": connections.withLock { $0.busy = connection }
      default:
        if query == "next" {
          connections.withLock { $0.openAtNext = $0.cancels.count(where: \.isActive) }
        }
        connection.writeAndFlush(ScriptedPostgres.done, promise: nil)
      }
    }
    var configuration = backend.configuration
    configuration.limits.connect = .seconds(20)
    let server = try ProxyServer(forTestsOf: configuration)
    let port = try await server.start()[0].port
    let client = try await PostgresClient(to: port)
    let key = try #require(try await client.key)
    let slow = Task { try await client.ask("slow") }
    try await wait(for: "the statement") { connections.withLock { $0.busy != nil } }
    try await RawConnection.send(StartupPacket.cancel(key).bytes, to: port)
    try await wait(for: "the request") { connections.withLock { !$0.cancels.isEmpty } }
    let busy = try #require(connections.withLock { $0.busy })
    try await busy.writeAndFlush(ScriptedPostgres.done)
    _ = try await slow.value
    let next = Task { try await client.ask("next") }
    // Another client's statement, so that the first one's has had its time.
    let other = try await PostgresClient(to: port)
    _ = try await other.ask("select 1")
    for cancel in connections.withLock({ $0.cancels }) { try await cancel.close() }
    _ = try await next.value
    #expect(connections.withLock { $0.openAtNext } == 0)
    await server.stop()
    try await backend.end()
  }
}
