/// Keys and what they do, on one line; the last ones are left out where there is no room.
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

  package init(_ hints: [Hint]) { self.hints = hints }

  package func render(into canvas: inout Canvas, in rect: Rect) {
    var column = rect.column + 1
    for hint in hints {
      let width = DisplayWidth.of(hint.key) + 1 + DisplayWidth.of(hint.label)
      guard column + width <= rect.maxColumn else { break }
      column += canvas.draw(hint.key, at: Point(column: column, row: rect.row), role: .keyHint) + 1
      column +=
        canvas.draw(hint.label, at: Point(column: column, row: rect.row), role: .keyHintLabel) + 2
    }
  }
}
