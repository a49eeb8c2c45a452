internal import TerminalKit

/// A box over the screen: what a dialog says, and below it what its keys do.
struct DialogView {
  let title: String
  let offers: [Offer]
  /// What it says, within a number of columns and rows.
  let lines: (Size, Glyphs) -> [DialogLine]

  /// The widest box; longer lines are wrapped.
  private static let columns = 96

  func render(into canvas: inout Canvas, in rect: Rect) {
    let width = min(rect.columns, Self.columns)
    let lines = content(
      Size(columns: max(10, width - 4), rows: rect.rows - 2), canvas.glyphs)
    let height = min(rect.rows, lines.count + 2)
    let box = Rect(
      column: rect.column + (rect.columns - width) / 2,
      row: rect.row + max(0, (rect.rows - height) / 2), columns: width, rows: height)
    let inside = Panel(title).renderBox(into: &canvas, in: box).inset(columns: 1)
    // The end says what the keys do, so lines that do not fit are left out above it.
    let shown = lines.count <= inside.rows ? lines[...] : lines.suffix(inside.rows)
    for (row, line) in shown.enumerated() {
      canvas.draw(spans: line.spans, in: inside.line(row))
    }
  }

  /// Whether every line fits: what a key would do can be read before it is pressed.
  func isWhole(in size: Size) -> Bool {
    let room = Size(columns: min(size.columns, Self.columns) - 4, rows: size.rows - 2)
    guard room.columns >= 20 else { return false }
    return [Glyphs.unicode, .ascii].allSatisfy { content(room, $0).count <= room.rows }
  }

  private func content(_ room: Size, _ glyphs: Glyphs) -> [DialogLine] {
    let hints = DialogLine.hints(offers.hints(glyphs), columns: room.columns)
    return lines(Size(columns: room.columns, rows: room.rows - hints.count), glyphs) + hints
  }
}
