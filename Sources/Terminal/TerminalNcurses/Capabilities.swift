internal import CNcurses
internal import TerminalKit

/// What a terminal can do, as the bytes that make it do so.
struct Capabilities: Sendable {
  /// DEC private mode 2026; a terminal that does not know it ignores it.
  static let beginUpdate = Array("\u{1B}[?2026h".utf8)
  static let endUpdate = Array("\u{1B}[?2026l".utf8)

  var clear: [UInt8]
  /// Ends all attributes and colours.
  var plain: [UInt8]
  /// The terminal's own colours again, attributes left as they are; nil where only ``plain`` does
  /// that.
  var ownColors: (foreground: [UInt8], background: [UInt8])?
  var attributes: [(Style.Attributes, [UInt8])]
  /// False on terminals that scroll when their last cell is written.
  var lastCellIsSafe: Bool
  var move: @Sendable (_ row: Int, _ column: Int) -> [UInt8]
  /// To another column of the same row; nil on terminals that know no such move.
  var moveInRow: (@Sendable (_ column: Int) -> [UInt8])?
  var foreground: @Sendable (Color) -> [UInt8]
  var background: @Sendable (Color) -> [UInt8]

  /// What terminfo says about the terminal in TERM.
  ///
  /// `hasDirectColor`: colours are sent as they are, whatever terminfo says about them.
  @MainActor
  static func ofTerminal(hasDirectColor: Bool) -> Capabilities {
    func color(_ capability: String, isBackground: Bool) -> @Sendable (Color) -> [UInt8] {
      if hasDirectColor { return { Array($0.sequence(isBackground: isBackground).utf8) } }
      return { color in
        number(color).map { bytes(cn_filled_capability(capability, $0, 0)) } ?? []
      }
    }
    let hasOwnColors = bytes(cn_capability("op")) == Array("\u{1B}[39;49m".utf8)
    var moveInRow: (@Sendable (Int) -> [UInt8])?
    if cn_capability("hpa") != nil {
      moveInRow = { column in bytes(cn_filled_capability("hpa", Int32(column), 0)) }
    }
    return Capabilities(
      clear: bytes(cn_capability("clear")),
      plain: withoutCharacterSet(bytes(cn_capability("sgr0"))),
      ownColors: hasOwnColors
        ? (foreground: Array("\u{1B}[39m".utf8), background: Array("\u{1B}[49m".utf8)) : nil,
      attributes: [
        (.bold, bytes(cn_capability("bold"))), (.dim, bytes(cn_capability("dim"))),
        (.underlined, bytes(cn_capability("smul"))), (.reversed, bytes(cn_capability("rev"))),
        (.italic, bytes(cn_capability("sitm"))),
      ],
      lastCellIsSafe: cn_capability("rmam") != nil || cn_has_eat_newline_glitch(),
      move: { bytes(cn_filled_capability("cup", Int32($0), Int32($1))) },
      moveInRow: moveInRow,
      foreground: color("setaf", isBackground: false),
      background: color("setab", isBackground: true))
  }

  /// Terminfo's `sgr0` also leaves the set of line-drawing characters, which is never entered.
  static func withoutCharacterSet(_ plain: [UInt8]) -> [UInt8] {
    let (toASCII, shiftIn) = (Array("\u{1B}(B".utf8), UInt8(0x0F))
    var rest = plain[...]
    if rest.starts(with: toASCII) { rest = rest.dropFirst(toASCII.count) }
    if rest.last == shiftIn { rest = rest.dropLast() }
    return rest.isEmpty ? plain : Array(rest)
  }

  private static func bytes(_ text: UnsafePointer<CChar>?) -> [UInt8] {
    text.map { Array(String(cString: $0).utf8) } ?? []
  }

  /// A colour as terminfo numbers it; all others are for direct colour only.
  private static func number(_ color: Color) -> Int32? {
    switch color {
    case .terminalDefault, .rgb: nil
    case .ansi(let index), .indexed(let index): Int32(index)
    }
  }
}
