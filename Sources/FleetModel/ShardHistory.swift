/// The last minutes of a shard, one point a recording; bounded.
package struct ShardHistory: Sendable, Equatable {
  /// Older points are dropped: at one a second, four minutes.
  package static let capacity = 240

  package struct Point: Sendable, Equatable {
    package var held: Int
    package var lag: Double?
    package var state: Shard.State
    /// Counted since the point before.
    package var buffered: Int
    package var drained: Int
    package var evicted: Int
    package var skipped: Int
  }

  package private(set) var points: [Point] = []
  private var last: BufferCounters?

  package init() {}

  mutating func record(_ shard: Shard) {
    let now = shard.counters
    // A new baseline or a restart makes the sums fall; that is no negative rate.
    func more(_ count: (BufferCounters) -> Int) -> Int {
      max(0, count(now) - (last.map(count) ?? count(now)))
    }
    points.append(
      Point(
        held: shard.held, lag: shard.lag.value, state: shard.state,
        buffered: more(\.buffered), drained: more(\.drained), evicted: more(\.evictedTotal),
        skipped: more(\.skippedTotal)))
    last = now
    if points.count > Self.capacity { points.removeFirst(points.count - Self.capacity) }
  }
}
