internal import FleetModel
internal import Terms
internal import Watching

/// The selected shard in full.
struct ShardScreen: ScreenLayer {
  var place: Place { .shard }
  var parent: (any ScreenLayer)? { FleetScreen() }

  func subject(in model: Model) -> ShardName? { model.selection }

  func offers(in model: Model) -> [Offer] {
    [
      Offer(.back, "fleet"), Offer(.up, "scroll"), Offer(.throttle, "throttle"),
      Offer(.release, "release"), Offer(.reparent, "reparent"), Offer(.cutover, "cutover"),
      Offer(.arm, "arm"),
      Offer(.failovers, "failover"), Offer(.events, "events"), Offer(.nextShard, "next shard"),
      Offer(.baseline, "baseline"),
    ]
  }

  func perform(_ command: Command.ID, on model: inout Model) -> [Effect]? {
    switch command {
    case .nextShard, .previousShard:
      model.step(by: command == .nextShard ? 1 : -1)
      model.scroll = 0
    case .failovers:
      guard let selection = model.selection, let last = model.fleet.failovers.last(of: selection)
      else { return nil }
      model.open(last)
    default:
      guard let rows = model.rows(of: command) else { return nil }
      model.scroll(by: rows)
    }
    return []
  }

  func copied(in model: Model) -> Copied? { model.selection.flatMap { model.copied($0) } }

  func shows(_ failover: Failover, in model: Model) -> Bool { model.selection == failover.shard }
  func givesWay(to failover: Failover, in model: Model) -> Bool { true }

  func situation(in model: Model) -> Situation? {
    model.selection.map {
      model.fleet.shard($0).situation(since: model.watch.began, at: model.now)
    }
  }

  func scrollingView(of model: Model) -> (any ScrollingView)? {
    guard let selection = model.selection else { return nil }
    return ShardView(
      shard: model.fleet.shard(selection),
      trend: model.trend(of: selection),
      events: model.fleet.log.events.filter { $0.shard == nil || $0.shard == selection },
      now: model.now, utcOffset: model.settings.utcOffset,
      cutoverMeans: model.cutoverMeans(of: selection))
  }
}
