package import TerminalKit

/// What is wrong with a theme that could be read.
package struct ThemeCheck: Sendable {
  /// For text, and for anything that contains words.
  package static let textContrast = 4.5
  /// For fills and lines.
  package static let fillContrast = 3.0
  /// The least difference in Oklab between roles that must be distinguished, for every kind of
  /// colour vision: twice what is just visible.
  package static let leastDifference = 0.04

  /// One sentence each.
  package private(set) var findings: [String] = []
  /// What could not be checked, and why.
  package private(set) var notes: [String] = []

  private let theme: Theme

  /// Checks a theme.
  ///
  /// `roles`: all roles there are; `distinct`: lists of roles that must be distinguished from one
  /// another.
  package init(_ theme: Theme, roles: [StyleRole], distinct: [[StyleRole]]) {
    self.theme = theme
    findings += theme.unusedNames.map { "nothing uses `\($0)` of the palette" }
    for role in roles where !theme.names(role) {
      findings.append("nothing says how `\(role)` looks: it is plain text")
    }
    if theme.variant == .monochrome {
      checkMonochrome(roles)
      return
    }
    if theme.background == nil {
      notes.append(
        "it names no background: looked at on black and on white with xterm's colours, which the "
          + "user's terminal may not have")
    }
    for colors in [Int.max, 256] {
      checkContrast(roles, colors)
      for list in distinct { checkDifference(list, colors) }
    }
    var seen: Set<String> = []
    findings = findings.filter { seen.insert($0).inserted }
  }

  private mutating func checkMonochrome(_ roles: [StyleRole]) {
    let sheet = theme.styleSheet(colors: .max)
    for role in roles where !sheet.style(for: role).isColorless {
      findings.append("`\(role)` has a colour, in a theme without colours")
    }
  }

  // MARK: Contrast

  private func backgrounds(_ colors: Int) -> [Light] {
    theme.background?.reduced(to: colors).light.map { [$0] }
      ?? [Light(red: 0, green: 0, blue: 0), Light(red: 1, green: 1, blue: 1)]
  }

  private mutating func checkContrast(_ roles: [StyleRole], _ colors: Int) {
    let sheet = theme.styleSheet(colors: colors)
    for role in roles where !role.isDecoration {
      // Nobody knows whether the user's red is xterm's, so it is enough if it can be read at all.
      let least =
        theme.background == nil || role.isFill ? Self.fillContrast : Self.textContrast
      for step in role.steps {
        checkContrast(step, sheet.style(for: step), least, colors)
        guard theme.background != nil, !role.isFill else { continue }
        // The selected row is also bold and marked, so there, too, it is enough if it can be read.
        let selected = step.on(.rowSelected)
        checkContrast(selected, sheet.style(for: selected), Self.fillContrast, colors)
      }
    }
  }

  private mutating func checkContrast(
    _ role: StyleRole, _ style: Style, _ least: Double, _ colors: Int
  ) {
    let contrasts = backgrounds(colors).compactMap { style.contrast(over: $0) }
    guard let contrast = contrasts.min(), contrast < least else { return }
    findings.append(
      "`\(role)` has a contrast of \(Self.tenths(contrast)):1, less than \(Self.tenths(least)):1"
        + (colors == 256 ? ", with 256 colours" : ""))
  }

  private static func tenths(_ number: Double) -> String {
    // Rounded down, so that too little never reads as enough.
    let tenths = Int(number * 10)
    return "\(tenths / 10).\(tenths % 10)"
  }

  // MARK: Difference

  private mutating func checkDifference(_ roles: [StyleRole], _ colors: Int) {
    let sheet = theme.styleSheet(colors: colors)
    let behind = sheet.style(for: .text).background
    for (index, first) in roles.enumerated() {
      for second in roles[(index + 1)...] {
        let (one, other) = (sheet.style(for: first), sheet.style(for: second))
        // Anybody can tell a block from plain letters.
        guard one.isBlock(on: behind) == other.isBlock(on: behind),
          let a = one.telling(on: behind), let b = other.telling(on: behind)
        else { continue }
        for vision in ColorVision.allCases {
          let difference = vision.seen(a).difference(to: vision.seen(b))
          guard difference < Self.leastDifference else { continue }
          findings.append(
            "`\(first)` and `\(second)` look alike with \(vision.rawValue)"
              + (colors == 256 ? " and 256 colours" : "")
              + ": \(Self.hundredths(difference)) apart, less than "
              + Self.hundredths(Self.leastDifference))
          break
        }
      }
    }
  }

  private static func hundredths(_ number: Double) -> String {
    let hundredths = Int(number * 100)
    return "0.\(hundredths < 10 ? "0" : "")\(hundredths)"
  }
}

extension Theme {
  /// Whether the theme names the role, or a prefix of it.
  func names(_ role: StyleRole) -> Bool {
    var name = Substring(role.name)
    while true {
      if looks[String(name)] != nil { return true }
      guard let dot = name.lastIndex(of: ".") else { return false }
      name = name[..<dot]
    }
  }
}

extension StyleRole {
  /// Lines around things, which may be as faint as they like.
  fileprivate var isDecoration: Bool { self == .panelBorder || self == .gaugeTrack }

  /// Shown as a picture, never as letters.
  fileprivate var isFill: Bool { isRamp || self == .sparkline }

  private var isRamp: Bool { name.hasSuffix(".fill") }

  fileprivate var steps: [StyleRole] {
    isRamp ? (1...Ramp.steps).map { StyleRole("\(name).\($0)") } : [self]
  }
}

extension Color {
  fileprivate var light: Light? {
    usual.map(Light.init)
  }
}

extension Style {
  fileprivate var isColorless: Bool {
    foreground == .terminalDefault && background == .terminalDefault
  }

  /// Whether it has a background of its own.
  fileprivate func isBlock(on behind: Color) -> Bool {
    background != behind && background != .terminalDefault
  }

  /// The colour it is recognized by; nil when nothing is known about it.
  fileprivate func telling(on behind: Color) -> Light? {
    isBlock(on: behind) ? background.light : foreground.light
  }

  /// Nil when one of the two colours is the terminal's own, which is meant to go with the other.
  fileprivate func contrast(over terminal: Light) -> Double? {
    guard let letters = foreground.light else { return nil }
    let behind = background.light ?? terminal
    return (attributes.contains(.dim) ? letters.dimmed(over: behind) : letters)
      .contrast(to: behind)
  }
}
