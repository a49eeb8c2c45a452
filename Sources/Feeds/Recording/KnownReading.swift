internal import FleetModel
internal import Terms

/// A server's last reading, reassembled from changes.
///
/// Only the parts that changed are rebuilt, and only when the reading is asked for.
struct KnownReading {
  private let role: Target.Role
  private var gate = VtgateReading()
  private var member: TabletReading?
  /// Everything that is compared as a whole rather than per shard.
  private var whole: Leaves = [:]
  private var shards: [ShardPart: [ShardName: Leaves]] = [:]
  private var isWholeStale = false
  private var staleShards: [ShardPart: Set<ShardName>] = [:]
  /// The number of its list of tablets.
  private var list: Int64?
  private var isListStale = false

  init(_ role: Target.Role) { self.role = role }

  mutating func apply(_ change: LeafChange) throws {
    guard role == .gate else { return applyToWhole(change) }
    if change.path == VtgateReading.listPath {
      list = change.leaf.flatMap { if case .integer(let number) = $0 { number } else { nil } }
      isListStale = true
      return
    }
    let (name, rest) = LeafPath.first(of: change.path[...])
    guard let part = ShardPart(rawValue: name), let rest else { return applyToWhole(change) }
    let (label, field) = LeafPath.first(of: rest)
    guard let shard = ShardName(written: label) else { throw LeafMismatch(path: change.path) }
    staleShards[part, default: []].insert(shard)
    if let field {
      shards[part, default: [:]][shard, default: [:]][String(field)] = change.leaf
    } else if let leaf = change.leaf {
      shards[part, default: [:]][shard] = leaf == .empty ? try Self.untouched.get() : ["": leaf]
    } else {
      shards[part]?[shard] = nil
    }
  }

  private mutating func applyToWhole(_ change: LeafChange) {
    whole[change.path] = change.leaf
    isWholeStale = true
  }

  private static let untouched = Result { try Leaves(of: ShardPart.untouched) }

  /// The reading as of the last change; `lists` looks up a list of tablets by its number.
  mutating func result(_ lists: (Int64) throws -> GatewayTablets) throws -> ScrapeOutcome.Result {
    switch role {
    case .member:
      if isWholeStale || member == nil { member = try whole.value() }
      isWholeStale = false
      guard let member else { throw LeafMismatch(path: "") }
      return .member(member)
    case .gate:
      try bringGateUpToDate(lists)
      return .gate(gate)
    }
  }

  private mutating func bringGateUpToDate(_ lists: (Int64) throws -> GatewayTablets) throws {
    if isWholeStale {
      var new: VtgateReading = try whole.value()
      new.buffers = gate.buffers
      new.combined = gate.combined
      new.primaryConnections = gate.primaryConnections
      new.callErrors = gate.callErrors
      new.tablets = gate.tablets
      gate = new
      isWholeStale = false
    }
    for (part, names) in staleShards {
      for shard in names {
        let leaves = shards[part]?[shard]
        switch part {
        case .buffers: gate.buffers[shard] = try leaves?.value()
        case .combined: gate.combined[shard] = try leaves?.value()
        case .primaryConnections: gate.primaryConnections[shard] = try leaves?.value()
        case .callErrors: gate.callErrors[shard] = try leaves?.value()
        }
      }
    }
    staleShards = [:]
    if isListStale {
      gate.tablets = try list.map(lists)
      isListStale = false
    }
  }
}
