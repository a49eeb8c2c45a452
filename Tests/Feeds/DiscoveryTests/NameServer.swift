import NIOCore
import NIOPosix

/// A server of names on loopback (RFC 1035) that answers each question with the same SRV records.
final class NameServer: Sendable {
  let port: Int
  private let channel: any Channel

  struct Service: Sendable {
    let host: String
    let port: UInt16
  }

  /// `code`: the answer's RCODE, 3 for a name that is not there.
  init(_ services: [Service], code: UInt8 = 0) async throws {
    channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Handler(services, code))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    port = channel.localAddress?.port ?? 0
  }

  func stop() async { try? await channel.close() }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    private let services: [Service]
    private let code: UInt8

    init(_ services: [Service], _ code: UInt8) {
      self.services = services
      self.code = code
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let envelope = unwrapInboundIn(data)
      let query = Array(envelope.data.readableBytesView)
      guard query.count > 16 else { return }
      // The question: labels up to the empty one, type and class.
      var end = 12
      while end < query.count, query[end] != 0 { end += Int(query[end]) + 1 }
      end += 5
      var answer = ByteBuffer()
      answer.writeBytes(query[0..<2])
      answer.writeBytes([0x81, 0x80 | code])
      for count in [1, services.count, 0, 0] { answer.writeInteger(UInt16(count)) }
      answer.writeBytes(query[12..<end])
      for service in services {
        var data = ByteBuffer()
        for field in [10, 5, service.port] as [UInt16] { data.writeInteger(field) }
        for label in service.host.split(separator: ".") {
          data.writeInteger(UInt8(label.utf8.count))
          data.writeString(String(label))
        }
        data.writeInteger(UInt8(0))
        // The name of the question, SRV, IN, a minute.
        answer.writeBytes([0xC0, 12, 0, 33, 0, 1, 0, 0, 0, 60])
        answer.writeInteger(UInt16(data.readableBytes))
        answer.writeBuffer(&data)
      }
      context.writeAndFlush(
        wrapOutboundOut(AddressedEnvelope(remoteAddress: envelope.remoteAddress, data: answer)),
        promise: nil)
    }
  }
}
