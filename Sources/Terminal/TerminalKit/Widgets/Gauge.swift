/// A bar that shows a share of a limit, in steps of an eighth of a cell.
package struct Gauge {
  /// The filled share; drawn within 0...1.
  package var fraction: Double
  package var ramp: Ramp
  /// All of it is drawn as over the limit.
  package var isOver: Bool

  package init(_ fraction: Double, _ ramp: Ramp = .gauge, isOver: Bool = false) {
    self.fraction = fraction.isFinite ? min(1, max(0, fraction)) : 0
    self.ramp = ramp
    self.isOver = isOver
  }

  /// Draws the bar between its ends; anything above 0 shows at least the smallest step.
  package func render(into canvas: inout Canvas, in rect: Rect) {
    guard rect.columns >= 3, rect.rows >= 1 else { return }
    let glyphs = canvas.glyphs
    let line = rect.line(0)
    canvas.draw(String(glyphs.gaugeStart), at: line.origin, role: .gaugeTrack)
    canvas.draw(
      String(glyphs.gaugeEnd), at: Point(column: line.maxColumn - 1, row: line.row),
      role: .gaugeTrack)
    let inside = line.inset(columns: 1)
    let steps = glyphs.bar.count
    var filled = Int((fraction * Double(inside.columns * steps)).rounded())
    if fraction > 0, filled == 0 { filled = 1 }
    for column in 0..<(filled + steps - 1) / steps {
      let level = min(steps, filled - column * steps)
      // A cell counts as near to the limit as its middle is.
      let share = (Double(column) + 0.5) / Double(inside.columns)
      canvas.draw(
        String(glyphs.bar[level - 1]),
        at: Point(column: inside.column + column, row: inside.row),
        role: isOver ? ramp.over : ramp.role(at: share))
    }
  }
}
