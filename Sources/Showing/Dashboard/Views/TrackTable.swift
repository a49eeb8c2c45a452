internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Wording

/// What each vtgate did in a failover.
struct TrackTable {
  let failover: Failover
  /// When each of the vtgates that do not answer now last did.
  let lastHeard: [Address: Instant]
  let now: Instant
  let utcOffset: Int

  func render(into canvas: inout Canvas, in rect: Rect) {
    let body = Panel(Wording().gates(failover.gates)).renderRule(into: &canvas, in: rect)
    columns.render(failover.tracks, into: &canvas, in: body)
  }

  private typealias Column = ColumnSet<Failover.Track>.Column

  private var columns: ColumnSet<Failover.Track> {
    ColumnSet([
      Column(Wording().gate(failover.gates).uppercased(), .flexible(minimum: 14)) {
        .address($0.address, .text)
      },
      Column("PHASE", .fixed(12)) {
        let (word, role) = phase($0)
        return .text(word, role)
      },
      Column("BUFFERED FOR", .fixed(12), .trailing, rank: 1) {
        .text(Phrases.buffering($0, at: lastHeard[$0.address] ?? now), .text)
      },
      Column("DRAIN", .fixed(8), .trailing, rank: 3) { .text(Phrases.drain(of: $0), .text) },
      Column("PEAK", .fixed(5), .trailing, rank: 7) {
        .count($0.peak, .text, zero: .text, missing: .text)
      },
      Column("BUFFERED", .fixed(8), .trailing, rank: 2) {
        .count($0.counts[.buffered], .text, zero: .text, missing: .text)
      },
      // The four wide ones come as a set: each explains the others.
      Column("STARTED", .fixed(18), rank: 9) { track in
        .text(track.started.map { Phrases.moment($0, utcOffset: utcOffset) } ?? "-", .text)
      },
      Column("EVICT", .fixed(5), .trailing, rank: 5) {
        .count($0.counts[.evicted], .stateLost, missing: .muted)
      }
      .wider("EVICTED", .fixed(7), .trailing, rank: 8) {
        .count($0.counts[.evicted], .stateLost, missing: .muted)
      }
      .wider("EVICTED", .flexible(minimum: 14), rank: 9) { .reasons($0.counts.evicted) },
      Column("SKIP", .fixed(5), .trailing, rank: 4) {
        .count($0.counts[.skipped], .stateLost, missing: .muted)
      }
      .wider("SKIPPED", .fixed(7), .trailing, rank: 8) {
        .count($0.counts[.skipped], .stateLost, missing: .muted)
      }
      .wider("SKIPPED", .flexible(minimum: 14), rank: 9) {
        .reasons($0.counts.skipped.filter { $0.key != .disabled })
      },
      Column("ERR", .fixed(5), .trailing, rank: 6) {
        .count(failover.clientErrors(of: $0.address).values.reduce(0, +), .failed)
      }
      .wider("ERRORS", .fixed(6), .trailing, rank: 8) {
        .count(failover.clientErrors(of: $0.address).values.reduce(0, +), .failed)
      }
      .wider("CLIENT ERRORS", .flexible(minimum: 16), rank: 9) {
        .counts(failover.clientErrors(of: $0.address), .failed)
      },
    ])
  }

  private func phase(_ track: Failover.Track) -> (String, StyleRole) {
    // What it was doing when it was last heard of need not be what it does.
    guard track.isBuffering || track.isDraining, lastHeard[track.address] != nil else {
      return Phrases.phase(of: track)
    }
    return ("no answer", .warning)
  }
}
