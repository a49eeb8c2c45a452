import TerminalKit
import Testing

@Suite struct GroundTests {
  private static let sheet = StyleSheet(
    name: "test",
    styles: [
      "text": Style(), "muted": Style(attributes: .dim),
      "bad": Style(foreground: .ansi(1)),
      "loud": Style(attributes: .bold),
      "warn": Style(foreground: .ansi(5), attributes: .bold),
      "alarm": Style(foreground: .ansi(15), background: .ansi(1), attributes: .bold),
      "ground": Style(background: .ansi(4)),
      "paper": Style(foreground: .ansi(0), background: .ansi(7)),
    ])

  private func style(_ role: String, on ground: String) -> Style {
    Self.sheet.style(for: StyleRole(role).on(StyleRole(ground)))
  }

  @Test func aGroundShowsThroughWhatHasNone() {
    #expect(style("bad", on: "ground") == Style(foreground: .ansi(1), background: .ansi(4)))
    #expect(style("alarm", on: "ground") == Self.sheet.style(for: StyleRole("alarm")))
  }

  /// Bold black is grey on many terminals, and bold magenta is a pale one.
  @Test func nothingIsBoldOnAGroundForBlackLetters() {
    #expect(
      style("loud", on: "paper") == Style(foreground: .ansi(0), background: .ansi(7)))
    #expect(
      style("warn", on: "paper") == Style(foreground: .ansi(5), background: .ansi(7)))
    #expect(
      style("warn", on: "ground")
        == Style(foreground: .ansi(5), background: .ansi(4), attributes: .bold))
  }

  /// A band is in the colour of what it says, whether a theme gave that a background or not.
  @Test func aBandHasTheColourOfItsLetters() {
    func band(_ role: String) -> Style { Self.sheet.style(for: StyleRole(role).asBand) }
    #expect(band("alarm") == Self.sheet.style(for: StyleRole("alarm")))
    #expect(band("bad") == Style(foreground: .ansi(1), attributes: [.bold, .reversed]))
    #expect(band("muted") == Style(attributes: [.bold, .reversed]))
  }

  /// A row that is reversed is so from end to end, in one brightness.
  @Test func nothingIsDimOnAReversedGround() {
    let sheet = StyleSheet(
      name: "test",
      styles: ["muted": Style(attributes: .dim), "ground": Style(attributes: .reversed)])
    let style = sheet.style(for: StyleRole("muted").on(StyleRole("ground")))
    #expect(style == Style(attributes: .reversed))
  }

  @Test func aGroundSaysHowPlainTextIsWrittenOnItAndLeavesOtherColours() {
    let written = Style(foreground: .ansi(0), background: .ansi(7))
    #expect(style("text", on: "paper") == written)
    #expect(style("muted", on: "paper") == written)
    #expect(style("bad", on: "paper") == Style(foreground: .ansi(1), background: .ansi(7)))
  }
}
