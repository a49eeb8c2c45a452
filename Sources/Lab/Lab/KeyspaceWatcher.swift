internal import Terms

/// What one vtgate concludes from health streams and topo about whole keyspaces.
///
/// A keyspace is consistent when every shard of its partition serves, none outside of it does, and
/// no MoveTables is halfway. Becoming consistent is an event for *all* its shards: one shard that
/// stays down keeps its neighbours' buffers waiting (#13854).
///
/// Mirrors go/vt/discovery/keyspace_events.go, v14 to v24.
struct KeyspaceWatcher: Sendable {
  /// How far a MoveTables out of the keyspace has got.
  enum MoveTables: Sendable { case none, switching, switched }

  /// A keyspace has become consistent.
  struct Event: Sendable {
    struct Shard: Sendable {
      let name: ShardName
      let primary: TabletAlias?
      let isServing: Bool
    }
    let shards: [Shard]
    let moveTables: MoveTables
  }

  private struct ShardView: Sendable {
    var isServing: Bool
    /// The start of the newest primary's term.
    var term: Instant?
    var primary: TabletAlias?
    /// Set when a request's error announced a reparent before the health stream did.
    var awaitsReparent = false
  }

  private struct KeyspaceView: Sendable {
    var isConsistent = false
    var shards: [String: ShardView] = [:]
    var partition: Set<String>
    var moveTables = MoveTables.none
  }

  private var keyspaces: [String: KeyspaceView] = [:]

  /// Learns from topo which shards a keyspace's PRIMARY partition has.
  mutating func partition(_ keyspace: String, _ shards: [String]) -> Event? {
    var view = keyspaces[keyspace] ?? KeyspaceView(partition: [])
    if view.partition != Set(shards) {
      view.partition = Set(shards)
      view.isConsistent = false
    }
    return settle(keyspace, view)
  }

  /// Takes a health update; only those of primaries count.
  mutating func saw(_ sighting: TabletSighting) -> Event? {
    let (keyspace, shard) = (sighting.shard.keyspace, sighting.shard.shard)
    guard sighting.type == .primary, var view = keyspaces.removeValue(forKey: keyspace) else {
      return nil
    }
    guard var own = view.shards[shard] ?? (sighting.isServing ? ShardView(isServing: false) : nil)
    else {
      keyspaces[keyspace] = view
      return nil
    }
    let isNewTerm = (sighting.primarySince?.nanoseconds ?? 0) > (own.term?.nanoseconds ?? 0)
    // Once the health stream itself says so, the next one to serve ends it, even the same primary.
    if !sighting.isServing { own.awaitsReparent = false }
    if own.isServing != sighting.isServing {
      view.isConsistent = false
      if !sighting.isServing {
        own.isServing = false
      } else if !own.awaitsReparent || isNewTerm {
        own.isServing = true
        own.awaitsReparent = false
      }
    }
    if isNewTerm {
      view.isConsistent = false
      own.term = sighting.primarySince
      own.primary = sighting.alias
    }
    view.shards[shard] = own
    return settle(keyspace, view)
  }

  /// A request failed as in a reparent before the health stream reported it: v20 and later.
  ///
  /// False when the shard is unknown; then nothing may be buffered for it.
  mutating func markNotServing(_ name: ShardName) -> Bool {
    guard keyspaces[name.keyspace]?.shards[name.shard] != nil else { return false }
    if keyspaces[name.keyspace]?.shards[name.shard]?.isServing == true {
      keyspaces[name.keyspace]?.shards[name.shard]?.isServing = false
      keyspaces[name.keyspace]?.shards[name.shard]?.awaitsReparent = true
    }
    keyspaces[name.keyspace]?.isConsistent = false
    return true
  }

  /// A request failed because its table is moving away: v20 and later.
  ///
  /// Its primary serves all the time, so its next health message ends this, whether or not writes
  /// have been switched by then.
  mutating func markMoving(_ name: ShardName) -> Bool {
    guard keyspaces[name.keyspace]?.shards[name.shard] != nil else { return false }
    keyspaces[name.keyspace]?.shards[name.shard]?.isServing = false
    keyspaces[name.keyspace]?.isConsistent = false
    return true
  }

  /// Learns from topo how far a MoveTables out of the keyspace has got.
  mutating func moveTables(_ state: MoveTables, from keyspace: String) -> Event? {
    guard var view = keyspaces[keyspace], view.moveTables != state else { return nil }
    view.moveTables = state
    view.isConsistent = false
    return settle(keyspace, view)
  }

  /// True when a primary was known, has been reparented at some time, and does not serve: the state
  /// in which vtgate itself reports a reparent.
  func isPrimaryNotServing(_ name: ShardName) -> Bool {
    guard let view = keyspaces[name.keyspace], let shard = view.shards[name.shard] else {
      return false
    }
    return !view.isConsistent && !shard.isServing && shard.term != nil && shard.primary != nil
  }

  func isBeingResharded(_ name: ShardName) -> Bool {
    guard let view = keyspaces[name.keyspace] else { return false }
    return !view.partition.contains(name.shard) && !view.isConsistent
  }

  private mutating func settle(_ keyspace: String, _ view: KeyspaceView) -> Event? {
    var view = view
    defer { keyspaces[keyspace] = view }
    guard !view.isConsistent, view.moveTables != .switching else { return nil }
    for name in view.partition where view.shards[name]?.isServing != true { return nil }
    for (name, shard) in view.shards where shard.isServing && !view.partition.contains(name) {
      return nil
    }
    view.isConsistent = true
    defer { view.moveTables = .none }
    return Event(
      shards: view.shards.sorted { $0.key < $1.key }.map { name, shard in
        Event.Shard(
          name: ShardName(keyspace: keyspace, shard: name), primary: shard.primary,
          isServing: shard.isServing)
      }, moveTables: view.moveTables)
  }
}
