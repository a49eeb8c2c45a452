package import NIOCore
internal import NIOPosix

/// A port on loopback whose connections are bare bytes, for what stands between a client and a
/// server.
package struct LoopbackPort: Sendable {
  package typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

  package let number: Int
  private let listener: NIOAsyncChannel<Connection, Never>

  package init() async throws {
    listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .bind(host: "127.0.0.1", port: 0, childChannelInitializer: Self.bare)
    number = listener.channel.localAddress?.port ?? 0
  }

  /// A port that nobody has, for a program that is told on which to listen.
  package static func free() async throws -> Int {
    let port = try await LoopbackPort()
    await port.stop()
    return port.number
  }

  /// Serves each connection by itself, until ``stop()``.
  package func serve(_ serve: @escaping @Sendable (Connection) async throws -> Void) {
    Task {
      try await withThrowingDiscardingTaskGroup { group in
        try await listener.executeThenClose { connections in
          for try await client in connections {
            group.addTask { try? await serve(client) }
          }
        }
      }
    }
  }

  package static func connect(to port: Int) async throws -> Connection {
    try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: "127.0.0.1", port: port, channelInitializer: bare)
  }

  package func stop() async { try? await listener.channel.close() }

  private static let bare: @Sendable (any Channel) -> EventLoopFuture<Connection> = { channel in
    channel.eventLoop.makeCompletedFuture { try Connection(wrappingChannelSynchronously: channel) }
  }
}
