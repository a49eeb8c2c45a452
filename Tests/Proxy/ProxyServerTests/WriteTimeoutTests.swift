import NIOCore
import NIOPosix
import Testing

@testable import ProxyServer

/// A client that takes what is written to it, in its own time.
@Suite struct WriteTimeoutTests {
  private static let loops = MultiThreadedEventLoopGroup.singleton

  /// Counts what comes.
  private final class Counter: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    var count = 0

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      count += unwrapInboundIn(data).readableBytes
    }
  }

  /// Says all that it has to say at once.
  private final class Talker: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let length: Int

    init(_ length: Int) { self.length = length }

    func channelActive(context: ChannelHandlerContext) {
      for _ in 0..<length >> 16 {
        context.channel.write(ByteBuffer(repeating: 7, count: 1 << 16), promise: nil)
      }
      context.channel.flush()
    }
  }

  /// Much more is written at once than makes a channel unwritable: what was taken counts from all of it.
  @Test(.timeLimit(.minutes(1))) func whoTakesSomethingEachTimeGetsItAll() async throws {
    let length = 2 << 20
    let server = try await ServerBootstrap(group: Self.loops)
      .childChannelOption(.socketOption(.so_sndbuf), value: 32 << 10)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(WriteTimeout { .milliseconds(200) })
          try channel.pipeline.syncOperations.addHandler(Talker(length))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    let client = try await ClientBootstrap(group: Self.loops)
      .channelOption(.autoRead, value: false)
      .channelOption(.socketOption(.so_rcvbuf), value: 64 << 10)
      .channelOption(.maxMessagesPerRead, value: 1)
      .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 1 << 16))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Counter())
        }
      }
      .connect(to: try #require(server.localAddress)).get()
    func taken() async throws -> Int {
      try await client.eventLoop.submit {
        try client.pipeline.syncOperations.handler(type: Counter.self).count
      }.get()
    }
    while try await taken() < length, client.isActive {
      client.read()
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(try await taken() == length)
    try await client.close()
    try await server.close()
  }
}
