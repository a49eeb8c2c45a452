package import FleetModel

/// How far a replica is behind: what its SQL thread has not applied yet, in seconds of the primary's
/// writes.
///
/// Each second of writes costs the replica 1 ÷ capacity seconds to apply. Capacity wanders about 1.3,
/// and when it stays below 1 for a while the lag builds up, as under load on a real replica.
package struct Replication: Sendable, Equatable {
  /// Seconds of writes not applied yet.
  package private(set) var lag = 0.0
  /// Seconds of writes applied in a second; 0 when the SQL thread is stopped.
  private var capacity = 1.3

  mutating func advance(by seconds: Double, writes: Bool, random: inout SeededGenerator) {
    let pull = (1.3 - capacity) * 0.4 * seconds
    let noise = Double.random(in: -1...1, using: &random) * 0.9 * seconds.squareRoot()
    capacity = min(2.5, max(0.3, capacity + pull + noise * 0.6))
    lag = max(0, lag + ((writes ? 1 : 0) - capacity) * seconds)
  }

  /// A promoted or re-pointed tablet has applied everything.
  mutating func reset() { lag = 0 }
}

/// The heartbeat a primary writes, from whose age the throttler reads lag.
package struct Heartbeat: Sendable, Equatable {
  package static let interval: Duration = .milliseconds(250)

  /// The age of the newest heartbeat on the primary itself: a saw-tooth from 0 to the interval.
  package static func age(at now: Instant) -> Double {
    Duration.nanoseconds(now.nanoseconds % interval.wholeNanoseconds).seconds
  }
}
