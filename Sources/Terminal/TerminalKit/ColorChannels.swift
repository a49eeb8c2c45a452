extension Color {
  package typealias Channels = (red: UInt8, green: UInt8, blue: UInt8)

  /// What the colour looks like; for the sixteen as in xterm, from which the user's scheme may
  /// differ.
  ///
  /// Nil for the terminal's own, about which nothing is known.
  package var usual: Channels? {
    switch self {
    case .terminalDefault: nil
    case .ansi(let index): Self.xterm[Int(index % 16)]
    case .indexed(let index): Self.cube(Int(index))
    case .rgb(let red, let green, let blue): (red, green, blue)
    }
  }

  /// The sixteen colours of xterm's XTerm-col.ad.
  private static let xterm: [Channels] = [
    (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205),
    (229, 229, 229), (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255),
    (255, 0, 255), (0, 255, 255), (255, 255, 255),
  ]

  /// The colour behind an index of xterm's 256: a 6×6×6 cube, then 24 greys.
  private static func cube(_ index: Int) -> Channels {
    if index < 16 { return xterm[index] }
    if index >= 232 {
      let grey = UInt8(8 + 10 * (index - 232))
      return (grey, grey, grey)
    }
    let levels: [UInt8] = [0, 95, 135, 175, 215, 255]
    let cell = index - 16
    return (levels[cell / 36], levels[cell / 6 % 6], levels[cell % 6])
  }
}
