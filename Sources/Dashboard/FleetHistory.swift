internal import FleetModel

/// The fleet as it was at moments of the last minutes, bounded in number and in size.
///
/// Each is a value that shares with its neighbours whatever did not change between them.
struct FleetHistory: Equatable, Sendable {
  /// The most moments kept: ten minutes at one a second.
  static let capacity = 600
  /// The most that all of them hold together, counted in sets of counters: shards x vtgates.
  static let weightLimit = 2_000_000

  private var entries: [(at: Instant, fleet: Fleet)] = []

  /// In their order.
  var moments: [Instant] { entries.map(\.at) }

  /// Keeps a moment: one a second, ten a second while something goes on.
  mutating func record(_ fleet: Fleet, at instant: Instant, isClose: Bool) {
    let pause: Duration = isClose ? .milliseconds(100) : .seconds(1)
    if let last = entries.last, instant - last.at < pause { return }
    entries.append((instant, fleet))
    let weight = max(1, fleet.summaries.count * fleet.vtgates.count)
    let limit = min(Self.capacity, max(20, Self.weightLimit / weight))
    if entries.count > limit { entries.removeFirst(entries.count - limit) }
  }

  /// The fleet as it was at an instant, or at the first moment kept.
  func fleet(at instant: Instant) -> Fleet? {
    (entries.last { $0.at <= instant } ?? entries.first)?.fleet
  }

  static func == (left: FleetHistory, right: FleetHistory) -> Bool {
    left.moments == right.moments
  }
}
