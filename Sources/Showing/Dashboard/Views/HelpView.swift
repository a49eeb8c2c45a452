internal import FleetModel
internal import TerminalKit

/// Every key, what the words on the screen mean, and what the program itself consumes.
struct HelpView {
  let query: InputLine
  /// The first line shown.
  let scroll: Int
  let isLab: Bool
  let pace: Pace
  /// Nil until it has been measured.
  let ownCost: OwnCost?

  private struct Line {
    let word: String
    let meaning: String
    let role: StyleRole
    /// Another word by which a search finds it.
    var name = ""
  }

  private static let wordColumns = 13

  /// The lines, wrapped for a terminal of a given width.
  private func lines(_ glyphs: Glyphs, columns: Int) -> [Line] {
    let stacks = stacks(columns)
    let room = (boxColumns(columns) - 4 - 2 * (stacks - 1)) / stacks - Self.wordColumns - 1
    return lines(glyphs).flatMap { line in
      Paragraph(line.meaning, columns: max(10, room)).lines.enumerated().map { index, text in
        Line(word: index == 0 ? line.word : "", meaning: text, role: line.role)
      }
    }
  }

  private func lines(_ glyphs: Glyphs) -> [Line] {
    let commands = Command.table
      .filter { $0.need != .embeddedCluster || isLab }
      .map {
        Line(
          word: $0.keyText(glyphs), meaning: $0.meaningInPlace, role: .keyHint, name: $0.id.rawValue
        )
      }
    let words = Self.words.map { Line(word: $0.0, meaning: $0.1, role: .emphasis) }
    let costs = costs.map { Line(word: $0.0, meaning: $0.1, role: .tableHeader) }
    return (commands + words + costs).filter {
      query.matches("\($0.word) \($0.meaning) \($0.name)")
    }
  }

  /// How many columns of lines fit side by side.
  private func stacks(_ columns: Int) -> Int { columns >= 130 ? 2 : 1 }

  private func boxColumns(_ columns: Int) -> Int {
    min(columns, stacks(columns) == 2 ? 150 : 84)
  }

  private func boxRows(_ count: Int, in size: Size) -> Int {
    let stacks = stacks(size.columns)
    return min(size.rows, max(3, (count + stacks - 1) / stacks + 2))
  }

  /// The last line that may be at the top.
  func scrollLimit(in size: Size) -> Int {
    let count = lines(.unicode, columns: size.columns).count
    let room = (boxRows(count, in: size) - 2) * stacks(size.columns)
    return max(0, count - room)
  }

  func render(into canvas: inout Canvas, in rect: Rect) {
    let lines = lines(canvas.glyphs, columns: rect.columns)
    let stacks = stacks(rect.columns)
    let size = Size(columns: rect.columns, rows: rect.rows)
    let width = boxColumns(rect.columns)
    let rows = boxRows(lines.count, in: size)
    let box = Rect(
      column: rect.column + (rect.columns - width) / 2, row: rect.row + (rect.rows - rows) / 2,
      columns: width, rows: rows)
    let inside = Panel(query.isEmpty ? "help" : "help: \(query.text)_")
      .renderBox(into: &canvas, in: box).inset(columns: 1)
    guard !lines.isEmpty else {
      canvas.draw("nothing of that here; Esc shows all", in: inside.line(0), role: .muted)
      return
    }
    let offset = min(scroll, scrollLimit(in: size))
    let areas = inside.sideBySide(
      Array(repeating: .flexible(minimum: 20), count: stacks), spacing: 2)
    for (index, line) in lines.dropFirst(offset).prefix(inside.rows * stacks).enumerated() {
      let parts = areas[index / max(1, inside.rows)].line(index % max(1, inside.rows))
        .sideBySide([.fixed(Self.wordColumns), .flexible(minimum: 0)], spacing: 1)
      canvas.draw(line.word, in: parts[0], role: line.role)
      canvas.draw(line.meaning, in: parts[1])
    }
    let below = scrollLimit(in: size) - offset
    if below > 0 {
      // Without room for a box, this line belongs to the text.
      if inside.rows == rows { canvas.fill(box.line(rows - 1)) }
      canvas.draw(
        " \(canvas.glyphs.descending) \(Phrases.plural(below, "more line")) ",
        in: box.line(rows - 1).columns(from: 2), role: .keyHint)
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
    ("off", "this vtgate, or proxy, does not buffer here"),
  ]

  /// What polling and the program itself consume, and their limits.
  private var costs: [(String, String)] {
    var lines = [
      (
        "requests",
        pace.budget == 0
          ? "not counted yet"
          : "\(pace.requestsPerSecond)/s of at most \(Phrases.count(pace.budget)); "
            + "to one server at most \(pace.targetBudget)/s"
      )
    ]
    if let cost = ownCost {
      let tenths = Int((cost.cpu * 1000).rounded())
      lines.append(
        (
          "sluice",
          "\(tenths / 10).\(tenths % 10) % of a core, at most \(cost.peakMemory >> 20) MiB, "
            + "\(Phrases.count(Int(cost.terminalBytes))) B/s to the terminal"
        ))
    }
    return lines
  }
}
