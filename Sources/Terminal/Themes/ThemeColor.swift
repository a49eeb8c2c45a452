internal import TerminalKit

/// A colour of a theme: as intended, and what replaces it where there are sixteen colours or fewer.
struct ThemeColor: Sendable, Hashable {
  var color: Color
  /// Nil means the nearest.
  var ansi: Color?

  static let terminalDefault = ThemeColor(color: .terminalDefault)

  /// `colors`: how many the terminal has, at least 8.
  func reduced(to colors: Int) -> Color {
    (colors < 256 ? ansi ?? color : color).reduced(to: colors)
  }

  /// The colour at a share, 0...1, of a ramp's stops.
  ///
  /// Between two stops given as red, green and blue it is blended, if the terminal has enough
  /// colours for that; otherwise each stop has an equal part.
  static func between(_ stops: [ThemeColor], at share: Double, colors: Int) -> Color {
    let place = share * Double(stops.count - 1)
    let low = stops[Int(place)]
    let high = stops[min(stops.count - 1, Int(place) + 1)]
    guard colors >= 256, case .rgb(let r1, let g1, let b1) = low.color,
      case .rgb(let r2, let g2, let b2) = high.color
    else {
      return stops[min(stops.count - 1, Int(share * Double(stops.count)))].reduced(to: colors)
    }
    let part = place - place.rounded(.down)
    func blend(_ low: UInt8, _ high: UInt8) -> UInt8 {
      UInt8((Double(low) + (Double(high) - Double(low)) * part).rounded())
    }
    return Color.rgb(blend(r1, r2), blend(g1, g2), blend(b1, b2)).reduced(to: colors)
  }
}

extension Color {
  /// The names of the sixteen ANSI colours, in their order.
  static let ansiNames = [
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white", "bright-black",
    "bright-red", "bright-green", "bright-yellow", "bright-blue", "bright-magenta", "bright-cyan",
    "bright-white",
  ]

  /// Reads `default`, an ANSI name, `#rgb` or `#rrggbb`.
  init?(themeText text: String) {
    if text == "default" {
      self = .terminalDefault
    } else if let index = Self.ansiNames.firstIndex(of: text) {
      self = .ansi(UInt8(index))
    } else {
      self.init(hex: text)
    }
  }

  /// Reads `#rgb` or `#rrggbb`.
  init?(hex text: String) {
    guard text.hasPrefix("#") else { return nil }
    var digits = String(text.dropFirst())
    if digits.count == 3 { digits = digits.map { "\($0)\($0)" }.joined() }
    guard digits.utf8.count == 6, digits.utf8.first != UInt8(ascii: "+"),
      let value = UInt32(digits, radix: 16)
    else { return nil }
    self = .rgb(UInt8(value >> 16), UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF))
  }
}
