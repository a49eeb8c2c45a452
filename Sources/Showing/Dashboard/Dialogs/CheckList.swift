internal import Actions
internal import TerminalKit

/// The checks before an action, in the lines that a form has for them.
struct CheckList {
  struct Row {
    let status: PreflightStatus
    let name: String
    /// What the status is based on.
    let evidence: String
    var isFocused = false
  }

  /// In the order in which they are shown: those that passed last.
  let rows: [Row]

  /// If they do not all fit, those that passed are only counted, and what has the cursor stays in sight.
  ///
  /// `least`: how many rows above the form stay in sight before checks that have passed are.
  func lines(in room: Size, leavingAbove least: Int, _ glyphs: Glyphs) -> [DialogLine] {
    func lines(_ rows: some Sequence<Row>) -> [DialogLine] {
      rows.flatMap { Self.lines($0, room.columns, glyphs) }
    }
    let all = lines(rows)
    guard all.count > room.rows - least else { return all }
    let others = rows.filter { $0.status > .pass }
    let passing = rows.count - others.count
    let count = DialogLine(spans: [
      (DialogLine.pad(" pass", 7), .good), ("\(passing) other checks", .text),
    ])
    let shown = lines(others) + (passing > 0 ? [count] : [])
    guard shown.count > room.rows else { return shown }
    let focused = others.firstIndex(where: \.isFocused)
    let end = focused.map { lines(others[...$0]).count } ?? shown.count
    return Array(shown.prefix(max(end, room.rows)).suffix(max(1, room.rows)))
  }

  private static func lines(_ row: Row, _ columns: Int, _ glyphs: Glyphs) -> [DialogLine] {
    let texts = Paragraph(row.evidence, columns: max(10, columns - 24)).lines
    return texts.enumerated().map { index, text in
      let head = index == 0 ? (row.status.word, row.name) : ("", "")
      return DialogLine(spans: [
        (row.isFocused && index == 0 ? "\(glyphs.selection)" : " ", .keyHint),
        (DialogLine.pad(head.0, 6), row.status.role),
        (DialogLine.pad(head.1, 17), .tableHeader), (text, row.isFocused ? .input : .text),
      ])
    }
  }
}
