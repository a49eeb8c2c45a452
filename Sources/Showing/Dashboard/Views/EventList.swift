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
    var row = 0
    for event in events.reversed() where row < body.rows {
      let time = Phrases.preciseClock(event.at, utcOffset: utcOffset)
      let areas = body.rows(from: row).columns(from: 1).sideBySide(
        [
          .fixed(isWide ? time.count : time.count - 2),
          .fixed(isWide ? min(24, body.columns / 5) : 14), .flexible(minimum: 0),
        ], spacing: 1)
      canvas.draw(
        isWide ? time : String(time.dropLast(2)), in: areas[0].line(0), role: .muted)
      canvas.draw(event.shard?.description ?? "", in: areas[1].line(0))
      let sentence = Phrases.sentence(event, utcOffset: utcOffset)
      let lines = Paragraph(sentence, columns: areas[2].columns).lines
      // A second line if the first is too short; the events screen shows longer ones in full.
      let shown = lines.count > 2 ? [lines[0], lines.dropFirst().joined(separator: " ")] : lines
      for (line, text) in shown.enumerated() {
        canvas.draw(text, in: areas[2].line(line), role: event.severity.role)
      }
      row += max(1, shown.count)
    }
  }
}
