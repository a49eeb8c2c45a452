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
    // A second line if the first is too short; more only where all events fit in full.
    let most = isAllInSight(body, isWide: isWide) ? Int.max : 2
    var row = 0
    for event in events.reversed() where row < body.rows {
      let time = Phrases.preciseClock(event.at, utcOffset: utcOffset)
      let areas = areas(in: body.rows(from: row), isWide: isWide)
      canvas.draw(
        isWide ? time : String(time.dropLast(2)), in: areas[0].line(0), role: .muted)
      if let shard = event.shard {
        canvas.draw(canvas.fit(shard, to: areas[1].columns), in: areas[1].line(0))
      }
      let lines = lines(event, areas[2].columns)
      // The events screen shows longer ones in full.
      let shown = lines.count > most ? [lines[0], lines.dropFirst().joined(separator: " ")] : lines
      for (line, text) in shown.enumerated() {
        canvas.draw(text, in: areas[2].line(line), role: event.severity.role)
      }
      row += max(1, shown.count)
    }
  }

  private func areas(in rect: Rect, isWide: Bool) -> [Rect] {
    rect.columns(from: 1).sideBySide(
      [
        .fixed(isWide ? 10 : 8), .fixed(isWide ? min(24, rect.columns / 5) : 14),
        .flexible(minimum: 0),
      ], spacing: 1)
  }

  private func lines(_ event: FleetEvent, _ columns: Int) -> [String] {
    Paragraph(Phrases.sentence(event, utcOffset: utcOffset), columns: columns).lines
  }

  private func isAllInSight(_ body: Rect, isWide: Bool) -> Bool {
    guard events.count <= body.rows else { return false }
    let columns = areas(in: body, isWide: isWide)[2].columns
    return events.reduce(0) { $0 + max(1, lines($1, columns).count) } <= body.rows
  }
}
