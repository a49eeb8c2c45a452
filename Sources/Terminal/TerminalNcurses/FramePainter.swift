internal import TerminalKit

/// Turns the difference between two canvases into bytes for the terminal.
///
/// A frame is one block inside a synchronized update, so that no terminal shows half of it. Nothing
/// is erased and refilled, no region is scrolled and no character is repeated by count: emulators
/// differ in these, and saving a few bytes is not worth it.
struct FramePainter {
  /// Up to this many cells between two changed ones are painted again, since skipping them costs as
  /// much.
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
  /// `shown`: what the terminal shows; nil when that is not known, ignored when its size differs.
  mutating func paint(_ canvas: Canvas, over shown: Canvas?) -> [UInt8] {
    let previous = shown?.size == canvas.size ? shown : nil
    var body: [UInt8] = []
    if previous == nil { body += capabilities.clear }
    // A cleared terminal shows its own background, which may not be the theme's.
    let cleared: Canvas.Cell? =
      style(of: Canvas.Cell.blank.role).background == .terminalDefault ? .blank : nil
    defer { isRestyling = false }
    var pen = Style()
    let (columns, rows) = (canvas.size.columns, canvas.size.rows)
    let (cells, before) = (canvas.cells, previous?.cells)
    for row in 0..<rows {
      let line = row * columns..<(row + 1) * columns
      // Most rows of most frames are unchanged.
      if let before, !isRestyling, cells[line] == before[line] { continue }
      // The terminal's cursor in this row; nil when it is elsewhere.
      var cursor: Int?
      for column in 0..<columns {
        let index = row * columns + column
        let cell = cells[index]
        let known: Canvas.Cell? =
          if let before { isRestyling ? nil : before[index] } else { cleared }
        if cell == known { continue }
        guard let character = cell.character else { continue }
        // Writing the last cell of the screen scrolls some terminals.
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
        // Past the last column, terminals differ in where they put the cursor.
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
      // Not every terminal can switch off single attributes.
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
