internal import Terms

/// Which shards serve the whole key ranges of others that were set aside.
struct Succession: Sendable, Equatable, Codable {
  private var successors: [ShardName: [ShardName]] = [:]
  /// How many ranges were looked at, which grows with the number of shards and not with its square.
  private(set) var looks = 0

  init() {}

  /// `setAside`: those whose successors are wanted; `serving`: those that can be successors.
  init(of setAside: [ShardName], among serving: [ShardName]) {
    let byKeyspace = Dictionary(grouping: setAside, by: \.keyspace)
    guard !byKeyspace.isEmpty else { return }
    let serving = Dictionary(
      grouping: serving.filter { byKeyspace[$0.keyspace] != nil }, by: \.keyspace)
    for (keyspace, names) in byKeyspace {
      let ranges = ServingRanges(serving[keyspace] ?? [])
      looks += ranges.count
      for name in names {
        guard let own = KeyRange(name.shard) else { continue }
        successors[name] = ranges.cover(own, looks: &looks)
      }
    }
  }

  subscript(name: ShardName) -> [ShardName]? { successors[name] }

  var setAside: Dictionary<ShardName, [ShardName]>.Keys { successors.keys }

  mutating func add(_ other: Succession) {
    successors.merge(other.successors) { $1 }
    looks += other.looks
  }
}

/// The key ranges that shards of a keyspace serve, by their starts.
private struct ServingRanges {
  private typealias Served = (name: ShardName, range: KeyRange)

  private let all: [Served]
  /// For each range, the index of the one that ends last among it and those before it.
  private var farthest: [Int] = []

  var count: Int { all.count }

  init(_ names: [ShardName]) {
    all = names.compactMap { name in KeyRange(name.shard).map { (name, $0) } }
      .sorted { $0.range.start < $1.range.start }
    for index in all.indices {
      let best = farthest.last ?? index
      farthest.append(all[index].range.outreaches(all[best].range) ? index : best)
    }
  }

  /// The shards that serve a whole range one after the other; nil when part of it is not served.
  func cover(_ own: KeyRange, looks: inout Int) -> [ShardName]? {
    var reached = own.start
    var used: [ShardName] = []
    while true {
      looks += 1
      guard let last = lastStarting(upTo: reached) else { return nil }
      let (name, range) = all[farthest[last]]
      guard range.reaches(beyond: reached) else { return nil }
      used.append(name)
      guard let end = range.end else { return used }
      reached = end
      if let last = own.end, reached >= last { return used }
    }
  }

  private func lastStarting(upTo key: String) -> Int? {
    var (low, high) = (0, all.count)
    while low < high {
      let middle = (low + high) / 2
      if all[middle].range.start <= key { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? nil : low - 1
  }
}

/// A shard's range of keyspace IDs, as its name says: `-80`, `80-c0`, `-`; `0` is all of them.
struct KeyRange: Sendable, Equatable {
  /// Hexadecimal without trailing zeros, so that `80` and `8000` are equal; empty is the lowest.
  let start: String
  /// Nil is beyond the highest.
  let end: String?

  init?(_ shard: String) {
    if shard == "0" {
      (start, end) = ("", nil)
      return
    }
    let parts = shard.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.allSatisfy(\.isHexDigit) }) else { return nil }
    func key(_ text: Substring) -> String {
      var text = text.lowercased()
      while text.hasSuffix("0") { text.removeLast() }
      return text
    }
    start = key(parts[0])
    end = parts[1].isEmpty ? nil : key(parts[1])
  }

  /// Whether two shards have rows in common, as far as their names say.
  static func overlap(_ one: ShardName, _ other: ShardName) -> Bool {
    guard one.keyspace == other.keyspace else { return false }
    guard let left = KeyRange(one.shard), let right = KeyRange(other.shard) else {
      return one == other
    }
    return left.reaches(beyond: right.start) && right.reaches(beyond: left.start)
  }

  func reaches(beyond key: String) -> Bool { end.map { $0 > key } ?? true }

  /// Whether it ends later than another.
  func outreaches(_ other: KeyRange) -> Bool { other.end.map { reaches(beyond: $0) } ?? false }
}
