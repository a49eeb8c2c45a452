internal import TerminalKit
internal import Terms

/// Instants on a row of columns.
///
/// The length is one of few round ones, so that the picture stands still while time goes on.
struct TimeAxis {
  let start: Instant
  let length: Duration
  let columns: Int

  private static let lengths: [Double] = [
    0.5, 1, 2, 5, 10, 20, 40, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 86_400,
  ]

  /// An axis that holds everything from `start` to `end`.
  init(from start: Instant, to end: Instant, columns: Int) {
    let needed = max(0, (end - start).seconds)
    let length = Self.lengths.first { $0 >= needed } ?? needed
    self.start = start
    self.length = .nanoseconds(Int64(length * 1e9))
    self.columns = max(1, columns)
  }

  /// The column of an instant; outside of 0..<columns when the axis does not hold it.
  func column(of instant: Instant) -> Int {
    Int(((instant - start).seconds / length.seconds * Double(columns)).rounded(.down))
  }

  /// The time that a column stands for.
  func span(of column: Int) -> (from: Instant, to: Instant) {
    let step = length.seconds / Double(columns)
    func instant(_ column: Int) -> Instant {
      start + .nanoseconds(Int64(step * Double(column) * 1e9))
    }
    return (instant(column), instant(column + 1))
  }

  /// Draws the scale: `0      0.5      1 s`.
  func render(into canvas: inout Canvas, in rect: Rect) {
    let parts = columns >= 60 ? 5 : 2
    for part in 0...parts {
      let seconds = length.seconds * Double(part) / Double(parts)
      let text = seconds.inHundredths + (part == parts ? " s" : "")
      let column = columns * part / parts
      let width = DisplayWidth.of(text)
      let offset = part == 0 ? 0 : part == parts ? columns - width : column - width / 2
      canvas.draw(text, in: rect.columns(from: max(0, offset), count: width), role: .muted)
    }
  }
}
