extension Color {
  /// The control sequence of ECMA-48 and ISO 8613-6 for a foreground or a background, as terminals
  /// with 256 or more colours understand it; empty for the terminal's own.
  package func sequence(isBackground: Bool) -> String {
    let base = isBackground ? 40 : 30
    let parameters: String
    switch self {
    case .terminalDefault: return ""
    case .ansi(let index) where index < 8: parameters = "\(base + Int(index))"
    case .ansi(let index): parameters = "\(base + 60 + Int(index) - 8)"
    case .indexed(let index): parameters = "\(base + 8);5;\(index)"
    case .rgb(let red, let green, let blue): parameters = "\(base + 8);2;\(red);\(green);\(blue)"
    }
    return "\u{1B}[\(parameters)m"
  }
}

extension Style {
  /// Text as a terminal shows it in this style, reset to plain at the end.
  package func rendered(_ text: String) -> String {
    let codes: [(Attributes, Int)] = [
      (.bold, 1), (.dim, 2), (.italic, 3), (.underlined, 4), (.reversed, 7),
    ]
    let attributes = codes.filter { self.attributes.contains($0.0) }
      .map { "\u{1B}[\($0.1)m" }.joined()
    return attributes + foreground.sequence(isBackground: false)
      + background.sequence(isBackground: true) + text + "\u{1B}[0m"
  }
}
