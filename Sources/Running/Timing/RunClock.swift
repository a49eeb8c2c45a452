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
  private let start: Int64

  package init() {
    wallStart = Instant(secondsSinceEpoch: Date().timeIntervalSince1970)
    start = Self.uptime
  }

  package var now: Instant {
    Instant(nanoseconds: wallStart.nanoseconds &+ (Self.uptime &- start))
  }

  /// `ContinuousClock`'s, in nanoseconds: a proxy asks for it with each statement, and `Duration` counts
  /// in 128 bits.
  private static var uptime: Int64 {
    #if os(Linux)
      let clock = CLOCK_BOOTTIME
    #else
      let clock = CLOCK_MONOTONIC_RAW
    #endif
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }

  /// Seconds between UTC and the operator's time zone, now.
  package static var utcOffset: Int {
    var seconds = time(nil)
    var parts = tm()
    guard localtime_r(&seconds, &parts) != nil else { return 0 }
    return parts.tm_gmtoff
  }
}
