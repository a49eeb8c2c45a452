internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Watching

/// The fleet screen's table, one row a shard.
struct FleetTable {
  let shards: [ShardSummary]
  let selection: ShardName?
  let sort: SortOrder
  /// How full the fullest vtgate's buffer is, 0...1; nil when none tells.
  let fill: Double?
  let trends: FleetTrends
  /// What is said instead of a state that is meant to be as it is; nil for others.
  let aside: (ShardSummary) -> String?
  let now: Instant

  private typealias Column = ColumnSet<ShardSummary>.Column

  private var columns: ColumnSet<ShardSummary> {
    ColumnSet([
      Column("SHARD", .flexible(minimum: 13), isSorted: isSorted(.name)) { shard in
        .drawing { canvas, rect in name(shard, &canvas, rect) }
      },
      Column("STATE", .fixed(12)) { shard in .fitted { state(shard, $1) } },
      Column("PRIMARY", .fixed(11), rank: 2, cell: primary),
      Column("HELD", .fixed(5), .trailing, rank: 1, isSorted: isSorted(.held)) {
        count($0, $0.held)
      }
      .wider("HELD", .fixed(13), rank: 10, isSorted: isSorted(.held)) { shard in
        .drawing { canvas, rect in held(shard, &canvas, rect) }
      },
      Column("BUFFERED", .fixed(8), .trailing, rank: 4) { count($0, $0.counters[.buffered]) },
      Column("DRAINED", .fixed(7), .trailing, rank: 5) { count($0, $0.counters[.drained]) },
      Column("EVICTED", .fixed(7), .trailing, rank: 6) {
        count($0, $0.counters[.evicted], .stateLost)
      },
      Column("SKIPPED", .fixed(7), .trailing, rank: 7, cell: skipped),
      Column("FAILED", .fixed(6), .trailing, isSorted: isSorted(.failed), cell: failed)
        .wider(
          "FAILED", .fixed(7), .trailing, rank: 8, isSorted: isSorted(.failed), cell: failed),
      Column("LAG", .fixed(10), .trailing, rank: 3, isSorted: isSorted(.lag)) { shard in
        let (text, role) = Phrases.lag(shard.lag)
        let name = Phrases.metricName(shard.lag)
        return .text(name.isEmpty ? text : "\(text) \(name)", role)
      }
      .wider("LAG", .fixed(34), rank: 11, spare: 6, isSorted: isSorted(.lag)) { shard in
        .drawing { canvas, rect in lag(shard, &canvas, rect) }
      },
      Column("THROTTLED", .fixed(9), rank: 9) { shard in
        .text(
          shard.throttledApps.isEmpty ? "" : Phrases.plural(shard.throttledApps.count, "app"),
          throttledRole(shard))
      }
      .wider("THROTTLED", .flexible(minimum: 14), rank: 10, cell: throttled),
    ])
  }

  /// Trouble has no column of its own.
  private func isSorted(_ order: SortOrder) -> Bool { order == sort }

  func render(into canvas: inout Canvas, in rect: Rect) {
    let inSight = columns.render(shards, selection: selectedIndex, into: &canvas, in: rect)
    let below = shards.count - inSight.upperBound
    if below > 0, inSight.count > 1 {
      let area = rect.line(rect.rows - 1)
      let text = " \(canvas.glyphs.descending) \(below) more "
      let width = DisplayWidth.of(text)
      canvas.draw(text, in: area.columns(from: area.columns - width), role: .keyHint)
    }
  }

  /// Rows without a header, for terminals too low for one.
  func renderRows(into canvas: inout Canvas, in rect: Rect) {
    let start = max(0, selectedIndex ?? 0)
    for (line, shard) in shards.dropFirst(start).prefix(rect.rows).enumerated() {
      canvas.draw(
        "\(shard.state.label(canvas.glyphs)) \(shard.name)", in: rect.line(line),
        role: shard.state.role)
    }
  }

  private var selectedIndex: Int? {
    selection.flatMap { name in shards.firstIndex { $0.name == name } }
  }

  // MARK: Cells

  /// The state, since when nothing is known, or that the trouble is meant to be.
  private func state(_ shard: ShardSummary, _ glyphs: Glyphs) -> (String, StyleRole) {
    if let word = aside(shard) { return ("\(glyphs.none) \(word)", .muted) }
    guard let since = shard.blindSince else { return (shard.state.label(glyphs), shard.state.role) }
    return ("\(shard.state.label(glyphs)) \((now - since).countdown)", shard.state.role)
  }

