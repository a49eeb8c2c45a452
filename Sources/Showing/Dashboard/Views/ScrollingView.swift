internal import TerminalKit

/// A screen that may be higher than the terminal.
protocol ScrollingView {
  func height(in size: Size) -> Int
  /// Draws the screen as high as the rectangle, for a terminal with `rows` of room.
  func render(into canvas: inout Canvas, in rect: Rect, rows: Int)
}

/// One that is made of parts, one below the other; the last takes whatever is left.
protocol StackedView: ScrollingView {
  typealias Part = (rows: Int, draw: (inout Canvas, Rect) -> Void)

  /// The parts from top to bottom, with their heights, for a terminal of so many columns and rows.
  func parts(columns: Int, rows: Int) -> [Part]
}

extension StackedView {
  func height(in size: Size) -> Int {
    parts(columns: size.columns, rows: size.rows).reduce(0) { $0 + $1.rows }
  }

  func render(into canvas: inout Canvas, in rect: Rect, rows: Int) {
    var rest = rect
    let parts = parts(columns: rect.columns, rows: rows)
    for (index, part) in parts.enumerated() {
      let rows = index == parts.count - 1 ? rest.rows : part.rows
      part.draw(&canvas, rest.rows(from: 0, count: rows))
      rest = rest.rows(from: rows)
    }
  }
}
