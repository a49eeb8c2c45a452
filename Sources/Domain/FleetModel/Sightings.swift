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

  init(_ shard: ShardName, _ checks: HealthChecks) {
    var told = Told()
    var opinions: [TabletAlias: [Opinion]] = [:]
    for group in checks.groups {
      let (places, speakForAll) = group.speakers(about: shard)
      for place in places {
        told.take(
          group.members[place], of: shard,
          as: speakForAll ? group.members[...] : group.members[place...place])
      }
      let isCurrent = group.members[0].isFresh && group.members[0].hasCurrentTablets
      for (tablets, count) in group.lists(of: shard) {
        for tablet in tablets {
          opinions[tablet.alias, default: []].add(tablet, isCurrent: isCurrent, count)
        }
      }
    }
    canTell = told.canTell
    primary = told.primary
    isHidden = told.isHidden
    dissents = told.dissents
    servingPrimaries = told.several.sorted()
    records = opinions.values.compactMap { $0.max() }
      .map { Record(tablet: $0.tablet, isCurrent: $0.isCurrent) }
      .sorted { $0.tablet.alias < $1.tablet.alias }
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

/// What vtgates have told of one shard.
private struct Told {
  var canTell = false
  var primary: SeenPrimary?
  var isHidden = false
  var several: Set<TabletAlias> = []
  private var views: [(primary: SeenPrimary?, by: [ArraySlice<HealthCheck>])] = []

  /// Takes what one says for itself, or for others as well.
  mutating func take(
    _ check: HealthCheck, of shard: ShardName, as speakers: ArraySlice<HealthCheck>
  ) {
    isHidden = isHidden || check.hides(shard)
    guard check.isFresh else { return }
    let seen = check.primary(of: shard)
    if let seen { primary = primary.map { max($0, seen) } ?? seen }
    guard check.knows(shard) else { return }
    canTell = true
    if let index = views.firstIndex(where: { $0.primary == seen }) {
      views[index].by.append(speakers)
    } else {
      views.append((seen, [speakers]))
    }
    let serving = check.servingPrimaries(of: shard)
    if serving.count > 1 { several.formUnion(serving.map(\.alias)) }
  }

  var dissents: [Sightings.Dissent] {
    views.compactMap { view in
      // A vtgate that does not say whom it sees contradicts none that does.
      guard let primary, view.primary?.alias != primary.alias || view.primary == nil,
        view.primary == nil || (view.primary?.alias != nil && primary.alias != nil)
      else { return nil }
      return Sightings.Dissent(
        primary: view.primary?.alias, vtgates: view.by.joined().map(\.address).sorted())
    }
    .sorted { $0.vtgates.lexicographicallyPrecedes($1.vtgates) }
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

extension [Opinion] {
  /// Adds what so many vtgates say.
  fileprivate mutating func add(_ tablet: GatewayTablet, isCurrent: Bool, _ count: Int) {
    if let same = firstIndex(where: { $0.tablet == tablet && $0.isCurrent == isCurrent }) {
      self[same].count += count
    } else {
      append(Opinion(tablet: tablet, isCurrent: isCurrent, count: count))
    }
  }
}
