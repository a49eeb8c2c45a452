internal import TerminalKit

/// The way to the clipboard of the terminal's user: OSC 52, which also passes through ssh.
///
/// tmux accepts the sequence from a program with `set-clipboard on`, and passes a wrapped one on to
/// the terminal outside with `allow-passthrough on` (3.3 and later; always before that), so both
/// are sent; if both settings hold, the same text arrives twice. GNU screen passes on what is
/// wrapped.
struct Clipboard {
  /// The value of TERM.
  let term: String
  let hasColor: Bool
  let isInTmux: Bool
  let isInScreen: Bool

  /// The most bytes of a text: xterm and tmux accept about 100 kB of a sequence, a third of which
  /// is lost to base64.
  static let limit = 48 * 1024
  /// GNU screen accepts no longer string in one piece.
  private static let pieceLength = 76

  /// What to send, if anything, and what comes of it.
  func bytes(_ text: String) -> ([UInt8], Copying) {
    guard hasClipboard else { return ([], .impossible) }
    guard text.utf8.count <= Self.limit else { return ([], .tooLong(limit: Self.limit)) }
    let payload = Self.base64(Array(text.utf8))
    // Terminated by BEL, which need not be doubled when wrapped.
    let plain = Array("\u{1B}]52;c;".utf8) + payload + [0x07]
    if isInTmux {
      let wrapped = Array("\u{1B}Ptmux;\u{1B}".utf8) + plain + Array("\u{1B}\\".utf8)
      return (plain + wrapped, .sentThrough("tmux"))
    }
    guard isInScreen else { return (plain, .sent) }
    var pieces: [UInt8] = []
    for start in stride(from: 0, to: plain.count, by: Self.pieceLength) {
      pieces += Array("\u{1B}P".utf8)
      pieces += plain[start..<min(plain.count, start + Self.pieceLength)]
      pieces += Array("\u{1B}\\".utf8)
    }
    return (pieces, .sentThrough("GNU screen"))
  }

  /// Consoles and hardware terminals have none, and some would print the text.
  private var hasClipboard: Bool {
    hasColor && !["linux", "ansi", "cons25", "sun", "vt"].contains { term.hasPrefix($0) }
  }

  /// RFC 4648, with padding.
  static func base64(_ bytes: [UInt8]) -> [UInt8] {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var result: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(bytes.count, start + 3)]
      let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for index in 0..<4 {
        result.append(
          index <= group.count ? digits[bits >> (18 - 6 * index) & 63] : UInt8(ascii: "="))
      }
    }
    return result
  }
}
