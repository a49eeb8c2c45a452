internal import TerminalKit
internal import Terms

/// Instants on a row of columns.
///
/// While the end is open the length is one of a few round ones, so that the picture stands still.
struct TimeAxis {
  let start: Instant
  let length: Duration
  let columns: Int

  private static let lengths: [Double] = [
    0.5, 1, 2, 5, 10, 20, 40, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 86_400,
  ]

  /// An axis from `start` to `end`; with a final end it is hardly any longer.
  init(from start: Instant, to end: Instant, columns: Int, isFinal: Bool) {
    let needed = max(0.01, (end - start).seconds)
    let length = isFinal ? needed * 1.04 : Self.lengths.first { $0 >= needed } ?? needed
    self.start = start
    self.length = .nanoseconds(Int64(length * 1e9))
    self.columns = max(1, columns)
  }

  /// The column of an instant; outside of 0..<columns if it is not on the axis.
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

  /// Highlights the column of an instant with the background of a selected row.
  func renderCursor(at instant: Instant, _ canvas: inout Canvas, in rect: Rect) {
    let column = column(of: instant)
    guard (0..<columns).contains(column) else { return }
    canvas.lay(rect.columns(from: column, count: 1), on: .rowSelected)
  }

  private static let steps: [Double] = [
    0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 7200,
    21_600,
  ]
  private static let columnsForLabel = 14.0

  /// Draws the scale: `0      1      2      3 s`.
  func render(into canvas: inout Canvas, in rect: Rect) {
    let least = length.seconds * Self.columnsForLabel / Double(columns)
    let step = Self.steps.first { $0 >= least } ?? length.seconds
    let last = Int((length.seconds / step).rounded(.down))
    for mark in 0...max(0, last) {
      let text = (Double(mark) * step).inHundredths + (mark == last ? " s" : "")
      let column = Int((Double(mark) * step / length.seconds * Double(columns)).rounded(.down))
      let width = DisplayWidth.of(text)
      let offset = mark == 0 ? 0 : min(column - width / 2, columns - width)
      canvas.draw(text, in: rect.columns(from: max(0, offset), count: width), role: .muted)
    }
  }
}
