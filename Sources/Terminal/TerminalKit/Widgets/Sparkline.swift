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
      guard value > 0, top > 0 else {
        // Not a bar, and not nothing: no data and zero differ.
        canvas.draw(
          String(canvas.glyphs.sparkZero), at: Point(column: start + index, row: rect.maxRow - 1),
          role: .gaugeTrack)
        continue
      }
      let fraction = min(1, value / top)
      let filled = max(1, Int((fraction * Double(rect.rows * glyphs.count)).rounded()))
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
