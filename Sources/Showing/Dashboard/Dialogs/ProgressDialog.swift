internal import Actions
internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Wording

/// The progress of an action; its call may be aborted after a question.
struct ProgressDialog: Dialog {
  /// The action's number.
  let id: Int
  private var asksToBreakOff = false

  init(_ id: Int) { self.id = id }

  var place: Place { asksToBreakOff ? .breakOff : .progress }
  var title: String { "action \(id)" }
  var question: String? { asksToBreakOff ? "break \(title) off" : title }

  func perform(_ command: Command.ID, on model: inout Model) -> [Effect]? {
    let hasEnded = model.reports[id]?.outcome != nil
    switch command {
    // Pressing Enter once too often must not hide the result.
    case .closeEndedAction: if hasEnded { model.layers.pop() }
    case .breakOff:
      if model.canBreakOff(id) {
        var question = self
        question.asksToBreakOff = true
        model.layers.replaceTop(with: question)
      }
    case .confirmBreakOff:
      model.layers.replaceTop(with: ProgressDialog(id))
      return hasEnded || model.reports[id] == nil ? [] : [.breakOff(id)]
    case .dismiss: model.layers.replaceTop(with: ProgressDialog(id))
    default: return nil
    }
    return []
  }

  func offers(in model: Model) -> [Offer] {
    guard let report = model.reports[id] else { return [Offer(.closeAction, "closes this")] }
    guard report.outcome == nil else {
      return [Offer(.closeAction, "closes this")]
        + (report.action.isFailover ? [Offer(.failovers, "then shows the failover")] : [])
    }
    guard !asksToBreakOff else {
      return [Offer(.confirmBreakOff, "breaks it off"), Offer(.dismiss, "goes on waiting")]
    }
    return [Offer(.closeAction, "leaves it running"), Offer(.lastAction, "shows it again")]
      + (model.canBreakOff(id) ? [Offer(.breakOff, "breaks the call off")] : [])
  }

  func lines(in model: Model, _ room: Size, _ glyphs: Glyphs) -> [DialogLine] {
    guard let report = model.reports[id] else {
      return [DialogLine("it is no longer known", .muted), DialogLine()]
    }
    var lines = DialogLine.paragraph(
      model.ofCluster(Wording().sentence(report.action)), columns: room.columns, .emphasis)
    let elapsed = (report.endedAt ?? model.present) - report.startedAt
    lines.append(
      DialogLine(
        report.outcome != nil
          ? "took \(elapsed.tight)"
          : report.sentAt == nil ? "not sent yet" : "sent, \(elapsed.inTenths) so far", .muted))
    lines += parts(of: report, room)
    if report.action.isFailover {
      let summary = model.live.summaries.first { $0.name == report.action.shard }
      lines.append(DialogLine(spans: summary.map { state($0, glyphs) } ?? []))
    }
    lines += report.events.suffix(6).flatMap {
      DialogLine.paragraph("vtctld: \(words($0))", columns: room.columns, .muted)
    }.suffix(6)
    if let outcome = report.outcome, let verdict = report.verdict {
      lines += DialogLine.paragraph(
        "\(outcome.rawValue): \(words(Wording().words(verdict)))", columns: room.columns,
        outcome.severity.role)
    } else if asksToBreakOff {
      return lines
        + DialogLine.paragraph(
          model.ofCluster("Break the call off?")
            + " vtctld may finish the reparent all the same, or leave the shard in "
            + "need of another one.", columns: room.columns, .warning) + [DialogLine()]
    }
    return lines + [DialogLine()]
  }

  /// What was done where, with failures first: they must be seen however many tablets there are.
  private func parts(of report: ActionReport, _ room: Size) -> [DialogLine] {
    let order: [ActionReport.Part.State] = [.failed, .unknown, .pending, .done]
    let parts = order.flatMap { state in report.parts.filter { $0.state == state } }
    let shown = parts.prefix(max(3, room.rows - 13))
    var lines: [DialogLine] = []
    for part in shown {
      let texts = Paragraph(
        words(Wording().words(part.finding)), columns: max(10, room.columns - 36)
      ).lines
      for (index, text) in texts.prefix(3).enumerated() {
        lines.append(
          DialogLine(spans: [
            (DialogLine.pad(index == 0 ? part.state.rawValue : "", 9), part.state.role),
            (DialogLine.pad(index == 0 ? Wording().name(part.subject) : "", 27), .text),
            (text, .text),
          ]))
      }
    }
    let hidden = parts.count - shown.count
    return hidden > 0 ? lines + [DialogLine("and \(hidden) more", .muted)] : lines
  }

  /// What a server said.
  private func words(_ text: String) -> String { TabletAlias.shortened(in: text.safe(limit: 4000)) }

  /// The shard's state as vtgates and tablets show it now.
  private func state(_ summary: ShardSummary, _ glyphs: Glyphs) -> [(String, StyleRole)] {
    let primary = summary.primary.map { $0.short + (summary.primaryIsServing ? "" : "?") } ?? "none"
    return [
      ("now: ", .muted), (summary.state.word, summary.state.role),
      (
        ", primary \(primary), held \(Phrases.count(summary.held)), failed "
          + (summary.failed.map { Phrases.failed($0, glyphs).0 } ?? String(glyphs.none)), .text
      ),
    ]
  }
}
