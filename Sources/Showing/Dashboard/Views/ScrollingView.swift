internal import TerminalKit

/// A screen that may be higher than the terminal.
protocol ScrollingView {
  func height(in size: Size) -> Int
  /// Draws the screen as high as the rectangle, for a terminal with `rows` of room.
  func render(into canvas: inout Canvas, in rect: Rect, rows: Int)
}

extension ScrollingView {
  /// How far it can be scrolled: where there is no room for all of it, a line says how much is missing.
  func scrollLimit(in size: Size) -> Int {
    let height = height(in: size)
    return height > size.rows ? height - size.rows + 1 : 0
  }

  /// Draws it as high as it needs to be, and shows the part from a line on.
  func render(scrolledBy scroll: Int, into canvas: inout Canvas, in rect: Rect) {
    let height = max(rect.rows, height(in: Size(columns: rect.columns, rows: rect.rows)))
    let visible = height > rect.rows ? rect.rows - 1 : rect.rows
    let offset = min(scroll, height - visible)
    var whole = Canvas(size: Size(columns: rect.columns, rows: height), glyphs: canvas.glyphs)
    render(into: &whole, in: whole.bounds, rows: rect.rows)
    canvas.copy(whole, from: offset, into: rect.rows(from: 0, count: visible))
    guard height > rect.rows else { return }
    let below = height - visible - offset
    canvas.draw(
      below > 0
        ? " \(canvas.glyphs.descending) \(Phrases.plural(below, "more line"))"
        : " \(canvas.glyphs.ascending) \(Phrases.plural(offset, "line")) above",
      in: rect.line(rect.rows - 1), role: .keyHint)
  }
}

/// One that is made of parts, one below the other; the last takes whatever is left.
protocol StackedView: ScrollingView {
  typealias Part = (rows: Int, draw: (inout Canvas, Rect) -> Void)

  /// The parts from top to bottom, with their heights, for a terminal of so many columns and rows.
  func parts(columns: Int, rows: Int) -> [Part]
}

extension StackedView {
  func height(in size: Size) -> Int {
    parts(columns: size.columns, rows: size.rows).reduce(0) { $0 + $1.rows }
  }

  func render(into canvas: inout Canvas, in rect: Rect, rows: Int) {
    var rest = rect
    let parts = parts(columns: rect.columns, rows: rows)
    for (index, part) in parts.enumerated() {
      let rows = index == parts.count - 1 ? rest.rows : part.rows
      part.draw(&canvas, rest.rows(from: 0, count: rows))
      rest = rest.rows(from: rows)
    }
  }
}
