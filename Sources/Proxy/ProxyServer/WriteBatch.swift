internal import NIOCore

/// Messages on their way to a channel: short ones cost less in one write than each in its own.
///
/// Not a value: a write may change whether the channel takes more, and who hears of that writes.
final class WriteBatch {
  /// Longer ones are not copied, in bytes.
  private static let shortest = 4 << 10
  private static let longest = 32 << 10

  private let channel: ChannelPipeline.SynchronousOperations
  private var waiting = ByteBuffer()
  /// Something was passed on that was not flushed yet: a flush takes its way through the channel.
  private var isAhead = false

  /// On the channel's event loop only, as everything else here.
  init(_ channel: any Channel) { self.channel = channel.pipeline.syncOperations }

  func write(_ bytes: ByteBuffer) {
    guard bytes.readableBytes < Self.shortest else {
      pass()
      return pass(bytes)
    }
    if waiting.readableBytes == 0 {
      waiting = bytes
    } else {
      waiting.writeImmutableBuffer(bytes)
      if waiting.readableBytes >= Self.longest { pass() }
    }
  }

  func flush() {
    if waiting.readableBytes > 0 {
      isAhead = false
      channel.writeAndFlush(NIOAny(takeWaiting()), promise: nil)
    } else if isAhead {
      isAhead = false
      channel.flush()
    }
  }

  private func pass() {
    if waiting.readableBytes > 0 { pass(takeWaiting()) }
  }

  private func pass(_ bytes: ByteBuffer) {
    isAhead = true
    channel.write(NIOAny(bytes), promise: nil)
  }

  /// Before it is written: what is told of writability may write itself.
  private func takeWaiting() -> ByteBuffer {
    defer { waiting = ByteBuffer() }
    return waiting
  }
}
