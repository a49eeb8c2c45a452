internal import Terms

/// Which shards topo means to serve, by their records, and where vtgates have seen otherwise since.
///
/// A Reshard changes both within a second, but the records are read once a minute.
struct ServingPlan: Sendable, Equatable, Codable {
  private struct Word: Sendable, Equatable, Codable {
    let isMeantToServe: Bool
    let readAt: Instant
  }

  /// When a shard's primary last began or ceased to serve, and when it last began.
  private struct Turns: Sendable, Equatable, Codable {
    var last: Instant
    var begun: Instant?
  }

  /// What is known of whether a shard is meant to serve.
  enum Standing: Sendable {
    case meant
    case notMeant
    /// It was not when its record was read, and has been seen to serve since.
    case begun
  }

  private var words: [ShardName: Word] = [:]
  private var turns: [ShardName: Turns] = [:]
  /// The shards that are not meant to serve, by keyspace: few keyspaces have any.
  private var idle: [String: Set<ShardName>] = [:]

  /// Takes shards' records.
  mutating func take(_ routings: [ShardName: ShardRouting]) {
    for (name, routing) in routings {
      take(name, isMeantToServe: routing.isPrimaryServing, at: routing.readAt)
    }
  }

  /// Takes what one shard's record said at some moment, unless a later one is known.
  mutating func take(_ name: ShardName, isMeantToServe: Bool, at instant: Instant) {
    guard words[name].map({ $0.readAt <= instant }) ?? true else { return }
    words[name] = Word(isMeantToServe: isMeantToServe, readAt: instant)
    if isMeantToServe {
      idle[name.keyspace]?.remove(name)
      if idle[name.keyspace]?.isEmpty == true { idle[name.keyspace] = nil }
    } else {
      idle[name.keyspace, default: []].insert(name)
    }
  }

  /// Notes that vtgates saw a shard's primary begin or cease to serve.
  mutating func note(_ name: ShardName, serves: Bool, at now: Instant) {
    turns[name] = Turns(last: now, begun: serves ? now : turns[name]?.begun)
  }

  mutating func forget(_ name: ShardName) {
    (words[name], turns[name]) = (nil, nil)
    idle[name.keyspace]?.remove(name)
    if idle[name.keyspace]?.isEmpty == true { idle[name.keyspace] = nil }
  }

  /// Nil when topo has not told of the shard.
  func standing(of name: ShardName) -> Standing? {
    guard let word = words[name] else { return nil }
    if word.isMeantToServe { return .meant }
    return turns[name]?.begun.map { $0 > word.readAt } == true ? .begun : .notMeant
  }

  /// Shards whose records may have changed: a Reshard is under way in their keyspaces, and vtgates
  /// have seen them, or others with some of their rows, begin or cease to serve since they were
  /// read.
  var outdated: Set<ShardName> {
    var names: Set<ShardName> = []
    for keyspace in idle.keys {
      let own = words.keys.filter { $0.keyspace == keyspace }
      let turned = own.filter { name in
        turns[name].map { turn in words[name].map { turn.last > $0.readAt } ?? true } ?? false
      }
      for name in own where turned.contains(where: { KeyRange.overlap($0, name) }) {
        names.insert(name)
      }
    }
    return names
  }
}
