internal import TerminalKit

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
    } else if text.hasPrefix("#") {
      var digits = String(text.dropFirst())
      if digits.count == 3 { digits = digits.map { "\($0)\($0)" }.joined() }
      guard digits.count == 6, let value = UInt32(digits, radix: 16) else { return nil }
      self = .rgb(UInt8(value >> 16), UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF))
    } else {
      return nil
    }
  }

  /// The colour at a share, 0...1, of a ramp's stops: blended between two that are given as red, green
  /// and blue, else the nearer one.
  static func between(_ stops: [Color], at share: Double, blends: Bool) -> Color {
    let place = share * Double(stops.count - 1)
    let low = stops[Int(place)]
    let high = stops[min(stops.count - 1, Int(place) + 1)]
    let part = place - place.rounded(.down)
    guard blends, case .rgb(let r1, let g1, let b1) = low, case .rgb(let r2, let g2, let b2) = high
    else {
      // Every stop has an equal part, so that a full fill is not the only one of the last colour.
      return stops[min(stops.count - 1, Int(share * Double(stops.count)))]
    }
    func blend(_ low: UInt8, _ high: UInt8) -> UInt8 {
      UInt8((Double(low) + (Double(high) - Double(low)) * part).rounded())
    }
    return .rgb(blend(r1, r2), blend(g1, g2), blend(b1, b2))
  }

  /// The nearest colour a terminal with so many colours has.
  ///
  /// `count`: 8, 16 or 256; more means direct colour.
  func reduced(to count: Int) -> Color {
    switch self {
    case .terminalDefault: return self
    case .ansi(let index): return count < 16 ? .ansi(index % 8) : self
    case .indexed: return self
    case .rgb(let red, let green, let blue):
      guard count <= 256 else { return self }
      let candidates =
        count == 256 ? (16...255).map { ($0, Self.cube($0)) } : Self.ansiGuess(count: count)
      let nearest = candidates.min {
        distance($0.1, red, green, blue) < distance($1.1, red, green, blue)
      }
      guard let index = nearest?.0 else { return .terminalDefault }
      return count == 256 ? .indexed(UInt8(index)) : .ansi(UInt8(index))
    }
  }

  private typealias Channels = (Int, Int, Int)

  private func distance(_ other: (Int, Int, Int), _ red: UInt8, _ green: UInt8, _ blue: UInt8)
    -> Int
  {
    let (r, g, b) = (other.0 - Int(red), other.1 - Int(green), other.2 - Int(blue))
    return 2 * r * r + 4 * g * g + 3 * b * b
  }

  /// The colour behind an index of xterm's 256: a 6×6×6 cube, then 24 greys.
  private static func cube(_ index: Int) -> Channels {
    if index >= 232 {
      let grey = 8 + 10 * (index - 232)
      return (grey, grey, grey)
    }
    let levels = [0, 95, 135, 175, 215, 255]
    let cell = index - 16
    return (levels[cell / 36], levels[cell / 6 % 6], levels[cell % 6])
  }

  /// What the ANSI colours usually look like; the user's scheme may differ.
  private static func ansiGuess(count: Int) -> [(Int, Channels)] {
    (0..<min(count, 16)).map { index in
      let level = index < 8 ? 205 : 255
      return (
        index, (index & 1 == 0 ? 0 : level, index & 2 == 0 ? 0 : level, index & 4 == 0 ? 0 : level)
      )
    }
  }
}
