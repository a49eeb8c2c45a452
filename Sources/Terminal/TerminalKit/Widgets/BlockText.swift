/// Figures so large that they can be read across a room and through a video codec.
///
///     ██████  ██████
///     ██  ██      ██
///     ██████  ██████
///     ██  ██  ██
///     ██████  ██████
package struct BlockText {
  package let text: String
  package let role: StyleRole

  package init(_ text: String, role: StyleRole) {
    self.text = text
    self.role = role
  }

  /// The cells that one dot of a figure takes up.
  ///
  /// A cell is about twice as high as wide, so that a dot is square or up to half again as high.
  package struct Scale: Sendable, Equatable {
    package let columns: Int
    package let rows: Int

    /// The largest first.
    fileprivate static let all: [Scale] = (1...16).reversed().flatMap { columns in
      let (most, least) = (max(1, columns * 3 / 4), max(1, (columns + 1) / 2))
      return (min(most, least)...most).reversed().map { Scale(columns: columns, rows: $0) }
    }
  }

  private static let dotRows = 5

  /// The rows of a character from the top, one bit per dot, three to a row; nil when it has no
  /// picture.
  private static func rows(of character: Character) -> [UInt8]? {
    switch character {
    case "0": [7, 5, 5, 5, 7]
    case "1": [2, 6, 2, 2, 7]
    case "2": [7, 1, 7, 4, 7]
    case "3": [7, 1, 7, 1, 7]
    case "4": [5, 5, 7, 1, 1]
    case "5": [7, 4, 7, 1, 7]
    case "6": [7, 4, 7, 5, 7]
    case "7": [7, 1, 1, 1, 1]
    case "8": [7, 5, 7, 5, 7]
    case "9": [7, 5, 7, 1, 7]
    case "k": [4, 5, 6, 5, 5]
    case "M": [5, 7, 7, 5, 5]
    case "m": [0, 6, 7, 7, 5]
    case "?": [7, 1, 3, 0, 2]
    case "–", "-": [0, 0, 7, 0, 0]
    case "≥", ">": [4, 2, 4, 0, 7]
    case "≈", "~": [0, 3, 6, 0, 0]
    case ".": [0, 0, 0, 0, 4]
    default: nil
    }
  }

  /// The dots that a character takes up, including the gap after it.
  private static func width(of character: Character) -> Int { character == "." ? 2 : 4 }

  /// The dots that a text takes up from left to right.
  package static func width(of text: String) -> Int {
    max(0, text.reduce(0) { $0 + width(of: $1) } - 1)
  }

  /// The largest scale at which some texts fit side by side, with a gap of `spacing` columns between
  /// them; nil if there is none.
  package static func scale(of texts: [String], spacing: Int = 0, in size: Size) -> Scale? {
    let dots = texts.reduce(0) { $0 + width(of: $1) }
    let gaps = spacing * max(0, texts.count - 1)
    return Scale.all.first {
      $0.columns * dots + gaps <= size.columns && $0.rows * dotRows <= size.rows
    }
  }

  /// How high a figure is; one line when there is no scale for it.
  package static func rows(at scale: Scale?) -> Int { scale.map { $0.rows * dotRows } ?? 1 }

  /// Draws it in the middle of a rectangle, or as plain text when there is no scale for it.
  package func render(into canvas: inout Canvas, in rect: Rect, _ scale: Scale?) {
    let pictures = text.compactMap(Self.rows(of:))
    guard let scale, pictures.count == text.count else {
      canvas.draw(text, in: rect.line(rect.rows / 2), role: role, alignment: .center)
      return
    }
    let width = Self.width(of: text) * scale.columns
    var column = rect.column + max(0, (rect.columns - width) / 2)
    let top = rect.row + max(0, (rect.rows - Self.dotRows * scale.rows) / 2)
    for (character, rows) in zip(text, pictures) {
      for (row, dots) in rows.enumerated() {
        for dot in 0..<3 where dots & (4 >> dot) != 0 {
          canvas.fill(
            Rect(
              column: column + dot * scale.columns, row: top + row * scale.rows,
              columns: scale.columns, rows: scale.rows),
            with: canvas.glyphs.block, role: role)
        }
      }
      column += Self.width(of: character) * scale.columns
    }
  }
}
