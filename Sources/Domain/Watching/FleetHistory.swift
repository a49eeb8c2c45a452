package import FleetModel
package import Terms

/// The fleet as it was at moments in the last minutes, bounded in number and in size.
///
/// Each moment is a value that shares with its neighbours whatever did not change between them.
package struct FleetHistory: Equatable, Sendable {
  /// The most moments kept: ten minutes' worth at one a second.
  package static let capacity = 600
  /// The most that all moments hold together, in bytes, if all numbers of all servers move.
  static let sizeLimit = 64 << 20
  /// Of a vtgate's counters of a shard: numbers that stay the same are shared between moments.
  private static let countersSize = 160
  /// Of a tablet, with its part in its shard's summary: new at every poll.
  private static let tabletSize = 2000
  /// However large the fleet is, so many moments are kept.
  static let leastMoments = 8
  /// Of a failover: its place in the list, for moments share those that did not change.
  private static let failoverSize = 8
  /// The most shards that may appear across all moments: a new one shares nothing with a neighbour.
  static let comingLimit = 5000

  /// The fleet as it was.
  package struct PastFleet: Equatable, Sendable {
    package let at: Instant
    package let fleet: Fleet
    /// How many shards the previous moment did not have.
    let coming: Int

    package init(at instant: Instant, fleet: Fleet, coming: Int = 0) {
      at = instant
      self.fleet = fleet
      self.coming = coming
    }

    /// A moment is identified by its time.
    package static func == (left: PastFleet, right: PastFleet) -> Bool { left.at == right.at }
  }

  /// Oldest first.
  package private(set) var moments: [PastFleet] = []

  /// Keeps at most one moment a second, or ten a second while something is going on.
  mutating func record(_ fleet: Fleet, at instant: Instant, isClose: Bool) {
    let pause: Duration = isClose ? .milliseconds(100) : .seconds(1)
    if let last = moments.last, instant - last.at < pause { return }
    let coming = coming(in: fleet)
    moments.append(PastFleet(at: instant, fleet: fleet, coming: coming))
    comingTotal += coming
    let size =
      fleet.summaries.count * fleet.vtgates.count * Self.countersSize
      + fleet.tablets.count * Self.tabletSize + fleet.failovers.all.count * Self.failoverSize
    let limit = min(Self.capacity, max(Self.leastMoments, Self.sizeLimit / max(1, size)))
    if moments.count > limit { drop(moments.count - limit) }
    while comingTotal > Self.comingLimit, moments.count > 1 { drop(1) }
  }

  /// How long a moment stands for what came after it.
  private static let validity = Duration.milliseconds(1500)

  /// The fleet as it was at an instant; nil where that is not kept.
  package func moment(at instant: Instant) -> Fleet? {
    guard let last = moments.last(where: { $0.at <= instant }),
      instant - last.at <= Self.validity
    else { return nil }
    return last.fleet
  }

  private var comingTotal = 0

  private mutating func drop(_ count: Int) {
    for moment in moments.prefix(count) { comingTotal -= moment.coming }
    moments.removeFirst(count)
  }

  private func coming(in fleet: Fleet) -> Int {
    guard let last = moments.last?.fleet.summaries else { return 0 }
    guard !last.elementsEqual(fleet.summaries, by: { $0.name == $1.name }) else { return 0 }
    let known = Set(last.map(\.name))
    return fleet.summaries.count { !known.contains($0.name) }
  }
}
