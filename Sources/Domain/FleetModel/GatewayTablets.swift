package import Terms

/// The tablets that one document of `/debug/gateway` lists, sorted by alias.
///
/// The vtgates of a cell mostly list the same tablets with other lags. Lists made with
/// ``init(_:complaint:sharing:)`` hold what they have in common once, and comparing two of them
/// then looks at lags only.
package struct GatewayTablets: Sendable, Equatable {
  private let standing: Standing
  /// ``GatewayTablet/replicationLag`` of each tablet of ``standing``.
  private let lags: [Int?]
  /// Why some entries are missing; nil when all could be read.
  package let complaint: ReadingComplaint?

  package init(_ tablets: [GatewayTablet], complaint: ReadingComplaint? = nil) {
    self.init(tablets, complaint: complaint, sharing: [])
  }

  /// A list that shares with the first of the known ones in which all stand as in itself.
  package init(
    _ unsorted: [GatewayTablet], complaint: ReadingComplaint?,
    sharing known: some Sequence<GatewayTablets>
  ) {
    // vtgate lists them in a different order at every request.
    var tablets = unsorted.sorted { ($0.alias, $0.type.rawValue) < ($1.alias, $1.type.rawValue) }
    lags = tablets.map(\.replicationLag)
    for index in tablets.indices { tablets[index].replicationLag = nil }
    var last: Standing?
    let shared = known.lazy.map(\.standing).first { standing in
      defer { last = standing }
      return standing !== last && standing.tablets == tablets
    }
    standing = shared ?? Standing(tablets)
    self.complaint = complaint
  }

  package var all: [GatewayTablet] { standing.tablets.indices.map(tablet) }
  package var addresses: Set<Address> { standing.addresses }
  package var shards: some Collection<ShardName> { standing.byShard.keys }

  /// The shards with a dot in their names, by the label that stands for them in counters.
  ///
  /// There `_` replaces the dot (go/stats). A label that is another shard's name is left out.
  package var dotted: [ShardName: ShardName] { standing.dotted }

  /// A shard's tablets; nil for a shard that is not mentioned.
  package subscript(shard: ShardName) -> OfShard? {
    standing.byShard[shard].map { OfShard(list: self, places: $0) }
  }

  /// More than one when an address was taken over and an old record remained.
  package func tablets(at address: Address) -> [GatewayTablet] {
    (standing.byAddress[address] ?? []).map(tablet)
  }

  /// Whether another list says the same about who serves as what and where; lag aside.
  package func standsAs(_ other: GatewayTablets) -> Bool {
    shares(other) || standing.tablets == other.standing.tablets
  }

  /// Whether they are known to differ in nothing but lag.
  func shares(_ other: GatewayTablets) -> Bool { standing === other.standing }

  /// The shards of which an earlier list said something else, or nothing, or only that one spoke.
  func shardsChanged(since earlier: GatewayTablets?) -> Set<ShardName> {
    guard let earlier, shares(earlier) else {
      let known = Set(shards).union(earlier.map { Set($0.shards) } ?? [])
      return known.filter { earlier?[$0] != self[$0] }
    }
    return lags.indices.reduce(into: []) { changed, place in
      if lags[place] != earlier.lags[place] { changed.insert(standing.tablets[place].shard) }
    }
  }

  /// The places in ``all`` with another lag than before, and what it is now; nil where more than lags
  /// differs.
  package func lagsChanged(since earlier: GatewayTablets) -> [(place: Int, lag: Int?)]? {
    guard complaint == earlier.complaint, standsAs(earlier) else { return nil }
    return lags.indices.filter { lags[$0] != earlier.lags[$0] }.map { ($0, lags[$0]) }
  }

  /// The same tablets with other lags; places that it does not have are left out.
  package func replacing(_ changed: [(place: Int, lag: Int?)]) -> GatewayTablets {
    var lags = lags
    for (place, lag) in changed where lags.indices.contains(place) { lags[place] = lag }
    return GatewayTablets(standing: standing, lags: lags, complaint: complaint)
  }

  private init(standing: Standing, lags: [Int?], complaint: ReadingComplaint?) {
    self.standing = standing
    self.lags = lags
    self.complaint = complaint
  }

  private func tablet(_ place: Int) -> GatewayTablet {
    var tablet = standing.tablets[place]
    tablet.replicationLag = lags[place]
    return tablet
  }

  package static func == (left: GatewayTablets, right: GatewayTablets) -> Bool {
    left.complaint == right.complaint && left.lags == right.lags && left.standsAs(right)
  }
}

