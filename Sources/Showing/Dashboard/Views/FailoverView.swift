internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Wording

/// One failover: its phases on one time axis, what was held, what was lost, and who was primary.
struct FailoverView: StackedView {
  let failover: Failover
  let shard: Shard
  let events: [FleetEvent]
  let now: Instant
  let utcOffset: Int
  let isMarked: Bool

  /// What the axis has to its left.
  private func labelColumns(_ columns: Int) -> Int { columns >= 120 ? 26 : 18 }

  func parts(columns: Int, rows: Int) -> [Part] {
    // Advice describes the last failover only.
    let advice = shard.lastFailover?.id == failover.id ? shard.advice(at: now) : []
    var parts: [Part] = [(3, renderSummary)]
    if let (words, role) = failedWords {
      parts.append((1, { $0.draw(words, in: $1.columns(from: 1), role: role) }))
    }
    if let (words, role) = tabletTier {
      parts.append((1, { $0.draw(words, in: $1.columns(from: 1), role: role) }))
    }
    if let culprit = failover.waitedFor {
      let words =
        "waited for \(culprit), which had no primary: vtgate holds a keyspace until its last shard is back"
      parts.append((1, { $0.draw(words, in: $1.columns(from: 1), role: .warning) }))
    }
    if let routing = failover.routing {
      let words = Wording().words(routing, of: failover.shard)
      let line = "topo at \(Phrases.clock(routing.readAt, utcOffset: utcOffset)): \(words)"
      let role: StyleRole = failover.switching == .halfDone ? .critical : .text
      parts.append((1, { $0.draw(line, in: $1.columns(from: 1), role: role) }))
    }
    if let line = absentees {
      parts.append((1, { $0.draw(line, in: $1.columns(from: 1), role: .warning) }))
    }
    if failover.episodes > 1 || failover.hidesUnbuffered { parts.append((1, renderDoubt)) }
    parts.append((failover.tracks.count + (hasLimits ? 4 : 3), renderTimeline))
    let place = parts.count
    if failures != nil { parts.append((1, renderFailures)) }
    if !failover.tracks.isEmpty {
      let tracks = TrackTable(failover: failover, now: now, utcOffset: utcOffset)
      parts.append((failover.tracks.count + 2, { tracks.render(into: &$0, in: $1) }))
    }
    if !advice.isEmpty {
      let view = AdviceView(advice: advice)
      parts.append((view.rows(columns: columns), { view.render(into: &$0, in: $1) }))
    }
    parts.append((Self.eventRows, renderEvents))
    // The charts take what is free.
    let free = rows - parts.reduce(0) { $0 + $1.rows }
    let hasLag = !failover.lag.points.isEmpty
    let lagRows = hasLag ? min(7, max(2, free * 2 / 5)) : 0
    if hasLag { parts.insert((lagRows, renderLag), at: place) }
    if hasLimits { parts.insert((min(14, max(3, free - lagRows)), renderHeld), at: place) }
    return parts
  }

  private static let eventRows = 7

  // MARK: Summary

  private func renderSummary(_ canvas: inout Canvas, _ rect: Rect) {
    canvas.fill(rect.line(0), with: canvas.glyphs.horizontal, role: .panelBorder)
    let title = "\(Wording().word(failover.kind)) \(failover.id) of \(failover.shard)"
    canvas.draw(
      spans: [
        (" \(title) ", .panelTitle),
        (" \(Phrases.primaries(failover)) ", .text), (isMarked ? " marked " : "", .warning),
      ], in: rect.line(0).columns(from: 2))
    let buffering = Phrases.buffering(failover, at: now)
    SummaryFigures(
      failed: failover.failed,
      special: [
        .init("BUFFERING", .text(buffering, buffering == "-" ? .muted : .emphasis)),
        .init("PEAK", .count(failover.peak, .emphasis, of: size.map { " of \($0.grouped)" } ?? "")),
      ], counts: failover.counts,
      lost: .init("RETRIED", failover.counts.evicted[.windowExceeded, default: 0], .warning)
    ).render(into: &canvas, in: rect.rows(from: 1))
  }

  /// How far the shard's tablets serve by their own word, which vtgates may not know yet; nil once it
  /// is over or where no tablet says.
  private var tabletTier: (String, StyleRole)? {
    guard failover.ended == nil else { return nil }
    let told = shard.tablets.compactMap { tablet in
      tablet.serverState.map { (tablet.label, $0) }
    }
    guard !told.isEmpty else { return nil }
    // The one that does not serve is the news, wherever it stands among many.
    let odd = told.filter { $0.1 != .serving }
    let all = odd + told.filter { $0.1 == .serving }
    let most = 6
    var words = all.prefix(most).map { "\($0.0) \($0.1.word)" }
    if all.count > most { words.append("\((all.count - most).grouped) more") }
    return (
      "tablets say: \(words.joined(separator: ", "))", odd.isEmpty ? .muted : .warning
    )
  }

