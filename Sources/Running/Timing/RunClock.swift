internal import FoundationEssentials
package import Terms

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// A run's time axis: the wall clock at start, advanced by the monotonic clock.
package struct RunClock: Sendable {
  private let wallStart: Instant
  private let start: ContinuousClock.Instant

  package init() {
    wallStart = Instant(secondsSinceEpoch: Date().timeIntervalSince1970)
    start = ContinuousClock.now
  }

  package var now: Instant { wallStart + (ContinuousClock.now - start) }

  /// Seconds between UTC and the operator's time zone, now.
  package static var utcOffset: Int {
    var seconds = time(nil)
    var parts = tm()
    guard localtime_r(&seconds, &parts) != nil else { return 0 }
    return parts.tm_gmtoff
  }
}
