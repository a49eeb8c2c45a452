import Dashboard
import Foundation
import TerminalKit
import Testing
import Themes

@MainActor
@Suite struct ThemeChoiceTests {
  private static func choice(_ name: String, _ directory: String? = nil) throws -> ThemeChoice {
    try ThemeChoice(name, from: ThemeCatalog(directory: directory), roles: StyleRole.all)
  }

  @Test func automaticIsCautiousUntilTheTerminalHasAnswered() throws {
    let themes = try Self.choice("auto")
    #expect(themes.styleSheet(colors: 256).name == "Default")
    #expect(themes.wantsBackground)
    let dark = try #require(try themes.adopt(backgroundIsDark: true))
    #expect(dark.name == "Harbor")
    // The terminal's own background stays.
    #expect(dark.style(for: .text).background == .terminalDefault)
    #expect(!themes.wantsBackground)
    #expect(try themes.adopt(backgroundIsDark: true) == nil)
    #expect(try themes.adopt(backgroundIsDark: false)?.name == "Daylight")
    #expect(try themes.choose("harbor").style(for: .text).background != .terminalDefault)
    #expect(try themes.adopt(backgroundIsDark: true) == nil)
    #expect(try themes.choose("auto").name == "Harbor")
  }

  @Test(arguments: [0, 8, 16]) func fewColoursStayCautious(_ colors: Int) throws {
    let themes = try Self.choice("auto")
    #expect(themes.styleSheet(colors: colors).name == "Default")
    #expect(!themes.wantsBackground)
    #expect(try themes.adopt(backgroundIsDark: true) == nil)
  }

  @Test func aThemeByNameAsksNobody() throws {
    let themes = try Self.choice("nord")
    #expect(themes.styleSheet(colors: 256).name == "Nord")
    #expect(!themes.wantsBackground)
    #expect(try themes.adopt(backgroundIsDark: false) == nil)
    #expect(throws: ThemeError.self) { try themes.choose("no-such") }
    // The one before stays.
    #expect(themes.styleSheet(colors: 256).name == "Nord")
    #expect(themes.names.first == "auto" && themes.names.contains("daylight"))
  }

  @Test func aSavedThemeIsReadAnew() throws {
    let directory = FileManager.default.temporaryDirectory
      .appending(path: "sluice-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    func save(_ text: String, _ name: String = "mine") throws {
      try text.write(
        to: directory.appending(path: "\(name).toml"), atomically: true, encoding: .utf8)
    }
    try save("text = \"red\"", "base")
    try save("inherits = \"base\"\n\"text.muted\" = \"blue\"")
    let themes = try Self.choice("mine", directory.path)
    _ = themes.styleSheet(colors: 16)
    #expect(try themes.reread() == nil)
    try save("inherits = \"base\"\n\"text.muted\" = \"green\"")
    #expect(try themes.reread()?.style(for: .muted).foreground == .ansi(2))
    #expect(try themes.reread() == nil)
    // What it inherits counts as well.
    try save("text = \"yellow\"", "base")
    #expect(try themes.reread()?.style(for: .text).foreground == .ansi(3))
    // A mistake is said once, and nothing changes until it is mended.
    try save("\"text.muted\" = \"gren\"")
    #expect(throws: ThemeError.self) { try themes.reread() }
    #expect(try themes.reread() == nil)
    #expect(themes.styleSheet(colors: 16).style(for: .muted).foreground == .ansi(2))
    try FileManager.default.removeItem(at: directory.appending(path: "mine.toml"))
    #expect(try themes.reread() == nil)
    try save("text = \"cyan\"")
    #expect(try themes.reread()?.style(for: .text).foreground == .ansi(6))
  }
}
