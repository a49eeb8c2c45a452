internal import CNcurses
internal import TerminalKit

/// Which keys send which bytes, beyond single characters.
///
/// The sequences of ECMA-48 and of the VT100's application keypad are known everywhere; a terminal
/// whose terminfo entry lists others has those as well. A key with Shift, Alt or Control held is
/// none of these: it sends another sequence, and does nothing.
struct KeySequences: Sendable {
  private let keys: [[UInt8]: Key]
  /// All beginnings of sequences that follow neither CSI's nor SS3's syntax.
  private let beginnings: Set<[UInt8]>

  /// `announced`: what the terminal's own entry lists.
  init(announced: [(bytes: [UInt8], key: Key)] = []) {
    var keys = Self.common
    var beginnings: Set<[UInt8]> = []
    // A single byte is a character or a control key, whatever else the entry says it is.
    for (bytes, key) in announced where bytes.count > 1 && bytes[0] == 0x1B {
      keys[bytes] = key
      guard bytes[1] != UInt8(ascii: "["), bytes[1] != UInt8(ascii: "O") else { continue }
      for length in 2...bytes.count { beginnings.insert(Array(bytes.prefix(length))) }
    }
    self.keys = keys
    self.beginnings = beginnings
  }

  /// What terminfo says about the terminal in TERM.
  @MainActor
  static func ofTerminal() -> KeySequences {
    KeySequences(
      announced: capabilities.compactMap { name, key in
        cn_capability(name).map { (Array(String(cString: $0).utf8), key) }
      })
  }

  /// The key of a complete sequence.
  func key(_ sequence: [UInt8]) -> Key? { keys[sequence] }

  /// Whether a sequence of the terminal's own begins like this, or is this.
  func hasBeginning(_ sequence: [UInt8]) -> Bool { beginnings.contains(sequence) }

  private static let capabilities: [(String, Key)] = [
    ("kcuu1", .up), ("kcud1", .down), ("kcub1", .left), ("kcuf1", .right), ("kpp", .pageUp),
    ("knp", .pageDown), ("khome", .home), ("kend", .end), ("kdch1", .delete), ("kcbt", .backTab),
    ("kent", .enter),
  ]

  private static let common: [[UInt8]: Key] = {
    let cursor: [(Character, Key)] = [
      ("A", .up), ("B", .down), ("C", .right), ("D", .left), ("H", .home), ("F", .end),
    ]
    let edit: [(Int, Key)] = [
      (1, .home), (3, .delete), (4, .end), (5, .pageUp), (6, .pageDown), (7, .home), (8, .end),
    ]
    // The keypad in application mode.
    let pad: [(Character, Key)] =
      [("M", .enter), ("X", .character("=")), ("I", .tab)]
      + zip("jklmnopqrstuvwxy", "*+,-./0123456789").map { ($0, .character($1)) }
    var keys: [[UInt8]: Key] = [Array("\u{1B}[Z".utf8): .backTab]
    for (final, key) in cursor {
      keys[Array("\u{1B}[\(final)".utf8)] = key
      keys[Array("\u{1B}O\(final)".utf8)] = key
    }
    for (number, key) in edit { keys[Array("\u{1B}[\(number)~".utf8)] = key }
    for (final, key) in pad { keys[Array("\u{1B}O\(final)".utf8)] = key }
    return keys
  }()
}
