/// A small chart, one column a value, the newest at the right.
package struct Sparkline {
  /// Nil is no data and leaves its column blank.
  package var values: [Double?]
  /// The value of a full column; at least the largest shown.
  package var scale: Double
  package var role: StyleRole

  package init(_ values: [Double?], scale: Double = 0, role: StyleRole = .sparkline) {
    self.values = values
    self.scale = scale
    self.role = role
  }

  /// Draws the newest values; in more than one row the columns are as high as the rectangle.
  package func render(into canvas: inout Canvas, in rect: Rect) {
    guard !rect.isEmpty else { return }
    let shown = values.suffix(rect.columns)
    let top = max(scale, shown.compactMap(\.self).filter(\.isFinite).max() ?? 0)
    let glyphs = canvas.glyphs.spark
    let start = rect.maxColumn - shown.count
    for (index, value) in shown.enumerated() {
      guard let value, value.isFinite else { continue }
      let fraction = top > 0 ? min(1, max(0, value / top)) : 0
      // The lowest glyph stands for zero, so that no data and zero differ.
      let filled = 1 + Int((fraction * Double(rect.rows * glyphs.count - 1)).rounded())
      for row in 0..<rect.rows {
        let level = min(glyphs.count, filled - row * glyphs.count)
        guard level > 0 else { break }
        canvas.draw(
          String(glyphs[level - 1]),
          at: Point(column: start + index, row: rect.maxRow - 1 - row), role: role)
      }
    }
  }
}
