internal import FleetModel
internal import NIOCore

/// Tells what answers in plaintext at a port where no gRPC is spoken, by its first bytes: the library
/// behind it says only that these were no HTTP/2.
final class OpeningCheck: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let refuse: @Sendable (CallFailure.ConnectionFault) -> Void
  private var isOpen = false

  init(_ refuse: @escaping @Sendable (CallFailure.ConnectionFault) -> Void) {
    self.refuse = refuse
  }

  /// Adds itself in front of everything else on a connection that is being made.
  func join(_ channel: any Channel) -> EventLoopFuture<Void> {
    channel.eventLoop.makeCompletedFuture {
      try channel.pipeline.syncOperations.addHandler(self, position: .first)
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if !isOpen {
      isOpen = true
      let bytes = Array(unwrapInboundIn(data).readableBytesView.prefix(16))
      if let fault = CallFailure.ConnectionFault(opening: bytes) { refuse(fault) }
    }
    context.fireChannelRead(data)
  }
}

extension CallFailure.ConnectionFault {
  /// Nil where it may be gRPC.
  fileprivate init?(opening: [UInt8]) {
    let text = String(decoding: opening, as: UTF8.self).lowercased()
    // Some answer a version that they do not know with the page alone.
    if ["http/1", "<!doctype", "<html"].contains(where: text.hasPrefix) {
      self = .webPort
    } else if let other = ScrapeFailure.ForeignProtocol(opening: opening), other != .http2 {
      self = .foreign(other)
    } else {
      return nil
    }
  }
}
