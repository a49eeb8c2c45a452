internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Watching

/// The fleet screen's table.
///
/// One descriptor a column; wide terminals show more of them.
struct FleetTable {
  let model: Model
  let shards: [ShardSummary]

  struct Column: Sendable {
    let title: String
    let extent: Extent
    var alignment = Canvas.Alignment.leading
    /// The sort order this column shows.
    var order: SortOrder?
    /// Terminal widths at which it is shown.
    var widths = 0...Int.max
    let content: @Sendable (ShardSummary, FleetTable) -> Table.Content
  }

  static let columns: [Column] = [
    Column(title: "SHARD", extent: .flexible(minimum: 13), order: .name) { shard, _ in
      .drawing { canvas, rect in name(shard.name, &canvas, rect) }
    },
    Column(title: "STATE", extent: .fixed(12), order: .trouble) { shard, table in
      .drawing { canvas, rect in
        let (text, role) = table.state(shard, canvas.glyphs)
        canvas.draw(text, in: rect, role: role)
      }
    },
    Column(title: "PRIMARY", extent: .fixed(11), widths: 52...Int.max) { shard, _ in
      primary(shard)
    },
    Column(
      title: "HELD", extent: .fixed(5), alignment: .trailing, order: .held, widths: 34...119
    ) { shard, _ in
      total(shard.held, shard, columns: 5)
    },
    Column(title: "HELD", extent: .fixed(13), order: .held, widths: 120...Int.max) { shard, table in
      .drawing { canvas, rect in held(shard, table.model.fleet.fill, &canvas, rect) }
    },
    Column(title: "BUFFERED", extent: .fixed(8), alignment: .trailing, widths: 72...Int.max) {
      shard, _ in total(shard.counters[.buffered], shard)
    },
    Column(title: "DRAINED", extent: .fixed(7), alignment: .trailing, widths: 80...Int.max) {
      shard, _ in total(shard.counters[.drained], shard)
    },
    Column(title: "EVICTED", extent: .fixed(7), alignment: .trailing, widths: 100...Int.max) {
      shard, _ in
      total(shard.counters[.evicted], shard, isBad: true)
    },
    Column(title: "SKIPPED", extent: .fixed(7), alignment: .trailing, widths: 100...Int.max) {
      shard, _ in skipped(shard)
    },
    Column(
      title: "FAILED", extent: .fixed(6), alignment: .trailing, order: .failed, widths: 0...99
    ) { shard, _ in .drawing { canvas, rect in failed(shard, &canvas, rect) } },
    Column(
      title: "FAILED", extent: .fixed(7), alignment: .trailing, order: .failed,
      widths: 100...Int.max
    ) { shard, _ in .drawing { canvas, rect in failed(shard, &canvas, rect) } },
    Column(
      title: "LAG", extent: .fixed(10), alignment: .trailing, order: .lag, widths: 63...149
    ) { shard, _ in
      let (text, role) = Phrases.lag(shard.lag)
      let name = Phrases.metricName(shard.lag)
      return .text(name.isEmpty ? text : "\(text) \(name)", role)
    },
    Column(title: "LAG", extent: .fixed(34), order: .lag, widths: 150...Int.max) { shard, table in
      .drawing { canvas, rect in
        let model = table.model
        let trend = model.watch.trends.points(of: shard.name, until: model.now, count: 10)
        lag(shard, trend, &canvas, rect)
      }
    },
    Column(title: "THROTTLED", extent: .fixed(9), widths: 110...119) { shard, _ in
      .text(
        shard.throttledApps.isEmpty ? "" : Phrases.plural(shard.throttledApps.count, "app"),
        .warning)
    },
    Column(title: "THROTTLED", extent: .flexible(minimum: 14), widths: 120...Int.max) {
      shard, table in throttled(shard, at: table.model.now)
    },
  ]

