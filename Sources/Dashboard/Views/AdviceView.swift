internal import FleetModel
internal import TerminalKit

/// What the counters mean and what to change, a line or two each.
struct AdviceView {
  let advice: [Advice]

  private func isWide(_ columns: Int) -> Bool { columns >= 140 }

  func rows(columns: Int) -> Int { advice.count * (isWide(columns) ? 1 : 2) }

  func render(into canvas: inout Canvas, in rect: Rect) {
    var line = 0
    for piece in advice {
      let mark =
        piece.severity >= .warning ? String(canvas.glyphs.warning) : String(canvas.glyphs.dot)
      let finding = "\(mark) \(piece.finding)"
      if isWide(rect.columns) {
        canvas.draw(
          spans: [(finding, piece.severity.role), (": \(piece.remedy)", .text)],
          in: rect.line(line).columns(from: 1))
        line += 1
      } else {
        canvas.draw(finding, in: rect.line(line).columns(from: 1), role: piece.severity.role)
        canvas.draw(piece.remedy, in: rect.line(line + 1).columns(from: 3))
        line += 2
      }
    }
  }
}
