import Dashboard
import Foundation
import TerminalKit
import TestSupport
import Testing
import Themes

@Suite struct ThemeTests {
  static func load(
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

  // MARK: Looks

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

  @Test(
    arguments: zip(
      [Int.max, 256, 16, 8, 0],
      [.rgb(255, 0, 0), .indexed(196), .ansi(9), .ansi(1), .terminalDefault] as [Color]))
  func coloursAreReducedToWhatTheTerminalHas(_ colors: Int, _ expected: Color) throws {
    let sheet = try Self.load("text = \"#f00\"").styleSheet(colors: colors)
    #expect(sheet.style(for: .text).foreground == expected)
  }

  @Test func whereThereAreSixteenColoursAThemeSaysWhichItMeans() throws {
    let theme = try Self.load(
      "text = \"sea\"\n[palette]\nsea = { hex = \"#0080ff\", ansi = \"bright-magenta\" }")
    let seen = [Int.max, 256, 16, 8].map {
      theme.styleSheet(colors: $0).style(for: .text).foreground
    }
    #expect(seen == [.rgb(0, 128, 255), .indexed(33), .ansi(13), .ansi(5)])
  }

  @Test func aThemesBackgroundIsBehindEverything() throws {
    let theme = try Self.load(
      """
      background = "#102030"
      text = "#ffffff"
      "text.muted" = { fg = "default", modifiers = ["dim"] }
      notice = { fg = "#000", bg = "#f00" }
      """)
    let sheet = theme.styleSheet(colors: .max)
    #expect(
      sheet.style(for: .muted)
        == Style(foreground: .rgb(255, 255, 255), background: .rgb(16, 32, 48), attributes: .dim))
    #expect(sheet.style(for: .noticeText).background == .rgb(255, 0, 0))
    #expect(sheet.style(for: StyleRole("no.such")).background == .rgb(16, 32, 48))
    // The terminal's own stays where it is known to go with the theme.
    let clear = theme.styleSheet(colors: .max, paintsBackground: false)
    #expect(clear.style(for: .muted).background == .terminalDefault)
    #expect(clear.style(for: .muted).foreground == .rgb(255, 255, 255))
    #expect(theme.styleSheet(colors: 0).style(for: .muted) == Style(attributes: .dim))
  }

  // MARK: Inheritance and names

  @Test func aThemeInheritsAndOverrides() throws {
    let sheet = try Self.load(
      "inherits = \"base\"\n\"text.muted\" = \"sea\"",
      parents: ["base": "text = \"sea\"\n\"text.muted\" = \"red\"\n[palette]\nsea = \"#0080ff\""]
    ).styleSheet(colors: Int.max)
    #expect(sheet.style(for: .text).foreground == .rgb(0, 128, 255))
    #expect(sheet.style(for: .muted).foreground == .rgb(0, 128, 255))
  }

  @Test func aPaletteIsEnoughForAThemeThatInherits() throws {
    let sheet = try Self.load(
      "inherits = \"base\"\n[palette]\nsea = \"#00f\"",
      parents: ["base": "text = \"sea\"\n[palette]\nsea = \"#0080ff\""]
    ).styleSheet(colors: Int.max)
    #expect(sheet.style(for: .text).foreground == .rgb(0, 0, 255))
  }

  @Test func aChildsColourTakesThePlaceOfItsParentsRamp() throws {
    let sheet = try Self.load(
      "inherits = \"base\"\n\"lag.fill\" = \"blue\"",
      parents: ["base": "\"lag.fill\" = { ramp = [\"red\", \"green\"] }"]
    ).styleSheet(colors: 16)
    #expect(sheet.style(for: Ramp.lag.role(at: 0.9)).foreground == .ansi(4))
  }

  @Test func aRoleMayLookLikeAnother() throws {
    let sheet = try Self.load(
      """
      "state.lost" = { fg = "red", modifiers = ["bold"] }
      "state.gave-up" = "state.lost"
      failed = "state.gave-up"
      "lag.fill" = { ramp = ["red", "blue"] }
      "window.fill" = "lag.fill"
      "key.label" = "key.hint"
      key = "green"
      """
    ).styleSheet(colors: 16)
    #expect(sheet.style(for: .failed) == Style(foreground: .ansi(1), attributes: .bold))
    #expect(sheet.style(for: Ramp.window.role(at: 1)).foreground == .ansi(4))
    // One that is not named looks like what it falls back to.
    #expect(sheet.style(for: .keyHintLabel).foreground == .ansi(2))
  }

  // MARK: Errors

