internal import NIOCore
internal import Terms

/// Hangs up on a client that takes nothing of what is written to it for as long as one may, as
/// MySQL's net_write_timeout does.
///
/// A client that reads slowly is heard out: whatever it takes begins the time anew. Who reads from the
/// channel comes before it, and passes on what it is told of writability.
final class WriteTimeout: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let limit: () -> Duration
  private var timer: Scheduled<Void>?

  init(_ limit: @escaping () -> Duration) { self.limit = limit }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    timer?.cancel()
    let channel = context.channel
    // Once all has been written that is written now: only then less of it means that some was taken.
    channel.eventLoop.assumeIsolated().execute {
      if channel.isActive, !channel.isWritable { self.watch(channel) }
    }
    context.fireChannelWritabilityChanged()
  }

  func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

  private func watch(_ channel: any Channel) {
    timer?.cancel()
    let before = Self.left(channel)
    timer = channel.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(limit())) {
      Self.left(channel) < before ? self.watch(channel) : channel.close(promise: nil)
    }
  }

  /// What is still to be taken, in bytes.
  private static func left(_ channel: any Channel) -> Int {
    (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
  }
}
