internal import FleetModel
internal import TerminalKit

/// Every key, what the words on the screen mean, and who is watched.
struct HelpView {
  let model: Model

  func render(into canvas: inout Canvas, in rect: Rect) {
    let commands = Command.allCases.filter { $0 != .rehearse || model.settings.isLab }
    let isTwoColumned = rect.rows < commands.count + Self.words.count + 4 && rect.columns >= 76
    let width = min(rect.columns, isTwoColumned ? 120 : 72)
    let rows = min(
      rect.rows,
      isTwoColumned
        ? max(commands.count, Self.words.count) + 2 : commands.count + Self.words.count + 4)
    let box = Rect(
      column: rect.column + (rect.columns - width) / 2, row: rect.row + (rect.rows - rows) / 2,
      columns: width, rows: rows)
    canvas.fill(box)
    let inside = Panel("help: any key closes it").renderBox(into: &canvas, in: box)
      .inset(columns: 1)
    let keyArea: Rect
    let wordArea: Rect
    if isTwoColumned {
      let halves = inside.sideBySide([.flexible(minimum: 30), .flexible(minimum: 30)], spacing: 2)
      (keyArea, wordArea) = (halves[0], halves[1])
    } else {
      let parts = inside.stacked([.fixed(commands.count + 1), .flexible(minimum: 0)])
      (keyArea, wordArea) = (parts[0], parts[1])
    }
    for (line, command) in commands.enumerated() {
      let areas = keyArea.line(line).sideBySide([.fixed(8), .flexible(minimum: 0)], spacing: 1)
      canvas.draw(command.keyText(canvas.glyphs), in: areas[0], role: .keyHint)
      canvas.draw(command.meaning, in: areas[1])
    }
    for (line, word) in Self.words.enumerated() {
      let areas = wordArea.line(line).sideBySide([.fixed(10), .flexible(minimum: 0)], spacing: 1)
      canvas.draw(word.0, in: areas[0], role: .emphasis)
      canvas.draw(word.1, in: areas[1])
    }
  }

  private static let words: [(String, String)] = [
    ("held", "queued or draining right now"),
    ("buffered", "requests that were queued"),
    ("drained", "sent on when buffering ended"),
    ("evicted", "thrown out of the queue"),
    ("skipped", "failed over without being queued"),
    ("lost", "evicted or skipped for good: full, gave up"),
    ("?", "behind a primary: last seen, not serving"),
    ("no data", "nobody told; never shown as 0"),
    ("off", "this vtgate does not buffer here"),
  ]
}
