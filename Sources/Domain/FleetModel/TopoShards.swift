package import Terms

/// The shards that the topology has records of, whoever else names them.
///
/// One that nobody else names has a row of its own, once the servers that may name it have been heard.
struct TopoShards: Sendable, Equatable, Codable {
  /// Whole: a shard that is not here has no record.
  let records: [ShardName: TopoShard]
  /// Those that have no row yet, and since when.
  private var awaited: [ShardName: Instant]

  /// How long servers are waited for that say nothing at all.
  private static let patience: Duration = .seconds(10)

  init(_ records: [ShardName: TopoShard], after earlier: TopoShards?, at now: Instant) {
    self.records = records
    awaited = earlier?.awaited.filter { records[$0.key] != nil } ?? [:]
    for name in records.keys where earlier?.records[name] == nil { awaited[name] = now }
  }

  var isWaiting: Bool { !awaited.isEmpty }

  /// Takes out those that need not be waited for any longer.
  ///
  /// `allHeard`: whether every server has answered, or failed to, since it was named.
  mutating func admit(at now: Instant, allHeard: Bool) -> [ShardName] {
    let admitted =
      allHeard
      ? Array(awaited.keys) : awaited.filter { now - $0.value >= Self.patience }.map(\.key)
    for name in admitted { awaited[name] = nil }
    return admitted
  }
}

extension Fleet {
  /// Takes the records of all shards.
  package mutating func apply(_ shards: [ShardName: TopoShard], at instant: Instant) {
    let before = topoShards?.records ?? [:]
    topoShards = TopoShards(shards, after: topoShards, at: instant)
    for name in Set(before.keys).union(shards.keys) where before[name] != shards[name] {
      if let shard = shards[name] {
        plan.take(name, isMeantToServe: shard.isPrimaryServing, at: instant)
      } else if records[name] == nil {
        plan.forget(name)
      }
      if records[name] != nil { record(name) { $0.mark(.tablets) } }
    }
    isSuccessionDue = true
  }

  /// Gives a row to shards that nobody names but topo.
  mutating func admitTopoShards(at now: Instant) {
    guard topoShards?.isWaiting == true else { return }
    let allHeard = hasHeardAll
    let admitted = topoShards?.admit(at: now, allHeard: allHeard) ?? []
    for name in admitted where records[name] == nil { record(name) { $0.mark(.tablets) } }
  }

  private var hasHeardAll: Bool {
    vtgates.values.allSatisfy(\.watched.isHeard) && tablets.values.allSatisfy(\.watched.isHeard)
  }
}
