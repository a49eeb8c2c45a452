/// A bar that shows a share of a whole, in steps of an eighth of a cell.
package struct Gauge {
  /// The share filled; drawn within 0...1.
  package var fraction: Double
  package var role: StyleRole

  package init(_ fraction: Double, role: StyleRole = .gaugeFill) {
    self.fraction = fraction.isFinite ? min(1, max(0, fraction)) : 0
    self.role = role
  }

  /// Draws the bar between two bounds; anything above 0 shows at least the least step.
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
    var text = String(repeating: glyphs.bar[steps - 1], count: filled / steps)
    if filled % steps > 0 { text.append(glyphs.bar[filled % steps - 1]) }
    canvas.draw(text, at: inside.origin, role: role, limit: inside.columns)
  }
}
