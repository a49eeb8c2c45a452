internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Wording

/// The failovers of the run, newest first.
struct FailoverList {
  /// Newest last, as they are kept.
  let failovers: SharingArray<Failover>
  /// The number of the selected one.
  let selection: Int?
  /// The number of the one marked for comparison.
  let marked: Int?
  let now: Instant
  let utcOffset: Int

  func render(into canvas: inout Canvas, in rect: Rect) {
    let all = Array(failovers.reversed())
    let body = Panel("failovers of this run").renderRule(into: &canvas, in: rect)
    guard !all.isEmpty else {
      canvas.draw(
        "none so far; each that begins is kept here, the last \(FailoverLog.capacity) of them",
        in: body.columns(from: 1), role: .muted)
      return
    }
    columns.render(
      all, selection: all.firstIndex { $0.id == selection }, into: &canvas, in: body)
  }

  private typealias Column = ColumnSet<Failover>.Column

  private var columns: ColumnSet<Failover> {
    ColumnSet([
      Column("", .fixed(1)) { .text(marked == $0.id ? "c" : "", .warning) },
      Column("NO", .fixed(4), .trailing) { .text("\($0.id)", .text) },
      Column("AT", .fixed(10), rank: 3) {
        .text(Phrases.preciseClock($0.detected.at, utcOffset: utcOffset), .text)
      },
      Column("SHARD", .flexible(minimum: 14)) { .shard($0.shard, .text) },
      Column("OUTCOME", .fixed(13)) {
        let (word, role) = Phrases.outcome($0)
        return .text(word, role)
      },
      Column("BUFFERING", .fixed(9), .trailing, rank: 2) {
        .text(Phrases.buffering($0, at: now), .text)
      },
      Column("FAILED", .fixed(7), .trailing, rank: 1) { .failed($0.failed) },
      Column("PEAK", .fixed(5), .trailing, rank: 9) {
        .count($0.peak, .text, zero: .text, missing: .text)
      },
      Column("BUFFERED", .fixed(8), .trailing, rank: 8) {
        .count($0.counts[.buffered], .text, missing: .muted)
      },
      Column("RETRIED", .fixed(7), .trailing, rank: 7) {
        .count($0.counts.evicted[.windowExceeded, default: 0], .warning)
      },
      Column("SKIPPED", .fixed(7), .trailing, rank: 5) {
        .count($0.counts[.skipped], .stateLost, missing: .muted)
      },
      // Where room is short, only the new one.
      Column("PRIMARY", .flexible(minimum: 12), rank: 4) {
        .text(Wording().primaryInTheEnd($0), .text)
      }
      .wider("PRIMARY", .flexible(minimum: 22), rank: 6) { .text(Wording().primaries($0), .text) },
    ])
  }
}
