internal import FleetModel
internal import Terms

/// News that hold until others take their place, in the order in which they were told.
///
/// `Place`: where they are kept and since when they hold.
struct LastingNews<Place: Sendable>: Sendable {
  private(set) var all: [(news: Observation.News, place: Place)] = []

  /// Where the same was told last, if it still holds.
  func place(of news: Observation.News) -> Place? { all.last { $0.news == news }?.place }

  mutating func take(_ news: Observation.News, at place: Place) {
    all.removeAll { news.takesThePlace(of: $0.news) }
    all.append((news, place))
  }
}

extension Observation.News {
  fileprivate func takesThePlace(of earlier: Observation.News) -> Bool {
    switch (self, earlier) {
    case (.topo, .topo), (.topo, .topoFailed), (.topoFailed, .topoFailed), (.shards, .shards): true
    case (.source(let source, _), .source(let earlier, _)): source == earlier
    case (.routings(let routings), .routings(let earlier)): routings.tellsAll(of: earlier)
    default: false
    }
  }
}

extension [ShardName: ShardRouting] {
  /// Whether nothing is lost without an earlier one: it may have told of more shards, or of workflows.
  fileprivate func tellsAll(of earlier: [ShardName: ShardRouting]) -> Bool {
    earlier.allSatisfy { shard, before in
      self[shard].map { $0.workflows != nil || before.workflows == nil } ?? false
    }
  }
}
