import NIOCore
import NIOPosix

/// A connection for bytes that no client would send.
enum RawConnection {
  /// Sends them and returns what comes until the other side closes.
  @discardableResult
  static func send(_ bytes: ByteBuffer, to port: Int) async throws -> ByteBuffer {
    let connection = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    return try await connection.executeThenClose { inbound, outbound in
      try await outbound.write(bytes)
      var all = ByteBuffer()
      do {
        for try await part in inbound { all.writeImmutableBuffer(part) }
      } catch let error as IOError where error.errnoCode == ECONNRESET {}
      return all
    }
  }
}
