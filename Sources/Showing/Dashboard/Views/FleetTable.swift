internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Watching

/// The fleet screen's table, one row per shard.
struct FleetTable {
  let shards: [ShardSummary]
  let selection: ShardName?
  let sort: SortOrder
  /// How full the fullest vtgate's buffer is, 0...1; nil when none reports it.
  let fill: Double?
  let trends: FleetTrends
  /// What to say in place of a state that is intended; nil for all others.
  let aside: (ShardSummary) -> String?
  let now: Instant

  private typealias Column = ColumnSet<ShardSummary>.Column

  // What matters in a failover stays at every width; of the rest, drained goes first.
  private var columns: ColumnSet<ShardSummary> {
    let hasThrottlers = shards.isEmpty || shards.contains { !$0.hasOnlyDatabases }
    return ColumnSet(always + (hasThrottlers ? [throttledApps] : []))
  }

  private var throttledApps: Column {
    Column("THROTTLED", .fixed(9), rank: 10) { shard in
      .text(
        shard.throttledApps.isEmpty ? "" : Phrases.plural(shard.throttledNames.count, "app"),
        throttledRole(shard))
    }
    .wider("THROTTLED", .flexible(minimum: 15), rank: 13, cell: throttled)
  }

  private var always: [Column] {
    [
      // Wider, `commerce/20-40` is whole: that is worth more than room for larger numbers.
      Column("SHARD", .flexible(minimum: 13), isSorted: isSorted(.name), cell: name)
        .wider(
          "SHARD", .flexible(minimum: 14), rank: 8, isSorted: isSorted(.name), cell: name),
      Column("STATE", .fixed(12)) { shard in .fitted { state(shard, $1) } },
      Column("PRIMARY", .fixed(11), rank: 3, cell: primary),
      Column("HELD", .fixed(5), .trailing, rank: 1, isSorted: isSorted(.held), cell: held)
        .wider("HELD", .fixed(7), .trailing, rank: 9, isSorted: isSorted(.held), cell: held),
      Column("", .fixed(8), rank: 11) { shard in
        .drawing { canvas, rect in heldGauge(shard, &canvas, rect) }
      }
      .wider("", .fixed(16), rank: 15) { shard in
        .drawing { canvas, rect in heldGauge(shard, &canvas, rect) }
      },
      Column("BUFFERED", .fixed(8), .trailing, rank: 6) { count($0, $0.counters[.buffered]) },
      rate(\.buffered, .emphasis),
      Column("DRAINED", .fixed(7), .trailing, rank: 7) { count($0, $0.counters[.drained]) },
      rate(\.drained, .emphasis),
      Column("EVICTED", .fixed(7), .trailing, rank: 4) {
        count($0, $0.counters[.evicted], .stateLost)
      },
      rate(\.evicted, .stateLost),
      Column("SKIPPED", .fixed(7), .trailing, rank: 5, cell: skipped),
      rate(\.skipped, .stateLost),
      Column("FAILED", .fixed(6), .trailing, isSorted: isSorted(.failed), cell: failed)
        .wider(
          "FAILED", .fixed(7), .trailing, rank: 8, isSorted: isSorted(.failed), cell: failed),
      Column("LAG", .fixed(10), .trailing, rank: 2, isSorted: isSorted(.lag), cell: lag)
        .wider("LAG", .fixed(11), .trailing, rank: 9, isSorted: isSorted(.lag), cell: lag),
      Column("", .fixed(8), rank: 12) { shard in
        .drawing { canvas, rect in lagGauge(shard, &canvas, rect) }
      }
      .wider("", .fixed(12), rank: 15) { shard in
        .drawing { canvas, rect in lagGauge(shard, &canvas, rect) }
      },
      Column("A MINUTE OF IT", .fixed(15), rank: 14, spare: 6) { shard in
        .drawing { canvas, rect in lagTrend(shard, &canvas, rect) }
      }
      .wider("A MINUTE OF IT", .fixed(60), rank: 17, spare: 6) { shard in
        .drawing { canvas, rect in lagTrend(shard, &canvas, rect) }
      },
    ]
  }

  /// The order by trouble has no column of its own.
  private func isSorted(_ order: SortOrder) -> Bool { order == sort }

  func render(into canvas: inout Canvas, in rect: Rect) {
    // A line of its own says how many are out of sight: it covers no number.
    let isWhole = shards.count < rect.rows || rect.rows < 4
    let rows = isWhole ? rect : rect.rows(from: 0, count: rect.rows - 1)
    let inSight = columns.render(shards, selection: selectedIndex, into: &canvas, in: rows)
    guard !isWhole else { return }
    let below = shards.count - inSight.upperBound
    canvas.draw(
      below > 0
        ? " \(canvas.glyphs.descending) \(Phrases.plural(below, "more shard"))"
        : " \(canvas.glyphs.ascending) \(Phrases.plural(inSight.lowerBound, "shard")) above",
      in: rect.line(rect.rows - 1), role: .keyHint)
  }

