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
  /// What each vtgate had counted at the point before.
  private var last: [Address: BufferCounters] = [:]

  package init() {}

  mutating func record(_ shard: Shard) {
    var now: [Address: BufferCounters] = last
    for vtgate in shard.vtgates where vtgate.total != nil { now[vtgate.address] = vtgate.total }
    // Only what one and the same vtgate counted between two points: one that appears with a long
    // past adds nothing, and one that restarted nothing negative.
    func more(_ count: (BufferCounters) -> Int) -> Int {
      now.reduce(0) { sum, entry in
        sum + max(0, count(entry.value) - (last[entry.key].map(count) ?? count(entry.value)))
      }
    }
    points.append(
      Point(
        held: shard.held, lag: shard.lag.value, state: shard.state,
        drained: more(\.drained), evicted: more(\.evictedTotal)))
    last = now
    if points.count > Self.capacity { points.removeFirst(points.count - Self.capacity) }
  }
}
