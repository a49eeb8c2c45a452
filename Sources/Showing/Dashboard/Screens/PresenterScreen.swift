internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Watching
internal import Wording

/// For a room full of people: the shard in trouble, or a pinned one, in large figures.
///
/// Hosts and addresses are masked on it.
struct PresenterScreen: ScreenLayer {
  /// The shard to stay with; nil follows the trouble.
  var pinned: ShardName?

  var place: Place { .presenter }
  var parent: (any ScreenLayer)? { FleetScreen() }
  var isForOthers: Bool { true }

  func offers(in model: Model) -> [Offer] {
    [Offer(.back, "fleet"), Offer(.pin, pinned == nil ? "pin" : "follow")]
  }

  func subject(in model: Model) -> ShardName? { shown(in: model) ?? model.selection }
  func shows(_ failover: Failover, in model: Model) -> Bool {
    shown(in: model) == failover.shard
  }
  func mentions(_ failover: Failover, in model: Model) -> Bool { pinned == nil }

  func perform(_ command: Command.ID, on model: inout Model) -> [Effect]? {
    switch command {
    case .pin:
      let next = pinned == nil ? subject(in: model) : nil
      model.show(PresenterScreen(pinned: next))
      if let next { model.selection = next }
    case .nextShard, .previousShard:
      if let pinned { model.selection = pinned }
      model.step(by: command == .nextShard ? 1 : -1)
      model.show(PresenterScreen(pinned: model.selection))
    default: return nil
    }
    return []
  }

  /// The failover shown or, without one, the shard.
  func copied(in model: Model) -> Copied? {
    if case .failover(let failover) = shownSituation(in: model).condition {
      return model.copied(failover)
    }
    return subject(in: model).flatMap { model.copied($0) }
  }

  /// The shard that is in trouble or was recently; nil while all is calm.
  private func shown(in model: Model) -> ShardName? {
    if let pinned { return pinned }
    guard case .shard(let shard) = fleetSituation(in: model).subject else { return nil }
    return shard
  }

  private func fleetSituation(in model: Model) -> Situation {
    model.watch.situation(of: model.fleet, at: model.now)
  }

  /// The situation of what is shown; it goes into the banner, not into a line above the screen.
  private func shownSituation(in model: Model) -> Situation {
    guard let pinned else { return fleetSituation(in: model) }
    return model.fleet.shard(pinned).situation(since: model.watch.began, at: model.now)
  }

  func render(_ model: Model, into canvas: inout Canvas, in rect: Rect) {
    let shard = shown(in: model).map { model.fleet.shard($0) }
    let situation = shownSituation(in: model)
    var failover: Failover?
    if case .failover(let shown) = situation.condition { failover = shown }
    PresenterView(
      title: model.settings.title, color: model.settings.color,
      relay: model.fleet.relay, situation: situation, shard: shard,
      failover: failover,
      shards: model.fleet.summaries, events: model.fleet.log.events, isPinned: pinned != nil,
      asked: model.currentRemark ?? model.lastAsked, wording: Wording(mask: model.mask),
      now: model.now, utcOffset: model.settings.utcOffset
    ).render(into: &canvas, in: rect)
  }
}
