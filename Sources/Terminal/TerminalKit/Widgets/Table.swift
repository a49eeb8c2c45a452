/// Rows under a header, columns aligned; the columns' widths do not depend on the rows' contents, so
/// that nothing moves when a number grows.
package struct Table {
  package struct Column: Sendable, Equatable {
    package var title: String
    package var extent: Extent
    package var alignment: Canvas.Alignment
    package var isSorted: Bool

    package init(
      _ title: String, _ extent: Extent, _ alignment: Canvas.Alignment = .leading,
      isSorted: Bool = false
    ) {
      self.title = title
      self.extent = extent
      self.alignment = alignment
      self.isSorted = isSorted
    }
  }

  /// What stands in one cell of the table: spans of text, or a drawing.
  package enum Content {
    case text(String, StyleRole)
    case spans([(String, StyleRole)])
    case drawing((inout Canvas, Rect) -> Void)
  }

  package var columns: [Column]
  package var rows: [[Content]]
  /// The index of the selected row; nil for none.
  package var selection: Int?

  package init(columns: [Column], rows: [[Content]], selection: Int? = nil) {
    self.columns = columns
    self.rows = rows
    self.selection = selection
  }

  /// The first row to show so that the selected one is visible, as near to `offset` as possible.
  package static func scroll(offset: Int, selection: Int?, rows: Int, visible: Int) -> Int {
    let last = max(0, rows - visible)
    var offset = min(max(0, offset), last)
    if let selection, visible > 0 {
      if selection < offset { offset = selection }
      if selection >= offset + visible { offset = selection - visible + 1 }
    }
    return min(max(0, offset), last)
  }

  /// Draws the header and the rows from `offset` on.
  package func render(into canvas: inout Canvas, in rect: Rect, offset: Int = 0) {
    guard !rect.isEmpty else { return }
    let gutter = 1
    let areas = rect.columns(from: gutter).sideBySide(columns.map(\.extent), spacing: 1)
    for (column, area) in zip(columns, areas) {
      canvas.draw(
        column.title, in: area.line(0), role: column.isSorted ? .tableHeaderSorted : .tableHeader,
        alignment: column.alignment)
    }
    for (line, index) in (max(0, offset)..<max(rows.count, max(0, offset))).enumerated() {
      guard line + 1 < rect.rows else { break }
      for (position, area) in areas.enumerated() where position < rows[index].count {
        render(rows[index][position], columns[position].alignment, &canvas, area.line(line + 1))
      }
      if index == selection {
        // Only the row's name: the other cells keep the roles that tell of trouble.
        let name = rect.line(line + 1).columns(from: 0, count: (areas.first?.columns ?? 0) + gutter)
        canvas.restyle(name, role: .rowSelected)
        canvas.draw(String(canvas.glyphs.selection), at: name.origin, role: .rowSelected)
      }
    }
  }

  private func render(
    _ content: Content, _ alignment: Canvas.Alignment, _ canvas: inout Canvas, _ area: Rect
  ) {
    switch content {
    case .text(let text, let role):
      canvas.draw(text, in: area, role: role, alignment: alignment)
    case .spans(let spans):
      canvas.draw(spans: spans, in: area, alignment: alignment)
    case .drawing(let draw):
      draw(&canvas, area)
    }
  }
}

extension Canvas {
  /// Draws spans of text one after another into one line; what does not fit is cut off.
  package mutating func draw(
    spans: [(String, StyleRole)], in rect: Rect, alignment: Alignment = .leading
  ) {
    guard !rect.isEmpty else { return }
    let width = spans.reduce(0) { $0 + DisplayWidth.of($1.0) }
    var offset = alignment == .trailing ? max(0, rect.columns - width) : 0
    for (text, role) in spans {
      let rest = rect.columns(from: offset)
      guard !rest.isEmpty else { return }
      draw(text, in: rest, role: role)
      offset += DisplayWidth.of(text)
    }
  }
}
