package import FleetModel
package import Terms

/// The fleet as it was at moments of the last minutes, bounded in number and in size.
///
/// Each is a value that shares with its neighbours whatever did not change between them.
package struct FleetHistory: Equatable, Sendable {
  /// The most moments kept: ten minutes at one a second.
  package static let capacity = 600
  /// The most that all of them hold together, counted in sets of counters: shards x vtgates.
  ///
  /// One is some 150 bytes, and a vtgate's are shared between moments as long as none of them moves.
  static let weightLimit = 500_000
  /// A failover as it stood is kept anew whenever one of them moves; it weighs so many sets.
  private static let failoverWeight = 4
  /// The most shards that come and go among all moments: those share nothing with a neighbour.
  static let comingLimit = 5000

  /// The fleet as it was.
  package struct PastFleet: Equatable, Sendable {
    package let at: Instant
    package let fleet: Fleet
    /// Shards that the moment before did not have.
    let coming: Int

    package init(at instant: Instant, fleet: Fleet, coming: Int = 0) {
      at = instant
      self.fleet = fleet
      self.coming = coming
    }

    /// A moment is known by its time.
    package static func == (left: PastFleet, right: PastFleet) -> Bool { left.at == right.at }
  }

  /// In their order.
  package private(set) var moments: [PastFleet] = []

  /// Keeps a moment: one a second, ten a second while something goes on.
  mutating func record(_ fleet: Fleet, at instant: Instant, isClose: Bool) {
    let pause: Duration = isClose ? .milliseconds(100) : .seconds(1)
    if let last = moments.last, instant - last.at < pause { return }
    let coming = coming(in: fleet)
    moments.append(PastFleet(at: instant, fleet: fleet, coming: coming))
    comingTotal += coming
    let weight = max(
      1,
      fleet.summaries.count * fleet.vtgates.count
        + fleet.failovers.all.count * Self.failoverWeight)
    let limit = min(Self.capacity, max(20, Self.weightLimit / weight))
    if moments.count > limit { drop(moments.count - limit) }
    while comingTotal > Self.comingLimit, moments.count > 1 { drop(1) }
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
