internal import NIOCore
internal import Terms

/// Waits for a peer for no longer than a limit, of which only what its event loop could listen counts.
///
/// A loop that works at one client's large statement hears nobody meanwhile. A timer of the whole
/// limit, due by the time the loop is free again, would call those silent that have answered long
/// ago. So the limit is waited for in tenths, and one that ends late counts as one.
final class Patience {
  private static let parts: Int64 = 10

  private let loop: NIOIsolatedEventLoop
  private let part: TimeAmount
  private let isOver: () -> Void
  private var left = Patience.parts
  private var timer: Scheduled<Void>?

  /// On the loop only, as everything else here.
  init(of limit: Duration, on loop: any EventLoop, _ isOver: @escaping () -> Void) {
    self.loop = loop.assumeIsolated()
    part = .nanoseconds(max(1, limit.wholeNanoseconds / Self.parts))
    self.isOver = isOver
    wait()
  }

  private func wait() {
    timer = loop.scheduleTask(in: part) {
      self.left -= 1
      if self.left > 0 { self.wait() } else { self.isOver() }
    }
  }

  func end() { timer?.cancel() }
}
