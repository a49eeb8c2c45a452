/// A number over time as columns, with its scale on the left and its limit as a line.
///
///     held    120 size 120 (2 vtgates) ┄┄┄┄┄
///                       ▃█████▂
///                     ▂▅████████▁
///               0 ░░░             ▂▃
///
/// The scale is one of a few round ones, so that the picture stays still while numbers grow. Zero is
/// blank, and what nobody knows is shaded.
package struct Chart {
  package struct Limit {
    let value: Double
    /// What it is: `size 120`.
    let label: String
    /// Where that is known from, written after the label if there is room.
    let source: String
    /// The limit is out of sight when it is more than this many times the largest value, because
    /// showing it would leave nothing else to see; nil always keeps it in sight.
    let farAway: Double?

    package init(_ value: Double, _ label: String, source: String, farAway: Double? = nil) {
      self.value = value
      self.label = label
      self.source = source
      self.farAway = farAway
    }
  }

  /// Columns of which nobody saw the value.
  package struct Told {
    let columns: Set<Int>
    /// What they are, as the scale has room for and as the chart may have.
    let name: String
    let meaning: String

    package init(_ columns: Set<Int>, _ name: String, meaning: String) {
      self.columns = columns
      self.name = name
      self.meaning = meaning
    }
  }

  let title: String
  /// One per column, the latest at the right end; nil is no data.
  let values: [Double?]
  /// How many of the columns are in the past: nobody can know the others yet.
  let past: Int
  let limit: Limit?
  let fill: Sparkline.Fill
  /// Values that were told and not seen, and what the texture of their columns means.
  let told: Told?
  /// Cells to the left of the columns, for title and scale.
  let labels: Int
  /// How a number on the scale is written.
  let number: (Double) -> String

  package init(
    _ title: String, _ values: [Double?], past: Int, limit: Limit? = nil, fill: Sparkline.Fill,
    told: Told? = nil, labels: Int,
    number: @escaping (Double) -> String
  ) {
    self.title = title
    self.values = values
    self.past = past
    self.limit = limit
    self.fill = fill
    self.told = told
    self.labels = labels
    self.number = number
  }

  private var most: Double { values.compactMap(\.self).filter(\.isFinite).max() ?? 0 }

  private var isLimitInSight: Bool {
    guard let limit, limit.value > 0 else { return false }
    return most == 0 || limit.farAway.map { limit.value <= most * $0 } ?? true
  }

  /// The value of a full column.
  private var top: Double {
    guard let limit, isLimitInSight else { return Self.round(above: most) }
    return most > limit.value ? Self.round(above: most) : limit.value
  }

  /// The lowest of 1, 2, 5, 10, 20, 50 … that is not less than the value.
  static func round(above value: Double) -> Double {
    guard value.isFinite, value > 0 else { return 1 }
    var unit = 1.0
    while unit * 10 < value { unit *= 10 }
    while unit >= value { unit /= 10 }
    return [1, 2, 5, 10].map { $0 * unit }.first { $0 >= value } ?? value
  }

  package func render(into canvas: inout Canvas, in rect: Rect) {
    guard rect.rows > 0, rect.columns > labels + 2 else { return }
    let gutter = rect.columns(from: 0, count: labels - 1)
    let area = rect.columns(from: labels)
    let top = top
    Sparkline(values, scale: top, fill: fill, told: told?.columns ?? [])
      .render(into: &canvas, in: area)
    renderGaps(&canvas, area)
    canvas.draw(title, in: gutter.line(0), role: .tableHeader)
    if rect.rows > 2 {
      canvas.draw("0", in: gutter.line(rect.rows - 1), role: .muted, alignment: .trailing)
    }
    let scale = number(top)
    let hasRoom = DisplayWidth.of(title) + DisplayWidth.of(scale) < gutter.columns
    if hasRoom || rect.rows > 1 {
      canvas.draw(
        scale, in: gutter.line(hasRoom ? 0 : 1), role: .muted, alignment: .trailing)
    }
    renderLimit(&canvas, area, top)
    if let told, !told.columns.isEmpty, rect.rows > 1 {
      let shade = canvas.glyphs.shade.medium
      if !label("\(shade) \(told.meaning)", .muted, &canvas, area.line(1)), rect.rows > 2 {
        canvas.draw("\(shade) \(told.name)", in: gutter.line(1), role: .muted)
      }
    }
  }

  /// What nobody knows, along the bottom.
  private func renderGaps(_ canvas: inout Canvas, _ area: Rect) {
    let line = area.line(area.rows - 1)
    let shown = values.suffix(area.columns)
    let known = past - (values.count - shown.count)
    for (column, value) in shown.enumerated() where column < known && value == nil {
      canvas.draw(
        String(canvas.glyphs.shade.light),
        at: Point(column: line.maxColumn - shown.count + column, row: line.row), role: .gaugeTrack)
    }
  }

  private func renderLimit(_ canvas: inout Canvas, _ area: Rect, _ top: Double) {
    guard let limit else { return }
    guard isLimitInSight else {
      label(limit, after: "\(canvas.glyphs.ascending) ", &canvas, area.line(0))
      return
    }
    let height = Int((limit.value / top * Double(area.rows)).rounded(.up))
    let row = area.rows - min(area.rows, max(1, height))
    let line = area.line(row)
    for column in 0..<line.columns where canvas[column: line.column + column, row: line.row].isBlank
    {
      canvas.draw(
        String(canvas.glyphs.dash), at: Point(column: line.column + column, row: line.row),
        role: .limit)
    }
    label(limit, &canvas, line)
  }

  private func label(
    _ limit: Limit, after mark: String = "", _ canvas: inout Canvas, _ line: Rect
  ) {
    let short = mark + limit.label
    // Without the source if that does not fit.
    for text in ["\(short) (\(limit.source))", short]
    where label(text, .limit, &canvas, line) { return }
  }

  /// Writes at the left end, where the oldest values are, or at the right if those are in the way;
  /// says whether there was room.
  private func label(
    _ text: String, _ role: StyleRole, _ canvas: inout Canvas, _ line: Rect
  ) -> Bool {
    let width = DisplayWidth.of(text) + 1
    guard width < line.columns else { return false }
    func isFree(_ start: Int) -> Bool {
      (start..<start + width).allSatisfy {
        let cell = canvas[column: line.column + $0, row: line.row]
        return cell.isBlank || cell.role == .limit
      }
    }
    guard let start = [0, line.columns - width].first(where: isFree) else { return false }
    let padded = start == 0 ? text + " " : " " + text
    canvas.draw(padded, at: Point(column: line.column + start, row: line.row), role: role)
    return true
  }
}

extension Canvas.Cell {
  fileprivate var isBlank: Bool { text == .space }
}
