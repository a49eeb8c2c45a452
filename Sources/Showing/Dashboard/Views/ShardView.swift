internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Watching
internal import Wording

/// One shard in full: what is going on, its vtgates, its tablets, its throttled apps, its history.
struct ShardView: StackedView {
  let shard: Shard
  let trend: [FleetTrends.Sample]
  let events: [FleetEvent]
  let now: Instant
  let utcOffset: Int
  let cutoverMeans: CutoverMeans

  private static let eventRows = 6

  /// Tall terminals get taller charts.
  func parts(columns: Int, rows: Int) -> [Part] {
    let advice = shard.advice(at: now)
    var parts: [Part] = [(3, renderSummary)]
    if shard.buffering.isBuffering { parts.append((1, renderClock)) }
    if !advice.isEmpty {
      let view = AdviceView(advice: advice, cutoverMeans: cutoverMeans)
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
    // The charts take the free rows.
    let used = parts.reduce(0) { $0 + $1.rows } + Self.eventRows + 1
    parts.append((min(40, max(5, rows - used)), renderHistory))
    parts.append((Self.eventRows + 1, renderEvents))
    return parts
  }

  // MARK: Summary

  /// The state, how long nothing has been known, or why it serves nobody on purpose.
  private func state(_ glyphs: Glyphs) -> (String, StyleRole) {
    if let idleness = shard.idleness {
      return (" \(glyphs.none) \(Wording().word(idleness)) ", .muted)
    }
    let time = shard.blindSince.map { " for \((now - $0).countdown)" } ?? ""
    return (" \(shard.state.label(glyphs))\(time) ", shard.state.role)
  }

  private func renderSummary(_ canvas: inout Canvas, _ rect: Rect) {
    canvas.fill(rect.line(0), with: canvas.glyphs.horizontal, role: .panelBorder)
    let primary = shard.primary.map { "primary \($0.short)" + (shard.primaryIsServing ? "" : "?") }
    let tier = shard.tablets.first(where: \.isPrimary)?.serverState
    var spans: [(String, StyleRole)] = [
      (" \(shard.name) ", .panelTitle), state(canvas.glyphs),
      (" \(primary ?? (shard.hasNeverHadPrimary ? "no primary" : "primary unknown")) ", .text),
    ]
    if let tier, tier != .serving { spans.append((" \(tier.word) ", .critical)) }
    if let wait = shard.vtgates.compactMap({ $0.cooldown(at: now) }).max(), shard.state == .serving
    {
      spans.append((" cool-down \(wait.countdown) ", .stateCoolDown))
    }
    canvas.draw(spans: spans, in: rect.line(0).columns(from: 2))
    let counters = shard.hasCounters ? shard.counters : nil
    let full = shard.fill.map { ", \(Int(min(9.99, $0) * 100)) % full" } ?? ""
    let held = shard.hasCounters ? shard.held : nil
    SummaryFigures(
      failed: shard.failed,
      special: [.init("HELD", .count(held, .emphasis, of: held ?? 0 > 0 ? full : ""))],
      counts: counters, lost: .init("EVICTED", counters?[.evicted], .stateLost)
    ).render(into: &canvas, in: rect.rows(from: 1))
  }

  /// How long buffering has lasted, against the limits at which requests are evicted.
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
    Gauge(elapsed.seconds / flags.maxFailoverDuration.seconds, .window, isOver: isLate)
      .render(into: &canvas, in: areas[0])
    // Buffering started between two polls.
    let most = elapsed + longest.episode.uncertainty
    let time =
      most.inTenths == elapsed.inTenths ? most.inTenths : "\(elapsed.inTenths) to \(most.inTenths)"
    canvas.draw(
      "buffering for \(time); window \(Wording().words(flags[.window])), "
        + "max \(Wording().words(flags[.maximum]))",
      in: areas[1], role: isLate ? .critical : .text)
  }

  // MARK: History

  private func renderHistory(_ canvas: inout Canvas, _ rect: Rect) {
    let body = Panel("history, a column a second").renderRule(into: &canvas, in: rect)
    HistoryCharts(
      trend: trend, lag: shard.lag, sizes: shard.vtgates.compactMap(\.bufferSize),
      gates: shard.gates, now: now,
      utcOffset: utcOffset
    ).render(into: &canvas, in: body.columns(from: 1))
  }

  private func renderEvents(_ canvas: inout Canvas, _ rect: Rect) {
    EventList(title: "what happened", events: events, utcOffset: utcOffset)
      .render(into: &canvas, in: rect)
  }
}
