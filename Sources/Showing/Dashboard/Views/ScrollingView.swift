internal import TerminalKit

/// A screen that may be taller than the terminal.
protocol ScrollingView {
  func height(in size: Size) -> Int
  /// Draws the screen as tall as the rectangle, for a terminal with `rows` of room.
  func render(into canvas: inout Canvas, in rect: Rect, rows: Int)
}

extension ScrollingView {
  /// How far it can be scrolled; if it does not fit, one line says how much is missing.
  func scrollLimit(in size: Size) -> Int {
    let height = whole(in: size, .unicode).height
    return height > size.rows ? height - size.rows + 1 : 0
  }

  /// Draws it as tall as it needs to be, and shows the part from a given line on.
  func render(scrolledBy scroll: Int, into canvas: inout Canvas, in rect: Rect) {
    let (whole, height) = whole(
      in: Size(columns: rect.columns, rows: rect.rows), canvas.glyphs)
    let visible = height > rect.rows ? rect.rows - 1 : rect.rows
    let offset = min(scroll, height - visible)
    canvas.copy(whole, from: offset, into: rect.rows(from: 0, count: visible))
    guard height > rect.rows else { return }
    let below = height - visible - offset
    canvas.draw(
      below > 0
        ? " \(canvas.glyphs.descending) \(Phrases.plural(below, "more line"))"
        : " \(canvas.glyphs.ascending) \(Phrases.plural(offset, "line")) above",
      in: rect.line(rect.rows - 1), role: .keyHint)
  }

  /// All of it, and how many of its lines there are to see.
  ///
  /// Room that is kept at its end for what may still come is nothing to scroll to.
  private func whole(in size: Size, _ glyphs: Glyphs) -> (canvas: Canvas, height: Int) {
    let height = max(size.rows, height(in: size))
    var whole = Canvas(size: Size(columns: size.columns, rows: height), glyphs: glyphs)
    render(into: &whole, in: whole.bounds, rows: size.rows)
    guard height > size.rows else { return (whole, height) }
    let used = whole.lines.lastIndex { !$0.isEmpty }.map { $0 + 1 } ?? 0
    return (whole, max(size.rows, used))
  }
}

/// A screen made of parts, stacked; the last takes whatever is left.
protocol StackedView: ScrollingView {
  typealias Part = (rows: Int, draw: (inout Canvas, Rect) -> Void)

  /// The parts from top to bottom, with their heights, for a terminal of the given size.
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
