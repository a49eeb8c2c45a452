internal import TOMLKit
internal import TerminalKit

extension ThemeText {
  /// Reads the values of one file; every error names the file, the line and the key.
  struct Reader {
    let file: String
    let lines: [Substring]
    let roles: Set<String>

    /// Where a key is: the first line that begins with it.
    ///
    /// The parser does not report it, and a key occurs only once.
    func place(_ key: String) -> Place {
      let index = lines.firstIndex { line in
        let line = line.drop { $0 == " " || $0 == "\t" }
        let rest: Substring
        if line.hasPrefix("\"\(key)\"") || line.hasPrefix("'\(key)'") {
          rest = line.dropFirst(key.count + 2)
        } else if line.hasPrefix(key) {
          rest = line.dropFirst(key.count)
        } else {
          return line.hasPrefix("[\(key)]")
        }
        return rest.first { $0 != " " && $0 != "\t" }.map { "=.".contains($0) } ?? false
      }
      return Place(file: file, line: index.map { $0 + 1 }, key: key)
    }

    private func error(_ key: String, _ words: String) -> ThemeError {
      ThemeError("\(place(key).description): \(words)")
    }

    func string(_ table: TOMLTable, _ key: String) throws(ThemeError) -> String {
      guard let text = table[key]?.string else {
        throw error(key, "`\(key)` must be text in quotes")
      }
      return text
    }

    func variant(_ table: TOMLTable) throws(ThemeError) -> Theme.Variant {
      let text = try string(table, "variant")
      guard let variant = Theme.Variant(rawValue: text) else {
        throw error("variant", "`variant` is `\(text)`; there are dark, light and monochrome")
      }
      return variant
    }

    func palette(_ table: TOMLTable) throws(ThemeError) -> [String: Entry<ThemeColor>] {
      guard let value = table["palette"] else { return [:] }
      guard let entries = value.table else {
        throw error("palette", "`palette` must be a table of colours")
      }
      var palette: [String: Entry<ThemeColor>] = [:]
      for key in entries.keys.sorted() {
        guard let value = entries[key] else { continue }
        guard case .color(let color) = try self.color(value, key, allowsNames: false) else {
          continue
        }
        palette[key] = Entry(value: color, place: place(key))
      }
      return palette
    }

    func requireRole(_ key: String, _ value: (any TOMLValueConvertible)?) throws(ThemeError) {
      guard !roles.contains(key), !roles.contains(where: { $0.hasPrefix(key + ".") }) else {
        let entries = ["fg", "bg", "modifiers", "ramp", "hex", "ansi"]
        if let inner = value?.table?.keys.sorted().first(where: { !entries.contains($0) }),
          roles.contains(where: { "\($0).".hasPrefix("\(key).\(inner).") })
        {
          throw error(key, "write a role in quotes: `\"\(key).\(inner)\" = …`")
        }
        return
      }
      throw error(
        key, "there is no role `\(key)`" + Nearest.hint(key, among: roles.union(ThemeText.keys)))
    }

    func look(
      _ value: any TOMLValueConvertible, _ key: String
    ) throws(ThemeError) -> Look {
      if let text = value.string { return .named(text) }
      guard let table = value.table else {
        throw error(key, "`\(key)` must be a colour or a table of fg, bg and modifiers")
      }
      if table["hex"] != nil {
        return .style(foreground: try color(value, key), background: nil, [])
      }
      if table["ramp"] != nil { return try ramp(table, key) }
      let allowed = ["fg", "bg", "modifiers"]
      if let entry = table.keys.sorted().first(where: { !allowed.contains($0) }) {
        throw error(key, "`\(key)` has `\(entry)`; it may have fg, bg and modifiers")
      }
      var colors: [ColorText?] = []
      for entry in ["fg", "bg"] {
        guard let value = table[entry] else {
          colors.append(nil)
          continue
        }
        colors.append(try color(value, key))
      }
      return .style(
        foreground: colors[0], background: colors[1], try attributes(table, key))
    }

    private func ramp(_ table: TOMLTable, _ key: String) throws(ThemeError) -> Look {
      guard key.hasSuffix(".fill") else {
        throw error(key, "`\(key)` has a ramp, which only fills have")
      }
      if let other = table.keys.sorted().first(where: { !["ramp", "modifiers"].contains($0) }) {
        throw error(key, "`\(key)` has `\(other)`; beside a ramp it may have modifiers")
      }
      let values = table["ramp"]?.array.map(Array.init) ?? []
      guard (1...3).contains(values.count) else {
        throw error(key, "the ramp of `\(key)` must be a list of one to three colours")
      }
      var stops: [ColorText] = []
      for value in values { stops.append(try color(value, key)) }
      return .ramp(stops, try attributes(table, key))
    }

    /// A colour: `#rrggbb`, a name, or `{ hex, ansi }`.
    func color(
      _ value: any TOMLValueConvertible, _ key: String, allowsNames: Bool = true
    ) throws(ThemeError) -> ColorText {
      if let text = value.string {
        if let color = Color(themeText: text) { return .color(ThemeColor(color: color)) }
        guard allowsNames else {
          throw error(
            key,
            "palette colour `\(key)` is `\(text)`; it must be `#rrggbb`, an ANSI name or both"
              + Nearest.hint(text, among: Set(Color.ansiNames)))
        }
        return .name(text)
      }
      guard let table = value.table, Set(table.keys).isSubset(of: ["hex", "ansi"]),
        let hex = table["hex"]?.string.flatMap(Color.init(hex:))
      else {
        throw error(
          key,
          "the colour of `\(key)` must be `#rrggbb`, a name or { hex = \"#rrggbb\", ansi = \"red\" }"
        )
      }
      guard let name = table["ansi"] else { return .color(ThemeColor(color: hex)) }
      guard let text = name.string, let ansi = Color(themeText: text), ansi.isAnsi else {
        throw error(
          key,
          "`ansi` of `\(key)` must be one of the sixteen colours' names or default"
            + Nearest.hint(name.string ?? "", among: Set(Color.ansiNames)))
      }
      return .color(ThemeColor(color: hex, ansi: ansi))
    }

    private static let modifiers: [(String, Style.Attributes)] = [
      ("bold", .bold), ("dim", .dim), ("italic", .italic), ("underlined", .underlined),
      ("reversed", .reversed),
    ]

    private func attributes(
      _ table: TOMLTable, _ key: String
    ) throws(ThemeError) -> Style.Attributes {
      guard let value = table["modifiers"] else { return [] }
      guard let list = value.array else {
        throw error(key, "`modifiers` of `\(key)` must be a list")
      }
      var attributes: Style.Attributes = []
      for entry in list {
        let text = entry.string ?? ""
        guard let (_, attribute) = Self.modifiers.first(where: { $0.0 == text }) else {
          throw error(
            key,
            "`\(key)` has the modifier `\(text)`; there are bold, dim, italic, underlined and "
              + "reversed")
        }
        attributes.insert(attribute)
      }
      return attributes
    }
  }
}

extension Color {
  /// One of the sixteen, or the terminal's own.
  fileprivate var isAnsi: Bool {
    switch self {
    case .ansi, .terminalDefault: true
    default: false
    }
  }
}
