package import TerminalKit
internal import TOMLKit

/// A theme file: a palette, a parent to inherit from, and how roles look.
///
/// The shape is helix's: keys are dotted roles; a value is a colour or a table of `fg`, `bg` and
/// `modifiers`, or for a fill of `ramp` and `modifiers`; a colour is `default`, one of the sixteen ANSI names, `#rgb`, `#rrggbb` or a name of
/// the `[palette]`. Unknown keys are errors.
package struct Theme: Sendable {
  package let name: String
  /// The palette's and the roles' entries, the parent's below the file's own.
  private var looks: [String: Look]
  private var palette: [String: Color]

  private enum Look: Sendable {
    case style(Style)
    /// One to three colours, for the least first.
    case ramp([Color], Style.Attributes)
  }

  /// The theme in the program itself, so that the bare binary works anywhere.
  package static let builtInText = String(decoding: PackageResources.default_toml, as: UTF8.self)

  /// Reads a theme.
  ///
  /// `file`: what errors call the text.
  /// `roles`: every role that there is.
  /// `parent`: finds the text of a theme by name, for `inherits`.
  package init(
    text: String, file: String, roles: [StyleRole],
    parent: (String) throws(ThemeError) -> (text: String, file: String)
  ) throws(ThemeError) {
    try self.init(text: text, file: file, roles: roles, parent: parent, chain: [file])
  }

  private init(
    text: String, file: String, roles: [StyleRole],
    parent: (String) throws(ThemeError) -> (text: String, file: String), chain: [String]
  ) throws(ThemeError) {
    let table: TOMLTable
    do {
      table = try TOMLTable(string: text)
    } catch let error as TOMLParseError {
      throw ThemeError("\(file):\(error.source.begin.line): \(error.description)")
    } catch {
      throw ThemeError("\(file): \(error)")
    }
    looks = [:]
    palette = [:]
    if let inherited = table["inherits"] {
      guard let parentName = inherited.string else {
        throw ThemeError("\(file): `inherits` must be the name of a theme")
      }
      let source = try parent(parentName)
      guard !chain.contains(source.file) else {
        let path = (chain + [source.file]).joined(separator: " inherits ")
        throw ThemeError("\(file): themes inherit in a circle: \(path)")
      }
      let theme = try Theme(
        text: source.text, file: source.file, roles: roles, parent: parent,
        chain: chain + [source.file])
      looks = theme.looks
      palette = theme.palette
    }
    if let entries = table["palette"]?.table {
      for key in entries.keys.sorted() {
        guard let text = entries[key]?.string, let color = Color(themeText: text) else {
          throw ThemeError("\(file): palette colour `\(key)` must be `#rrggbb` or an ANSI name")
        }
        palette[key] = color
      }
    }
    name = table["name"]?.string ?? file
    let names = Set(roles.map(\.name))
    for key in table.keys.sorted() where !["name", "inherits", "palette", "variant"].contains(key) {
      guard names.contains(key) || names.contains(where: { $0.hasPrefix(key + ".") }) else {
        let hint = Self.nearest(key, names).map { "; did you mean `\($0)`?" } ?? ""
        throw ThemeError("\(file): there is no role `\(key)`\(hint)")
      }
      guard let value = table[key] else { continue }
      looks[key] = try look(value, key, file)
    }
  }

  private func look(
    _ value: any TOMLValueConvertible, _ key: String, _ file: String
  ) throws(ThemeError) -> Look {
    if let text = value.string { return .style(Style(foreground: try color(text, key, file))) }
    guard let table = value.table else {
      throw ThemeError("\(file): `\(key)` must be a colour or a table of fg, bg and modifiers")
    }
    if table["ramp"] != nil { return try ramp(table, key, file) }
    var style = Style()
    for entry in table.keys.sorted() {
      switch entry {
      case "fg": style.foreground = try color(table[entry]?.string ?? "", key, file)
      case "bg": style.background = try color(table[entry]?.string ?? "", key, file)
      case "modifiers": style.attributes = try attributes(table, key, file)
      default:
        throw ThemeError("\(file): `\(key)` has `\(entry)`; it may have fg, bg and modifiers")
      }
    }
    return .style(style)
  }

  private func ramp(
    _ table: TOMLTable, _ key: String, _ file: String
  ) throws(ThemeError) -> Look {
    guard key.hasSuffix(".fill") else {
      throw ThemeError("\(file): `\(key)` has a ramp, which only fills have")
    }
    if let other = table.keys.sorted().first(where: { !["ramp", "modifiers"].contains($0) }) {
      throw ThemeError("\(file): `\(key)` has `\(other)`; beside a ramp it may have modifiers")
    }
    let names = (table["ramp"]?.array ?? []).map { $0.string ?? "" }
    guard (1...3).contains(names.count) else {
      throw ThemeError("\(file): the ramp of `\(key)` must be a list of one to three colours")
    }
    var stops: [Color] = []
    for name in names { stops.append(try color(name, key, file)) }
    return .ramp(stops, try attributes(table, key, file))
  }

  private func attributes(
    _ table: TOMLTable, _ key: String, _ file: String
  ) throws(ThemeError) -> Style.Attributes {
    var attributes: Style.Attributes = []
    for modifier in table["modifiers"]?.array ?? [] {
      attributes.insert(try attribute(modifier.string ?? "", key, file))
    }
    return attributes
  }

  private func color(_ text: String, _ key: String, _ file: String) throws(ThemeError) -> Color {
    if let color = palette[text] ?? Color(themeText: text) { return color }
    throw ThemeError(
      "\(file): `\(key)` has the colour `\(text)`, which is neither in the palette nor default, "
        + "#rrggbb or an ANSI name")
  }

  private func attribute(
    _ text: String, _ key: String, _ file: String
  ) throws(ThemeError) -> Style.Attributes {
    switch text {
    case "bold": .bold
    case "dim": .dim
    case "underlined": .underlined
    case "reversed": .reversed
    case "italic": .italic
    default:
      throw ThemeError(
        "\(file): `\(key)` has the modifier `\(text)`; there are bold, dim, italic, underlined "
          + "and reversed")
    }
  }

  /// The theme as a terminal with so many colours shows it.
  ///
  /// `colors`: what terminfo says; 2 or fewer, or `NO_COLOR`, leaves only modifiers.
  package func styleSheet(colors: Int) -> StyleSheet {
    var styles: [String: Style] = [:]
    for (role, look) in looks {
      switch look {
      case .style(let style): styles[role] = Self.reduced(style, to: colors)
      case .ramp(let stops, let attributes):
        // What does not know of steps looks like the last of them.
        for step in 1...Ramp.steps {
          let color = Color.between(
            stops, at: Double(step - 1) / Double(Ramp.steps - 1), blends: colors >= 256)
          let style = Style(foreground: color, attributes: attributes)
          styles["\(role).\(step)"] = Self.reduced(style, to: colors)
          styles[role] = styles["\(role).\(step)"]
        }
      }
    }
    return StyleSheet(name: name, styles: styles)
  }

  private static func reduced(_ style: Style, to colors: Int) -> Style {
    guard colors >= 8 else {
      // What brings its own background stands out without colour too.
      let isBlock = style.background != .terminalDefault
      return Style(attributes: isBlock ? style.attributes.union(.reversed) : style.attributes)
    }
    return Style(
      foreground: style.foreground.reduced(to: colors),
      background: style.background.reduced(to: colors), attributes: style.attributes)
  }

  /// The name with the fewest changed letters, if it is near enough to be a slip.
  private static func nearest(_ text: String, _ names: Set<String>) -> String? {
    let scored = names.map { ($0, distance(Array(text.utf8), Array($0.utf8))) }
    guard let best = scored.min(by: { ($0.1, $0.0) < ($1.1, $1.0) }), best.1 <= 3 else {
      return nil
    }
    return best.0
  }

  /// Levenshtein's distance.
  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (i, a) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, b) in right.enumerated() {
        let next = min(row[j] + 1, row[j + 1] + 1, diagonal + (a == b ? 0 : 1))
        diagonal = row[j + 1]
        row[j + 1] = next
      }
    }
    return row[right.count]
  }
}
