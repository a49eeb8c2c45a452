import Dashboard
import TerminalKit
import Testing
import Themes

@Suite struct ShippedThemeTests {
  private static let names = ThemeCatalog.builtIn.keys.sorted()

  private static func load(_ name: String) throws -> Theme {
    try ThemeCatalog(directory: nil).load(name, roles: StyleRole.all)
  }

  @Test(arguments: names) func everyShippedThemePassesItsCheck(_ name: String) throws {
    let check = ThemeCheck(
      try Self.load(name), roles: StyleRole.all, distinct: StyleRole.distinct)
    #expect(check.findings == [])
  }

  @Test func theDefaultUsesOnlyTheTerminalsOwnColours() throws {
    #expect(!(try #require(ThemeCatalog.builtIn["default"])).contains("\"#"))
  }

  /// A cluster's title is never taken for a state: it has no background of one, and does not look like
  /// plain words of one.
  @Test(arguments: names.filter { $0 != "monochrome" })
  func titlesLookLikeNoState(_ name: String) throws {
    let sheet = try Self.load(name).styleSheet(colors: .max)
    let states = Set(StyleRole.distinct.joined())
      .union([.stateGaveUp, .stateDisputed])
      .filter { $0.name.hasPrefix("state.") || $0.name.hasPrefix("severity.") }
    #expect(states.count > 10)
    let ground = sheet.style(for: .text).background
    for hue in ClusterHue.allCases {
      let title = sheet.style(for: hue.role)
      for state in states {
        let look = sheet.style(for: state)
        #expect(title != look, "\(name): \(hue) and \(state.name)")
        if title.background != ground {
          #expect(title.background != look.background, "\(name): \(hue) and \(state.name)")
        }
      }
    }
  }

  /// States differ in look, and also without colour.
  @Test(arguments: names) func statesDifferOnEveryTerminal(_ name: String) throws {
    let theme = try Self.load(name)
    for colors in [.max, 256, 16, 8, 0] {
      let sheet = theme.styleSheet(colors: colors)
      let states: [StyleRole] = [
        .stateServing, .stateBuffering, .stateNoPrimary, .stateNoData,
      ]
      // Without colours buffering and no primary are told apart by their words.
      let looks = Set(states.map { sheet.style(for: $0) })
      #expect(looks.count >= (colors < 8 ? 2 : 3), "\(name) with \(colors) colours")
      #expect(sheet.style(for: .stateBuffering) != sheet.style(for: .stateServing))
    }
  }
}
