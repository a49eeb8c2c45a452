import Dashboard
import Foundation
import TerminalKit
import TestSupport
import Testing
import Themes

@Suite struct ThemeTests {
  private static func load(
    _ text: String, parents: [String: String] = [:]
  ) throws(ThemeError) -> Theme {
    try Theme(text: text, file: "test.toml", roles: StyleRole.all) { (name) throws(ThemeError) in
      (parents[name] ?? "", name)
    }
  }

  private static func message(_ text: String, parents: [String: String] = [:]) -> String? {
    do {
      _ = try load(text, parents: parents)
      return nil
    } catch {
      return error.description
    }
  }

  @Test func everyShippedThemeLoads() throws {
    let directory = Fixtures.checkout.appending(path: "themes")
    let files = try FileManager.default.contentsOfDirectory(atPath: directory.path)
    #expect(files.contains("default.toml"))
    for file in files {
      let name = String(file.dropLast(".toml".count))
      _ = try ThemeCatalog(directories: [directory.path]).load(name, roles: StyleRole.all)
    }
  }

  @Test func theBuiltInThemeIsTheShippedOne() throws {
    let file = Fixtures.checkout.appending(path: "themes/default.toml")
    #expect(Theme.builtInText == (try String(contentsOf: file, encoding: .utf8)))
    _ = try ThemeCatalog(directories: []).load("default", roles: StyleRole.all)
  }

  @Test func theDefaultNamesEveryRole() throws {
    let theme = try ThemeCatalog(directories: []).load("default", roles: StyleRole.all)
    let sheet = theme.styleSheet(colors: 16)
    // States differ in look, and also without colour.
    for colors in [16, 0] {
      let sheet = theme.styleSheet(colors: colors)
      #expect(sheet.style(for: .stateBuffering) != sheet.style(for: .stateServing))
      #expect(sheet.style(for: .stateNoPrimary) != sheet.style(for: .stateServing))
    }
    #expect(sheet.style(for: .stateBuffering).background == .ansi(3))
    let plain = theme.styleSheet(colors: 0).style(for: .stateBuffering)
    #expect(plain == Style(attributes: .reversed))
  }

  @Test func onlyTheTerminalsOwnColours() {
    #expect(!Theme.builtInText.split(separator: "\n").contains { $0.contains("\"#") })
  }

  @Test func aRoleFallsBackAlongItsDots() throws {
    let sheet = try Self.load("text = \"red\"\ngauge = \"blue\"").styleSheet(colors: 16)
    #expect(sheet.style(for: .gaugeFillOver).foreground == .ansi(4))
    #expect(sheet.style(for: .keyHint).foreground == .ansi(1))
  }

  @Test func aThemeInheritsAndOverrides() throws {
    let sheet = try Self.load(
      "inherits = \"base\"\n\"text.muted\" = \"sea\"",
      parents: ["base": "text = \"sea\"\n\"text.muted\" = \"red\"\n[palette]\nsea = \"#0080ff\""]
    ).styleSheet(colors: Int.max)
    #expect(sheet.style(for: .text).foreground == .rgb(0, 128, 255))
    #expect(sheet.style(for: .muted).foreground == .rgb(0, 128, 255))
  }

  @Test(
    arguments: zip(
      [Int.max, 256, 16, 8, 0],
      [.rgb(255, 0, 0), .indexed(196), .ansi(9), .ansi(1), .terminalDefault] as [Color]))
  func coloursAreReducedToWhatTheTerminalHas(_ colors: Int, _ expected: Color) throws {
    let sheet = try Self.load("text = \"#f00\"").styleSheet(colors: colors)
    #expect(sheet.style(for: .text).foreground == expected)
  }

  @Test(
    arguments: zip(
      [
        "\"state.bufering\" = \"red\"", "text = \"reddish\"",
        "text = { fg = \"red\", bold = true }",
        "text = { modifiers = [\"blinking\"] }", "text = 5", "inherits = \"test.toml\"",
        "[palette]\na = 1",
        "text = ",
      ],
      [
        "test.toml: there is no role `state.bufering`; did you mean `state.buffering`?",
        "test.toml: `text` has the colour `reddish`, which is neither in the palette nor default, #rrggbb or an ANSI name",
        "test.toml: `text` has `bold`; it may have fg, bg and modifiers",
        "test.toml: `text` has the modifier `blinking`; there are bold, dim, italic, underlined and reversed",
        "test.toml: `text` must be a colour or a table of fg, bg and modifiers",
        "test.toml: themes inherit in a circle: test.toml inherits test.toml",
        "test.toml: palette colour `a` must be `#rrggbb` or an ANSI name", "test.toml:1:",
      ]))
  func aBadThemeSaysWhereAndWhat(_ text: String, _ expected: String) {
    let message = Self.message(text)
    #expect(message?.hasPrefix(expected) == true, "\(message ?? "no error")")
  }

  @Test func anUnknownThemeSaysWhereItLooked() {
    #expect(throws: ThemeError.self) {
      try ThemeCatalog(directories: ["/nowhere"]).load("nord", roles: StyleRole.all)
    }
  }
}
