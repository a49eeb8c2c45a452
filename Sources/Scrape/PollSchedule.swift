package import FleetModel

/// When one target is polled next.
///
/// A value: time comes in as an argument.
///
/// All targets of a run share one grid of instants, so that their answers arrive together and the
/// screen is painted once for all of them. A target that fails is left alone longer and longer, up to
/// ``longestPause``, with jitter so that many do not come back in step.
package struct PollSchedule: Sendable {
  /// The longest time between two attempts at a failing target.
  ///
  /// Short enough to see a restarted vtgate within a failover.
  package static let longestPause: Duration = .seconds(4)

  package let interval: Duration
  /// The grid's origin.
  private let origin: Instant
  private var failures = 0

  package init(interval: Duration, origin: Instant) {
    self.interval = interval
    self.origin = origin
  }

  /// Notes how a poll went and returns when the next one is due.
  ///
  /// `jitter`: -1...1.
  package mutating func next(after succeeded: Bool, at now: Instant, jitter: Double) -> Instant {
    guard !succeeded else {
      failures = 0
      return nextOnGrid(after: now)
    }
    failures = min(failures + 1, 16)
    // The first retry keeps the normal rate: a single lost poll is no reason to look away.
    let factor = Double(1 << (failures - 1))
    let pause = min(interval.seconds * factor, max(Self.longestPause.seconds, interval.seconds))
    return now + .nanoseconds(Int64(pause * (1 + 0.2 * jitter) * 1e9))
  }

  private func nextOnGrid(after now: Instant) -> Instant {
    let step = max(1, interval.wholeNanoseconds)
    let passed = now.nanoseconds - origin.nanoseconds
    return Instant(nanoseconds: origin.nanoseconds + (passed / step + 1) * step)
  }
}
