internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Watching

/// One shard in full: what is going on, its vtgates, its tablets, its throttled apps, its history.
struct ShardView {
  let shard: Shard
  let trend: [FleetTrends.Point]
  let events: [FleetEvent]
  let now: Instant
  let utcOffset: Int

  /// The most points of its history that it can show.
  static let trendLength = 300

  private static let eventRows = 6

  /// The parts of the screen from top to bottom, with their heights.
  ///
  /// `rows` is what the terminal has; tall ones get taller charts.
  private func parts(
    columns: Int, rows: Int
  ) -> [(rows: Int, draw: (inout Canvas, Rect) -> Void)] {
    let advice = shard.advice(at: now)
    var parts: [(rows: Int, draw: (inout Canvas, Rect) -> Void)] = [
      (3, renderSummary)
    ]
    if shard.state == .buffering { parts.append((1, renderClock)) }
    if !advice.isEmpty {
      let view = AdviceView(advice: advice)
      parts.append((view.rows(columns: columns), { view.render(into: &$0, in: $1) }))
    }
    let vtgates = VtgateTable(shard: shard, now: now)
    parts.append((shard.vtgates.count + 2, { vtgates.render(into: &$0, in: $1) }))
    let tablets = TabletTable(shard: shard)
    parts.append((max(1, shard.tablets.count) + 2, { tablets.render(into: &$0, in: $1) }))
    if !shard.throttledApps.isEmpty {
      let apps = ThrottledAppTable(apps: shard.throttledApps, now: now)
      parts.append((apps.apps.count + 1, { apps.render(into: &$0, in: $1) }))
    }
    parts.append((rows >= 36 ? 9 : 4, renderHistory))
    parts.append((Self.eventRows + 1, renderEvents))
    return parts
  }

  /// How high the whole screen is on a terminal with so much room for it.
  func height(in size: Size) -> Int {
    parts(columns: size.columns, rows: size.rows).reduce(0) { $0 + $1.rows }
  }

  /// Draws the screen as high as the rectangle, for a terminal with `rows` of room.
  func render(into canvas: inout Canvas, in rect: Rect, rows: Int) {
    var rest = rect
    let parts = parts(columns: rect.columns, rows: rows)
    for (index, part) in parts.enumerated() {
      // Events are last and take whatever the terminal has left.
      let rows = index == parts.count - 1 ? rest.rows : part.rows
      part.draw(&canvas, rest.rows(from: 0, count: rows))
      rest = rest.rows(from: rows)
    }
  }

  // MARK: Summary

  private func renderSummary(_ canvas: inout Canvas, _ rect: Rect) {
    canvas.fill(rect.line(0), with: canvas.glyphs.horizontal, role: .panelBorder)
    let primary = shard.primary.map { "primary \($0.short)" + (shard.primaryIsServing ? "" : "?") }
    let tier = shard.tablets.first(where: \.isPrimary)?.serverState
    var spans: [(String, StyleRole)] = [
      (" \(shard.name) ", .panelTitle),
      (
        " \(shard.state.label(canvas.glyphs))"
          + (shard.blindSince.map { " for \((now - $0).countdown)" } ?? "") + " ",
        shard.state.role
      ),
      (" \(primary ?? "primary unknown") ", .text),
    ]
    if let tier, tier != .serving { spans.append((" \(tier.word) ", .critical)) }
    if let wait = shard.vtgates.compactMap({ $0.cooldown(at: now) }).max(), shard.state == .serving
    {
      spans.append((" cool-down \(wait.countdown) ", .warning))
    }
    canvas.draw(spans: spans, in: rect.line(0).columns(from: 2))
    let counters = shard.counters
    let figures: [(String, Int?, StyleRole)] = [
      ("HELD", shard.held, .emphasis), ("BUFFERED", counters[.buffered], .emphasis),
      ("DRAINED", counters[.drained], .emphasis), ("EVICTED", counters[.evicted], .critical),
      ("SKIPPED", counters[.skipped], .critical), ("LOST", counters.lost, .critical),
    ]
    let all = rect.columns(from: 1).sideBySide(
      Array(repeating: .flexible(minimum: 8), count: figures.count + 1), spacing: 1)
    canvas.draw("FAILED", in: all[0].line(1), role: .tableHeader)
    let (failed, role) =
      shard.failed.map { Phrases.failed($0, canvas.glyphs, columns: all[0].columns) }
      ?? (String(canvas.glyphs.none), .muted)
    canvas.draw(failed, in: all[0].line(2), role: role)
    let areas = all.dropFirst()
    for ((title, number, role), area) in zip(figures, areas) {
      canvas.draw(title, in: area.line(1), role: .tableHeader)
      let number = shard.hasCounters ? number : nil
      var text = number.map { Phrases.count($0) } ?? "-"
      if title == "HELD", number ?? 0 > 0, let fill = shard.fill, area.columns >= 15 {
        text += ", \(Int(min(9.99, fill) * 100)) % full"
      }
      canvas.draw(text, in: area.line(2), role: number ?? 0 > 0 ? role : .muted)
    }
  }

