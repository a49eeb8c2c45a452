/// The contents of a cell of a table: text, spans of text, text that depends on its room, or a
/// drawing.
package enum TableCell {
  case text(String, StyleRole)
  case spans([(String, StyleRole)])
  /// Text for this many terminal columns.
  case fitted((_ columns: Int, Glyphs) -> (String, StyleRole))
  /// Draws where it is put, ignoring the column's alignment.
  case drawing((inout Canvas, Rect) -> Void)

  package static var blank: TableCell { .text("", .text) }
}

extension Canvas {
  package mutating func draw(
    _ cell: TableCell, in rect: Rect, alignment: Alignment = .leading
  ) {
    switch cell {
    case .text(let text, let role): draw(text, in: rect, role: role, alignment: alignment)
    case .spans(let spans): draw(spans: spans, in: rect, alignment: alignment)
    case .fitted(let text):
      let (text, role) = text(rect.columns, glyphs)
      draw(text, in: rect, role: role, alignment: alignment)
    case .drawing(let draw): draw(&self, rect)
    }
  }

  /// Draws spans of text one after the other on one line; what does not fit is cut off.
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
