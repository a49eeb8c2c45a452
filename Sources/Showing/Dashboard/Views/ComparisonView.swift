internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Wording

/// Two failovers side by side.
struct ComparisonView {
  let left: Failover
  let right: Failover
  let now: Instant
  let utcOffset: Int

  private struct Row {
    let title: String
    let cells: (left: TableCell, right: TableCell)
    var difference = TableCell.blank
  }

  func render(into canvas: inout Canvas, in rect: Rect) {
    let body = Panel("failover \(left.id) and failover \(right.id)").renderRule(
      into: &canvas, in: rect)
    ColumnSet<Row>([
      .init("", .fixed(20)) { .text($0.title, .tableHeader) },
      .init("FAILOVER \(left.id)", .flexible(minimum: 16), .trailing) { $0.cells.left },
      .init("FAILOVER \(right.id)", .flexible(minimum: 16), .trailing) { $0.cells.right },
      .init("DIFFERENCE", .fixed(12), .trailing, rank: 1) { $0.difference },
    ]).render(rows, into: &canvas, in: body)
  }

  private var rows: [Row] {
    [
      words("shard") { $0.shard.description },
      words("detected") { Phrases.moment($0.detected, utcOffset: utcOffset) },
      Row(title: "outcome", cells: (outcome(left), outcome(right))), failed,
      words("primary", Wording().primaries),
      words("buffering") { Phrases.buffering($0, at: now) },
      words("\(Wording().gates(left.gates == right.gates ? left.gates : .both)) buffering") {
        failover in
        "\(failover.tracks.count { $0.started != nil })"
      },
      numbers("peak") { $0.peak }, numbers("buffered") { $0.counts[.buffered] },
      numbers("drained") { $0.counts[.drained] },
      numbers("retried", isBad: true) { $0.counts.evicted[.windowExceeded, default: 0] },
      numbers("evicted, full", isBad: true) { $0.counts.evicted[.bufferFull, default: 0] },
      numbers("evicted, client gone", isBad: true) { $0.counts.evicted[.contextDone, default: 0] },
      numbers("skipped", isBad: true) { $0.counts[.skipped] },
    ]
  }

  private func outcome(_ failover: Failover) -> TableCell {
    let (word, role) = Phrases.outcome(failover)
    return .text(word, role)
  }

  private func words(_ title: String, _ text: (Failover) -> String) -> Row {
    Row(title: title, cells: (.text(text(left), .text), .text(text(right), .text)))
  }

  private func numbers(
    _ title: String, isBad: Bool = false, _ number: (Failover) -> Int?
  ) -> Row {
    func cell(_ number: Int?) -> TableCell { .count(number, .text, zero: .text, missing: .text) }
    let (one, other) = (number(left), number(right))
    return Row(
      title: title, cells: (cell(one), cell(other)),
      difference: one.flatMap { one in other.map { difference($0 - one, isBad: isBad) } }
        ?? .text("-", .muted))
  }

  private var failed: Row {
    var row = Row(title: "failed", cells: (.failed(left.failed), .failed(right.failed)))
    if left.failed.isExact, right.failed.isExact, let one = left.failed.count,
      let other = right.failed.count
    {
      row.difference = difference(other - one, isBad: true)
    } else {
      row.difference = .text("not known", .muted)
    }
    return row
  }

  /// `isBad`: a rise is for the worse.
  private func difference(_ difference: Int, isBad: Bool) -> TableCell {
    .text(
      difference == 0 ? "same" : (difference > 0 ? "+" : "-") + Phrases.count(abs(difference)),
      difference == 0 ? .muted : isBad && difference > 0 ? .critical : .text)
  }
}

extension Failed {
  /// Whether the count is neither a bound nor an estimate.
  fileprivate var isExact: Bool { !isAtLeast && !isEstimate && !isAssumed && !isOfKeyspace }
}
