internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// A server of HTTP/2 that answers each connection's first call with whatever bytes a test wants, and
/// hangs up.
package final class HTTP2Peer: Sendable {
  package let port: Int
  private let channel: any Channel
  private let state: State

  private final class State: Sendable {
    let calls = Mutex(0)
  }

  /// Calls that have come, over all connections.
  package var calls: Int { state.calls.withLock { $0 } }

  package init(answer: [UInt8]) async throws {
    let state = State()
    self.state = state
    channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            Handler(answer) { state.calls.withLock { $0 += 1 } })
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    port = channel.localAddress?.port ?? 0
  }

  package func stop() async { try? await channel.close() }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let answer: [UInt8]
    private let noteCall: () -> Void
    private var frames = Frames(skipping: 24)
    private var hasAnswered = false

    init(_ answer: [UInt8], noteCall: @escaping () -> Void) {
      self.answer = answer
      self.noteCall = noteCall
    }

    func channelActive(context: ChannelHandlerContext) {
      // Settings without any, by which a client knows that the connection stands.
      context.writeAndFlush(
        wrapOutboundOut(ByteBuffer(bytes: [0, 0, 0, 4, 0, 0, 0, 0, 0])), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      _ = frames.take(unwrapInboundIn(data))
      guard !frames.ended.isEmpty, !hasAnswered else { return }
      hasAnswered = true
      noteCall()
      let channel = context.channel
      channel.writeAndFlush(ByteBuffer(bytes: answer)).whenComplete { _ in
        channel.close(mode: .output, promise: nil)
      }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      context.close(promise: nil)
    }
  }
}
