package import TerminalKit

/// The theme in use: by name or path, or the one that suits the terminal's background.
@MainActor
package final class ThemeChoice: ThemeSource {
  /// The cautious default until the terminal has reported its background; then a dark or a light
  /// theme.
  package nonisolated static let automatic = "auto"

  private let catalog: ThemeCatalog
  private let roles: [StyleRole]
  private var name: String
  private var theme: Theme
  /// The texts of the theme's files as last seen, by path.
  private var texts: [String: String]
  private var backgroundIsDark: Bool?
  /// How many the terminal has; 0 until there is a screen.
  private var colors = 0

  package init(
    _ name: String, from catalog: ThemeCatalog, roles: [StyleRole]
  ) throws(ThemeError) {
    self.catalog = catalog
    self.roles = roles
    self.name = name
    (theme, texts) = try catalog.read(name == Self.automatic ? "default" : name, roles: roles)
  }

  package var names: [String] { [Self.automatic] + catalog.all.map(\.name) }

  /// Sixteen colours are the user's own, which suit the background anyway.
  package var wantsBackground: Bool {
    name == Self.automatic && colors >= 256 && backgroundIsDark == nil
  }

  /// The styles for a terminal with this many colours: see
  /// ``Theme/styleSheet(colors:paintsBackground:)``.
  package func styleSheet(colors: Int) -> StyleSheet {
    self.colors = colors
    // A theme chosen to suit the terminal's background leaves it as it is.
    return theme.styleSheet(colors: colors, paintsBackground: name != Self.automatic)
  }

  package func choose(_ name: String) throws(ThemeError) -> StyleSheet {
    (theme, texts) = try catalog.read(resolved(name), roles: roles)
    self.name = name
    return styleSheet(colors: colors)
  }

  package func adopt(backgroundIsDark: Bool) throws(ThemeError) -> StyleSheet? {
    guard backgroundIsDark != self.backgroundIsDark else { return nil }
    self.backgroundIsDark = backgroundIsDark
    guard name == Self.automatic, colors >= 256 else { return nil }
    return try choose(name)
  }

  package func reread() throws(ThemeError) -> StyleSheet? {
    var seen = texts
    // A missing file is either just being saved or gone, and the theme stays.
    for path in texts.keys { if let text = try? ThemeFile.read(path) { seen[path] = text } }
    guard seen != texts else { return nil }
    texts = seen
    return try choose(name)
  }

  private func resolved(_ name: String) -> String {
    guard name == Self.automatic else { return name }
    guard colors >= 256, let backgroundIsDark else { return "default" }
    return backgroundIsDark ? "harbor" : "daylight"
  }
}
