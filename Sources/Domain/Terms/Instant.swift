/// A point on a run's single time axis: nanoseconds since the Unix epoch.
///
/// Instants are anchored to the wall clock once, at start, and advanced by a monotonic clock, so a
/// step of the wall clock changes neither durations nor order.
package struct Instant: Sendable, Hashable, Codable, Comparable {
  package let nanoseconds: Int64

  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  package init(from decoder: any Decoder) throws {
    nanoseconds = try decoder.singleValueContainer().decode(Int64.self)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(nanoseconds)
  }

  /// As many seconds before and after the epoch an instant may be: until the year 2261.
  package static let mostSeconds = 9.2e9

  /// Makes an instant from seconds since the epoch, clamped to ``mostSeconds``.
  package init(secondsSinceEpoch seconds: Double) {
    let limit = Self.mostSeconds * 1e9
    let clamped = min(limit, max(-limit, (seconds * 1e9).rounded()))
    nanoseconds = clamped.isNaN ? 0 : Int64(clamped)
  }

  package var secondsSinceEpoch: Double { Double(nanoseconds) / 1e9 }

  package static func < (left: Instant, right: Instant) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  package static func + (instant: Instant, duration: Duration) -> Instant {
    Instant(nanoseconds: instant.nanoseconds &+ duration.wholeNanoseconds)
  }

  package static func - (instant: Instant, duration: Duration) -> Instant {
    Instant(nanoseconds: instant.nanoseconds &- duration.wholeNanoseconds)
  }

  package static func - (end: Instant, start: Instant) -> Duration {
    .nanoseconds(end.nanoseconds &- start.nanoseconds)
  }
}

extension Duration {
  /// The duration in nanoseconds; exact up to 292 years.
  package var wholeNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000
  }

  package var seconds: Double { Double(wholeNanoseconds) / 1e9 }
}
