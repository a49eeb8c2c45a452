import Foundation
import TerminalKit
import Testing

@testable import TerminalNcurses

@Suite struct ClipboardTests {
  private func clipboard(
    _ term: String = "xterm-256color", hasColor: Bool = true, tmux: Bool = false,
    screen: Bool = false
  ) -> Clipboard {
    Clipboard(term: term, hasColor: hasColor, isInTmux: tmux, isInScreen: screen)
  }

  /// RFC 4648, section 10, and whatever Foundation says of more.
  @Test func base64IsBase64() {
    for (text, expected) in [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
      ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ] { #expect(Clipboard.base64(Array(text.utf8)) == Array(expected.utf8)) }
    for length in 0..<200 {
      let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ length) }
      #expect(Clipboard.base64(bytes) == Array(Data(bytes).base64EncodedData()))
    }
  }

  @Test func aTerminalIsHandedTheTextAsItIs() {
    let (bytes, copying) = clipboard().bytes("foo")
    #expect(bytes == Array("\u{1B}]52;c;Zm9v\u{7}".utf8) && copying == .sent)
  }

  /// tmux takes the one or passes the other on, by its options.
  @Test func insideOfTmuxBothWaysAreTried() {
    let (bytes, copying) = clipboard("tmux-256color", tmux: true).bytes("foo")
    let plain = "\u{1B}]52;c;Zm9v\u{7}"
    #expect(
      String(decoding: bytes, as: UTF8.self) == "\(plain)\u{1B}Ptmux;\u{1B}\(plain)\u{1B}\\")
    #expect(copying == .sentThrough("tmux"))
  }

  @Test func screenPassesItOnInPieces() {
    let text = String(repeating: "x", count: 300)
    let (bytes, copying) = clipboard("screen-256color", screen: true).bytes(text)
    let pieces = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\u{1B}\\")
    #expect(pieces.allSatisfy { $0.isEmpty || $0.hasPrefix("\u{1B}P") && $0.utf8.count <= 78 })
    #expect(
      pieces.map { $0.dropFirst(2) }.joined()
        == "\u{1B}]52;c;\(Data(text.utf8).base64EncodedString())\u{7}")
    #expect(copying == .sentThrough("GNU screen"))
  }

  @Test(arguments: ["linux", "linux-16color", "vt100", "vt220", "ansi", "cons25"])
  func aConsoleIsSentNothing(_ term: String) {
    #expect(clipboard(term).bytes("foo") == ([], .impossible))
    #expect(clipboard("adm3a", hasColor: false).bytes("foo") == ([], .impossible))
  }

  @Test func whatIsTooLongIsNotSentInPart() {
    let limit = Clipboard.limit
    #expect(clipboard().bytes(String(repeating: "x", count: limit)).1 == .sent)
    #expect(
      clipboard().bytes(String(repeating: "x", count: limit + 1)) == ([], .tooLong(limit: limit)))
  }
}
