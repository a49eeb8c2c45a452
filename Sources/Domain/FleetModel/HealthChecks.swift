internal import Terms

/// What one vtgate's health check says of shards, and how far that can be trusted.
struct HealthCheck {
  let address: Address
  let isFresh: Bool
  /// Whether its list of tablets comes from the latest reading.
  ///
  /// A list kept from an earlier poll names them, but says nothing about who serves.
  let hasCurrentTablets: Bool
  fileprivate let tablets: GatewayTablets?
  private let buffers: ShardCounters
  private let primaryConnections: [ShardName: Int]

  init(_ state: VtgateState) {
    address = state.address
    isFresh = state.isFresh
    hasCurrentTablets = state.hasCurrentTablets
    tablets = state.tablets
    buffers = state.watched.value?.buffers ?? ShardCounters()
    primaryConnections = state.watched.value?.primaryConnections ?? [:]
  }

  /// The serving primary of a shard as the vtgate sees it; the newer of two.
  func primary(of shard: ShardName) -> SeenPrimary? {
    if hasCurrentTablets, tablets?[shard] != nil {
      let seen = servingPrimaries(of: shard)
        .map { SeenPrimary(alias: $0.alias, term: $0.primaryTermStart) }.max()
      // The primary may be among the entries that could not be read.
      if seen != nil || tablets?.complaint == nil { return seen }
    }
    // Without the list of tablets, the count of connections tells: absent means none.
    return primaryConnections[shard, default: 0] > 0 ? SeenPrimary(alias: nil, term: 0) : nil
  }

  /// The tablets that it now lists as serving primaries of a shard.
  func servingPrimaries(of shard: ShardName) -> [GatewayTablet] {
    hasCurrentTablets ? tablets?[shard]?.servingPrimaries ?? [] : []
  }

  /// Whether it can tell that a shard has no primary.
  func knows(_ shard: ShardName) -> Bool {
    if hasCurrentTablets { return tablets?[shard] != nil }
    return buffers[shard] != nil || primaryConnections[shard] != nil
  }

  /// Whether it used to know a shard about which it can tell nothing now.
  func hides(_ shard: ShardName) -> Bool {
    let knew = tablets?[shard] != nil || buffers[shard] != nil
    return knew && (!isFresh || (!hasCurrentTablets && !knows(shard)))
  }

  /// The shards that it names elsewhere than in its list of tablets.
  fileprivate var counted: Set<ShardName> {
    Set(buffers.named).union(primaryConnections.keys)
  }
}

/// The health checks of all vtgates, those together that list the same tablets.
///
/// A hundred vtgates that each know a thousand shards mostly say the same: of what a list names, a group
/// is asked once.
struct HealthChecks {
  private(set) var groups: [Group] = []

  /// Vtgates whose lists differ in lag only and are to be trusted alike, or which have none.
  struct Group {
    private(set) var members: [HealthCheck]
    /// Of each of them; none where they have none.
    private var lists: [GatewayTablets]
    /// The members that mention a shard which is not on their list; nil: all of them may.
    private var mentioning: [ShardName: [Int]]?

    fileprivate init(_ check: HealthCheck) {
      members = [check]
      lists = check.tablets.map { [$0] } ?? []
    }

    fileprivate func takes(_ check: HealthCheck) -> Bool {
      let first = members[0]
      guard first.isFresh == check.isFresh, first.hasCurrentTablets == check.hasCurrentTablets
      else { return false }
      guard let own = lists.first, let list = check.tablets else {
        return lists.isEmpty && check.tablets == nil
      }
      return own.shares(list) && own.complaint == list.complaint
    }

    fileprivate mutating func add(_ check: HealthCheck) {
      members.append(check)
      if let list = check.tablets { lists.append(list) }
    }

    /// Finds out once who mentions what, if many shards are to be looked up that the list lacks.
    fileprivate mutating func prepare(for shards: [ShardName]) {
      let unlisted = shards.count { lists.first?[$0] == nil }
      guard unlisted > HealthChecks.fewShards else { return }
      mentioning = members.indices.reduce(into: [:]) { mentioning, place in
        for shard in members[place].counted { mentioning[shard, default: []].append(place) }
      }
    }

    /// Who is to be asked about a shard; the first speaks for all of them where they cannot differ.
    func speakers(about shard: ShardName) -> (places: [Int], speakForAll: Bool) {
      guard let list = lists.first, list[shard] != nil else {
        return (mentioning.map { $0[shard] ?? [] } ?? Array(members.indices), false)
      }
      let first = members[0]
      // A list that is kept or not whole leaves the word to the counters.
      let isAlike = !first.isFresh || (first.hasCurrentTablets && list.complaint == nil)
      return isAlike ? ([0], true) : (Array(members.indices), false)
    }

    /// What they list for a shard, each different list once, and by how many.
    func lists(of shard: ShardName) -> [(tablets: GatewayTablets.OfShard, count: Int)] {
      guard let first = lists.first?[shard] else { return [] }
      var different = [(tablets: first, count: 1)]
      for list in lists.dropFirst() {
        if let same = different.firstIndex(where: { $0.tablets.isSaid(by: list) }) {
          different[same].count += 1
        } else if let own = list[shard] {
          different.append((own, 1))
        }
      }
      return different
    }
  }

  /// How many shards are looked for among all vtgates one by one.
  private static let fewShards = 16

  /// `shards`: those that are to be looked up.
  init(_ vtgates: some Collection<VtgateState>, about shards: [ShardName]) {
    for vtgate in vtgates {
      let check = HealthCheck(vtgate)
      if let place = groups.firstIndex(where: { $0.takes(check) }) {
        groups[place].add(check)
      } else {
        groups.append(Group(check))
      }
    }
    for place in groups.indices { groups[place].prepare(for: shards) }
  }
}
