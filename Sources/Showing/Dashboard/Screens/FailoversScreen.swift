internal import FleetModel
internal import TerminalKit

/// All failovers of the run.
struct FailoversScreen: ScreenLayer {
  var place: Place { .failovers }
  var parent: (any ScreenLayer)? { FleetScreen() }

  func offers(in model: Model) -> [Offer] {
    let first = [Offer(.back, "fleet")]
    guard model.chosenFailover != nil else { return first }
    return first + [Offer(.up, "failover"), Offer(.open, "open"), Offer(.compare, "compare")]
  }

  func perform(_ command: Command.ID, on model: inout Model) -> [Effect]? {
    switch command {
    case .open:
      guard let id = model.chosenFailover, let failover = model.fleet.failovers[id] else {
        return []
      }
      model.selection = failover.shard
      model.open(failover)
    case .compare: if let id = model.chosenFailover { model.mark(id) }
    default:
      guard let rows = model.rows(of: command) else { return nil }
      let ids = model.fleet.failovers.all.map(\.id)
      guard let first = ids.first, let last = ids.last, let chosen = model.chosenFailover else {
        return []
      }
      // The newest is at the top.
      model.selectedFailover = min(max(first, chosen - rows), last)
    }
    return []
  }

  func copied(in model: Model) -> Copied? {
    model.chosenFailover.flatMap { model.fleet.failovers[$0] }.map { model.copied($0) }
  }

  /// The newest is at the top.
  func select(_ row: Int, on model: inout Model) -> Bool {
    let ids = model.fleet.failovers.all.map(\.id)
    guard row < ids.count else { return true }
    let id = ids[ids.count - 1 - row]
    defer { model.selectedFailover = id }
    return model.chosenFailover != id
  }

  func render(_ model: Model, into canvas: inout Canvas, in rect: Rect) {
    FailoverList(
      failovers: model.fleet.failovers.all, selection: model.chosenFailover,
      marked: model.marked, now: model.now, utcOffset: model.settings.utcOffset
    ).render(into: &canvas, in: rect)
  }
}

extension Model {
  /// The failover selected in the list: the newest until another is chosen, nil if none.
  var chosenFailover: Int? {
    let all = fleet.failovers.all
    return all.contains { $0.id == selectedFailover } ? selectedFailover : all.last?.id
  }
}
