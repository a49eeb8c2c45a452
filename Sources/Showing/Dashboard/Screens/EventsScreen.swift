internal import FleetModel
internal import Terms

/// What happened, for one shard or for all.
struct EventsScreen: ScreenLayer {
  let shard: ShardName?

  var place: Place { .events }
  var parent: (any ScreenLayer)? { shard == nil ? FleetScreen() : ShardScreen() }

  func subject(in model: Model) -> ShardName? { shard }

  func offers(in model: Model) -> [Offer] {
    let offers = [
      Offer(.back, shard == nil ? "fleet" : "shard"), Offer(.up, "scroll"),
      Offer(.filter, "filter"), Offer(.severity, model.leastSeverity.next.filterName),
    ]
    return shard == nil ? offers : offers + [Offer(.events, "of all shards")]
  }

  func perform(_ command: Command.ID, on model: inout Model) -> [Effect]? {
    if let rows = model.rows(of: command) {
      model.scroll(by: rows)
      return []
    }
    guard command == .events else { return nil }
    model.show(EventsScreen(shard: nil))
    return []
  }

  func copied(in model: Model) -> Copied? { model.copied(view(of: model).events) }

  func scrollingView(of model: Model) -> (any ScrollingView)? { view(of: model) }

  private func view(of model: Model) -> EventsView {
    EventsView(
      events: model.fleet.log.events, shard: shard, filter: model.eventFilter,
      least: model.leastSeverity, utcOffset: model.settings.utcOffset)
  }
}

extension Model {
  /// Lists events of a severity and worse.
  mutating func list(from severity: FleetEvent.Severity) {
    leastSeverity = severity
    scroll = 0
  }
}
