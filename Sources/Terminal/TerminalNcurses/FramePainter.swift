internal import TerminalKit

/// Turns the difference between two canvases into bytes for the terminal.
///
/// A frame is one block inside a synchronized update, so that no terminal shows half of it. Nothing
/// is erased and refilled, no region is scrolled and no character is repeated by count: emulators
/// differ in these, and saving a few bytes is not worth it. Moves are absolute, so that a terminal
/// that disagrees about a character's width is right again after the next one.
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
      // Most rows of most frames are unchanged.
      if let previous, !isRestyling, canvas.hasSameRow(row, as: previous) { continue }
      // The terminal's cursor in this row; nil when it is elsewhere.
      var cursor: Int?
      for column in 0..<columns {
        let index = row * columns + column
        let cell = cells[index]
        let known: Canvas.Cell? =
          if let before { isRestyling ? nil : before[index] } else { cleared }
        if let known, looksAlike(cell, known) { continue }
        guard cell.text != .rightHalf else { continue }
        // Writing the last cell of the screen scrolls some terminals.
        if row == rows - 1, column == columns - 1, !capabilities.lastCellIsSafe { continue }
        if let at = cursor, column - at <= Self.shortGap, at < column,
          gapIsPlain(canvas, row, at..<column, pen)
        {
          for skipped in at..<column {
            append(canvas[column: skipped, row: row].text, to: &body)
          }
        } else if cursor != column {
          let isInRow = cursor != nil
          body +=
            (isInRow ? capabilities.moveInRow?(column) : nil) ?? capabilities.move(row, column)
        }
        let style = style(of: cell.role)
        if cell.text != .space || !style.hasSameGround(as: pen) {
          change(from: &pen, to: style, &body)
        }
        append(cell.text, to: &body)
        let isWide = column + 1 < columns && cells[index + 1].text == .rightHalf
        let next = column + (isWide ? 2 : 1)
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
      guard cell.text != .rightHalf else { return false }
      let style = style(of: cell.role)
      return style == pen || cell.text == .space && style.hasSameGround(as: pen)
    }
  }

  /// Whether two cells cannot be told apart, whatever their roles.
  private mutating func looksAlike(_ cell: Canvas.Cell, _ other: Canvas.Cell) -> Bool {
    guard cell.text == other.text else { return false }
    if cell.role == other.role { return true }
    let (style, before) = (style(of: cell.role), style(of: other.role))
    return style == before || cell.text == .space && style.hasSameGround(as: before)
  }

  private mutating func style(of role: StyleRole) -> Style {
    if let style = resolved[role] { return style }
    let style = styles.style(for: role)
    resolved[role] = style
    return style
  }

  private func append(_ text: CellText, to bytes: inout [UInt8]) {
    text.forEachScalar { scalar in
      if let encoded = UTF8.encode(scalar) { bytes += encoded }
    }
  }

  private func change(from pen: inout Style, to style: Style, _ bytes: inout [UInt8]) {
    guard pen != style else { return }
    var sequences: [[UInt8]] = []
    let own = capabilities.ownColors
    let losesColor =
      (style.foreground == .terminalDefault && pen.foreground != .terminalDefault)
      || (style.background == .terminalDefault && pen.background != .terminalDefault)
    // Not every terminal can switch off single attributes.
    if !pen.attributes.isSubset(of: style.attributes) || (losesColor && own == nil) {
      sequences.append(capabilities.plain)
      pen = Style()
    }
    for (attribute, sequence) in capabilities.attributes
    where style.attributes.contains(attribute) && !pen.attributes.contains(attribute) {
      sequences.append(sequence)
    }
    if style.foreground != pen.foreground {
      let isOwn = style.foreground == .terminalDefault
      sequences.append(
        isOwn ? own?.foreground ?? [] : capabilities.foreground(style.foreground))
    }
    if style.background != pen.background {
      let isOwn = style.background == .terminalDefault
      sequences.append(
        isOwn ? own?.background ?? [] : capabilities.background(style.background))
    }
    bytes += Self.joined(sequences)
    pen = style
  }

  /// Sequences one after the other, those that select a graphic rendition (ECMA-48's SGR) as one.
  static func joined(_ sequences: [[UInt8]]) -> [UInt8] {
    let (introducer, final) = (Array("\u{1B}[".utf8), UInt8(ascii: "m"))
    /// What stands between introducer and final byte; nil if it is another kind of sequence.
    func parameters(_ sequence: [UInt8]) -> ArraySlice<UInt8>? {
      guard sequence.starts(with: introducer), sequence.last == final else { return nil }
      let inside = sequence.dropFirst(introducer.count).dropLast()
      let isPlain = inside.allSatisfy { $0 == UInt8(ascii: ";") || (0x30...0x39).contains($0) }
      return isPlain ? inside.isEmpty ? [UInt8(ascii: "0")] : inside : nil
    }
    var bytes: [UInt8] = []
    var isOpen = false
    for sequence in sequences where !sequence.isEmpty {
      guard sequences.count > 1, let inside = parameters(sequence) else {
        bytes += (isOpen ? [final] : []) + sequence
        isOpen = false
        continue
      }
      bytes += (isOpen ? [UInt8(ascii: ";")] : introducer) + inside
      isOpen = true
    }
    return isOpen ? bytes + [final] : bytes
  }
}

extension Style {
  /// Whether a blank looks the same in both.
  fileprivate func hasSameGround(as other: Style) -> Bool {
    let seen: Attributes = [.underlined, .reversed]
    return background == other.background && attributes.isDisjoint(with: seen)
      && other.attributes.isDisjoint(with: seen)
  }
}
