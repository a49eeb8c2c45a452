internal import FleetModel
internal import TerminalKit

/// What is shown in place of failovers that are missing.
///
/// Looking at the past, a failover may not have begun yet, and old ones are eventually dropped.
struct AbsenceView {
  /// The numbers of all failovers that were to be shown.
  let ids: [Int]
  /// Why some of them are missing.
  let reasons: [String]

  init(of ids: [Int], in model: Model) {
    self.ids = ids
    reasons = ids.filter { model.fleet.failovers[$0] == nil }.map { id in
      guard let failover = model.live.failovers[id] else {
        return "failover \(id) is no longer kept: the last \(FailoverLog.capacity) are"
      }
      let start = Phrases.preciseClock(
        failover.detected.at, utcOffset: model.settings.utcOffset)
      return
        "failover \(id) of \(failover.shard) had not begun yet: its first sign came at \(start)"
    }
  }

  func render(into canvas: inout Canvas, in rect: Rect) {
    let body = Panel(ids.map { "failover \($0)" }.joined(separator: " and ")).renderRule(
      into: &canvas, in: rect)
    for (line, reason) in reasons.enumerated() {
      canvas.draw(reason, in: body.columns(from: 1).line(line), role: .muted)
    }
  }
}
