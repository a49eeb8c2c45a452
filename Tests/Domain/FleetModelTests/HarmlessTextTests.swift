import FleetModel
import Foundation
import Terms
import Testing

@Suite struct HarmlessTextTests {
  @Test(
    arguments: [
      "\u{7F}", "\u{80}", "\u{9B}31m", "\u{202E}", "\u{2066}", "\u{200B}", "\u{200D}", "\u{FEFF}",
      "\u{2028}", "\u{AD}", "\u{E0041}", "\u{E000}", "\u{115F}", "\u{FE0F}",
    ])
  func whatATerminalObeysOrHidesIsEscaped(_ text: String) throws {
    let json = String(decoding: try JSONEncoder().encode(["k": "a\(text)b"]), as: UTF8.self)
    let harmless = json.harmlessJSON
    #expect(harmless.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F })
    let back = try JSONDecoder().decode([String: String].self, from: Data(harmless.utf8))
    #expect(back == ["k": "a\(text)b"])
  }

  @Test func whatIsSeenStaysAsItIs() {
    #expect(#"{"k":"Zürich 東京 👍"}"#.harmlessJSON == #"{"k":"Zürich 東京 👍"}"#)
  }

  /// A combining mark makes one character of itself and what stands before it.
  @Test(
    arguments: [
      "h?\u{301}x:80", "h#\u{301}:80", "h/\u{301}:80", "h@\u{338}:80", "a\u{301}:80", "h\u{0}:80",
      "h\u{7F}:80", "h\r\n:80", "h\u{200B}:80", "h%41:80", "h:+80", "h:8\u{660}", "[::1]x:80",
      "[h]:80", "[::1%eth0]:80", "[]:80", "h\\:80", "\u{FF0E}:80", "a,b:80",
    ])
  func anAddressHoldsOnlyWhatAHostMay(_ text: String) {
    #expect(Address(text) == nil)
  }

  @Test func hostsFromAListAreHeldToTheSame() {
    #expect(Address(named: "h?q=1", port: 80) == nil)
    #expect(Address(named: "h", port: 0) == nil)
    #expect(Address(named: "::1", port: 80)?.description == "[::1]:80")
    #expect(Address(named: "vt_gate-1.example", port: 80)?.description == "vt_gate-1.example:80")
  }
}
