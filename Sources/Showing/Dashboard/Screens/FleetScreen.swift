internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Watching
internal import Wording

/// The start screen: all shards, and what happened.
struct FleetScreen: ScreenLayer {
  var place: Place { .fleet }
  var parent: (any ScreenLayer)? { nil }

  func offers(in model: Model) -> [Offer] {
    let first: [Offer] = model.settings.cluster == nil ? [] : [Offer(.back, "clusters")]
    guard !model.visibleShards.isEmpty else {
      return first + [
        Offer(.present, "present"), Offer(.failovers, "failovers"), Offer(.events, "events"),
      ]
    }
    return first + [
      Offer(.up, "shard"), Offer(.open, "open"), Offer(.throttle, "throttle"),
      Offer(.reparent, "reparent"), Offer(.cutover, "cutover"), Offer(.present, "present"),
      Offer(.release, "release"), Offer(.arm, "arm"),
      Offer(.failovers, "failovers"), Offer(.events, "events"), Offer(.filter, "filter"),
      Offer(.sort, "sort"), Offer(.baseline, "baseline"),
    ]
  }

  func perform(_ command: Command.ID, on model: inout Model) -> [Effect]? {
    if let rows = model.rows(of: command) {
      model.step(by: rows)
      return []
    }
    guard command == .open else { return nil }
    if let selection = model.selection { model.open(selection) }
    return []
  }

  func copied(in model: Model) -> Copied? { model.selection.flatMap { model.copied($0) } }

  func select(_ row: Int, on model: inout Model) -> Bool {
    guard model.visibleShards.indices.contains(row) else { return true }
    let shard = model.visibleShards[row].name
    defer { model.selection = shard }
    return model.selection != shard
  }

  func mentions(_ failover: Failover, in model: Model) -> Bool {
    model.visibleShards.contains { $0.name == failover.shard }
  }

  /// Leaves the whole fleet for one shard only if that alone is in trouble.
  func givesWay(to failover: Failover, in model: Model) -> Bool {
    model.live.failovers.going.count == 1
  }

  func situation(in model: Model) -> Situation? {
    model.watch.situation(of: model.fleet, at: model.now)
  }

  func render(_ model: Model, into canvas: inout Canvas, in rect: Rect) {
    FleetView(
      fleet: model.fleet, table: model.fleetTable, pane: model.shardPane, filter: model.filter.text,
      hiddenInTrouble: model.hiddenInTrouble,
      isQuiet: { model.watch.isQuiet($0, in: model.fleet) },
      now: model.now, utcOffset: model.settings.utcOffset
    ).render(into: &canvas, in: rect)
  }
}

extension Model {
  var fleetTable: FleetTable {
    FleetTable(
      shards: visibleShards, selection: selection, sort: sort, fill: fleet.fill,
      trends: watch.trends, aside: aside, now: now)
  }

  fileprivate var shardPane: ShardPane? {
    selection.map { name in
      ShardPane(
        shard: fleet.shard(name), trend: trend(of: name), now: now, utcOffset: settings.utcOffset,
        cutoverMeans: cutoverMeans(of: name))
    }
  }

  /// The last minutes of a shard, up to the moment shown.
  func trend(of shard: ShardName) -> [FleetTrends.Sample] {
    watch.trends.points(of: shard, until: now, count: HistoryCharts.length)
  }

  /// The word for a shard whose trouble counts for nothing.
  private func aside(_ shard: ShardSummary) -> String? {
    guard watch.setsAside(shard, in: fleet) else { return nil }
    if watch.acknowledged.contains(.shard(shard.name)) { return "known" }
    return shard.idleness.map { Wording().word($0) } ?? "ignored"
  }

  /// Selects another shard among the visible ones.
  mutating func step(by count: Int) {
    let shards = visibleShards
    guard !shards.isEmpty else { return }
    let current = selection.flatMap { name in shards.firstIndex { $0.name == name } } ?? 0
    selection = shards[min(max(0, current + count), shards.count - 1)].name
  }
}
