import Foundation
import TerminalKit
import TerminalNcurses
import Testing

/// Lines as asciinema reads them.
@Suite struct AsciicastTextTests {
  private static func value(_ line: String) throws -> Any {
    #expect(!line.contains("\n"))
    return try JSONSerialization.jsonObject(with: Data(line.utf8))
  }

  @Test func theHeaderHasSizeTimeAndTerminal() throws {
    let line = AsciicastText.header(
      Size(columns: 160, rows: 50), second: 1_795_000_000, term: "x\"\\term")
    let header = try #require(try Self.value(line) as? [String: Any])
    #expect(header["version"] as? Int == 2)
    #expect(header["width"] as? Int == 160 && header["height"] as? Int == 50)
    #expect(header["timestamp"] as? Int == 1_795_000_000)
    #expect(header["env"] as? [String: String] == ["TERM": "x\"\\term"])
  }

  @Test func whatWasSentComesBackByteByByte() throws {
    let text = "\u{1B}[1;31m█ ▕\"\\\u{7F}\u{9B}\r\n\t\u{0} zürich"
    let line = AsciicastText.output(Array(text.utf8), after: .milliseconds(61_002))
    let event = try #require(try Self.value(line) as? [Any])
    #expect(event[0] as? Double == 61.002 && event[1] as? String == "o")
    #expect(event[2] as? String == text)
  }

  @Test func aNewSizeIsAnEvent() throws {
    let line = AsciicastText.resize(Size(columns: 80, rows: 24), after: .zero)
    let event = try #require(try Self.value(line) as? [Any])
    #expect(event[0] as? Double == 0)
    #expect(event[1] as? String == "r" && event[2] as? String == "80x24")
  }
}
