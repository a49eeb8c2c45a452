internal import FleetModel
internal import TerminalKit
internal import Terms

/// Two failovers side by side.
struct ComparisonView {
  let left: Failover
  let right: Failover
  let now: Instant
  let utcOffset: Int

  func render(into canvas: inout Canvas, in rect: Rect) {
    let body = Panel("failover \(left.id) and failover \(right.id)").renderRule(
      into: &canvas, in: rect)
    let columns: [Table.Column] = [
      .init("", .fixed(18)), .init("FAILOVER \(left.id)", .flexible(minimum: 16), .trailing),
      .init("FAILOVER \(right.id)", .flexible(minimum: 16), .trailing),
      .init("DIFFERENCE", .fixed(12), .trailing),
    ]
    Table(columns: columns, rows: rows).render(into: &canvas, in: body)
  }

  private var failedRow: [Table.Content] {
    let numbers = [left, right].map { failover in
      Table.Content.drawing { canvas, rect in
        let (text, role) = Phrases.failed(failover.failed, canvas.glyphs)
        canvas.draw(text, in: rect, role: role, alignment: .trailing)
      }
    }
    guard let one = left.failed.count, let other = right.failed.count else {
      return [.text("failed", .tableHeader)] + numbers
    }
    return [.text("failed", .tableHeader)] + numbers + [difference(other - one, isBad: true)]
  }

  private func difference(_ difference: Int, isBad: Bool) -> Table.Content {
    .text(
      difference == 0 ? "same" : (difference > 0 ? "+" : "-") + Phrases.count(abs(difference)),
      difference == 0 ? .muted : isBad && difference > 0 ? .critical : .text)
  }

  private var rows: [[Table.Content]] {
    func words(_ title: String, _ text: (Failover) -> String) -> [Table.Content] {
      [.text(title, .tableHeader), .text(text(left), .text), .text(text(right), .text)]
    }
    func numbers(_ title: String, isBad: Bool = false, _ number: (Failover) -> Int?)
      -> [Table.Content]
    {
      let (one, other) = (number(left), number(right))
      let known: [Table.Content] = [
        .text(title, .tableHeader), .text(Phrases.count(one), .text),
        .text(Phrases.count(other), .text),
      ]
      guard let one, let other else { return known + [.text("-", .muted)] }
      return known + [
        difference(other - one, isBad: isBad)
      ]
    }
    return [
      words("shard") { $0.shard.description },
      words("detected") { Phrases.moment($0.detected, utcOffset: utcOffset) },
      words("outcome") { Phrases.outcome($0).0 }, failedRow,
      words("primary", Phrases.primaries),
      words("buffering") { Phrases.buffering($0, at: now) },
      words("vtgates buffering") { failover in
        "\(failover.tracks.count { $0.started != nil })"
      },
      numbers("peak") { $0.peak }, numbers("buffered") { $0.counts[.buffered] },
      numbers("drained") { $0.counts[.drained] },
      numbers("retried", isBad: true) { $0.counts.evicted[.windowExceeded, default: 0] },
      numbers("evicted, full", isBad: true) { $0.counts.evicted[.bufferFull, default: 0] },
      numbers("gave up", isBad: true) { $0.counts.evicted[.contextDone, default: 0] },
      numbers("skipped", isBad: true) { $0.counts[.skipped] },
      numbers("lost", isBad: true) { $0.counts.lost },
    ]
  }
}