  /// What failed, and how that is known; nil when nothing did.
  private var failedWords: (String, StyleRole)? {
    let failed = failover.failed
    guard !failed.isNothing else { return nil }
    let codes = failed.codes.sorted { $0.key < $1.key }
      .map { "\($0.key) \(Phrases.count($0.value))" }.joined(separator: ", ")
    guard let count = failed.count else {
      return ("what failed is not known: no vtgate tells of client errors", .warning)
    }
    let least = failed.isAtLeast ? "at least " : failed.isEstimate ? "about " : ""
    var words = "\(least)\(Phrases.count(count)) failed: "
    words +=
      codes.isEmpty
      ? "by the shard's own counters" : "client errors \(codes); a client's new try counts again"
    if failed.isOfKeyspace {
      words += "; another shard of \(failover.shard.keyspace) failed over too"
    }
    if failed.isAssumed { words += ", 3 attempts a query assumed (Vitess' default)" }
    if failed.isAtLeast { words += "; not every vtgate tells all" }
    if failed.isEstimate { words += "; what fails all the time is taken off" }
    return (words, count > 0 ? .failed : .warning)
  }

  /// Room in the buffers of all vtgates that took part; nil when none says.
  private var size: Int? {
    let sizes = failover.tracks.filter { $0.started != nil }.compactMap(\.bufferSize)
    return sizes.isEmpty ? nil : sizes.reduce(0, +)
  }

  /// Vtgates that did not buffer, and why: said as loudly as buffering itself.
  private var absentees: String? {
    let absences =
      failover.ended == nil ? failover.absences(among: shard.vtgates) : failover.absences
    guard !absences.isEmpty else { return nil }
    var reasons: [(word: String, addresses: [Address])] = []
    for absence in absences {
      let word = Phrases.absence(absence.reason)
      if let index = reasons.firstIndex(where: { $0.word == word }) {
        reasons[index].addresses.append(absence.address)
      } else {
        reasons.append((word, [absence.address]))
      }
    }
    let words = reasons.map { word, addresses in
      let names = addresses.prefix(3).map(\.description).joined(separator: ", ")
      let more = addresses.count > 3 ? " and \(addresses.count - 3) more" : ""
      return "\(word): \(names)\(more)"
    }
    return "not buffering: " + words.joined(separator: "; ")
  }

  private func renderDoubt(_ canvas: inout Canvas, _ rect: Rect) {
    let text =
      failover.episodes > 1
      ? "\(failover.episodes) failovers fell between two polls: counts are their sum, duration and peak the last one's"
      : "between the same two polls there was another failover, which was not buffered"
    canvas.draw(text, in: rect.columns(from: 1), role: .warning)
  }

  // MARK: Timeline

  private func axis(_ columns: Int) -> TimeAxis {
    let start = failover.detected.at - (failover.detected.uncertainty ?? .zero)
    // While it goes on there is some room for what comes.
    let end = failover.phase.isOver ? failover.changed.at : now + (now - start) / 8
    return TimeAxis(from: start, to: end, columns: columns, isFinal: failover.phase.isOver)
  }

  private func renderTimeline(_ canvas: inout Canvas, _ rect: Rect) {
    let title = "phases, from \(Phrases.moment(failover.detected, utcOffset: utcOffset))"
    let body = Panel(title).renderRule(into: &canvas, in: rect)
    renderLegend(&canvas, rect.line(0).columns(from: DisplayWidth.of(title) + 6))
    let labels = labelColumns(rect.columns)
    let area = body.columns(from: labels, count: body.columns - labels - 1)
    let axis = axis(area.columns)
    axis.render(into: &canvas, in: area.line(0))
    renderPrimary(&canvas, body.line(1), labels, axis)
    for (line, track) in failover.tracks.enumerated() {
      canvas.draw(
        track.address.description,
        in: body.line(line + 2).columns(from: 1, count: labels - 2))
      renderBar(track, &canvas, area.line(line + 2), axis)
    }
    renderLimits(&canvas, body.line(failover.tracks.count + 2), labels, axis)
  }

