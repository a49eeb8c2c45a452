internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Watching

/// One failover.
struct FailoverScreen: ScreenLayer {
  /// Its number.
  let id: Int
  /// The moment to read off; nil for none.
  var cursor: Instant?

  var place: Place { .failover }
  var parent: (any ScreenLayer)? { ShardScreen() }

  func subject(in model: Model) -> ShardName? { model.selection }

  func offers(in model: Model) -> [Offer] {
    [
      Offer(.back, cursor == nil ? "shard" : "no cursor"), Offer(.cursorEarlier, "cursor"),
      Offer(.failovers, "failovers"), Offer(.compare, "compare"),
      Offer(.up, "scroll"), Offer(.arm, "arm"),
    ]
  }

  func perform(_ command: Command.ID, on model: inout Model) -> [Effect]? {
    switch command {
    case .failovers:
      model.selectedFailover = id
      model.show(FailoversScreen())
    case .compare: model.mark(id)
    case .back:
      guard cursor != nil else { return nil }
      model.layers.screen = FailoverScreen(id: id)
    case .cursorEarlier: moveCursor(by: -1, on: &model)
    case .cursorLater: moveCursor(by: 1, on: &model)
    default:
      guard let rows = model.rows(of: command) else { return nil }
      model.scroll(by: rows)
    }
    return []
  }

  func copied(in model: Model) -> Copied? {
    model.fleet.failovers[id].map { model.copied($0) }
  }

  /// Moves by a column of the time axis; a cursor not shown yet comes in from the end.
  private func moveCursor(by step: Int, on model: inout Model) {
    guard let view = view(of: model) else { return }
    let axis = view.axis(columns: model.size.columns)
    let last = min(axis.columns - 1, max(0, axis.column(of: view.end)))
    let column = cursor.map { axis.column(of: $0) + step } ?? (step < 0 ? last : 0)
    let place = min(last, max(0, column))
    let span = axis.span(of: place)
    // A column is read in its middle, the last one at the very end.
    let instant = place == last ? view.end : span.from + (span.to - span.from) / 2
    model.layers.screen = FailoverScreen(id: id, cursor: instant)
  }

  func shows(_ failover: Failover, in model: Model) -> Bool { failover.id == id }

  /// Once it is over, the next failover of its shard takes over.
  func givesWay(to failover: Failover, in model: Model) -> Bool {
    model.live.failovers[id]?.phase.isOver != false
  }

  func situation(in model: Model) -> Situation? {
    model.fleet.failovers[id].map { failover in
      model.fleet.shard(failover.shard)
        .situation(of: failover, since: model.watch.began, at: model.now)
    }
  }

  func scrollingView(of model: Model) -> (any ScrollingView)? { view(of: model) }

  private func view(of model: Model) -> FailoverView? {
    guard let failover = model.fleet.failovers[id] else { return nil }
    return FailoverView(
      failover: failover, shard: model.fleet.shard(failover.shard),
      events: model.fleet.log.events, now: model.now,
      utcOffset: model.settings.utcOffset, isMarked: model.marked == id,
      cutoverMeans: model.cutoverMeans(of: failover.shard), cursor: cursor,
      then: cursor.flatMap { model.watch.history.moment(at: $0) },
      advised: model.advised(for: failover))
  }

  func render(_ model: Model, into canvas: inout Canvas, in rect: Rect) {
    if let view = scrollingView(of: model) {
      view.render(scrolledBy: model.scroll, into: &canvas, in: rect)
    } else {
      AbsenceView(of: [id], in: model).render(into: &canvas, in: rect)
    }
  }
}

extension Model {
  mutating func open(_ failover: Failover) { show(FailoverScreen(id: failover.id)) }

  /// Opens the newest failover in progress elsewhere.
  mutating func jump() {
    guard let failoverElsewhere else { return }
    selection = failoverElsewhere.shard
    open(failoverElsewhere)
  }

  /// Marks a failover; a second one is then compared with it.
  mutating func mark(_ id: Int) {
    if let marked, marked != id, fleet.failovers[marked] != nil {
      show(ComparisonScreen(left: marked, right: id))
      self.marked = nil
    } else {
      marked = marked == id ? nil : id
    }
  }
}
