internal import FleetModel
internal import TerminalKit
internal import Terms

/// What happened, newest first.
struct EventList {
  let title: String
  let events: [FleetEvent]
  let utcOffset: Int

  func render(into canvas: inout Canvas, in rect: Rect) {
    let body = Panel(title).renderRule(into: &canvas, in: rect)
    let isWide = body.columns >= 70
    for (line, event) in events.reversed().prefix(body.rows).enumerated() {
      let time = Phrases.preciseClock(event.at, utcOffset: utcOffset)
      let areas = body.line(line).columns(from: 1).sideBySide(
        [
          .fixed(isWide ? time.count : time.count - 2),
          .fixed(isWide ? min(24, body.columns / 5) : 14), .flexible(minimum: 0),
        ], spacing: 1)
      canvas.draw(isWide ? time : String(time.dropLast(2)), in: areas[0], role: .muted)
      canvas.draw(event.shard?.description ?? "", in: areas[1])
      canvas.draw(
        Phrases.sentence(event, utcOffset: utcOffset), in: areas[2], role: event.severity.role)
    }
  }
}