extension GatewayTablets {
  /// The tablets of one shard, sorted by alias.
  package struct OfShard: RandomAccessCollection, Equatable {
    fileprivate let list: GatewayTablets
    fileprivate let places: [Int]

    package var startIndex: Int { places.startIndex }
    package var endIndex: Int { places.endIndex }
    package subscript(index: Int) -> GatewayTablet { list.tablet(places[index]) }

    /// Those that serve as primary.
    var servingPrimaries: [GatewayTablet] {
      places.filter { place in
        let tablet = list.standing.tablets[place]
        return tablet.type == .primary && tablet.isServing && !tablet.hasError
      }.map { list.tablet($0) }
    }

    /// Whether a list that shares with its own says the same.
    func isSaid(by other: GatewayTablets) -> Bool {
      places.allSatisfy { list.lags[$0] == other.lags[$0] }
    }

    package static func == (left: OfShard, right: OfShard) -> Bool {
      guard left.list.shares(right.list) else { return left.elementsEqual(right) }
      return left.places == right.places && left.isSaid(by: right.list)
    }
  }

  /// What lists have in common: all of the tablets but their lags.
  private final class Standing: Sendable {
    let tablets: [GatewayTablet]
    let byShard: [ShardName: [Int]]
    let byAddress: [Address: [Int]]
    let addresses: Set<Address>
    let dotted: [ShardName: ShardName]

    init(_ tablets: [GatewayTablet]) {
      self.tablets = tablets
      let byShard = Dictionary(grouping: tablets.indices) { tablets[$0].shard }
      self.byShard = byShard
      byAddress = tablets.indices.reduce(into: [:]) { places, index in
        if let address = tablets[index].address { places[address, default: []].append(index) }
      }
      addresses = Set(byAddress.keys)
      dotted = byShard.keys.reduce(into: [:]) { names, shard in
        let label = ShardName(
          keyspace: shard.keyspace.replacing(".", with: "_"),
          shard: shard.shard.replacing(".", with: "_"))
        if label != shard, byShard[label] == nil { names[label] = shard }
      }
    }
  }
}

extension GatewayTablets: Codable {
  private enum CodingKeys: CodingKey { case tablets, complaint }

  /// Lists that are encoded apart from what holds them, `[GatewayTablets]`: in it stands then its place
  /// among them, and what was one list is one again.
  package static let apart = CodingUserInfoKey(rawValue: "lists of tablets")

  package init(from decoder: any Decoder) throws {
    if let lists = Self.apart.flatMap({ decoder.userInfo[$0] }) as? [GatewayTablets] {
      let container = try decoder.singleValueContainer()
      let place = try container.decode(Int.self)
      guard lists.indices.contains(place) else {
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "no list \(place)")
      }
      self = lists[place]
      return
    }
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      try values.decode([GatewayTablet].self, forKey: .tablets),
      complaint: try values.decodeIfPresent(ReadingComplaint.self, forKey: .complaint))
  }

  package func encode(to encoder: any Encoder) throws {
    if let lists = Self.apart.flatMap({ encoder.userInfo[$0] }) as? [GatewayTablets],
      let place = lists.firstIndex(of: self)
    {
      var container = encoder.singleValueContainer()
      try container.encode(place)
      return
    }
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(all, forKey: .tablets)
    try values.encodeIfPresent(complaint, forKey: .complaint)
  }
}
