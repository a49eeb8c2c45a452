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
    #expect(sheet.style(for: Ramp.gauge.over).foreground == .ansi(4))
    #expect(sheet.style(for: .keyHint).foreground == .ansi(1))
  }

  @Test func aRampIsBlendedWhereThereAreColoursForIt() throws {
    let theme = try Self.load(
      "\"lag.fill\" = { ramp = [\"#000000\", \"#ff0000\"] }\n\"lag.fill.over\" = \"blue\"")
    func reds(_ colors: Int) -> [Color] {
      let sheet = theme.styleSheet(colors: colors)
      return (0..<Ramp.steps).map { step in
        sheet.style(for: Ramp.lag.role(at: Double(step) / Double(Ramp.steps))).foreground
      }
    }
    #expect(reds(.max).first == .rgb(0, 0, 0))
    #expect(reds(.max).last == .rgb(255, 0, 0))
    #expect(Set(reds(.max)).count == Ramp.steps)
    #expect(reds(16) == Array(repeating: .ansi(0), count: 4) + Array(repeating: .ansi(9), count: 4))
    #expect(Set(reds(0)) == [.terminalDefault])
    #expect(theme.styleSheet(colors: 16).style(for: Ramp.lag.over).foreground == .ansi(4))
    #expect(Ramp.lag.role(at: 1.01) == Ramp.lag.over)
    #expect(Ramp.lag.role(at: 1) == StyleRole("lag.fill.8"))
  }

  @Test func aChildsColourTakesThePlaceOfItsParentsRamp() throws {
    let sheet = try Self.load(
      "inherits = \"base\"\n\"lag.fill\" = \"blue\"",
      parents: ["base": "\"lag.fill\" = { ramp = [\"red\", \"green\"] }"]
    ).styleSheet(colors: 16)
    #expect(sheet.style(for: Ramp.lag.role(at: 0.9)).foreground == .ansi(4))
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
        "text = ", "text = { ramp = [\"red\"] }", "\"lag.fill\" = { ramp = [] }",
        "\"lag.fill\" = { ramp = [\"red\"], fg = \"red\" }",
      ],
      [
        "test.toml: there is no role `state.bufering`; did you mean `state.buffering`?",
        "test.toml: `text` has the colour `reddish`, which is neither in the palette nor default, #rrggbb or an ANSI name",
        "test.toml: `text` has `bold`; it may have fg, bg and modifiers",
        "test.toml: `text` has the modifier `blinking`; there are bold, dim, italic, underlined and reversed",
        "test.toml: `text` must be a colour or a table of fg, bg and modifiers",
        "test.toml: themes inherit in a circle: test.toml inherits test.toml",
        "test.toml: palette colour `a` must be `#rrggbb` or an ANSI name", "test.toml:1:",
        "test.toml: `text` has a ramp, which only fills have",
        "test.toml: the ramp of `lag.fill` must be a list of one to three colours",
        "test.toml: `lag.fill` has `fg`; beside a ramp it may have modifiers",
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
