internal import TerminalKit

/// A command being typed at the bottom of the screen, with its candidates above.
struct PaletteView {
  let line: String
  let title: String
  /// Whether the candidates are commands.
  let isOfNames: Bool
  let candidates: [TypedCommand.Candidate]
  /// The text of the chosen one; nil if none is.
  let chosen: String?
  /// What to say when there is no candidate.
  let remark: String

  /// The most rows of candidates.
  private static let mostRows = 12

  func render(into canvas: inout Canvas, in rect: Rect) {
    // No more rows than needed: what the operator is watching goes on behind.
    let wanted = max(1, candidates.count) + (isOfNames && !candidates.isEmpty ? 1 : 0)
    let rows = min(wanted, Self.mostRows + 1, max(rect.rows / 2, 3), max(0, rect.rows - 2))
    let box = rect.rows(from: max(0, rect.rows - rows - 2))
    canvas.fill(box)
    if box.rows > 1 {
      let body = Panel(heading(columns: box.columns)).renderRule(into: &canvas, in: box)
        .rows(from: 0, count: rows)
      if candidates.isEmpty {
        canvas.draw(
          remark, in: body.line(0).columns(from: 1), role: .muted)
      } else {
        columns(hasHeader: rows > 1).render(
          candidates, selection: candidates.firstIndex { $0.text == chosen }, into: &canvas,
          in: body)
      }
    }
    canvas.draw(
      spans: [(" :", .keyHint), ("\(line)_", .input)], in: box.line(box.rows - 1))
  }

  /// What the chosen command does, or the only one that is left, where its row has no room to say so in
  /// full.
  private func heading(columns: Int) -> String {
    let meant =
      candidates.first { $0.text == chosen } ?? (candidates.count == 1 ? candidates[0] : nil)
    guard let row = meant?.command.flatMap(Command.row),
      DisplayWidth.of(row.meaning) > columns - Self.beforeMeaning
    else { return title }
    return row.meaning
  }

  /// The gutter, the two columns before what a command does, and the spaces after them.
  private static let beforeMeaning = 1 + 16 + 1 + 14 + 1

  private func columns(hasHeader: Bool) -> ColumnSet<TypedCommand.Candidate> {
    func role(_ candidate: TypedCommand.Candidate, _ role: StyleRole) -> StyleRole {
      candidate.isPossible ? role : .muted
    }
    func row(_ candidate: TypedCommand.Candidate) -> Command? {
      candidate.command.flatMap(Command.row)
    }
    guard isOfNames else {
      guard candidates.contains(where: { $0.note != nil }) else {
        return ColumnSet([.init("", .flexible(minimum: 10)) { .text($0.text, .text) }])
      }
      let widest = candidates.map { DisplayWidth.of($0.text) }.max() ?? 0
      return ColumnSet([
        .init("", .fixed(min(widest, 30))) { .text($0.text, .text) },
        .init("", .flexible(minimum: 10)) { .text($0.note?.safe() ?? "", .muted) },
      ])
    }
    return ColumnSet([
      .init(hasHeader ? "COMMAND" : "", .fixed(16)) { .text($0.text, role($0, .text)) },
      .init(hasHeader ? "KEYS" : "", .fixed(14), rank: 1) { candidate in
        .fitted { (row(candidate)?.keyText($1) ?? "", role(candidate, .keyHint)) }
      },
      .init(hasHeader ? "WHAT IT DOES" : "", .flexible(minimum: 20)) {
        .text(row($0)?.meaning ?? "", role($0, .text))
      },
    ])
  }
}
