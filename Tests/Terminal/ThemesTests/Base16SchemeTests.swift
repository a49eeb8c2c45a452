import Dashboard
import TerminalKit
import Testing
import Themes

@Suite struct Base16SchemeTests {
  private static let colors = [
    "181818", "282828", "383838", "585858", "b8b8b8", "d8d8d8", "e8e8e8", "f8f8f8", "ab4642",
    "dc9656", "f7ca88", "a1b56c", "86c1b9", "7cafc2", "ba8baf", "a16946",
  ]
  private static let keys = (0..<16).map { "base0" + String($0, radix: 16).uppercased() }

  /// As schemes were written until 2023.
  private static let flat =
    "scheme: \"Default Dark\"\nauthor: \"Chris Kempson (http://chriskempson.com)\"\n"
    + zip(keys, colors).map { "\($0): \"\($1)\" # ----\n" }.joined()

  /// As tinted-theming has them since.
  private static let tinted =
    "system: base16\nname: 'Default Dark'\nauthor: \"Chris Kempson\"\nvariant: dark\npalette:\n"
    + zip(keys, colors).map { "  \($0): \"#\($1)\"\n" }.joined()

  @Test(arguments: [flat, tinted]) func bothFormsBecomeATheme(_ yaml: String) throws {
    let text = try Base16Scheme(yaml: yaml, file: "scheme.yaml").themeText
    let harbor = try #require(ThemeCatalog.builtIn["harbor"])
    let theme = try Theme(text: text, file: "scheme", roles: StyleRole.all) { _ in
      (harbor, "harbor")
    }
    #expect(theme.name == "Default Dark")
    #expect(theme.variant == .dark)
    let sheet = theme.styleSheet(colors: .max)
    #expect(
      sheet.style(for: .text)
        == Style(foreground: .rgb(0xD8, 0xD8, 0xD8), background: .rgb(0x18, 0x18, 0x18)))
    #expect(sheet.style(for: .stateBuffering).background == .rgb(0xF7, 0xCA, 0x88))
    #expect(sheet.style(for: .stateServing).foreground == .rgb(0xA1, 0xB5, 0x6C))
    // base03 cannot be read on base00.
    #expect(sheet.style(for: .muted).foreground == .rgb(0xB8, 0xB8, 0xB8))
  }

  @Test func aLightSchemeIsKnownByItsBackground() throws {
    let yaml = zip(Self.keys, Self.colors[0..<8].reversed() + Self.colors[8...])
      .map { "\($0): \($1)\n" }.joined()
    let scheme = try Base16Scheme(yaml: yaml, file: "paper")
    #expect(!scheme.isDark)
    #expect(scheme.name == "paper")
    #expect(scheme.themeText.contains("inherits   = \"daylight\""))
  }

  @Test func aNameIsOnlyAName() throws {
    let yaml = Self.flat.replacing("Default Dark", with: "a\\\u{1B}]0;x\u{7} b' = ")
    let text = try Base16Scheme(yaml: yaml, file: "scheme.yaml").themeText
    #expect(!text.contains("\u{1B}"))
    _ = try Theme(text: text, file: "scheme", roles: StyleRole.all) { _ in ("text = \"red\"", "x") }
  }

  @Test(
    arguments: [
      ("", "s.yaml is no base16 scheme: it has no base00"),
      (flat.replacing("base0F", with: "base0G"), "s.yaml is no base16 scheme: it has no base0F"),
      (flat.replacing("f7ca88", with: "f7ca8"), "s.yaml: `f7ca8` of base0A is no colour"),
      (flat.replacing("f7ca88", with: "+7ca88"), "s.yaml: `+7ca88` of base0A is no colour"),
    ])
  func whatIsNoSchemeIsSaid(_ yaml: String, _ words: String) {
    do {
      _ = try Base16Scheme(yaml: yaml, file: "s.yaml")
      Issue.record("no error")
    } catch {
      #expect(error.description.hasPrefix(words), "\(error)")
    }
  }
}
