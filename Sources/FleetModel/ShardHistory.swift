/// The last minutes of a shard, one point a recording; bounded.
package struct ShardHistory: Sendable, Equatable {
  /// Older points are dropped: at one a second, four minutes.
  package static let capacity = 240

  package struct Point: Sendable, Equatable {
    package var held: Int
    package var lag: Double?
    package var state: Shard.State
    /// Counted since the point before.
    package var drained: Int
    package var evicted: Int
  }

  package private(set) var points: [Point] = []
  /// What had been counted at the point before.
  private var drained = 0
  private var evicted = 0

  package init() {}

  /// Adds a point; `drained` and `evicted` are what has been seen to be counted since the run began.
  mutating func record(_ shard: ShardSummary, drained: Int, evicted: Int) {
    points.append(
      Point(
        held: shard.held, lag: shard.lag.value, state: shard.state,
        drained: drained - self.drained, evicted: evicted - self.evicted))
    (self.drained, self.evicted) = (drained, evicted)
    if points.count > Self.capacity { points.removeFirst(points.count - Self.capacity) }
  }
}
