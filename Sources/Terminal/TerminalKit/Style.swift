/// A colour as a terminal understands it.
package enum Color: Sendable, Hashable {
  /// The terminal's own foreground or background.
  case terminalDefault
  /// One of the sixteen ANSI colours, 0...15, as the user's scheme defines them.
  case ansi(UInt8)
  /// A colour of the 256-colour cube and greys, 16...255.
  case indexed(UInt8)
  case rgb(UInt8, UInt8, UInt8)
}

/// How a cell looks.
package struct Style: Sendable, Hashable {
  package struct Attributes: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let bold = Attributes(rawValue: 1)
    package static let dim = Attributes(rawValue: 2)
    package static let underlined = Attributes(rawValue: 4)
    package static let reversed = Attributes(rawValue: 8)
    package static let italic = Attributes(rawValue: 16)
  }

  package var foreground: Color
  package var background: Color
  package var attributes: Attributes

  package init(
    foreground: Color = .terminalDefault, background: Color = .terminalDefault,
    attributes: Attributes = []
  ) {
    self.foreground = foreground
    self.background = background
    self.attributes = attributes
  }
}

/// How each role looks, looked up along the dots of its name.
package struct StyleSheet: Sendable, Equatable {
  package let name: String
  private var styles: [String: Style]

  package init(name: String, styles: [String: Style]) {
    self.name = name
    self.styles = styles
  }

  package func style(for role: StyleRole) -> Style {
    var style = style(named: role.name)
    if role.isBand {
      guard [.terminalDefault, styles["text"]?.background].contains(style.background) else {
        return style
      }
      style.attributes = style.attributes.subtracting(.dim).union([.bold, .reversed])
      return style
    }
    // A background of its own is part of what a role says; the one behind everything is not.
    guard let ground = role.ground.map({ self.style(named: $0) }),
      [.terminalDefault, styles["text"]?.background].contains(style.background)
    else { return style }
    // A ground may say how plain text looks on it; a colour with a meaning stays.
    let isPlain = [.terminalDefault, styles["text"]?.foreground].contains(style.foreground)
    // Many terminals show bold ANSI colours as their bright ones, black as grey: too pale for a
    // ground that is meant for black letters.
    let pale: Style.Attributes = ground.foreground == .ansi(0) ? .bold : []
    guard ground.foreground == .terminalDefault || !isPlain else {
      return Style(
        foreground: ground.foreground, background: ground.background,
        attributes: style.attributes.subtracting(pale.union(.dim)).union(ground.attributes))
    }
    // Dim letters would make a reversed ground dim.
    let attributes = style.attributes.subtracting(
      ground.attributes.contains(.reversed) ? pale.union(.dim) : pale)
    return Style(
      foreground: style.foreground, background: ground.background,
      attributes: attributes.union(ground.attributes))
  }

  private func style(named name: String) -> Style {
    var name = Substring(name)
    while true {
      if let style = styles[String(name)] { return style }
      guard let dot = name.lastIndex(of: ".") else { return styles["text"] ?? Style() }
      name = name[..<dot]
    }
  }
}
