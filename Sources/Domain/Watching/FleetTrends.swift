package import FleetModel
package import Terms

/// The last minutes of every shard, one point per recording; bounded.
package struct FleetTrends: Sendable, Equatable, Codable {
  /// The most points kept of one shard: a quarter of an hour at one a second.
  package static let capacity = 900
  /// The most points kept of all shards together, provided each has a minute's worth.
  static let totalCapacity = 200_000

  package struct Sample: Sendable, Equatable {
    package let at: Instant
    /// Nil when it is not known.
    package let held: Int?
    /// No poll saw it: vtgates tell that they held so much at some time since the point before.
    package let isHeldUnseen: Bool
    /// Seconds; nil when it is not known.
    package let lag: Double?
    /// What was counted since the point before.
    package let moved: Movement
  }

  private struct Trend: Equatable, Codable {
    var points: [Sample] = []
    /// The totals at the last point.
    var movement = Movement()

    /// Adds a point, whose counts are totals.
    mutating func record(_ point: Sample, _ limit: Int) {
      // An array would make room for twice as many as it has, and most have as many as they may.
      if points.count == points.capacity {
        points.reserveCapacity(min(max(8, points.count * 2), limit + limit / 8 + 1))
      }
      points.append(
        Sample(
          at: point.at, held: point.held, isHeldUnseen: point.isHeldUnseen, lag: point.lag,
          moved: point.moved.since(movement)))
      movement = point.moved
      // Many at once: shifting the rest down one place each time would cost more than it frees.
      if points.count > limit + limit / 8 { points.removeFirst(points.count - limit) }
    }
  }

  private var trends: [ShardName: Trend] = [:]

  package init() {}

  /// Adds one point to every shard's, as of the fleet's last ``Fleet/settle(at:)``.
  package mutating func record(_ fleet: Fleet, at now: Instant) {
    let limit = min(Self.capacity, max(60, Self.totalCapacity / max(1, fleet.summaries.count)))
    for shard in fleet.summaries {
      let before = trends[shard.name]?.points.last?.at
      let unseen = before.flatMap { fleet.unseenPeak(of: shard.name, since: $0) }
        .flatMap { $0 > shard.held ?? 0 ? $0 : nil }
      trends[shard.name, default: Trend()].record(
        Sample(
          at: now, held: unseen ?? shard.held, isHeldUnseen: unseen != nil, lag: shard.lag.value,
          moved: fleet.movement(of: shard.name)), limit)
    }
    if trends.count > fleet.summaries.count {
      let names = Set(fleet.summaries.map(\.name))
      trends = trends.filter { names.contains($0.key) }
    }
  }

  /// What a shard's vtgates count a second, over the last few seconds up to a moment; nil when fewer
  /// than two points are known.
  package func rate(
    of shard: ShardName, until moment: Instant, _ count: (Movement) -> Int
  ) -> Double? {
    let points = points(of: shard, until: moment, count: 4)
    guard let first = points.first, let last = points.last, last.at > first.at else { return nil }
    let sum = points.dropFirst().reduce(0) { $0 &+ count($1.moved) }
    return Double(sum) / (last.at - first.at).seconds
  }

  /// Itself without its points; the totals at the last one stay.
  package var withoutPoints: FleetTrends {
    var trends = self
    for name in Array(trends.trends.keys) { trends.trends[name]?.points = [] }
    return trends
  }

  /// The points of all shards after a moment, oldest first; nil: all.
  package func points(after moment: Instant?) -> [ShardName: [Sample]] {
    trends.compactMapValues { trend in
      let first = moment.map { moment in
        trend.points.lastIndex { $0.at <= moment }.map { $0 + 1 } ?? 0
      }
      let points = trend.points.dropFirst(first ?? 0)
      return points.isEmpty ? nil : Array(points)
    }
  }

  /// Puts points before those that it has, of shards that it knows.
  package mutating func recall(_ points: [ShardName: [Sample]]) {
    for (name, points) in points { trends[name]?.points.insert(contentsOf: points, at: 0) }
  }

  /// A shard's last points up to a moment, at most `count` of them.
  package func points(of shard: ShardName, until moment: Instant, count: Int) -> [Sample] {
    guard let points = trends[shard]?.points else { return [] }
    let end = points.lastIndex { $0.at <= moment }.map { $0 + 1 } ?? 0
    return Array(points[max(0, end - count)..<end])
  }
}

/// A list without names: there are many points.
extension FleetTrends.Sample: Codable {
  package init(from decoder: any Decoder) throws {
    var list = try decoder.unkeyedContainer()
    at = try list.decode(Instant.self)
    held = try list.decodeIfPresent(Int.self)
    isHeldUnseen = try list.decode(Int.self) != 0
    lag = try list.decodeIfPresent(Double.self)
    moved = try list.decode(Movement.self)
  }

  package func encode(to encoder: any Encoder) throws {
    var list = encoder.unkeyedContainer()
    try list.encode(at)
    try list.encode(held)
    try list.encode(isHeldUnseen ? 1 : 0)
    try list.encode(lag)
    try list.encode(moved)
  }
}
