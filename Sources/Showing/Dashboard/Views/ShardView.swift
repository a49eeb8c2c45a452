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
    parts.append((shard.vtgates.count + 2, renderVtgates))
    parts.append((max(1, shard.tablets.count) + 2, renderTablets))
    if !shard.throttledApps.isEmpty { parts.append((shard.throttledApps.count + 1, renderApps)) }
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

  // MARK: vtgates

  private func renderVtgates(_ canvas: inout Canvas, _ rect: Rect) {
    let body = Panel("vtgates").renderRule(into: &canvas, in: rect)
    let isWide = rect.columns >= 120
    var columns: [Table.Column] = [
      .init("VTGATE", .flexible(minimum: 14)), .init("STATE", .fixed(10)),
      .init("HELD", .fixed(5), .trailing), .init("PEAK", .fixed(5), .trailing),
      .init("BUFFERED", .fixed(8), .trailing), .init("DRAINED", .fixed(7), .trailing),
    ]
    if isWide {
      columns += [
        .init("EVICTED", .flexible(minimum: 14)), .init("SKIPPED", .flexible(minimum: 14)),
        .init("CALL ERR", .fixed(8), .trailing), .init("LAST", .fixed(6), .trailing),
        .init("COOL-DOWN", .fixed(9), .trailing),
      ]
    } else {
      columns += [
        .init("EVICT", .fixed(5), .trailing), .init("SKIP", .fixed(5), .trailing),
        .init("LAST", .fixed(6), .trailing),
      ]
    }
    Table(columns: columns, rows: shard.vtgates.map { row($0, isWide) })
      .render(into: &canvas, in: body)
  }

  private func row(_ vtgate: Shard.VtgateView, _ isWide: Bool) -> [Table.Content] {
    let version = vtgate.version.map { "  v\($0)" } ?? ""
    let address = Table.Content.spans([
      (vtgate.address.description, .text), (isWide ? version : "", .muted),
    ])
    guard vtgate.freshness.isFresh, vtgate.total != nil else {
      let (word, role) = state(vtgate)
      return [address, .text(word, role)]
    }
    let counted = vtgate.counted
    let (word, role) = state(vtgate)
    var row: [Table.Content] = [
      address, .text(word, role), number(vtgate.held, .emphasis, columns: 5),
      counted.lastRequestsInFlightMax.map { number($0, .text, columns: 5) } ?? .text("-", .muted),
      number(counted[.buffered], .text), number(counted[.drained], .text),
    ]
    let last = counted.lastFailoverDuration.map { $0.inTenths } ?? "-"
    if isWide {
      row += [
        counted[.evicted] == nil
          ? .text("-", .missing) : .text(Phrases.reasons(counted.evicted), .critical),
        counted[.skipped] == nil
          ? .text("-", .missing)
          : .text(Phrases.reasons(counted.skipped.filter { $0.key != .disabled }), .critical),
        vtgate.callErrors.map { number($0, .text) } ?? .text("-", .muted),
        .text(last, .text),
        .text(vtgate.cooldown(at: now).map { $0.countdown } ?? "-", .text),
      ]
    } else {
      row += [
        number(counted[.evicted], .critical, columns: 5),
        number(counted[.skipped], .critical, columns: 5),
        .text(last, .text),
      ]
    }
    return row
  }

  private func state(_ vtgate: Shard.VtgateView) -> (String, StyleRole) {
    switch vtgate.freshness {
    case .never: return ("no answer", .missing)
    case .stale(let age): return ("stale \(age.countdown)", .stale)
    case .fresh: break
    }
    if vtgate.combinesShards { return ("not apart", .missing) }
    if vtgate.total == nil {
      return vtgate.isOff(for: shard.name) ? ("off", .warning) : ("no traffic", .muted)
    }
    if vtgate.isDryRun { return ("dry run", .warning) }
    if vtgate.isBuffering { return ("BUFFERING", .stateBuffering) }
    if vtgate.isDraining { return ("DRAINING", .stateDraining) }
    if vtgate.isOff(for: shard.name) { return ("off", .warning) }
    return vtgate.isPhaseUnknown ? ("unknown", .missing) : ("idle", .text)
  }

  private func number(_ number: Int?, _ role: StyleRole, columns: Int = 7) -> Table.Content {
    guard let number else { return .text("-", .missing) }
    return .text(Phrases.count(number, columns: columns), number > 0 ? role : .muted)
  }

  // MARK: Tablets

  private func renderTablets(_ canvas: inout Canvas, _ rect: Rect) {
    let dead = shard.deadRecords
    let body = Panel(
      dead == 0
        ? "tablets"
        : "tablets, and \(Phrases.plural(dead, "record")) of tablets that nobody has heard of"
    ).renderRule(into: &canvas, in: rect)
    guard !shard.tablets.isEmpty else {
      canvas.draw("no vtgate names a tablet of this shard", in: body.columns(from: 1), role: .muted)
      return
    }
    let isWide = rect.columns >= 100
    // What the vtgates see, and what the tablet says of itself, side by side.
    var columns: [Table.Column] = [
      .init("TABLET", .flexible(minimum: 11)), .init("TYPE", .fixed(8)),
      .init("SERVING", .fixed(7)), .init("TABLET SAYS", .fixed(13)),
      .init(lagTitle, .fixed(11), .trailing), .init("THROTTLER", .flexible(minimum: 18)),
    ]
    if isWide {
      columns.insert(.init("", .fixed(rect.columns >= 150 ? 18 : 6)), at: 5)
      columns.insert(.init("ADDRESS", .flexible(minimum: 15)), at: 1)
    }
    let rows = shard.tablets.map { tablet -> [Table.Content] in
      let (lagText, lagRole) = Phrases.lag(tablet.lag)
      var row: [Table.Content] = [
        .text(tablet.label, tablet.isPrimary ? .emphasis : .text),
        .text(tablet.type.description, tablet.isPrimary ? .emphasis : .text),
        .text(
          tablet.isServing.map { $0 ? "yes" : "NO" } ?? "?",
          tablet.isServing == false ? .critical : .text),
        serverState(tablet),
        .text(lagText, lagRole),
        throttler(tablet),
      ]
      if isWide {
        row.insert(.drawing { canvas, area in gauge(tablet.lag, &canvas, area) }, at: 5)
      }
      if isWide { row.insert(.text(tablet.address?.description ?? "no address", .muted), at: 1) }
      return row
    }
    Table(columns: columns, rows: rows).render(into: &canvas, in: body)
  }

  /// The name of the metric that decides.
  private var lagTitle: String {
    shard.lag.isCustomMetric ? shard.lag.metric.name.uppercased() : "LAG"
  }

  /// How far the tablet says that it serves.
  private func serverState(_ tablet: TabletView) -> Table.Content {
    if tablet.occupant != nil { return .text("another", .warning) }
    guard let state = tablet.serverState else { return .text("?", .muted) }
    return .text(state.word, state == .serving ? .text : .critical)
  }

  private func gauge(_ lag: Lag, _ canvas: inout Canvas, _ area: Rect) {
    guard let value = lag.value, let threshold = lag.threshold, threshold > 0 else { return }
    Gauge(value / threshold, role: lag.isOverThreshold ? .gaugeFillOver : .gaugeFill)
      .render(into: &canvas, in: area)
  }

  private func throttler(_ tablet: TabletView) -> Table.Content {
    if let caveat = tablet.lag.caveat {
      let role: StyleRole = tablet.failure == nil ? .stale : .warning
      let other = tablet.replicaLag
      guard tablet.lag.value == nil, tablet.isServing == true, let seconds = other.valueText else {
        return .text(caveat, role)
      }
      // What others tell, in whole seconds, is better than nothing.
      return .text("\(caveat); \(other.witness.rawValue): \(seconds)", role)
    }
    guard let throttler = tablet.throttler else { return .text("", .muted) }
    var words: [String] = []
    if tablet.lag.witness != .heartbeats { words.append("by \(tablet.lag.witness.rawValue)") }
    if throttler.isLeader == true { words.append("leader") }
    if throttler.isOpen == true || throttler.isEnabled == true { words.append("on") }
    if throttler.isLeader ?? tablet.isPrimary {
      switch tablet.lag.metric.scope {
      case .itself: words.append("its own decides")
      case .shard: words += throttler.shardValue.map { ["shard \(Phrases.metric($0))"] } ?? []
      }
    }
    return .text(words.joined(separator: ", "), .text)
  }

  private func renderApps(_ canvas: inout Canvas, _ rect: Rect) {
    let body = Panel("throttled apps").renderRule(into: &canvas, in: rect)
    for (line, app) in shard.throttledApps.enumerated() {
      // The server rolls twice for an app that asks by the rule's very name.
      let denied = Int((app.deniedShare * 100).rounded())
      let ratio = "ratio \(app.ratio.inHundredths): \(denied) % denied"
      let areas = body.line(line).columns(from: 1).sideBySide(
        [.flexible(minimum: 16), .fixed(26), .fixed(14)], spacing: 1)
      canvas.draw(app.name, in: areas[0], role: .warning)
      canvas.draw(ratio, in: areas[1])
      canvas.draw("\((app.expiresAt - now).countdown) left", in: areas[2], alignment: .trailing)
    }
  }

  // MARK: History

  private func renderHistory(_ canvas: inout Canvas, _ rect: Rect) {
    let body = Panel("history, a column a second").renderRule(into: &canvas, in: rect)
    let series: [(String, [Double?], Double)] = [
      ("held", trend.map { $0.held.map(Double.init) }, 1),
      ("drained", trend.map { Double($0.drained) }, 1),
      ("evicted", trend.map { Double($0.evicted) }, 1),
      (lagTitle.lowercased(), trend.map(\.lag), shard.lag.threshold ?? 1),
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