  func render(into canvas: inout Canvas, in rect: Rect) {
    let visible = max(0, rect.rows - 1)
    let selected = selectedIndex
    let offset = Table.scroll(
      offset: 0, selection: selected, rows: shards.count, visible: visible)
    table(selection: selected, columns: rect.columns, rows: offset..<offset + visible)
      .render(into: &canvas, in: rect, offset: offset)
    let below = shards.count - offset - visible
    if below > 0, visible > 1 {
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
    model.selection.flatMap { name in shards.firstIndex { $0.name == name } }
  }

  private func table(selection: Int?, columns width: Int, rows: Range<Int>) -> Table {
    let shown = Self.columns.filter { $0.widths.contains(width) }
    return Table(
      columns: shown.map {
        Table.Column(
          $0.title, $0.extent, $0.alignment,
          isSorted: $0.order == model.sort && model.sort != .trouble)
      },
      // Rows out of sight cost nothing.
      rows: shards.indices.map { index in
        rows.contains(index) ? shown.map { $0.content(shards[index], self) } : []
      },
      selection: selection)
  }

  // MARK: Cells

  /// The state, since when nothing is known, or that the trouble is meant to be.
  private func state(_ shard: ShardSummary, _ glyphs: Glyphs) -> (String, StyleRole) {
    if model.setsAside(shard) {
      return (
        "\(glyphs.none) \(model.fleet.successors(of: shard.name) == nil ? "ignored" : "replaced")",
        .muted
      )
    }
    guard let since = shard.blindSince else { return (shard.state.label(glyphs), shard.state.role) }
    return ("\(shard.state.label(glyphs)) \((model.now - since).countdown)", shard.state.role)
  }

  /// A name too long loses the keyspace's end, never the shard.
  private static func name(_ name: ShardName, _ canvas: inout Canvas, _ rect: Rect) {
    let shard = "/\(name.shard)"
    let room = rect.columns - DisplayWidth.of(shard)
    canvas.draw(room > 2 ? canvas.fit(name.keyspace, to: room) + shard : "\(name)", in: rect)
  }

  private static func primary(_ shard: ShardSummary) -> Table.Content {
    guard let primary = shard.primary else { return .text("unknown", .missing) }
    // A question mark: the last one seen, and nobody sees it serving now.
    return shard.primaryIsServing
      ? .text(primary.short, .text) : .text("\(primary.short)?", .warning)
  }

  private static func total(
    _ number: Int?, _ shard: ShardSummary, isBad: Bool = false, columns: Int = 7
  ) -> Table.Content {
    guard shard.hasCounters, let number else { return .text("-", .missing) }
    if number == 0 { return .text("0", .muted) }
    return .text(Phrases.count(number, columns: columns), isBad ? .critical : .text)
  }

  private static func skipped(_ shard: ShardSummary) -> Table.Content {
    guard shard.hasCounters else { return .text("-", .missing) }
    if shard.counters.skippedTotal == 0, shard.isBufferingOff { return .text("off", .warning) }
    return total(shard.counters[.skipped], shard, isBad: true)
  }

  private static func failed(_ shard: ShardSummary, _ canvas: inout Canvas, _ rect: Rect) {
    guard let failed = shard.failed else {
      // Without a failover there is nothing to have failed in one.
      let text = shard.hasCounters ? String(canvas.glyphs.none) : "-"
      canvas.draw(
        text, in: rect, role: shard.hasCounters ? .muted : .missing, alignment: .trailing)
      return
    }
    let (text, role) = Phrases.failed(failed, canvas.glyphs, columns: rect.columns)
    canvas.draw(text, in: rect, role: role, alignment: .trailing)
  }

  private static func held(
    _ shard: ShardSummary, _ fill: Double?, _ canvas: inout Canvas, _ rect: Rect
  ) {
    guard shard.hasCounters, let held = shard.held else {
      canvas.draw("-", in: rect, role: .missing)
      return
    }
    let parts = rect.sideBySide([.fixed(7), .flexible(minimum: 5)], spacing: 1)
    Gauge(shard.buffering.share ?? 0, role: (fill ?? 0) >= 0.9 ? .gaugeFillOver : .gaugeFill)
      .render(into: &canvas, in: parts[0])
    canvas.draw(
      Phrases.count(held, columns: 5), in: parts[1],
      role: held > 0 ? .emphasis : .muted,
      alignment: .trailing)
  }

  private static func lag(
    _ shard: ShardSummary, _ trend: [FleetTrends.Point], _ canvas: inout Canvas, _ rect: Rect
  ) {
    let parts = rect.sideBySide([.fixed(10), .fixed(11), .flexible(minimum: 5)], spacing: 1)
    Sparkline(trend.map(\.lag), scale: shard.lag.threshold ?? 1)
      .render(into: &canvas, in: parts[0])
    let (text, role) = Phrases.lag(shard.lag)
    canvas.draw(text, in: parts[1], role: role, alignment: .trailing)
    if shard.lag.isCustomMetric {
      canvas.draw(Phrases.metricName(shard.lag), in: parts[2], role: .muted)
    } else if let value = shard.lag.value, let threshold = shard.lag.threshold, threshold > 0 {
      Gauge(value / threshold, role: shard.lag.isOverThreshold ? .gaugeFillOver : .gaugeFill)
        .render(into: &canvas, in: parts[2])
    }
  }

  private static func throttled(_ shard: ShardSummary, at now: Instant) -> Table.Content {
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
      canvas.draw("\(name) \(left)", in: rect, role: .warning)
    }
  }
}
