internal import TOMLKit
internal import TerminalKit
internal import Terms

/// What a theme file says, and beneath it what the files it inherits from say, before names are
/// resolved.
struct ThemeText {
  /// A colour, by name or as such.
  enum ColorText: Hashable {
    case name(String)
    case color(ThemeColor)
  }

  enum Look {
    /// A colour, or another role.
    case named(String)
    case style(foreground: ColorText?, background: ColorText?, Style.Attributes)
    /// One to three colours, the one for the lowest value first.
    case ramp([ColorText], Style.Attributes)
  }

  struct Entry<Value> {
    let value: Value
    let place: Place
  }

  /// Where something is, for errors.
  struct Place {
    let file: String
    let line: Int?
    let key: String

    var description: String { "\(file)\(line.map { ":\($0)" } ?? "")" }
  }

  var name: String
  var variant: Theme.Variant?
  var background: Entry<ColorText>?
  var palette: [String: Entry<ThemeColor>] = [:]
  var looks: [String: Entry<Look>] = [:]
  /// The palette names defined in the file itself.
  private(set) var ownPalette: Set<String> = []

  typealias Source = (text: String, file: String)

  /// The keys of a file other than its roles.
  static let keys = ["name", "variant", "inherits", "background", "palette"]

  init(
    _ source: Source, roles: Set<String>, chain: [String] = [],
    parent: (String) throws(ThemeError) -> Source
  ) throws(ThemeError) {
    let file = source.file
    let chain = chain + [file]
    let lines = source.text.split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    try Self.checkHeaders(lines, file)
    if let flaw = source.text.tomlFlaw {
      throw ThemeError("\(file):\(flaw.line): \(flaw.words)")
    }
    let table: TOMLTable
    do {
      table = try TOMLTable(string: source.text)
    } catch let error as TOMLParseError {
      throw ThemeError("\(file):\(error.source.begin.line): \(error.description)")
    } catch {
      throw ThemeError("\(file): \(error)")
    }
    let reader = Reader(file: file, lines: lines, roles: roles)
    name = file
    if table["inherits"] != nil {
      let parentName = try reader.string(table, "inherits")
      let source = try parent(parentName)
      guard !chain.contains(source.file) else {
        throw ThemeError(
          "\(reader.place("inherits").description): themes inherit in a circle: "
            + (chain + [source.file]).joined(separator: " inherits "))
      }
      self = try ThemeText(source, roles: roles, chain: chain, parent: parent)
      name = file
    }
    if table["name"] != nil { name = try reader.string(table, "name") }
    if table["variant"] != nil { variant = try reader.variant(table) }
    if let value = table["background"] {
      background = Entry(
        value: try reader.color(value, "background"), place: reader.place("background"))
    }
    let palette = try reader.palette(table)
    ownPalette = Set(palette.keys)
    self.palette.merge(palette) { _, own in own }
    for key in table.keys.sorted() where !Self.keys.contains(key) {
      try reader.requireRole(key, table[key])
      guard let value = table[key] else { continue }
      looks[key] = Entry(value: try reader.look(value, key), place: reader.place(key))
    }
  }

  /// Rejects every table header but the palette's: some make the parser crash the program (toml++
  /// 3.4 asserts that a key begins after the bracket), and a theme has no other tables.
  private static func checkHeaders(_ lines: [Substring], _ file: String) throws(ThemeError) {
    for (index, line) in lines.enumerated() {
      let line = line.drop { $0 == " " || $0 == "\t" }
      guard line.first == "[" else { continue }
      let header = line.dropFirst().prefix { $0 != "]" }
      guard header.filter({ $0 != " " && $0 != "\"" }) != "palette" else { continue }
      throw ThemeError(
        "\(file):\(index + 1): there is no table [\(header)]; a theme has [palette], and its roles "
          + "above it")
    }
  }

  /// The names of all colours that something uses.
  var usedNames: Set<String> {
    var names: Set<String> = []
    func use(_ color: ColorText?) { if case .name(let name) = color { names.insert(name) } }
    use(background?.value)
    for look in looks.values {
      switch look.value {
      case .named(let name): names.insert(name)
      case .style(let foreground, let background, _):
        use(foreground)
        use(background)
      case .ramp(let stops, _): for stop in stops { use(stop) }
      }
    }
    return names
  }
}
