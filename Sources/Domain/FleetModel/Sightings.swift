internal import Terms

/// What all the vtgates' health checks together show of one shard.
struct Sightings: Sendable, Equatable, Codable {
  /// A tablet as the vtgates list it; where they differ, see ``Opinion``.
  struct Record: Sendable, Equatable, Codable {
    let tablet: GatewayTablet
    /// The list it comes from is current, so it says who serves now.
    let isCurrent: Bool
  }

  /// By alias.
  let records: [Record]
  /// At least one fresh vtgate knows the shard.
  let canTell: Bool
  let primary: SeenPrimary?
  /// Some vtgate that knew the shard can tell nothing about it now.
  let isHidden: Bool
  /// Fresh vtgates that see someone other than `primary` serving, or nobody.
  let dissents: [Dissent]
  /// The tablets that serve as primary in a fresh vtgate's list that has more than one; by alias.
  let servingPrimaries: [TabletAlias]

  struct Dissent: Sendable, Equatable, Codable {
    /// Nil when they see none.
    let primary: TabletAlias?
    var vtgates: [Address]
  }

  init(_ shard: ShardName, vtgates: some Collection<VtgateState>) {
    // Most vtgates list exactly the same tablets, so each different list is looked at once.
    var lists: [(tablets: GatewayTablets.OfShard, isCurrent: Bool, count: Int)] = []
    var canTell = false
    var primary: SeenPrimary?
    var views: [(primary: SeenPrimary?, vtgates: [Address])] = []
    var several: Set<TabletAlias> = []
    for vtgate in vtgates {
      if let own = vtgate.tablets?[shard] {
        let isCurrent = vtgate.isFresh && vtgate.hasCurrentTablets
        if let index = lists.firstIndex(where: { $0.tablets == own && $0.isCurrent == isCurrent }) {
          lists[index].count += 1
        } else {
          lists.append((own, isCurrent, 1))
        }
      }
      guard vtgate.isFresh else { continue }
      let seen = vtgate.primary(of: shard)
      if let seen { primary = primary.map { max($0, seen) } ?? seen }
      guard vtgate.knows(shard) else { continue }
      canTell = true
      if let index = views.firstIndex(where: { $0.primary == seen }) {
        views[index].vtgates.append(vtgate.address)
      } else {
        views.append((seen, [vtgate.address]))
      }
      let serving = vtgate.servingPrimaries(of: shard)
      if serving.count > 1 { several.formUnion(serving.map(\.alias)) }
    }
    isHidden = vtgates.contains { $0.hides(shard) }
    servingPrimaries = several.sorted()
    dissents = views.compactMap { view in
      // A vtgate that does not say whom it sees contradicts none that does.
      guard let primary, view.primary?.alias != primary.alias || view.primary == nil,
        view.primary == nil || (view.primary?.alias != nil && primary.alias != nil)
      else { return nil }
      return Dissent(primary: view.primary?.alias, vtgates: view.vtgates.sorted())
    }
    .sorted { $0.vtgates.lexicographicallyPrecedes($1.vtgates) }
    var opinions: [TabletAlias: [Opinion]] = [:]
    for list in lists {
      for tablet in list.tablets {
        let same = opinions[tablet.alias]?.firstIndex {
          $0.tablet == tablet && $0.isCurrent == list.isCurrent
        }
        if let same {
          opinions[tablet.alias]?[same].count += list.count
        } else {
          opinions[tablet.alias, default: []].append(
            Opinion(tablet: tablet, isCurrent: list.isCurrent, count: list.count))
        }
      }
    }
    records = opinions.values.compactMap { $0.max() }
      .map { Record(tablet: $0.tablet, isCurrent: $0.isCurrent) }
      .sorted { $0.tablet.alias < $1.tablet.alias }
    self.canTell = canTell
    self.primary = primary
  }

  /// Those of many shards.
  ///
  /// A vtgate that does not mention a shard shows nothing of it.
  static func of(_ shards: [ShardName], vtgates: [VtgateState]) -> [ShardName: Sightings] {
    var mentioning: [ShardName: [Int]] = [:]
    for (index, vtgate) in vtgates.enumerated() {
      for shard in vtgate.mentioned { mentioning[shard, default: []].append(index) }
    }
    return shards.reduce(into: [:]) { sightings, shard in
      let some = (mentioning[shard] ?? []).map { vtgates[$0] }
      sightings[shard] = Sightings(shard, vtgates: some)
    }
  }

  /// What the tablets say themselves, when only they were named.
  init(tablets: [TabletState]) {
    records = []
    canTell = false
    isHidden = false
    dissents = []
    servingPrimaries = []
    // A tablet that leads the throttlers is certainly the primary.
    primary =
      tablets.filter(\.isFresh).compactMap { tablet -> SeenPrimary? in
        guard let reading = tablet.watched.value,
          reading.type == .primary || reading.throttler.isLeader == true
        else { return nil }
        return SeenPrimary(
          alias: reading.alias, term: reading.throttler.isLeader == true ? 1 : 0)
      }.max()
  }

  /// The shard's tablets, its primary first.
  ///
  /// `polled`: those that report belonging to it; `states`: all that are polled.
  func tabletViews(
    polled: Set<Address>, _ states: SharingDictionary<Address, TabletState>
  ) -> [TabletView] {
    var views = records.map { record in
      TabletView(
        record.tablet, isCurrent: record.isCurrent, record.tablet.address.flatMap { states[$0] },
        primary: primary?.alias)
    }
    // A tablet that no vtgate lists, or that has taken over the address of a listed one.
    for address in polled {
      guard let state = states[address], !views.contains(where: { $0.shows(state) }) else {
        continue
      }
      views.append(TabletView(nil, isCurrent: false, state, primary: primary?.alias))
    }
    return views.sorted { left, right in
      left.isPrimary != right.isPrimary ? left.isPrimary : left.label < right.label
    }
  }
}

/// What some vtgates say about one tablet; the greater of two opinions prevails.
///
/// Who was read last must not decide, or two vtgates that differ would make the screen flicker.
private struct Opinion: Comparable {
  let tablet: GatewayTablet
  /// The list it comes from is current, so it says who serves now.
  let isCurrent: Bool
  /// How many vtgates say so.
  var count: Int

  static func < (left: Opinion, right: Opinion) -> Bool { left.weight < right.weight }

  /// Current knowledge outweighs a list kept from earlier, a newer term an older one, the many the
  /// few; where all that is equal, the higher lag counts.
  private var weight: (Int, Int, Int, Int, Int) {
    (
      isCurrent ? 1 : 0, tablet.primaryTermStart, count, tablet.isServing ? 1 : 0,
      tablet.replicationLag ?? -1
    )
  }
}
