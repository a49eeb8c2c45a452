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

/// A list of the four, in their order: there are many.
extension Movement: Codable {
  package init(from decoder: any Decoder) throws {
    var list = try decoder.unkeyedContainer()
    buffered = try list.decode(Int.self)
    drained = try list.decode(Int.self)
    evicted = try list.decode(Int.self)
    skipped = try list.decode(Int.self)
  }

  package func encode(to encoder: any Encoder) throws {
    var list = encoder.unkeyedContainer()
    for count in [buffered, drained, evicted, skipped] { try list.encode(count) }
  }
}
