import Buffering
import Cutover
import MySQLWire
import NIOCore
import NIOPosix
import ProxyServer
import Terms

/// A MySQL server that lets everybody in, and does with queries what a test says.
final class ScriptedMySQL: Sendable {
  private let channel: any Channel

  /// `whenAsked`: gets each query and its connection, on the connection's event loop.
  init(_ whenAsked: @escaping @Sendable (String, any Channel) -> Void) async throws {
    channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Conversation(whenAsked))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
  }

  func end() async throws { try await channel.close() }

  /// A packet that answers a query, the `sequence`th of its exchange.
  static func packet(_ payload: [UInt8], _ sequence: UInt8 = 1) -> ByteBuffer {
    var frames = ByteBuffer()
    frames.writePacket(ByteBuffer(bytes: payload), sequence: sequence)
    return frames
  }

  static let done = packet(Array(OKPacket(status: .autocommit).payload.readableBytesView))

  /// Of a proxy whose only backend it is.
  var configuration: ProxyConfiguration {
    var configuration = ProxyConfiguration()
    configuration.listeners = [.init(engine: .mysql, address: Address(host: "127.0.0.1", port: 0))]
    configuration.backends = [
      .init(
        name: "only", engine: .mysql,
        address: Address(host: "127.0.0.1", port: channel.localAddress?.port ?? 0), user: "app",
        password: "secret")
    ]
    configuration.routes = [
      .init(name: ProxiedDatabase.route, engine: .mysql, backend: "only", candidates: ["only"])
    ]
    configuration.users = [.init(name: "shop", secret: .password("open sesame"))]
    configuration.buffering.isEnabled = false
    return configuration
  }

  private final class Conversation: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let whenAsked: @Sendable (String, any Channel) -> Void
    private var reader = PacketReader(limit: 1 << 24)
    private var hasLoggedIn = false

    init(_ whenAsked: @escaping @Sendable (String, any Channel) -> Void) {
      self.whenAsked = whenAsked
    }

    func channelActive(context: ChannelHandlerContext) {
      let greeting = Greeting(
        version: "8.0.36", connection: 1, nonce: [UInt8](repeating: 7, count: 20),
        capabilities: .offered, collation: 45, plugin: "mysql_native_password")
      var frames = ByteBuffer()
      frames.writePacket(greeting.payload, sequence: 0)
      context.writeAndFlush(wrapOutboundOut(frames), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      reader.append(unwrapInboundIn(data))
      while let packet = try? reader.next() {
        var body = packet.payload
        if !hasLoggedIn {
          hasLoggedIn = true
          let ok = OKPacket(status: .autocommit).payload.readableBytesView
          context.writeAndFlush(wrapOutboundOut(ScriptedMySQL.packet(Array(ok), 2)), promise: nil)
        } else if body.readInteger() == Command.query.rawValue {
          whenAsked(String(buffer: body), context.channel)
        }
      }
    }
  }
}
