package import TerminalKit
internal import TOMLKit

/// A theme file: a palette, a parent to inherit from, and how roles look.
///
/// The shape is helix's: keys are dotted roles; a value is a colour or a table of `fg`, `bg` and
/// `modifiers`; a colour is `default`, one of the sixteen ANSI names, `#rgb`, `#rrggbb` or a name of
/// the `[palette]`. Unknown keys are errors.
package struct Theme: Sendable {
  package let name: String
  /// The palette's and the roles' entries, the parent's below the file's own.
  private var styles: [String: Style]
  private var palette: [String: Color]

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
    styles = [:]
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
      styles = theme.styles
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
      styles[key] = try style(value, key, file)
    }
  }

  private func style(
    _ value: any TOMLValueConvertible, _ key: String, _ file: String
  ) throws(ThemeError) -> Style {
    if let text = value.string { return Style(foreground: try color(text, key, file)) }
    guard let table = value.table else {
      throw ThemeError("\(file): `\(key)` must be a colour or a table of fg, bg and modifiers")
    }
    var style = Style()
    for entry in table.keys.sorted() {
      switch entry {
      case "fg": style.foreground = try color(table[entry]?.string ?? "", key, file)
      case "bg": style.background = try color(table[entry]?.string ?? "", key, file)
      case "modifiers":
        for modifier in table[entry]?.array ?? [] {
          style.attributes.insert(try attribute(modifier.string ?? "", key, file))
        }
      default:
        throw ThemeError("\(file): `\(key)` has `\(entry)`; it may have fg, bg and modifiers")
      }
    }
    return style
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
    StyleSheet(
      name: name,
      styles: styles.mapValues { style in
        guard colors >= 8 else {
          // What brings its own background stands out without colour too.
          let isBlock = style.background != .terminalDefault
          return Style(attributes: isBlock ? style.attributes.union(.reversed) : style.attributes)
        }
        return Style(
          foreground: style.foreground.reduced(to: colors),
          background: style.background.reduced(to: colors), attributes: style.attributes)
      })
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
