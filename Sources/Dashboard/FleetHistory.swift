internal import FleetModel

/// The fleet as it was at moments of the last minutes, bounded in number and in size.
///
/// Each is a value that shares with its neighbours whatever did not change between them.
struct FleetHistory: Equatable, Sendable {
  /// The most moments kept: ten minutes at one a second.
  static let capacity = 600
  /// The most that all of them hold together, counted in sets of counters: shards x vtgates.
  ///
  /// One is some 150 bytes, and a vtgate's are shared between moments as long as none of them moves.
  static let weightLimit = 500_000

  struct Moment: Equatable, Sendable {
    let at: Instant
    let fleet: Fleet

    /// A moment is known by its time.
    static func == (left: Moment, right: Moment) -> Bool { left.at == right.at }
  }

  /// In their order.
  private(set) var moments: [Moment] = []

  /// Keeps a moment: one a second, ten a second while something goes on.
  mutating func record(_ fleet: Fleet, at instant: Instant, isClose: Bool) {
    let pause: Duration = isClose ? .milliseconds(100) : .seconds(1)
    if let last = moments.last, instant - last.at < pause { return }
    moments.append(Moment(at: instant, fleet: fleet))
    let weight = max(1, fleet.summaries.count * fleet.vtgates.count)
    let limit = min(Self.capacity, max(20, Self.weightLimit / weight))
    if moments.count > limit { moments.removeFirst(moments.count - limit) }
  }
}
