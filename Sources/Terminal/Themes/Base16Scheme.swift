package import TerminalKit

/// A palette of sixteen colours from a base16 scheme, in the old flat form or in tinted-theming's
/// with `palette:` (github.com/tinted-theming/home, styling.md).
///
/// A scheme has backgrounds, greys and accents but says nothing about what they mean; which accent
/// means what is decided here.
package struct Base16Scheme: Sendable {
  package let name: String
  package let author: String?
  package let isDark: Bool
  /// `base00` to `base0F`.
  private let colors: [Color]

  package init(file: String) throws(ThemeError) {
    try self.init(yaml: try ThemeFile.read(file), file: file)
  }

  /// Reads a scheme's YAML: lines of `key: value`, and nothing else of the language.
  package init(yaml: String, file: String) throws(ThemeError) {
    var values: [String: String] = [:]
    for line in yaml.split(whereSeparator: \.isNewline) {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let key = String(line[..<colon].filter { !" \t\"'".contains($0) }).lowercased()
      values[key] = values[key] ?? Self.scalar(line[line.index(after: colon)...])
    }
    var colors: [Color] = []
    for number in 0..<16 {
      let digit = String(number, radix: 16)
      let key = "base0\(digit.uppercased())"
      guard let text = values["base0\(digit)"] else {
        throw ThemeError("\(file) is no base16 scheme: it has no \(key)")
      }
      guard let color = Color(hex: text.hasPrefix("#") ? text : "#\(text)") else {
        throw ThemeError("\(file): `\(text)` of \(key) is no colour of six digits")
      }
      colors.append(color)
    }
    self.colors = colors
    name = values["scheme"] ?? values["name"] ?? file
    author = values["author"]
    let background = colors[0].light
    let white = Light(red: 1, green: 1, blue: 1)
    isDark =
      values["variant"].map { $0.lowercased() != "light" }
      ?? (background.contrast(to: white) > colors[5].light.contrast(to: white))
  }

  /// A value without its quotes or a comment after it.
  private static func scalar(_ text: Substring) -> String {
    let text = text.drop { $0 == " " || $0 == "\t" }
    if let quote = text.first, quote == "\"" || quote == "'" {
      return String(text.dropFirst().prefix { $0 != quote })
    }
    var value = text.replacing(/\s+#.*/, with: "")
    while let last = value.last, last.isWhitespace { value.removeLast() }
    return String(value)
  }

  /// The scheme as a theme file, which inherits how things look and brings its own palette.
  package var themeText: String {
    let entries: [(name: String, color: Color, ansi: String)] = [
      ("ink", colors[0], isDark ? "black" : "bright-white"),
      ("deep", colors[2], isDark ? "blue" : "white"),
      ("rope", colors[3], isDark ? "bright-black" : "white"),
      ("slate", muted, isDark ? "white" : "black"), ("mist", colors[5], isDark ? "white" : "black"),
      ("snow", strongest, isDark ? "bright-white" : "black"), ("sea", colors[13], "blue"),
      ("foam", colors[12], isDark ? "cyan" : "blue"),
      ("kelp", colors[11], isDark ? "green" : "black"),
      ("amber", colors[10], isDark ? "yellow" : "black"),
      ("ember", colors[9], isDark ? "yellow" : "red"),
      ("coral", colors[8], isDark ? "bright-red" : "red"), ("violet", colors[14], "magenta"),
    ]
    let badge =
      colors[0].light.contrast(to: colors[13].light)
        > strongest.light.contrast(to: colors[13].light)
      ? "ink" : "snow"
    let by = author.map { " by \(Self.comment($0))" } ?? ""
    return """
      # From the base16 scheme \(Self.comment(name))\(by).

      name       = "\(Self.quoted(name))"
      variant    = "\(isDark ? "dark" : "light")"
      inherits   = "\(isDark ? "harbor" : "daylight")"

      "mode.badge" = { fg = "\(badge)", bg = "sea", modifiers = ["bold"] }

      [palette]

      """
        + entries.map { entry in
          let name = entry.name + String(repeating: " ", count: 6 - entry.name.count)
          return "\(name) = { hex = \"\(entry.color.hex)\", ansi = \"\(entry.ansi)\" }\n"
        }.joined()
  }

  /// The faintest grey that is still readable.
  private var muted: Color {
    [colors[3], colors[4]].first {
      $0.light.contrast(to: colors[0].light) >= ThemeCheck.textContrast
    }
      ?? colors[5]
  }

  private var strongest: Color {
    colors[5...7].max {
      $0.light.contrast(to: colors[0].light) < $1.light.contrast(to: colors[0].light)
    }
      ?? colors[5]
  }

  private static func quoted(_ text: String) -> String {
    text.safe(limit: 100).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
  }

  private static func comment(_ text: String) -> String { text.safe(limit: 100) }
}

extension Color {
  /// A colour given as red, green and blue; any other would be black.
  fileprivate var light: Light { usual.map(Light.init) ?? Light(red: 0, green: 0, blue: 0) }

  fileprivate var hex: String {
    guard let (red, green, blue) = usual else { return "#000000" }
    func digits(_ part: UInt8) -> String { (part < 16 ? "0" : "") + String(part, radix: 16) }
    return "#" + digits(red) + digits(green) + digits(blue)
  }
}
