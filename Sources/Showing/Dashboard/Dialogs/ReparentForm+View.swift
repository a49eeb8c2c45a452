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

  private func checks(
    _ preflight: ReparentPreflight?, _ room: Size, _ glyphs: Glyphs
  ) -> [DialogLine] {
    guard let preflight, hasFacts else {
      return [DialogLine("looking at topo and traffic", .muted)]
    }
    return CheckList(rows: preflight.grouped.map { row($0) })
      .lines(in: room, leavingAbove: Self.leastAbove, glyphs)
  }

  private func row(_ line: ReparentPreflight.Line) -> CheckList.Row {
    let isFocused = line.status == .fail && focus == .override(line.check)
    var evidence = Wording().words(line.evidence).safe()
    if line.status == .fail, overrides(line.check) {
      evidence += "; overridden"
    } else if isFocused {
      evidence += "; space overrides it"
    }
    return CheckList.Row(
      status: line.status, name: line.check.rawValue, evidence: evidence, isFocused: isFocused)
  }
}