  @Test(
    arguments: zip(
      [
        "\n\"state.bufering\" = \"red\"", "text = \"reddish\"", "text = \"text.mutd\"",
        "text = { fg = \"bleu\" }", "text = { fg = \"red\", bold = true }",
        "text = { modifiers = [\"blinking\"] }", "text = { modifiers = \"bold\" }", "text = 5",
        "inherits = \"test.toml\"", "[palette]\na = 1", "text = ", "text = { ramp = [\"red\"] }",
        "\"lag.fill\" = { ramp = [] }", "\"lag.fill\" = { ramp = [\"red\"], fg = \"red\" }",
        "name = 1", "variant = \"drak\"", "[palette]\nsea = \"rde\"",
        "[palette]\n\n  sea = { hex = \"#12345\" }",
        "[palette]\nsea = { hex = \"#123456\", ansi = \"gren\" }", "palete = 1",
        "state.lost = \"red\"", "\"key.hint\" = \"key.label\"\n\"key.label\" = \"key.hint\"",
        "\"lag.fill\" = { ramp = [\"red\"] }\ntext = \"lag.fill\"", "text = \"#+12345\"",
        "background = \"ikn\"\ntext = \"ink\"\n[palette]\nink = \"#000\"",
        "\n[pallete]\nink = \"#000\"", "[=",
      ],
      [
        "test.toml:2: there is no role `state.bufering`; did you mean `state.buffering`?",
        "test.toml:1: `text` is `reddish`, which is neither a colour nor a role",
        "test.toml:1: `text` is `text.mutd`, which is neither a colour nor a role; did you mean `text.muted`?",
        "test.toml:1: `text` has the colour `bleu`, which is neither in the palette nor default, #rrggbb or an ANSI name; did you mean `blue`?",
        "test.toml:1: `text` has `bold`; it may have fg, bg and modifiers",
        "test.toml:1: `text` has the modifier `blinking`; there are bold, dim, italic, underlined and reversed",
        "test.toml:1: `modifiers` of `text` must be a list",
        "test.toml:1: `text` must be a colour or a table of fg, bg and modifiers",
        "test.toml:1: themes inherit in a circle: test.toml inherits test.toml",
        "test.toml:2: the colour of `a` must be `#rrggbb`, a name or { hex = \"#rrggbb\", ansi = \"red\" }",
        "test.toml:1: ",
        "test.toml:1: `text` has a ramp, which only fills have",
        "test.toml:1: the ramp of `lag.fill` must be a list of one to three colours",
        "test.toml:1: `lag.fill` has `fg`; beside a ramp it may have modifiers",
        "test.toml:1: `name` must be text in quotes",
        "test.toml:1: `variant` is `drak`; there are dark, light and monochrome",
        "test.toml:2: palette colour `sea` is `rde`; it must be `#rrggbb`, an ANSI name or both; did you mean `red`?",
        "test.toml:3: the colour of `sea` must be `#rrggbb`, a name or { hex = \"#rrggbb\", ansi = \"red\" }",
        "test.toml:2: `ansi` of `sea` must be one of the sixteen colours' names or default; did you mean `green`?",
        "test.toml:1: there is no role `palete`; did you mean `palette`?",
        "test.toml:1: write a role in quotes: `\"state.lost\" = …`",
        "test.toml:1: roles look like each other in a circle: key.hint, then key.label, then key.hint",
        "test.toml:2: `text` is `lag.fill`, whose ramp is only for fills",
        "test.toml:1: `text` is `#+12345`, which is neither a colour nor a role",
        "test.toml:1: `background` has the colour `ikn`, which is neither in the palette nor default, #rrggbb or an ANSI name; did you mean `ink`?",
        "test.toml:2: there is no table [pallete]; a theme has [palette], and its roles above it",
        "test.toml:1: there is no table [=]",
      ]))
  func aBadThemeSaysWhereAndWhat(_ text: String, _ expected: String) {
    let message = Self.message(text)
    #expect(message?.hasPrefix(expected) == true, "\(message ?? "no error")")
  }

  @Test func anErrorOfAParentNamesTheParent() {
    #expect(
      Self.message("inherits = \"base\"", parents: ["base": "\n\ntext = \"reddish\""])
        == "base:3: `text` is `reddish`, which is neither a colour nor a role")
    #expect(
      Self.message(
        "inherits = \"a\"", parents: ["a": "inherits = \"b\"", "b": "inherits = \"a\""])
        == "b:1: themes inherit in a circle: test.toml inherits a inherits b inherits a")
  }

  /// Whatever a file holds, it is a theme or an error, and never the end of the program.
  @Test func noTextIsTooStrange() throws {
    let text = try String(
      contentsOf: Fixtures.checkout.appending(path: "themes/harbor.toml"), encoding: .utf8)
    var dice = Dice(7)
    for _ in 0..<400 {
      var bytes = Array(text.utf8)
      for _ in 0..<Int.random(in: 1...6, using: &dice) {
        let start = Int.random(in: 0..<bytes.count, using: &dice)
        let end = min(bytes.count, start + Int.random(in: 0...20, using: &dice))
        bytes.replaceSubrange(
          start..<end,
          with: (0..<Int.random(in: 0...4, using: &dice)).map { _ in
            UInt8.random(in: 0...255, using: &dice)
          })
      }
      _ = try? Self.load(String(decoding: bytes, as: UTF8.self))
    }
    for text in [
      String(repeating: "[", count: 5000), String(repeating: "a.", count: 5000) + "b = 1",
      "text = " + String(repeating: "{ fg = ", count: 2000), "\u{0}", "text = \"\u{0}\"",
      "\"\" = \"red\"", "[palette]\n\"\" = \"#fff\"", "\"text\" = \"\"",
    ] { _ = try? Self.load(text) }
  }
}
