internal import FleetModel
internal import Terms

/// A new value at one path; nil: there is nothing at or below it any more.
struct LeafChange: Equatable {
  let path: String
  let leaf: Leaf?
}

extension Leaves {
  /// The changes that turn other leaves into these, ordered by path.
  func changes(from earlier: Leaves, under prefix: String = "") -> [LeafChange] {
    func path(_ name: String) -> String { prefix.isEmpty ? name : "\(prefix).\(name)" }
    var changes: [LeafChange] = []
    for (name, leaf) in self where earlier[name] != leaf {
      changes.append(LeafChange(path: path(name), leaf: leaf))
    }
    for name in earlier.keys where self[name] == nil {
      changes.append(LeafChange(path: path(name), leaf: nil))
    }
    return changes.sorted { $0.path < $1.path }
  }
}

/// The parts of a vtgate's reading that are compared shard by shard: of a thousand shards only a few
/// change at a time.
enum ShardPart: String, CaseIterable {
  case buffers, combined, primaryConnections, callErrors

  func path(_ shard: ShardName) -> String {
    LeafPath.joined(rawValue, shard.description)
  }

  /// Counters that have not counted yet: only what differs from these is stored.
  static let untouched = BufferCounters()
}

extension VtgateReading {
  /// The path at which the number of the list of tablets is stored.
  static let listPath = "tablets"

  /// What differs from the reading before, or everything if there is none.
  ///
  /// `list`: the number of its list of tablets.
  func changes(from earlier: VtgateReading?, list: Int64?, earlierList: Int64?) throws
    -> [LeafChange]
  {
    let old = earlier ?? VtgateReading()
    var changes = try Self.changes(buffers, old.buffers, .buffers)
    changes += try Self.changes(combined, old.combined, .combined)
    changes += Self.changes(primaryConnections, old.primaryConnections, .primaryConnections)
    changes += Self.changes(callErrors, old.callErrors, .callErrors)
    if list != earlierList {
      changes.append(LeafChange(path: Self.listPath, leaf: list.map { .integer($0) }))
    }
    let (own, others) = (wholePart, earlier?.wholePart)
    if own != others {
      changes += try Leaves(of: own).changes(from: others.map { try Leaves(of: $0) } ?? [:])
    }
    return changes
  }

  /// The rest, which is compared as a whole.
  private var wholePart: VtgateReading {
    var part = self
    part.buffers = ShardCounters()
    part.combined = ShardCounters()
    part.primaryConnections = [:]
    part.callErrors = [:]
    part.tablets = nil
    return part
  }

  private static func changes(
    _ new: ShardCounters, _ old: ShardCounters, _ part: ShardPart
  ) throws -> [LeafChange] {
    var changes: [LeafChange] = []
    for shard in new.shardsChanged(since: old) {
      let path = part.path(shard)
      guard let counters = new[shard] else {
        changes.append(LeafChange(path: path, leaf: nil))
        continue
      }
      if old[shard] == nil { changes.append(LeafChange(path: path, leaf: .empty)) }
      let before = try Leaves(of: old[shard] ?? ShardPart.untouched)
      changes += try Leaves(of: counters).changes(from: before, under: path)
    }
    return changes
  }

  private static func changes(
    _ new: [ShardName: Int], _ old: [ShardName: Int], _ part: ShardPart
  ) -> [LeafChange] {
    guard new != old else { return [] }
    let changed = new.filter { old[$0.key] != $0.value }
    return changed.map { LeafChange(path: part.path($0.key), leaf: .integer(Int64($0.value))) }
      + old.keys.filter { new[$0] == nil }.map { LeafChange(path: part.path($0), leaf: nil) }
  }
}
