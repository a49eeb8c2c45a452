internal import FleetModel
internal import TerminalKit
internal import Terms

/// The failovers of the run, the newest first.
struct FailoverList {
  let model: Model

  func render(into canvas: inout Canvas, in rect: Rect) {
    let all = Array(model.fleet.failovers.all.reversed())
    let body = Panel("failovers of this run").renderRule(into: &canvas, in: rect)
    guard !all.isEmpty else {
      canvas.draw(
        "none so far; each that begins is kept here, the last \(FailoverLog.capacity) of them",
        in: body.columns(from: 1), role: .muted)
      return
    }
    var columns: [Table.Column] = [
      .init("", .fixed(2)), .init("NO", .fixed(4), .trailing), .init("AT", .fixed(10)),
      .init("SHARD", .flexible(minimum: 14)), .init("OUTCOME", .fixed(14)),
      .init("BUFFERING", .fixed(12), .trailing), .init("FAILED", .fixed(7), .trailing),
    ]
    if rect.columns >= 116 {
      columns += [
        .init("PEAK", .fixed(7), .trailing), .init("BUFFERED", .fixed(8), .trailing),
        .init("RETRIED", .fixed(7), .trailing), .init("SKIPPED", .fixed(7), .trailing),
        .init("PRIMARY", .flexible(minimum: 20)),
      ]
    }
    let selected = all.firstIndex { $0.id == model.chosenFailover }
    let visible = max(0, body.rows - 1)
    let offset = Table.scroll(offset: 0, selection: selected, rows: all.count, visible: visible)
    let rows = all.enumerated().map { index, failover in
      (offset..<offset + visible).contains(index) ? row(failover, columns.count) : []
    }
    Table(columns: columns, rows: rows, selection: selected)
      .render(into: &canvas, in: body, offset: offset)
  }

  private func row(_ failover: Failover, _ columns: Int) -> [Table.Content] {
    let (word, role) = Phrases.outcome(failover)
    let counts = failover.counts
    func count(_ number: Int?, _ role: StyleRole) -> Table.Content {
      .text(Phrases.count(number), number ?? 0 > 0 ? role : .muted)
    }
    var row: [Table.Content] = [
      .text(model.marked == failover.id ? "c" : "", .warning), .text("\(failover.id)", .text),
      .text(
        Phrases.preciseClock(failover.detected.at, utcOffset: model.settings.utcOffset), .text),
      .text(failover.shard.description, .text), .text(word, role),
      .text(Phrases.buffering(failover, at: model.now), .text),
      .drawing { canvas, rect in
        let (text, role) = Phrases.failed(failover.failed, canvas.glyphs, columns: rect.columns)
        canvas.draw(text, in: rect, role: role, alignment: .trailing)
      },
    ]
    guard columns > 7 else { return row }
    row += [
      .text(failover.peak.map { Phrases.count($0) } ?? "-", .text), count(counts[.buffered], .text),
      count(counts.evicted[.windowExceeded, default: 0], .warning),
      count(counts[.skipped], .critical), .text(Phrases.primaries(failover), .text),
    ]
    return row
  }
}