  /// What the textures of the bars mean, at the end of the line where there is room for all of it.
  private func renderLegend(_ canvas: inout Canvas, _ rect: Rect) {
    let glyphs = canvas.glyphs
    let legend: [(Character, String, StyleRole)] = [
      (glyphs.shade.light, "between two polls", .phaseDetected),
      (glyphs.bar[glyphs.bar.count - 1], "buffering", .phaseBuffering),
      (glyphs.shade.medium, "draining", .phaseDraining),
    ]
    let spans = legend.flatMap { glyph, word, role in
      [(" \(glyph)\(glyph)", role), (" \(word) ", StyleRole.muted)]
    }
    let width = spans.reduce(0) { $0 + DisplayWidth.of($1.0) }
    guard width + 2 <= rect.columns else { return }
    canvas.draw(spans: spans, in: rect.columns(from: rect.columns - width - 2, count: width))
  }

  /// Who was primary when, on the axis.
  private func renderPrimary(
    _ canvas: inout Canvas, _ rect: Rect, _ labels: Int, _ axis: TimeAxis
  ) {
    canvas.draw("primary", in: rect.columns(from: 1, count: labels - 2), role: .tableHeader)
    let area = rect.columns(from: labels, count: axis.columns)
    let gone = failover.primaryGone.map { axis.column(of: $0.at) }
    let seen = failover.newPrimarySeen.map { axis.column(of: $0.at) }
    let end = min(
      axis.columns, axis.column(of: failover.phase.isOver ? failover.changed.at : now) + 1)
    let before = failover.primaryBefore?.short ?? "unknown"
    let stop = max(0, min(gone ?? seen ?? end, end))
    canvas.fill(
      area.columns(from: 0, count: stop), with: canvas.glyphs.horizontal, role: .phaseServing)
    canvas.draw(before, in: area.columns(from: 0, count: stop), role: .phaseServing)
    if let gone, gone < axis.columns {
      let width = max(1, (seen ?? end) - gone)
      canvas.draw(
        "\(canvas.glyphs.cross) none", in: area.columns(from: max(0, gone), count: width),
        role: .stateNoPrimary)
    }
    if let seen, seen < axis.columns {
      let after = failover.primaryAfter?.short ?? "a primary"
      let start = max(0, seen)
      if start + DisplayWidth.of(after) + 2 <= axis.columns {
        canvas.draw(
          "\(canvas.glyphs.dot) \(after)", in: area.columns(from: start), role: .phaseServing)
      } else {
        canvas.draw(
          " \(after) \(canvas.glyphs.dot)", in: area.columns(from: 0, count: start + 1),
          role: .phaseServing, alignment: .trailing)
      }
    }
  }

  /// A vtgate's phases: uncertain, buffering, draining.
  private func renderBar(
    _ track: Failover.Track, _ canvas: inout Canvas, _ rect: Rect, _ axis: TimeAxis
  ) {
    guard let started = track.started else {
      canvas.draw(
        track.counts.skippedTotal > 0
          ? "not buffered: \(Phrases.reasons(track.counts.skipped.filter { $0.key != .disabled }))"
          : "not buffered", in: rect, role: .phaseLost)
      return
    }
    let glyphs = canvas.glyphs
    func fill(_ from: Instant, _ to: Instant, _ character: Character, _ role: StyleRole) {
      let start = max(0, axis.column(of: from))
      let end = min(axis.columns, max(axis.column(of: to), start + 1))
      canvas.fill(rect.columns(from: start, count: end - start), with: character, role: role)
    }
    let end = track.stopped?.at ?? track.interrupted?.moment.at ?? now
    if let uncertainty = started.uncertainty {
      fill(started.at - uncertainty, started.at, glyphs.shade.light, .phaseDetected)
    }
    let full = glyphs.bar[glyphs.bar.count - 1]
    if track.sharesPoll {
      // Somewhere in between, for as long as the vtgate says.
      canvas.draw(
        track.duration.map { "\($0.tight) somewhere here" } ?? "somewhere here",
        in: rect.columns(
          from: max(0, axis.column(of: started.at - (started.uncertainty ?? .zero))) + 1),
        role: .stateBuffering)
    } else {
      fill(started.at, end, full, .phaseBuffering)
    }
    if let stopped = track.stopped {
      let drained = track.drained?.at ?? track.interrupted?.moment.at ?? now
      if drained > stopped.at { fill(stopped.at, drained, glyphs.shade.medium, .phaseDraining) }
    }
  }

  private var hasLimits: Bool { failover.tracks.contains { $0.started != nil } }

