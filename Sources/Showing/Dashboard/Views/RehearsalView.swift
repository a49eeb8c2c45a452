internal import TerminalKit
internal import Terms

/// How a scenario stands, in words and in a table.
struct RehearsalView {
  let rehearsal: Rehearsal
  let now: Instant

  /// What it waits for, that it runs, or whether what came agrees with the source that decides.
  var phase: (words: String, role: StyleRole) {
    switch rehearsal.phase {
    case .waiting: return ("waits: F starts it", .emphasis)
    case .running(let start): return ("runs for \((now - start).countdown)", .stateBuffering)
    case .over:
      guard let source = rehearsal.sources.last else { return ("is over", .text) }
      return rehearsal.rows.allSatisfy(\.agrees)
        ? ("agrees with the \(source)", .good) : ("differs from the \(source)", .warning)
    }
  }

  /// `4 of 6 clients run, 2 have ended`.
  var clients: (words: String, role: StyleRole) {
    let clients = rehearsal.clients
    let all = clients.running + clients.died
    guard clients.died > 0 else { return (Phrases.plural(all, "client") + " run", .text) }
    return (
      "\(clients.running.grouped) of \(Phrases.plural(all, "client")) run, "
        + "\(clients.died.grouped) ended", .failed
    )
  }

  /// How far it is, its steps while it waits, its clients and its table, in so many rows at most where
  /// errors are long.
  func progress(_ room: Size, _ glyphs: Glyphs) -> [DialogLine] {
    var head = [DialogLine(phase.words, phase.role)]
    if case .over(let took) = rehearsal.phase {
      head = [DialogLine("took \(took.tight), \(phase.words)", phase.role)]
    }
    if rehearsal.phase == .waiting {
      head += rehearsal.steps.map { DialogLine(spans: [("  \($0)", .muted)]) }
    }
    head.append(DialogLine(clients.words, clients.role))
    let table = table(room.columns, glyphs)
    let ended = rehearsal.clients.ended
    let shown = ended.prefix(3)
    let free = max(2, (room.rows - head.count - table.count - 1) / max(1, shown.count))
    let errors = shown.flatMap { errorLines($0, columns: room.columns - 2, rows: min(free, 6)) }
    let more = ended.count - shown.count
    return head + errors
      + (more > 0 ? [DialogLine("  and \(Phrases.plural(more, "other error"))", .muted)] : [])
      + [DialogLine()] + table
  }

  /// An error's words begin with where and end with why: too long ones lose their middle.
  private func errorLines(
    _ ended: Rehearsal.Ended, columns: Int, rows: Int
  ) -> [DialogLine] {
    var words =
      "\(ended.count.grouped) with "
      + ended.words.split(separator: "\n").joined(separator: " ")
    // Lines end at words, some cells before their end.
    let most = max(20, rows * (columns - 10))
    if words.count > most {
      words = "\(words.prefix(most / 3)) … \(words.suffix(most - most / 3 - 3))"
    }
    return DialogLine.paragraph(words, columns: columns, .muted).prefix(rows).map {
      DialogLine(spans: [("  ", .text)] + $0.spans)
    }
  }

  // MARK: The table

  private func table(_ columns: Int, _ glyphs: Glyphs) -> [DialogLine] {
    guard !rehearsal.sources.isEmpty || !rehearsal.rows.isEmpty else { return [] }
    let name = min(
      max(10, columns - 24), (rehearsal.rows.map { DisplayWidth.of($0.counter) }.max() ?? 9) + 1)
    let widths = (rehearsal.sources + ["came"]).map { max(6, DisplayWidth.of($0)) }
    func cells(_ texts: [String]) -> String {
      zip(texts, widths).map { "  " + String(repeating: " ", count: $1 - DisplayWidth.of($0)) + $0 }
        .joined()
    }
    let isWaiting = rehearsal.phase == .waiting
    var lines = [
      DialogLine(
        DialogLine.pad("counter", name) + cells(rehearsal.sources + ["came"]), .tableHeader)
    ]
    for row in rehearsal.rows {
      let came = isWaiting ? String(glyphs.none) : Phrases.count(row.came)
      lines.append(
        DialogLine(spans: [
          (
            DialogLine.pad(row.counter, name) + cells(row.expected.map { Phrases.count($0) }), .text
          ), ("  " + String(repeating: " ", count: max(0, (widths.last ?? 6) - came.count)), .text),
          (came, isWaiting ? .muted : .emphasis), ("  \(verdict(on: row))", role(of: row)),
        ]))
    }
    let zeros = rehearsal.rows.isEmpty ? "every counter is 0" : "all others are 0"
    let rules = "exact: equal; timing: agree in being 0 or not"
    return lines + [DialogLine("\(zeros); \(rules)", .muted)]
  }

  private func verdict(on row: Rehearsal.Row) -> String {
    if case .over = rehearsal.phase, !row.agrees { return "differs" }
    return row.isExact ? "exact" : "timing"
  }

  private func role(of row: Rehearsal.Row) -> StyleRole {
    if case .over = rehearsal.phase, !row.agrees { .warning } else { .muted }
  }
}

/// The same in one line above a screen.
struct RehearsalLine {
  let rehearsal: Rehearsal
  let now: Instant

  func render(into canvas: inout Canvas, in rect: Rect) {
    let view = RehearsalView(rehearsal: rehearsal, now: now)
    let rest: [(String, StyleRole)] = [
      ("  ", .text), (view.phase.words, view.phase.role),
      (" \(canvas.glyphs.separator) ", .muted), (view.clients.words, view.clients.role),
    ]
    let width = rest.reduce(0) { $0 + DisplayWidth.of($1.0) }
    let isWhole = DisplayWidth.of(rehearsal.title) + width + 3 <= rect.columns
    // What it is called ends where its number has been said.
    let title = isWhole ? rehearsal.title : String(rehearsal.title.prefix { $0 != ":" })
    canvas.draw(spans: [(" \(title) ", .lab)] + rest, in: rect.columns(from: 1))
  }
}
