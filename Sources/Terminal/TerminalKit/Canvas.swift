/// A screen as a value: a grid of cells that views draw into.
///
///     (0,0) ──> column
///       │
///       ▼ row
///
/// Drawing outside the grid is clipped, never an error. What is not drawn stays blank. A canvas
/// knows roles, not colours, so that its contents do not depend on the theme.
package struct Canvas: Sendable, Equatable {
  package struct Cell: Sendable, Equatable {
    package var text: CellText
    package var role: StyleRole

    package static let blank = Cell(text: .space, role: .text)

    /// The character drawn here; nil in the right half of a wide character.
    package var character: Character? { text.character }
  }

  /// Where a selectable row of a table is.
  private struct SelectableRow: Equatable {
    let area: Rect
    let index: Int
  }

  package let size: Size
  package let glyphs: Glyphs
  package private(set) var cells: [Cell]
  private var selectableRows: [SelectableRow] = []

  package init(size: Size, glyphs: Glyphs = .unicode) {
    self.size = size
    self.glyphs = glyphs
    cells = Array(repeating: .blank, count: size.columns * size.rows)
  }

  /// Whether a row holds what it holds in another canvas of the same size.
  ///
  /// Here, where cells are compared as the few numbers that they are: elsewhere each comparison is a
  /// call of generic code.
  package func hasSameRow(_ row: Int, as other: Canvas) -> Bool {
    (row * size.columns..<(row + 1) * size.columns).allSatisfy { cells[$0] == other.cells[$0] }
  }

  /// Longer texts are cut before they are examined.
  private static let textLimit = 2048

  package var bounds: Rect { Rect(size) }

  package subscript(column column: Int, row row: Int) -> Cell { cells[row * size.columns + column] }

  /// Draws text from a point to the right, cut off at the end of `limit` or of the canvas.
  ///
  /// - Returns: the number of columns drawn.
  @discardableResult
  package mutating func draw(
    _ text: some StringProtocol, at point: Point, role: StyleRole = .text, limit: Int = .max
  ) -> Int {
    guard (0..<size.rows).contains(point.row) else { return 0 }
    var column = point.column
    let (sum, overflows) = column.addingReportingOverflow(max(0, limit))
    let end = overflows ? size.columns : min(size.columns, sum)
    // Whatever the text's origin, only printable characters become cells.
    let text = String(text).safe(limit: Self.textLimit)
    if DisplayWidth.isPlain(text) {
      for byte in text.utf8.prefix(max(0, end - column)) {
        if column >= 0 { put(CellText(byte), 1, column, point.row, role) }
        column += 1
      }
      return column - point.column
    }
    for character in text {
      let width = DisplayWidth.of(character)
      guard width > 0 else { continue }
      guard column + width <= end else { break }
      if column >= 0 { put(CellText(shown(character)), width, column, point.row, role) }
      column += width
    }
    return column - point.column
  }

  /// Draws text into one line of a rectangle, shortened with an ellipsis if it does not fit.
  package mutating func draw(
    _ text: some StringProtocol, in rect: Rect, role: StyleRole = .text,
    alignment: Alignment = .leading
  ) {
    guard !rect.isEmpty else { return }
    let fitted = fit(String(text), to: rect.columns)
    let slack = rect.columns - DisplayWidth.of(fitted)
    let offset =
      switch alignment {
      case .leading: 0
      case .trailing: slack
      case .center: slack / 2
      }
    draw(
      fitted, at: Point(column: rect.column + offset, row: rect.row), role: role,
      limit: rect.columns - offset)
  }

  package enum Alignment: Sendable, Equatable { case leading, trailing, center }

  /// Shortens text to a number of columns, replacing its end with an ellipsis.
  package func fit(_ text: String, to columns: Int) -> String {
    guard DisplayWidth.of(text) > columns else { return text }
    guard columns > 1 else { return columns == 1 ? String(glyphs.ellipsis) : "" }
    var width = 0
    var result = ""
    for character in text {
      let next = DisplayWidth.of(character)
      guard width + next <= columns - 1 else { break }
      result.append(character)
      width += next
    }
    return result + String(glyphs.ellipsis)
  }

  /// Shortens text to a number of columns, replacing its beginning with an ellipsis.
  package func fitEnd(of text: String, to columns: Int) -> String {
    guard DisplayWidth.of(text) > columns else { return text }
    guard columns > 1 else { return columns == 1 ? String(glyphs.ellipsis) : "" }
    var width = 1
    let end = text.reversed().prefix { character in
      width += DisplayWidth.of(character)
      return width <= columns
    }
    return String(glyphs.ellipsis) + String(end.reversed())
  }

  /// Shortens text to a number of columns, replacing its middle with an ellipsis: names that begin
  /// alike often end differently.
  package func fitMiddle(of text: String, to columns: Int) -> String {
    guard DisplayWidth.of(text) > columns, columns > 2 else { return fit(text, to: columns) }
    // Each part is cut with an ellipsis of its own, of which one stays.
    let head = fit(text, to: (columns + 1) / 2)
    return head + fitEnd(of: text, to: columns - DisplayWidth.of(head) + 1).dropFirst()
  }

  /// Fills a rectangle with one narrow character.
  package mutating func fill(_ rect: Rect, with character: Character = " ", role: StyleRole = .text)
  {
    let text = CellText(shown(character))
    for row in max(0, rect.row)..<max(0, rect.row, min(size.rows, rect.maxRow)) {
      for column in max(0, rect.column)..<max(0, rect.column, min(size.columns, rect.maxColumn)) {
        put(text, 1, column, row, role)
      }
    }
  }

  /// Notes that the rectangle holds a selectable row of a table, by its index there.
  package mutating func noteRow(_ index: Int, in area: Rect) {
    selectableRows.append(SelectableRow(area: area, index: index))
  }

  /// The index of the selectable row at a point; nil when there is none.
  package func row(at point: Point) -> Int? {
    selectableRows.last { $0.area.contains(point) }?.index
  }

  /// Changes the role of those cells in a rectangle that have one of some roles.
  package mutating func restyle(_ rect: Rect, _ roles: Set<StyleRole>, as role: StyleRole) {
    for row in max(0, rect.row)..<max(0, rect.row, min(size.rows, rect.maxRow)) {
      for column in max(0, rect.column)..<max(0, rect.column, min(size.columns, rect.maxColumn))
      where roles.contains(cells[row * size.columns + column].role) {
        cells[row * size.columns + column].role = role
      }
    }
  }

  /// Puts every cell of a rectangle on another ground without changing its text.
  package mutating func lay(_ rect: Rect, on ground: StyleRole) {
    for row in max(0, rect.row)..<max(0, rect.row, min(size.rows, rect.maxRow)) {
      for column in max(0, rect.column)..<max(0, rect.column, min(size.columns, rect.maxColumn)) {
        let index = row * size.columns + column
        cells[index].role = cells[index].role.on(ground)
      }
    }
  }

  private mutating func put(
    _ text: CellText, _ width: Int, _ column: Int, _ row: Int, _ role: StyleRole
  ) {
    let index = row * size.columns + column
    // A wide character that loses one half loses the other, too.
    if cells[index].text == .rightHalf, column > 0 { cells[index - 1].text = .space }
    let next = column + width
    if next < size.columns, cells[index + width].text == .rightHalf {
      cells[index + width].text = .space
    }
    cells[index] = Cell(text: text, role: role)
    if width == 2 { cells[index + 1] = Cell(text: .rightHalf, role: role) }
  }

  /// With ASCII glyphs, nothing but ASCII reaches the screen.
  private func shown(_ character: Character) -> Character {
    glyphs == .unicode || character.isASCII ? character : character == "±" ? "~" : "?"
  }

  /// The canvas as lines of text without trailing blanks.
  package var lines: [String] {
    (0..<size.rows).map { row in
      var line = ""
      for column in 0..<size.columns {
        if let character = self[column: column, row: row].character { line.append(character) }
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }
}

extension Canvas {
  /// Copies rows of another canvas, starting at one of them, into a rectangle of this one.
  package mutating func copy(_ other: Canvas, from row: Int, into rect: Rect) {
    for line in 0..<min(rect.rows, max(0, other.size.rows - row)) {
      for column in 0..<min(rect.columns, other.size.columns) {
        let target = (rect.row + line) * size.columns + rect.column + column
        guard rect.column + column < size.columns, rect.row + line < size.rows else { continue }
        cells[target] = other[column: column, row: row + line]
      }
    }
  }
}
