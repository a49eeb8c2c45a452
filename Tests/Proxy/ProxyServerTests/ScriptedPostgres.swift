import Buffering
import Cutover
import NIOCore
import NIOPosix
import PostgresWire
import ProxyServer
import Terms

/// A server that lets everybody in, and does with queries what a test says.
final class ScriptedPostgres: Sendable {
  private let channel: any Channel

  var port: Int { channel.localAddress?.port ?? 0 }

  /// `whenAsked`: gets each query and its connection, on the connection's event loop; nil is a request
  /// to cancel.
  init(_ whenAsked: @escaping @Sendable (String?, any Channel) -> Void) async throws {
    channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Conversation(whenAsked))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
  }

  func end() async throws { try await channel.close() }

  /// A statement is done, outside of a transaction.
  static let done: ByteBuffer = {
    var bytes = Frame<BackendKind>(.commandComplete) { $0.writeString("SELECT 0\0") }.bytes
    bytes.write(BackendKind.readyForQuery) { $0.writeString("I") }
    return bytes
  }()

  /// Of a proxy whose only backend it is.
  var configuration: ProxyConfiguration {
    var configuration = ProxyConfiguration()
    configuration.listeners = [
      .init(engine: .postgres, address: Address(host: "127.0.0.1", port: 0))
    ]
    configuration.backends = [
      .init(
        name: "only", engine: .postgres, address: Address(host: "127.0.0.1", port: port),
        user: "app", password: "secret")
    ]
    configuration.routes = [
      .init(
        name: ProxiedPostgres.route, engine: .postgres, backend: "only", candidates: ["only"])
    ]
    configuration.users = [.init(name: "shop", secret: .password("open sesame"))]
    configuration.buffering.isEnabled = false
    return configuration
  }

  private final class Conversation: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let whenAsked: @Sendable (String?, any Channel) -> Void
    private var hasBegun = false

    init(_ whenAsked: @escaping @Sendable (String?, any Channel) -> Void) {
      self.whenAsked = whenAsked
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      guard hasBegun else {
        hasBegun = true
        var first = Self.unwrapInboundIn(data)
        if case .cancel? = try? StartupPacket.read(from: &first) {
          return whenAsked(nil, context.channel)
        }
        var bytes = ByteBuffer()
        bytes.write(BackendKind.authentication) { $0.writeInteger(UInt32(0)) }
        bytes.writeImmutableBuffer(CancelKey(process: 1, secret: 2).message)
        bytes.write(BackendKind.readyForQuery) { $0.writeString("I") }
        return context.writeAndFlush(Self.wrapOutboundOut(bytes), promise: nil)
      }
      var bytes = Self.unwrapInboundIn(data)
      guard bytes.readInteger() == FrontendKind.query.rawValue else { return }
      bytes.moveReaderIndex(forwardBy: 4)
      whenAsked(bytes.readNullTerminatedString() ?? "", context.channel)
    }
  }
}
