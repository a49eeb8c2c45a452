internal import Actions
internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Wording

extension ReparentForm {
  var title: String { "reparent \(shard)" }

  func lines(in model: Model, _ room: Size, _ glyphs: Glyphs) -> [DialogLine] {
    let (columns, kinds) = (room.columns, [ReparentOrder.Kind.planned, .emergency])
    let head: [DialogLine] = [
      .choices(
        "kind", kinds.map(\.rawValue), kinds.firstIndex(of: kind) ?? 0, isFocused: focus == .kind,
        columns: columns, glyphs),
      .choices(
        "to", candidates.map { $0?.short ?? "vtctld chooses" }, candidateIndex,
        isFocused: focus == .candidate, columns: columns, glyphs),
      .input(
        "timeout", timeout.text, isFocused: focus == .timeout, columns: columns, glyphs),
    ]
    var tail: [DialogLine] = []
    if let order {
      tail += DialogLine.paragraph(
        model.ofCluster(Wording().sentence(order)), columns: room.columns, .emphasis)
    }
    tail += nameLines(columns: columns, glyphs)
    let space = room.rows - head.count - tail.count
    return head
      + checks(model.preflight(self), Size(columns: room.columns, rows: space), glyphs) + tail
  }

  /// Rows above the form that stay in sight before checks that have passed are: what the shard's state is.
  private static let leastAbove = 4

  /// The preflight's lines; if they do not all fit, passed checks are only counted.
  private func checks(
    _ preflight: Preflight?, _ room: Size, _ glyphs: Glyphs
  ) -> [DialogLine] {
    guard let preflight, hasFacts else {
      return [DialogLine("looking at topo and traffic", .muted)]
    }
    func lines(_ checks: [Preflight.Line]) -> [DialogLine] {
      checks.flatMap { check($0, room.columns, glyphs) }
    }
    let all = lines(preflight.grouped)
    guard all.count > room.rows - Self.leastAbove else { return all }
    let others = preflight.grouped.filter { $0.status > .pass }
    let passing = preflight.lines.count - others.count
    let count = DialogLine(spans: [
      (DialogLine.pad(" pass", 7), .good), ("\(passing) other checks", .text),
    ])
    let shown = lines(others) + (passing > 0 ? [count] : [])
    guard shown.count > room.rows else { return shown }
    // Keeps what the cursor is on in sight.
    let focused = others.firstIndex { focus == .override($0.check) }
    let end = focused.map { lines(Array(others[...$0])).count } ?? shown.count
    return Array(shown.prefix(max(end, room.rows)).suffix(max(1, room.rows)))
  }

  private func check(_ line: Preflight.Line, _ columns: Int, _ glyphs: Glyphs) -> [DialogLine] {
    let isFocused = line.status == .fail && focus == .override(line.check)
    var evidence = Wording().words(line.evidence).safe()
    if line.status == .fail, overrides(line.check) {
      evidence += "; overridden"
    } else if isFocused {
      evidence += "; space overrides it"
    }
    return DialogLine.check(
      line.status, line.check.rawValue, evidence, isFocused: isFocused, columns: columns, glyphs)
  }
}
