internal import NIOCore

/// Messages on their way to a channel: short ones cost less in one write than each in its own.
///
/// Not a value: a write may change whether the channel takes more, and who hears of that writes.
final class WriteBatch {
  /// Longer ones are not copied, in bytes.
  private static let shortest = 4 << 10
  private static let longest = 32 << 10

  private let channel: any Channel
  private var waiting = ByteBuffer()

  init(_ channel: any Channel) { self.channel = channel }

  func write(_ bytes: ByteBuffer) {
    guard bytes.readableBytes < Self.shortest else {
      pass()
      return channel.write(bytes, promise: nil)
    }
    if waiting.readableBytes == 0 {
      waiting = bytes
    } else {
      waiting.writeImmutableBuffer(bytes)
      if waiting.readableBytes >= Self.longest { pass() }
    }
  }

  func flush() {
    pass()
    channel.flush()
  }

  private func pass() {
    guard waiting.readableBytes > 0 else { return }
    let bytes = waiting
    waiting = ByteBuffer()
    channel.write(bytes, promise: nil)
  }
}
