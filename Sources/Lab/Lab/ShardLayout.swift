/// The shards with which a keyspace begins: those that serve, and those that wait for a Reshard
/// because they overlap an earlier one.
package struct ShardLayout {
  private let shards: [String]
  package let serving: [String]

  package init(_ shards: [String]) {
    self.shards = shards
    serving = shards.enumerated().filter { index, shard in
      !shards[..<index].contains { KeyRange.overlap($0, shard) }
    }.map(\.element)
  }

  /// Why that is no keyspace: its shards must serve every key; nil where they do.
  package var flaw: String? {
    if let name = shards.first(where: { $0.contains("-") && KeyRange(ofShard: $0) == nil }) {
      return "\(name) is no key range: its bounds are pairs of hex digits, the lower one first"
    }
    let ranges = serving.compactMap { shard in
      KeyRange(heldBy: shard).map { (shard: shard, range: $0) }
    }.sorted { $0.range.precedes($1.range) }
    guard let first = ranges.first, let last = ranges.last else { return nil }
    if !first.range.isOpenBelow {
      return gap(KeyRange(from: [], to: first.range.start), "before \(first.shard)")
    }
    for (one, next) in zip(ranges, ranges.dropFirst()) where !one.range.meets(next.range) {
      let gap = KeyRange(from: one.range.end, to: next.range.start)
      return self.gap(gap, "between \(one.shard) and \(next.shard)")
    }
    return last.range.isOpenAbove
      ? nil : gap(KeyRange(from: last.range.end, to: []), "after \(last.shard)")
  }

  private func gap(_ gap: KeyRange, _ place: String) -> String {
    let waiting = shards.lazy.filter { !serving.contains($0) }
      .first { KeyRange(heldBy: $0)?.overlaps(gap) == true }
    let overlapped = waiting.flatMap { waiting in
      serving.first { KeyRange.overlap($0, waiting) }.map {
        ": \(waiting) overlaps \($0), so that it waits for a Reshard"
      }
    }
    return "no shard serves the keys \(place)\(overlapped ?? "")"
  }
}
