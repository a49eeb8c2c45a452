/// Keys and what they do, on one line.
///
/// If there is no room the last ones are left out, except those that are always there.
package struct KeyHints {
  package struct Hint: Sendable, Equatable {
    package var key: String
    package var label: String

    package init(_ key: String, _ label: String) {
      self.key = key
      self.label = label
    }
  }

  package var hints: [Hint]

  /// These follow the others, and give way last.
  package var always: [Hint]

  package init(_ hints: [Hint], always: [Hint] = []) {
    self.hints = hints
    self.always = always
  }

  package func render(into canvas: inout Canvas, in rect: Rect) {
    func width(_ hint: Hint) -> Int { DisplayWidth.of(hint.key) + 1 + DisplayWidth.of(hint.label) }
    var shown = hints
    func needed() -> Int { (shown + always).reduce(-1) { $0 + width($1) + 2 } }
    while needed() > rect.columns, !shown.isEmpty { shown.removeLast() }
    var column = rect.column + 1
    for hint in shown + always {
      guard column + width(hint) <= rect.maxColumn else { break }
      column += canvas.draw(hint.key, at: Point(column: column, row: rect.row), role: .keyHint) + 1
      column +=
        canvas.draw(hint.label, at: Point(column: column, row: rect.row), role: .keyHintLabel) + 2
    }
  }
}