  /// A name too long loses the keyspace's end, never the shard.
  private func name(_ shard: ShardSummary, _ canvas: inout Canvas, _ rect: Rect) {
    let name = shard.name
    let end = "/\(name.shard)"
    let room = rect.columns - DisplayWidth.of(end)
    canvas.draw(
      room > 2 ? canvas.fit(name.keyspace, to: room) + end : "\(name)", in: rect,
      role: aside(shard) == nil ? shard.state.phaseRole : .text)
  }

  private func primary(_ shard: ShardSummary) -> TableCell {
    guard let primary = shard.primary else { return .text("unknown", .missing) }
    // A question mark: the last one seen, and nobody sees it serving now.
    return shard.primaryIsServing
      ? .text(primary.short, .text) : .text("\(primary.short)?", .warning)
  }

  private func count(
    _ shard: ShardSummary, _ number: Int?, _ role: StyleRole = .text
  ) -> TableCell {
    .count(shard.hasCounters ? number : nil, role)
  }

  private func skipped(_ shard: ShardSummary) -> TableCell {
    if shard.hasCounters, shard.counters.skippedTotal == 0, shard.isBufferingOff {
      return .text("off", .warning)
    }
    return count(shard, shard.counters[.skipped], .stateLost)
  }

  private func failed(_ shard: ShardSummary) -> TableCell {
    .failed(shard.failed, isCounted: shard.hasCounters)
  }

  private func held(_ shard: ShardSummary, _ canvas: inout Canvas, _ rect: Rect) {
    guard shard.hasCounters, let held = shard.held else {
      canvas.draw("-", in: rect, role: .missing)
      return
    }
    let parts = rect.sideBySide([.fixed(7), .flexible(minimum: 5)], spacing: 1)
    Gauge(shard.buffering.share ?? 0, .held, isOver: (fill ?? 0) >= 0.9)
      .render(into: &canvas, in: parts[0])
    canvas.draw(
      Phrases.count(held, columns: 5), in: parts[1],
      role: held > 0 ? .emphasis : .muted,
      alignment: .trailing)
  }

  private func lag(_ shard: ShardSummary, _ canvas: inout Canvas, _ rect: Rect) {
    let trend = trends.points(of: shard.name, until: now, count: 10)
    let parts = rect.sideBySide([.fixed(10), .fixed(11), .flexible(minimum: 5)], spacing: 1)
    let threshold = shard.lag.threshold ?? 1
    Sparkline(trend.map(\.lag), scale: threshold, fill: .ramp(.lag, limit: threshold))
      .render(into: &canvas, in: parts[0])
    let (text, role) = Phrases.lag(shard.lag)
    canvas.draw(text, in: parts[1], role: role, alignment: .trailing)
    if shard.lag.isCustomMetric {
      canvas.draw(Phrases.metricName(shard.lag), in: parts[2], role: .muted)
    } else if let value = shard.lag.value, let threshold = shard.lag.threshold, threshold > 0 {
      Gauge(value / threshold, .lag, isOver: shard.lag.isOverThreshold)
        .render(into: &canvas, in: parts[2])
    }
  }

  private func throttled(_ shard: ShardSummary) -> TableCell {
    guard let first = shard.throttledApps.first else {
      let isKnown = shard.tablets.contains { $0.throttler?.throttledApps != nil }
      return .drawing { canvas, rect in
        canvas.draw(isKnown ? String(canvas.glyphs.none) : "", in: rect, role: .muted)
      }
    }
    let more = shard.throttledApps.count - 1
    let left = (first.expiresAt - now).countdown + (more > 0 ? " +\(more)" : "")
    return .drawing { canvas, rect in
      // Where room is short the name gives way, not the time.
      let name = canvas.fit(first.name.safe(), to: max(4, rect.columns - left.count - 1))
      canvas.draw("\(name) \(left)", in: rect, role: throttledRole(shard))
    }
  }

  /// The strictest of its rules.
  private func throttledRole(_ shard: ShardSummary) -> StyleRole {
    shard.throttledApps.lazy.map(\.role).first { $0 == .throttledFully } ?? .throttled
  }
}