  /// Rows without a header, for terminals too small for one.
  func renderRows(into canvas: inout Canvas, in rect: Rect) {
    let start = max(0, selectedIndex ?? 0)
    for (line, shard) in shards.dropFirst(start).prefix(rect.rows).enumerated() {
      let word = aside(shard).map { "\(canvas.glyphs.none) \($0)" }
      canvas.draw(
        "\(word ?? shard.state.label(canvas.glyphs)) \(shard.name)", in: rect.line(line),
        role: word == nil ? shard.state.role : .muted)
    }
  }

  private var selectedIndex: Int? {
    selection.flatMap { name in shards.firstIndex { $0.name == name } }
  }

  // MARK: Cells

  private func name(_ shard: ShardSummary) -> TableCell {
    .shard(shard.name, aside(shard) == nil ? shard.state.phaseRole : .text)
  }

  /// The state, how long nothing has been known, or that the trouble is intended.
  private func state(_ shard: ShardSummary, _ glyphs: Glyphs) -> (String, StyleRole) {
    if let word = aside(shard) { return ("\(glyphs.none) \(word)", .muted) }
    guard let since = shard.blindSince else { return (shard.state.label(glyphs), shard.state.role) }
    return ("\(shard.state.label(glyphs)) \((now - since).countdown)", shard.state.role)
  }

  private func primary(_ shard: ShardSummary) -> TableCell {
    guard let primary = shard.primary else {
      return shard.hasNeverHadPrimary ? .text("none", .muted) : .text("unknown", .missing)
    }
    // A question mark: the last primary seen, which nobody sees serving now.
    return shard.primaryIsServing
      ? .text(primary.short, .text) : .text("\(primary.short)?", .warning)
  }

  private func count(
    _ shard: ShardSummary, _ number: Int?, _ role: StyleRole = .text
  ) -> TableCell {
    .count(shard.hasCounters ? number : nil, role)
  }

  /// What is being added to the total on its left a second; blank while that stands still.
  private func rate(_ counted: @escaping (Movement) -> Int, _ role: StyleRole) -> Column {
    Column("", .fixed(7), rank: 16) { shard in
      let rate = trends.rate(of: shard.name, until: now, counted) ?? 0
      guard rate > 0 else { return .blank }
      return .text("+\(Phrases.count(max(1, Int(rate.rounded())), columns: 4))/s", role)
    }
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

  private func held(_ shard: ShardSummary) -> TableCell {
    count(shard, shard.held, .emphasis)
  }

  private func heldGauge(_ shard: ShardSummary, _ canvas: inout Canvas, _ rect: Rect) {
    guard shard.hasCounters, shard.held != nil, let share = shard.buffering.share else { return }
    Gauge(share, .held, isOver: (fill ?? 0) >= 0.9).render(into: &canvas, in: rect)
  }

  /// The number, with the metric's name if that is not lag.
  private func lag(_ shard: ShardSummary) -> TableCell {
    .fitted { columns, _ in
      let (text, role) = Phrases.lag(shard.lag)
      let name = Phrases.metricName(shard.lag)
      let long = name.isEmpty ? text : "\(text) \(name)"
      return (DisplayWidth.of(long) <= columns ? long : text, role)
    }
  }

  private func lagGauge(_ shard: ShardSummary, _ canvas: inout Canvas, _ rect: Rect) {
    if shard.lag.isCustomMetric {
      canvas.draw(Phrases.metricName(shard.lag), in: rect, role: .muted)
    } else if let value = shard.lag.value, let threshold = shard.lag.threshold, threshold > 0 {
      Gauge(value / threshold, .lag, isOver: shard.lag.isOverThreshold)
        .render(into: &canvas, in: rect)
    }
  }

  /// How many seconds the last minute moves at a time: moving every second would rewrite all of it
  /// every second.
  private static let step = 12

  /// The last minute; each column shows the worst of its seconds.
  private func lagTrend(_ shard: ShardSummary, _ canvas: inout Canvas, _ rect: Rect) {
    let threshold = shard.lag.threshold ?? 1
    let span = max(1, 60 / max(1, rect.columns))
    let points = trends.points(of: shard.name, until: now, count: 60)
    // A column is drawn once all its seconds are over, so that it is written only once: the number
    // beside it says how it is now.
    let groups = Dictionary(grouping: points) { Int($0.at.secondsSinceEpoch) / span }
    let over = Int(now.secondsSinceEpoch) / span
    let stride = max(1, Self.step / span)
    let end = (over + stride - 1) / stride * stride
    let values = (end - rect.columns..<end).map { column in
      column < over ? groups[column].flatMap { $0.compactMap(\.lag).max() } : nil
    }
    Sparkline(values, scale: threshold, fill: .ramp(.lag, limit: threshold))
      .render(into: &canvas, in: rect)
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
      // Where room is short, the name gives way rather than the time.
      let name = canvas.fit(first.name.safe(), to: max(4, rect.columns - left.count - 1))
      canvas.draw("\(name) \(left)", in: rect, role: throttledRole(shard))
    }
  }

  /// The role of the strictest of its rules.
  private func throttledRole(_ shard: ShardSummary) -> StyleRole {
    shard.throttledApps.lazy.map(\.role).first { $0 == .throttledFully } ?? .throttled
  }
}
