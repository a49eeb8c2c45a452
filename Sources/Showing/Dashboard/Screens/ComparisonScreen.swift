internal import FleetModel
internal import TerminalKit

/// Two failovers side by side.
struct ComparisonScreen: ScreenLayer {
  /// Their numbers.
  let left: Int
  let right: Int

  var place: Place { .comparison }
  var parent: (any ScreenLayer)? { FailoversScreen() }

  func offers(in model: Model) -> [Offer] { [Offer(.back, "failovers")] }

  func copied(in model: Model) -> Copied? {
    let both = [left, right].compactMap { model.fleet.failovers[$0] }.map { model.copied($0) }
    guard both.count == 2 else { return nil }
    return Copied(
      what: "the summaries of failovers \(left) and \(right)", lines: both.flatMap(\.lines))
  }

  func render(_ model: Model, into canvas: inout Canvas, in rect: Rect) {
    guard let left = model.fleet.failovers[left], let right = model.fleet.failovers[right] else {
      AbsenceView(of: [self.left, self.right], in: model).render(into: &canvas, in: rect)
      return
    }
    ComparisonView(
      left: left, right: right, now: model.now, utcOffset: model.settings.utcOffset
    ).render(into: &canvas, in: rect)
  }
}
