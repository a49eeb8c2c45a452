internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Wording

/// A failover as it stood at one moment, read off by the cursor on its time axis.
///
/// What was held, how lag stood and how many had failed is kept with the failover. What each vtgate
/// had counted and what its clients had seen is known as long as the fleet of that moment is kept,
/// and shown as unknown afterwards.
struct CursorTable {
  let failover: Failover
  let at: Instant
  /// The same failover as it stood then; nil if nothing was known of it yet.
  let then: Failover?
  /// True while the fleet of that moment is kept.
  let isKept: Bool
  let lag: Lag
  let utcOffset: Int

  var rows: Int { failover.tracks.count + 3 + (isKept ? 0 : 1) }

  func render(into canvas: inout Canvas, in rect: Rect) {
    let start = failover.detected.at - (failover.detected.uncertainty ?? .zero)
    let clock = Phrases.preciseClock(at, utcOffset: utcOffset)
    let title = "at \((at - start).seconds.inHundredths) s, \(clock)"
    let body = Panel(title).renderRule(into: &canvas, in: rect)
    canvas.draw(facts(canvas.glyphs), in: body.line(0).columns(from: 1))
    columns.render(failover.tracks, into: &canvas, in: body.rows(from: 1))
    guard !isKept else { return }
    canvas.draw(
      "what each \(Wording().gate(failover.gates)) had counted by then is no longer known",
      in: rect.line(rect.rows - 1).columns(from: 1), role: .missing)
  }

  // MARK: All vtgates together

  private func facts(_ glyphs: Glyphs) -> String {
    let queues = failover.tracks.compactMap { held($0) }
    let queued = queues.reduce(0, &+).grouped
    let unit = lag.metric.unit
    let facts: [String] = [
      "primary \(primary)", queues.isEmpty ? "held unknown" : "\(queued) held",
      failover.failures.value(at: at).map { "\(Int($0).grouped) failed" } ?? "failed unknown",
      failover.lag.value(at: at).map { "lag \($0.inHundredths)\(unit)" } ?? "lag unknown",
    ]
    return facts.joined(separator: " \(glyphs.separator) ")
  }

  private var primary: String {
    if let seen = failover.newPrimarySeen, seen.at <= at {
      return failover.primaryAfter?.short ?? "unknown"
    }
    if let gone = failover.primaryGone, gone.at <= at { return "none" }
    return failover.primaryBefore?.short ?? "unknown"
  }

  // MARK: Each vtgate

  private func held(_ track: Failover.Track) -> Int? { track.held.value(at: at).map { Int($0) } }

  private func counts(_ track: Failover.Track) -> BufferCounters? {
    then.map { failover in
      failover.tracks.last { $0.address == track.address }?.counts ?? BufferCounters()
    }
  }

  /// What its clients had seen fail, by code.
  private func errors(_ track: Failover.Track) -> [String: Int]? {
    then.map { $0.clientErrors(of: track.address) }
  }

  private var unknown: TableCell { .text("-", .missing) }

  private typealias Column = ColumnSet<Failover.Track>.Column

  private var columns: ColumnSet<Failover.Track> {
    func count(
      _ title: String, _ family: BufferCounters.Families, _ role: StyleRole, rank: Int
    ) -> Column {
      Column(title, .fixed(8), .trailing, rank: rank) { track in
        .count(counts(track).flatMap { $0[family] }, role)
      }
    }
    return ColumnSet([
      Column(Wording().gate(failover.gates).uppercased(), .flexible(minimum: 14)) {
        .address($0.address, .text)
      },
      Column("PHASE", .fixed(17)) { track in
        let (word, role) = Phrases.phase(of: track, at: at)
        return .text(word, role)
      },
      Column("HELD", .fixed(7), .trailing) { .count(held($0), .phaseBuffering) },
      count("BUFFERED", .buffered, .text, rank: 1),
      count("DRAINED", .drained, .text, rank: 4),
      count("EVICTED", .evicted, .stateLost, rank: 2)
        .wider("EVICTED", .flexible(minimum: 14), rank: 6) { track in
          counts(track).map { .reasons($0.evicted) } ?? unknown
        },
      count("SKIPPED", .skipped, .stateLost, rank: 3)
        .wider("SKIPPED", .flexible(minimum: 14), rank: 6) { track in
          counts(track).map { .reasons($0.skipped.filter { $0.key != .disabled }) } ?? unknown
        },
      Column("ERRORS", .fixed(7), .trailing, rank: 5) { track in
        .count(errors(track).map { $0.values.reduce(0, +) }, .failed)
      }
      .wider("CLIENT ERRORS", .flexible(minimum: 16), rank: 6) { track in
        errors(track).map { .counts($0, .failed) } ?? unknown
      },
    ])
  }
}
