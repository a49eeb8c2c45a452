/// A small chart, one column per value, the newest on the right.
package struct Sparkline {
  /// Nil, which is no data, leaves its column blank, as zero does.
  package var values: [Double?]
  /// The value of a full column; at least the largest shown.
  package var scale: Double
  package var fill: Fill
  /// Values that were told and not seen: their columns are of another texture.
  package var told: Set<Int>

  package enum Fill: Sendable {
    case plain(StyleRole)
    /// Each cell by how near it is to the limit.
    case ramp(Ramp, limit: Double)

    /// The role of a cell that reaches up to a value.
    fileprivate func role(at value: Double) -> StyleRole {
      switch self {
      case .plain(let role): role
      case .ramp(let ramp, let limit): ramp.role(at: value / limit)
      }
    }
  }

  package init(
    _ values: [Double?], scale: Double = 0, fill: Fill = .plain(.sparkline), told: Set<Int> = []
  ) {
    self.values = values
    self.scale = scale
    self.fill = fill
    self.told = told
  }

  /// Draws the newest values; with more than one row the columns are as high as the rectangle.
  package func render(into canvas: inout Canvas, in rect: Rect) {
    guard !rect.isEmpty else { return }
    let shown = values.suffix(rect.columns)
    let top = max(scale, shown.compactMap(\.self).filter(\.isFinite).max() ?? 0)
    let glyphs = canvas.glyphs.spark
    let start = rect.maxColumn - shown.count
    let hidden = values.count - shown.count
    for (index, value) in shown.enumerated() {
      guard let value, value.isFinite, value > 0, top > 0 else { continue }
      let fraction = min(1, value / top)
      let filled = max(1, Int((fraction * Double(rect.rows * glyphs.count)).rounded()))
      for row in 0..<rect.rows {
        let level = min(glyphs.count, filled - row * glyphs.count)
        guard level > 0 else { break }
        let height = min(value, top * Double(row + 1) / Double(rect.rows))
        let texture = told.contains(hidden + index) ? canvas.glyphs.shade.medium : glyphs[level - 1]
        canvas.draw(
          String(texture),
          at: Point(column: start + index, row: rect.maxRow - 1 - row),
          role: fill.role(at: height))
      }
    }
  }
}