  /// How long buffering has gone on, against the limits at which requests fall out.
  private func renderClock(_ canvas: inout Canvas, _ rect: Rect) {
    let longest = shard.vtgates.filter(\.isBuffering).max {
      ($0.elapsed(at: now) ?? .zero) < ($1.elapsed(at: now) ?? .zero)
    }
    guard let longest, let elapsed = longest.elapsed(at: now) else {
      canvas.draw(
        "buffering since before the first poll", in: rect.columns(from: 1), role: .warning)
      return
    }
    let flags = longest.flags
    let areas = rect.columns(from: 1).sideBySide([.fixed(24), .flexible(minimum: 10)], spacing: 1)
    let isLate = elapsed + longest.episode.uncertainty > flags.window
    Gauge(
      elapsed.seconds / flags.maxFailoverDuration.seconds,
      role: isLate ? .gaugeFillOver : .gaugeFill
    )
    .render(into: &canvas, in: areas[0])
    // The start lies between two polls.
    let most = elapsed + longest.episode.uncertainty
    let time =
      most.inTenths == elapsed.inTenths ? most.inTenths : "\(elapsed.inTenths) to \(most.inTenths)"
    canvas.draw(
      "\(time); window \(flags.window.inTenths)\(flags.remark(on: .window)), "
        + "max \(flags.maxFailoverDuration.inTenths)\(flags.remark(on: .maximum))",
      in: areas[1], role: isLate ? .critical : .text)
  }

  // MARK: History

  private func renderHistory(_ canvas: inout Canvas, _ rect: Rect) {
    let body = Panel("history, a column a second").renderRule(into: &canvas, in: rect)
    let series: [(String, [Double?], Double)] = [
      ("held", trend.map { $0.held.map(Double.init) }, 1),
      ("drained", trend.map { Double($0.drained) }, 1),
      ("evicted", trend.map { Double($0.evicted) }, 1),
      (shard.lag.title.lowercased(), trend.map(\.lag), shard.lag.threshold ?? 1),
    ]
    let shown = rect.columns >= 100 ? series : [series[0], series[3]]
    let areas = body.columns(from: 1).sideBySide(
      Array(repeating: .flexible(minimum: 10), count: shown.count), spacing: 2)
    for ((title, values, scale), area) in zip(shown, areas) {
      let parts = area.sideBySide([.fixed(8), .flexible(minimum: 2)])
      canvas.draw(title, in: parts[0].line(0), role: .tableHeader)
      let top = max(scale, values.compactMap(\.self).max() ?? 0)
      canvas.draw(top.inHundredths, in: parts[0].line(1), role: .muted)
      Sparkline(values, scale: scale).render(into: &canvas, in: parts[1])
    }
  }

  private func renderEvents(_ canvas: inout Canvas, _ rect: Rect) {
    EventList(title: "what happened", events: events, utcOffset: utcOffset)
      .render(into: &canvas, in: rect)
  }
}
