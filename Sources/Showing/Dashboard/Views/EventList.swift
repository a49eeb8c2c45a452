internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Wording

/// What happened, newest first.
struct EventList {
  let title: String
  let events: [FleetEvent]
  let utcOffset: Int

  func render(into canvas: inout Canvas, in rect: Rect) {
    let body = Panel(title).renderRule(into: &canvas, in: rect)
    let isWide = body.columns >= 70
    let sentences = sentences(body, isWide: isWide)
    var row = 0
    for (event, lines) in zip(events.reversed(), sentences) where row < body.rows {
      let time = Phrases.preciseClock(event.at, utcOffset: utcOffset)
      let areas = areas(in: body.rows(from: row), isWide: isWide)
      canvas.draw(
        isWide ? time : String(time.dropLast(2)), in: areas[0].line(0), role: .muted)
      if let shard = event.shard {
        canvas.draw(canvas.fit(shard, to: areas[1].columns), in: areas[1].line(0))
      }
      for (line, text) in lines.enumerated() {
        canvas.draw(text, in: areas[2].line(line), role: event.severity.role)
      }
      row += lines.count
    }
  }

  /// The lines of as many events as can be in sight, newest first: as many lines for each as leave
  /// room for all, at least two.
  private func sentences(_ body: Rect, isWide: Bool) -> [[String]] {
    let columns = areas(in: body, isWide: isWide)[2].columns
    let shown = events.suffix(max(0, body.rows)).reversed()
    let whole = shown.map { lines($0, columns) }
    let most = max(2, whole.map(\.count).max() ?? 0)
    let limit =
      (2...most).last { most in whole.reduce(0) { $0 + min(most, $1.count) } <= body.rows } ?? 2
    return zip(shown, whole).map { event, lines in
      lines.count <= limit ? lines : shortened(event, lines, columns, limit)
    }
  }

  /// How many servers there are in place of their names if that is shorter; the events screen shows
  /// all of it.
  private func shortened(
    _ event: FleetEvent, _ lines: [String], _ columns: Int, _ limit: Int
  ) -> [String] {
    let summary =
      Wording().summary(event) + Phrases.span(event, utcOffset: utcOffset)
    let short = Paragraph(summary, columns: columns).lines
    if short.count <= limit { return short }
    return lines.prefix(limit - 1) + [lines.dropFirst(limit - 1).joined(separator: " ")]
  }

  private func areas(in rect: Rect, isWide: Bool) -> [Rect] {
    rect.columns(from: 1).sideBySide(
      [
        .fixed(isWide ? 10 : 8), .fixed(isWide ? min(24, rect.columns / 5) : 14),
        .flexible(minimum: 0),
      ], spacing: 1)
  }

  private func lines(_ event: FleetEvent, _ columns: Int) -> [String] {
    let lines = Paragraph(Phrases.sentence(event, utcOffset: utcOffset), columns: columns).lines
    return lines.isEmpty ? [""] : lines
  }
}
