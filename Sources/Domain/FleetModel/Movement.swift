/// Requests of a shard that its vtgates were seen to count.
package struct Movement: Sendable, Equatable {
  package internal(set) var buffered = 0
  package internal(set) var drained = 0
  package internal(set) var evicted = 0
  /// Without those that say only that buffering is off.
  package internal(set) var skipped = 0

  package init() {}

  mutating func add(_ more: BufferCounters) {
    buffered &+= max(0, more.buffered)
    drained &+= max(0, more.drained)
    evicted &+= max(0, more.evictedTotal)
    skipped &+= max(0, more.skippedTotal)
  }

  /// What came after an earlier one.
  package func since(_ earlier: Movement) -> Movement {
    var rest = Movement()
    rest.buffered = max(0, buffered &- earlier.buffered)
    rest.drained = max(0, drained &- earlier.drained)
    rest.evicted = max(0, evicted &- earlier.evicted)
    rest.skipped = max(0, skipped &- earlier.skipped)
    return rest
  }
}
