internal import NIOCore
internal import NIOHPACK
internal import NIOHTTP2

/// Ends a call whose answer has a `:status` that no HTTP answer can have.
///
/// The library above it accepts any number and traps on those below 0 (GRPCStreamStateMachine.swift
/// of grpc-swift-nio-transport 2.9.2). This sits before it on each call's stream.
final class AnswerGuard: ChannelInboundHandler {
  typealias InboundIn = HTTP2Frame.FramePayload
  typealias InboundOut = HTTP2Frame.FramePayload

  /// Adds a guard in front of everything else on a stream that is being created.
  static func join(_ stream: any Channel) -> EventLoopFuture<Void> {
    stream.eventLoop.makeCompletedFuture {
      try stream.pipeline.syncOperations.addHandler(AnswerGuard(), position: .first)
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if case .headers(let answer) = unwrapInboundIn(data),
      !answer.headers[":status"].allSatisfy(Self.isStatus)
    {
      return context.close(promise: nil)
    }
    context.fireChannelRead(data)
  }

  /// Three digits, the first of them not 0: RFC 9110, section 15.
  private static func isStatus(_ text: String) -> Bool {
    let digits = text.utf8.map { Int($0) - 0x30 }
    return digits.count == 3 && digits.allSatisfy { (0...9).contains($0) } && digits[0] > 0
  }
}
