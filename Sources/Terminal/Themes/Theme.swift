package import TerminalKit

/// How roles look: a theme file with its palette, and beneath it the theme it inherits.
///
/// The format is helix's: keys are dotted roles; a value is a colour, another role, or a table of
/// `fg`, `bg` and `modifiers`, or for a fill of `ramp` and `modifiers`; a colour is `default`, one
/// of the sixteen ANSI names, `#rgb`, `#rrggbb`, `{ hex, ansi }` or a name from the `[palette]`.
/// Names are resolved once everything has been read, so that a theme may inherit another and bring
/// only its own palette. Unknown keys are errors.
package struct Theme: Sendable {
  /// The background that a theme is made for.
  package enum Variant: String, Sendable {
    case dark
    case light
    /// Neither: it has no colours.
    case monochrome
  }

  enum Look: Sendable {
    case style(foreground: ThemeColor, background: ThemeColor, Style.Attributes)
    case ramp([ThemeColor], Style.Attributes)
  }

  package let name: String
  package let variant: Variant?
  /// What is behind everything; nil leaves the terminal's own.
  let background: ThemeColor?
  /// By the names of roles, or of several that begin alike.
  let looks: [String: Look]
  /// Names in the file's palette that nothing uses.
  let unusedNames: [String]

  /// Reads a theme.
  ///
  /// `file`: what errors call the text. `roles`: all roles there are. `parent`: finds the text of a
  /// theme by name, for `inherits`.
  package init(
    text: String, file: String, roles: [StyleRole],
    parent: (String) throws(ThemeError) -> (text: String, file: String)
  ) throws(ThemeError) {
    let roles = Set(roles.map(\.name))
    let text = try ThemeText((text, file), roles: roles, parent: parent)
    guard !text.looks.isEmpty else { throw ThemeError("\(file) says nothing") }
    let resolver = Resolver(text: text, roles: roles)
    name = text.name
    variant = text.variant
    var background: ThemeColor?
    if let entry = text.background { background = try resolver.color(entry.value, entry.place) }
    self.background = background?.color == .terminalDefault ? nil : background
    var looks: [String: Look] = [:]
    for key in text.looks.keys.sorted() { looks[key] = try resolver.look(of: key) }
    self.looks = looks
    unusedNames = text.ownPalette.subtracting(text.usedNames).sorted()
  }

  /// Resolves names to colours.
  private struct Resolver {
    let text: ThemeText
    let roles: Set<String>

    func color(
      _ color: ThemeText.ColorText, _ place: ThemeText.Place
    ) throws(ThemeError) -> ThemeColor {
      switch color {
      case .color(let color): return color
      case .name(let name):
        if let color = text.palette[name]?.value { return color }
        throw ThemeError(
          "\(place.description): `\(place.key)` has the colour `\(name)`, which is neither in the "
            + "palette nor default, #rrggbb or an ANSI name"
            + Nearest.hint(name, among: Set(text.palette.keys).union(Color.ansiNames)))
      }
    }

    func look(of key: String, chain: [String] = []) throws(ThemeError) -> Look {
      guard let entry = text.looks[key] else { return Self.plain }
      guard !chain.contains(key) else {
        let path = (chain.drop { $0 != key } + [key]).joined(separator: ", then ")
        throw ThemeError(
          "\(entry.place.description): roles look like each other in a circle: \(path)")
      }
      switch entry.value {
      case .named(let name):
        if let color = text.palette[name]?.value
          ?? Color(themeText: name).map({ ThemeColor(color: $0) })
        {
          return .style(foreground: color, background: .terminalDefault, [])
        }
        guard roles.contains(name) || text.looks[name] != nil else {
          throw ThemeError(
            "\(entry.place.description): `\(key)` is `\(name)`, which is neither a colour nor a role"
              + Nearest.hint(name, among: roles.union(text.palette.keys).union(Color.ansiNames)))
        }
        let look = try look(of: named(name), chain: chain + [key])
        if case .ramp = look, !key.hasSuffix(".fill") {
          throw ThemeError(
            "\(entry.place.description): `\(key)` is `\(name)`, whose ramp is only for fills")
        }
        return look
      case .style(let foreground, let background, let attributes):
        return .style(
          foreground: try foreground.map { (c) throws(ThemeError) in try color(c, entry.place) }
            ?? .terminalDefault,
          background: try background.map { (c) throws(ThemeError) in try color(c, entry.place) }
            ?? .terminalDefault, attributes)
      case .ramp(let names, let attributes):
        var stops: [ThemeColor] = []
        for name in names { stops.append(try color(name, entry.place)) }
        return .ramp(stops, attributes)
      }
    }

    /// The key that says how a role looks: the longest prefix of its name, or in the end `text`.
    private func named(_ role: String) -> String {
      var name = Substring(role)
      while text.looks[String(name)] == nil {
        guard let dot = name.lastIndex(of: ".") else { return "text" }
        name = name[..<dot]
      }
      return String(name)
    }

    private static var plain: Look {
      .style(foreground: .terminalDefault, background: .terminalDefault, [])
    }
  }

  /// The theme as a terminal with this many colours shows it.
  ///
  /// `colors`: as terminfo says; with fewer than 8, or `NO_COLOR`, only modifiers remain.
  /// `paintsBackground`: puts the theme's own behind everything; if false, the terminal's stays.
  package func styleSheet(colors: Int, paintsBackground: Bool = true) -> StyleSheet {
    var sheet = Sheet(colors: colors)
    if let background, colors >= 8 {
      // Where a theme has its own text and background, they replace the terminal's.
      if case .style(let foreground, _, _) = looks["text"] {
        sheet.foreground = foreground.reduced(to: colors)
      }
      if paintsBackground { sheet.background = background.reduced(to: colors) }
    }
    var styles = ["text": sheet.plain]
    for (key, look) in looks {
      switch look {
      case .style(let foreground, let background, let attributes):
        styles[key] = sheet.style(foreground, background, attributes)
      case .ramp(let stops, let attributes):
        for step in 1...Ramp.steps {
          let share = Double(step - 1) / Double(Ramp.steps - 1)
          styles["\(key).\(step)"] = sheet.style(
            ThemeColor(
              color: ThemeColor.between(stops, at: share, colors: max(8, colors))),
            .terminalDefault,
            attributes)
        }
        // A fill drawn without steps looks full.
        styles[key] = styles["\(key).\(Ramp.steps)"]
      }
    }
    return StyleSheet(name: name, styles: styles)
  }

  private struct Sheet {
    let colors: Int
    var foreground = Color.terminalDefault
    var background = Color.terminalDefault

    var plain: Style { Style(foreground: foreground, background: background) }

    func style(
      _ foreground: ThemeColor, _ background: ThemeColor, _ attributes: Style.Attributes
    ) -> Style {
      guard colors >= 8 else {
        // Anything with its own background stands out without colour, too.
        let isBlock = background.color != .terminalDefault
        return Style(attributes: isBlock ? attributes.union(.reversed) : attributes)
      }
      var style = Style(
        foreground: foreground.reduced(to: colors), background: background.reduced(to: colors),
        attributes: attributes)
      if style.foreground == .terminalDefault { style.foreground = self.foreground }
      if style.background == .terminalDefault { style.background = self.background }
      return style
    }
  }
}