  /// The limits of the vtgates' flags: `W` the window, `M` the maximum.
  private func renderLimits(
    _ canvas: inout Canvas, _ rect: Rect, _ labels: Int, _ axis: TimeAxis
  ) {
    guard let first = failover.tracks.first(where: { $0.started != nil }), let start = first.started
    else { return }
    canvas.draw("limits", in: rect.columns(from: 1, count: labels - 2), role: .tableHeader)
    let area = rect.columns(from: labels, count: axis.columns)
    var beyond: [String] = []
    var rightmost = 0
    var end = 0
    // Buffering began up to so long before it was seen, and the limits count from there.
    let begin = start.at - (start.uncertainty ?? .zero)
    for (mark, name, kind) in [
      ("W", "window", BufferFlags.Limit.window), ("M", "max", .maximum),
    ] {
      let limit = first.flags[kind]
      let column = axis.column(of: begin + limit.time)
      let words = "\(name) \(Wording().words(limit))"
      let text = "\(mark) \(words)"
      if column < axis.columns {
        let width = DisplayWidth.of(text)
        let room = max(end, min(column, axis.columns - width))
        canvas.draw(text, in: area.columns(from: room), role: .limit)
        rightmost = room
        end = room + width + 1
      } else {
        beyond.append(words)
      }
    }
    guard !beyond.isEmpty else { return }
    canvas.draw(
      "\(beyond.joined(separator: ", ")): beyond this axis", in: area, role: .muted,
      alignment: beyond.count == 2 || rightmost > axis.columns / 2 ? .leading : .trailing)
  }

  // MARK: Held and lag

  private func renderHeld(_ canvas: inout Canvas, _ rect: Rect) {
    let area = chartArea(rect)
    let values = values(area.axis) { from, to in
      let held = failover.tracks.compactMap { $0.held.maximum(from: from, to: to) }
      return held.isEmpty ? nil : held.reduce(0, +)
    }
    Chart(
      "held", values, limit: size.map { .init(Double($0), "size \($0.grouped)", farAway: 20) },
      fill: size.map { .ramp(.held, limit: Double($0)) } ?? .plain(.phaseBuffering),
      labels: area.labels
    ) { Phrases.scale($0) }.render(into: &canvas, in: area.rect)
  }

  private func renderLag(_ canvas: inout Canvas, _ rect: Rect) {
    let area = chartArea(rect)
    let unit = shard.lag.metric.unit
    Chart(
      "lag", values(area.axis) { failover.lag.maximum(from: $0, to: $1) },
      limit: shard.lag.threshold.map { .init($0, "threshold \($0.inHundredths)\(unit)") },
      fill: shard.lag.threshold.map { .ramp(.lag, limit: $0) } ?? .plain(.sparkline),
      labels: area.labels
    ) { $0.inHundredths + unit }.render(into: &canvas, in: area.rect)
  }

  /// How many failed in the time of each column; nil when nothing is known to have.
  private var failures: Series? {
    (failover.failures.points.map(\.value).max() ?? 0) > 0 ? failover.failures : nil
  }

  private func renderFailures(_ canvas: inout Canvas, _ rect: Rect) {
    guard let failures else { return }
    let area = chartArea(rect)
    let values = values(area.axis) { from, to -> Double? in
      let more = (failures.value(at: to) ?? 0) - (failures.value(at: from) ?? 0)
      return more > 0 ? more : nil
    }
    canvas.draw("failed", in: rect.columns(from: 1, count: area.labels - 1), role: .tableHeader)
    Sparkline(values, fill: .plain(.phaseLost)).render(
      into: &canvas, in: area.rect.columns(from: area.labels))
  }

  /// A chart below the timeline, on its axis.
  private func chartArea(_ rect: Rect) -> (rect: Rect, labels: Int, axis: TimeAxis) {
    let labels = labelColumns(rect.columns)
    let axis = axis(rect.columns - labels - 1)
    return (rect.columns(from: 1, count: labels - 1 + axis.columns), labels - 1, axis)
  }

  private func values(
    _ axis: TimeAxis, _ value: (Instant, Instant) -> Double?
  ) -> [Double?] {
    let end = failover.phase.isOver ? failover.changed.at : now
    return (0..<axis.columns).map { column in
      let span = axis.span(of: column)
      return span.from > end ? nil : value(span.from, min(span.to, end))
    }
  }

  private func renderEvents(_ canvas: inout Canvas, _ rect: Rect) {
    let end = failover.ended.map { $0.at + .seconds(2) } ?? now
    let own = events.filter { $0.at >= failover.detected.at - .seconds(1) && $0.at <= end }
    EventList(title: "what happened", events: own, utcOffset: utcOffset)
      .render(into: &canvas, in: rect)
  }
}
