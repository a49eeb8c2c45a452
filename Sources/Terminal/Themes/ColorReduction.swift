internal import TerminalKit

extension Color {
  /// The nearest colour that a terminal with this many colours has.
  ///
  /// `count`: 8, 16 or 256; more means direct colour.
  func reduced(to count: Int) -> Color {
    switch self {
    case .terminalDefault: return self
    case .ansi(let index): return count < 16 ? .ansi(index % 8) : self
    case .indexed: return self
    case .rgb(let red, let green, let blue):
      guard count <= 256 else { return self }
      let candidates: [Color] =
        count == 256
        ? (16...255).map { .indexed($0) } : (0..<UInt8(min(count, 16))).map { .ansi($0) }
      return candidates.min {
        Self.distance($0, red, green, blue) < Self.distance($1, red, green, blue)
      } ?? .terminalDefault
    }
  }

  private static func distance(_ color: Color, _ red: UInt8, _ green: UInt8, _ blue: UInt8) -> Int {
    guard let usual = color.usual else { return .max }
    let (r, g, b) = (
      Int(usual.red) - Int(red), Int(usual.green) - Int(green), Int(usual.blue) - Int(blue)
    )
    return 2 * r * r + 4 * g * g + 3 * b * b
  }
}
