internal import TerminalKit

/// Turns the difference between two canvases into bytes for the terminal.
///
/// A frame is one block inside a synchronized update, so that no terminal shows half of it. Nothing is
/// erased and refilled, no region is scrolled and no character repeated by count: emulators differ in
/// those, and a few bytes are not worth it.
struct FramePainter {
  /// Cells between two changed ones that are painted again because moving over them costs as much.
  private static let shortGap = 4

  let styles: StyleSheet
  private let capabilities: Capabilities
  private var resolved: [StyleRole: Style] = [:]
  /// What the terminal shows was painted in other styles.
  private var isRestyling: Bool

  init(styles: StyleSheet, capabilities: Capabilities, isRestyling: Bool = false) {
    self.styles = styles
    self.capabilities = capabilities
    self.isRestyling = isRestyling
  }

  /// The bytes that make the terminal show a canvas; empty when it already does.
  ///
  /// `shown`: what the terminal shows; nil when that is not known, and on another size.
  mutating func paint(_ canvas: Canvas, over shown: Canvas?) -> [UInt8] {
    let previous = shown?.size == canvas.size ? shown : nil
    var body: [UInt8] = []
    if previous == nil { body += capabilities.clear }
    // A terminal that was cleared shows its own background, which may not be the theme's.
    let cleared: Canvas.Cell? =
      style(of: Canvas.Cell.blank.role).background == .terminalDefault ? .blank : nil
    defer { isRestyling = false }
    var pen = Style()
    let (columns, rows) = (canvas.size.columns, canvas.size.rows)
    let (cells, before) = (canvas.cells, previous?.cells)
    for row in 0..<rows {
      let line = row * columns..<(row + 1) * columns
      // Most rows of most frames are as they were.
      if let before, !isRestyling, cells[line] == before[line] { continue }
      // Where the terminal's cursor is in this row; nil when elsewhere.
      var cursor: Int?
      for column in 0..<columns {
        let index = row * columns + column
        let cell = cells[index]
        let known: Canvas.Cell? =
          if let before { isRestyling ? nil : before[index] } else { cleared }
        if cell == known { continue }
        guard let character = cell.character else { continue }
        // The last cell of the screen scrolls some terminals.
        if row == rows - 1, column == columns - 1, !capabilities.lastCellIsSafe { continue }
        if let at = cursor, column - at <= Self.shortGap, at < column,
          gapIsPlain(canvas, row, at..<column, pen)
        {
          for skipped in at..<column {
            append(canvas[column: skipped, row: row].character, to: &body)
          }
        } else if cursor != column {
          body += capabilities.move(row, column)
        }
        let style = style(of: cell.role)
        change(from: &pen, to: style, &body)
        append(character, to: &body)
        let next = column + DisplayWidth.of(character)
        // Beyond the last column the cursor is here on one terminal and there on another.
        cursor = next < columns ? next : nil
      }
    }
    guard !body.isEmpty else { return [] }
    change(from: &pen, to: Style(), &body)
    return Capabilities.beginUpdate + body + Capabilities.endUpdate
  }

  private mutating func gapIsPlain(
    _ canvas: Canvas, _ row: Int, _ gap: Range<Int>, _ pen: Style
  ) -> Bool {
    gap.allSatisfy { column in
      let cell = canvas[column: column, row: row]
      return cell.character != nil && style(of: cell.role) == pen
    }
  }

  private mutating func style(of role: StyleRole) -> Style {
    if let style = resolved[role] { return style }
    let style = styles.style(for: role)
    resolved[role] = style
    return style
  }

  private func append(_ character: Character?, to bytes: inout [UInt8]) {
    guard let character else { return }
    // A letter has a few marks; more would be somebody's joke.
    for scalar in character.unicodeScalars.prefix(6) {
      bytes += UTF8.encode(scalar).map(Array.init) ?? []
    }
  }

  private func change(from pen: inout Style, to style: Style, _ bytes: inout [UInt8]) {
    guard pen != style else { return }
    if !pen.attributes.isSubset(of: style.attributes)
      || (style.foreground == .terminalDefault && pen.foreground != .terminalDefault)
      || (style.background == .terminalDefault && pen.background != .terminalDefault)
    {
      // Single attributes cannot be switched off on every terminal.
      bytes += capabilities.plain
      pen = Style()
    }
    for (attribute, sequence) in capabilities.attributes
    where style.attributes.contains(attribute) && !pen.attributes.contains(attribute) {
      bytes += sequence
    }
    if style.foreground != pen.foreground { bytes += capabilities.foreground(style.foreground) }
    if style.background != pen.background { bytes += capabilities.background(style.background) }
    pen = style
  }
}
