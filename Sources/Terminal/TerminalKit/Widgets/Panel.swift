/// A titled rule above a region, or a box around it.
package struct Panel {
  package var title: String
  package var role: StyleRole

  package init(_ title: String, role: StyleRole = .panelTitle) {
    self.title = title
    self.role = role
  }

  /// Draws ` ── title ─────` on the first line and returns what is left below it.
  package func renderRule(into canvas: inout Canvas, in rect: Rect) -> Rect {
    let line = rect.line(0)
    guard !line.isEmpty else { return line }
    canvas.fill(line, with: canvas.glyphs.horizontal, role: .panelBorder)
    canvas.draw(" \(title) ", in: line.columns(from: 2), role: role)
    return rect.rows(from: 1)
  }

  /// Draws a box and returns its inside.
  ///
  /// What was there before is erased, even if the rectangle is too small for a box and returned
  /// whole.
  package func renderBox(into canvas: inout Canvas, in rect: Rect) -> Rect {
    canvas.fill(rect)
    guard rect.columns >= 4, rect.rows >= 3 else { return rect }
    let glyphs = canvas.glyphs
    canvas.fill(rect.line(0), with: glyphs.horizontal, role: .panelBorder)
    canvas.fill(rect.line(rect.rows - 1), with: glyphs.horizontal, role: .panelBorder)
    canvas.fill(rect.columns(from: 0, count: 1), with: glyphs.vertical, role: .panelBorder)
    canvas.fill(
      rect.columns(from: rect.columns - 1, count: 1), with: glyphs.vertical, role: .panelBorder)
    for (character, column, row) in [
      (glyphs.corners.topLeft, rect.column, rect.row),
      (glyphs.corners.topRight, rect.maxColumn - 1, rect.row),
      (glyphs.corners.bottomLeft, rect.column, rect.maxRow - 1),
      (glyphs.corners.bottomRight, rect.maxColumn - 1, rect.maxRow - 1),
    ] {
      canvas.draw(
        String(character), at: Point(column: column, row: row), role: .panelBorder)
    }
    let titleWidth = min(DisplayWidth.of(title) + 2, rect.columns - 4)
    canvas.draw(
      " \(title) ", in: rect.line(0).columns(from: 2, count: titleWidth), role: role)
    return rect.inset(columns: 1, rows: 1)
  }
}
