internal import FleetModel
internal import Terms

/// A list of tablets as a recording stores it: the difference from another list.
///
/// A hundred vtgates may list the same three thousand tablets, of which a few change at a time.
struct TabletListing: Codable {
  /// Tablets that are new or have changed.
  var tablets: [GatewayTablet]
  /// Alias and type of the tablets that are gone.
  var gone: [String]?
  /// If only lags differ: the index in the order of aliases, and the lag.
  var lags: [[Int?]]?
  var complaint: ReadingComplaint?

  /// Nil if the difference would not be smaller than the list itself.
  init?(_ list: GatewayTablets, since base: GatewayTablets) {
    if let changed = list.lagsChanged(since: base) {
      tablets = []
      lags = changed.map { [$0.place, $0.lag] }
      return
    }
    let old = Dictionary(grouping: base.all, by: Self.key)
    var present: Set<String> = []
    var changed: [GatewayTablet] = []
    for tablet in list.all {
      let key = Self.key(tablet)
      // Two records with one name cannot be told apart.
      guard present.insert(key).inserted, old[key].map({ $0.count == 1 }) ?? true else {
        return nil
      }
      if old[key] != [tablet] { changed.append(tablet) }
    }
    let gone = old.keys.filter { !present.contains($0) }.sorted()
    guard changed.count + gone.count <= list.all.count / 2 else { return nil }
    tablets = changed
    self.gone = gone.isEmpty ? nil : gone
    complaint = list.complaint
  }

  init(_ list: GatewayTablets) {
    tablets = list.all
    complaint = list.complaint
  }

  func list(since base: GatewayTablets?) -> GatewayTablets {
    guard let base else { return GatewayTablets(tablets, complaint: complaint) }
    if let lags {
      return base.replacing(
        lags.compactMap { pair in
          guard pair.count == 2, let place = pair[0] else { return nil }
          return (place, pair[1])
        })
    }
    let replaced = Set(tablets.map(Self.key)).union(gone ?? [])
    return GatewayTablets(
      base.all.filter { !replaced.contains(Self.key($0)) } + tablets, complaint: complaint)
  }

  private static func key(_ tablet: GatewayTablet) -> String {
    "\(tablet.alias)/\(tablet.type.rawValue)"
  }
}
