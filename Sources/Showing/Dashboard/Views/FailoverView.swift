internal import FleetModel
internal import TerminalKit
internal import Terms
internal import WhatIf
internal import Wording

/// One failover: its phases on one time axis, what was held, what was lost, and who was primary.
struct FailoverView: StackedView {
  let failover: Failover
  let shard: Shard
  let events: SharingArray<FleetEvent>
  let now: Instant
  let utcOffset: Int
  let isMarked: Bool
  let cutoverMeans: CutoverMeans
  /// The moment that the cursor on the time axis points at; nil without a cursor.
  var cursor: Instant?
  /// The fleet as it stood at the cursor; nil if it is not kept.
  var then: Fleet?
  /// What the flags that advice names would have come to; nil where that is not sure.
  var advised: AdvisedOutcome?

  /// The time axis on a screen of a given width.
  func axis(columns: Int) -> TimeAxis {
    let timeline = timeline(columns)
    return timeline.axis(columns - timeline.labels - 1)
  }

  /// The last moment that can be read off.
  var end: Instant { failover.latest(at: now) }

  func timeline(_ columns: Int) -> FailoverTimeline {
    FailoverTimeline(
      failover: failover, lastHeard: shard.lastHeard(at: now), now: now, utcOffset: utcOffset,
      labels: columns >= 120 ? 26 : 18, cursor: cursor)
  }

  func parts(columns: Int, rows: Int) -> [Part] {
    // Advice describes the last failover only.
    let advice = shard.lastFailover?.id == failover.id ? shard.advice(at: now) : []
    var parts: [Part] = [(3, renderSummary)]
    if let (words, role) = failedWords(columns: columns - 1) {
      parts.append((1, { $0.draw(.clauses(words, role), in: $1.columns(from: 1)) }))
    }
    if let (words, role) = tabletTier {
      parts.append((1, { $0.draw(words, in: $1.columns(from: 1), role: role) }))
    }
    if let refused = failover.refusedMeanwhile {
      let words = Wording().switching(
        failover, refusing: refused.tables, silent: Set(shard.lastHeard(at: now).keys))
      let line = topo(words, at: refused.at)
      parts.append((1, { $0.draw(line, in: $1.columns(from: 1), role: .emphasis) }))
    }
    if let cutover = failover.plannedCutover {
      let role: StyleRole = cutover.isUndone ? .warning : .emphasis
      let words = "planned \(Wording().words(cutover))"
      parts.append((1, { $0.draw(words, in: $1.columns(from: 1), role: role) }))
    }
    if let culprit = failover.waitedFor {
      let words =
        "waited for \(culprit), which had no primary: vtgate holds a keyspace until its last shard is back"
      parts.append((1, { $0.draw(words, in: $1.columns(from: 1), role: .warning) }))
    }
    if let routing = failover.routing {
      let line = topo(Wording().words(routing, of: failover.shard), at: routing.readAt)
      let role: StyleRole = failover.switching == .halfDone ? .critical : .text
      parts.append((1, { $0.draw(line, in: $1.columns(from: 1), role: role) }))
    }
    if let line = absentees(columns: columns - 1) {
      parts.append((1, { $0.draw(.clauses(line, .warning), in: $1.columns(from: 1)) }))
    }
    if failover.episodes > 1 || failover.hidesUnbuffered { parts.append((1, renderDoubt)) }
    let timeline = timeline(columns)
    parts.append((timeline.rows, { timeline.render(into: &$0, in: $1) }))
    if let cursor {
      let table = CursorTable(
        failover: failover, at: cursor, then: then?.failovers[failover.id], isKept: then != nil,
        lag: shard.lag, utcOffset: utcOffset)
      parts.append((table.rows, { table.render(into: &$0, in: $1) }))
    }
    let place = parts.count
    if failures != nil { parts.append((1, renderFailures)) }
    if !failover.tracks.isEmpty {
      let tracks = TrackTable(
        failover: failover, lastHeard: shard.lastHeard(at: now), now: now, utcOffset: utcOffset)
      parts.append((failover.tracks.count + 2, { tracks.render(into: &$0, in: $1) }))
    }
    if !advice.isEmpty {
      let view = AdviceView(advice: advice, cutoverMeans: cutoverMeans, outcome: advised)
      parts.append((view.rows(columns: columns), { view.render(into: &$0, in: $1) }))
    }
    parts.append((Self.eventRows, renderEvents))
    // The charts take the free rows.
    let free = rows - parts.reduce(0) { $0 + $1.rows }
    let hasLag = !failover.lag.points.isEmpty
    let lagRows = hasLag ? min(14, max(2, free * 2 / 5)) : 0
    if hasLag { parts.insert((lagRows, renderLag), at: place) }
    if timeline.hasLimits { parts.insert((min(28, max(3, free - lagRows)), renderHeld), at: place) }
    return parts
  }

  private static let eventRows = 7

  private func topo(_ words: String, at instant: Instant) -> String {
    "topo at \(Phrases.clock(instant, utcOffset: utcOffset)): \(words)"
  }

  // MARK: Summary

  private func renderSummary(_ canvas: inout Canvas, _ rect: Rect) {
    canvas.fill(rect.line(0), with: canvas.glyphs.horizontal, role: .panelBorder)
    let shard = canvas.fit(failover.shard, to: max(24, rect.columns - 45))
    let title = "\(Wording().word(failover.kind)) \(failover.id) of \(shard)"
    canvas.draw(
      spans: [
        (" \(title) ", .panelTitle),
        (" \(Wording().primaries(failover)) ", .text), (isMarked ? " marked " : "", .warning),
      ], in: rect.line(0).columns(from: 2))
    let buffering = Phrases.buffering(failover, at: now)
    SummaryFigures(
      failed: failover.failed,
      special: [
        .init("BUFFERING", .text(buffering, buffering == "-" ? .muted : .emphasis)),
        .init(
          "PEAK",
          .count(
            failover.peak, .emphasis, of: failover.bufferSize.map { " of \($0.grouped)" } ?? "")),
      ], counts: failover.counts,
      lost: .init("RETRIED", failover.counts.evicted[.windowExceeded, default: 0], .warning)
    ).render(into: &canvas, in: rect.rows(from: 1))
  }

  /// How far the shard's tablets serve by their own account, which vtgates may not know yet; nil
  /// once it is over or if no tablet says.
  private var tabletTier: (String, StyleRole)? {
    guard failover.ended == nil else { return nil }
    let told = shard.tablets.compactMap { tablet in
      tablet.serverState.map { (tablet.label, $0) }
    }
    guard !told.isEmpty else { return nil }
    let silent = shard.tablets.filter { $0.failure != nil && $0.serverState == nil }
      .map { "\($0.label) does not answer" }
    // The odd one out is the news, wherever it stands among many.
    let odd = silent + told.filter { $0.1 != .serving }.map { "\($0.0) \($0.1.word)" }
    let all = odd + told.filter { $0.1 == .serving }.map { "\($0.0) \($0.1.word)" }
    let most = 6
    var words = Array(all.prefix(most))
    if all.count > most { words.append("\((all.count - most).grouped) more") }
    return (
      "tablets say: \(words.joined(separator: ", "))", odd.isEmpty ? .muted : .warning
    )
  }

  /// What failed, and how that is known; nil when nothing did.
  private func failedWords(columns: Int) -> (String, StyleRole)? {
    let failed = failover.failed
    let gate = Wording().gate(failover.gates)
    guard !failed.isNothing else { return nil }
    let codes = failed.codes.sorted { $0.key < $1.key }
      .map { "\($0.key) \(Phrases.count($0.value))" }.joined(separator: ", ")
    guard let count = failed.count else {
      return ("what failed is not known: not every \(gate) tells of client errors", .warning)
    }
    let least = failed.isAtLeast ? "at least " : failed.isEstimate ? "about " : ""
    var words = "\(least)\(Phrases.count(count)) failed: "
    words +=
      codes.isEmpty
      ? "by the shard's own counters" : "client errors \(codes)"
    let remark = "; a client's new try counts again"
    if !codes.isEmpty, DisplayWidth.of(words + remark) <= columns { words += remark }
    if failed.isOfKeyspace {
      words += "; another shard of \(failover.shard.keyspace) failed over too"
    }
    if failed.isAssumed { words += ", \(Wording().assumedAttempts) (Vitess' default)" }
    if failed.isAtLeast { words += "; not every \(gate) tells all" }
    if failed.isEstimate { words += "; what fails all the time is taken off" }
    return (words, count > 0 ? .failed : .warning)
  }

  /// Vtgates that did not buffer, and why: said as loudly as buffering itself.
  ///
  /// How many there are of them, where there is no room for their names.
  private func absentees(columns: Int) -> String? {
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
    let line = "not buffering: " + words.joined(separator: "; ")
    guard DisplayWidth.of(line) > columns else { return line }
    let counts = reasons.map {
      "\($0.word): \(Wording().count($0.addresses.count, of: failover.gates))"
    }
    return "not buffering: " + counts.joined(separator: "; ")
  }

  private func renderDoubt(_ canvas: inout Canvas, _ rect: Rect) {
    let text =
      failover.episodes > 1
      ? "\(failover.episodes) failovers fell between two polls: counts are their sum, duration and peak the last one's"
      : "between the same two polls there was another failover, which was not buffered"
    canvas.draw(text, in: rect.columns(from: 1), role: .warning)
  }

  // MARK: Held and lag

  func renderHeld(_ canvas: inout Canvas, _ rect: Rect) {
    let area = chartArea(rect)
    let told = values(area.axis) { from, to in
      failover.held(from: from, to: to).flatMap { $0.isUnseen ? 1 : nil }
    }
    let sizes = failover.tracks.filter { $0.started != nil }.compactMap(\.bufferSize)
    Chart(
      "held", values(area.axis) { failover.held(from: $0, to: $1)?.most }, past: past(area.axis),
      limit: .size(sizes, of: failover.gates),
      fill: failover.bufferSize.map { .ramp(.held, limit: Double($0)) } ?? .plain(.phaseBuffering),
      told: Phrases.toldPeak(told),
      labels: area.labels
    ) { Phrases.scale($0) }.render(into: &canvas, in: area.rect)
    renderCursor(&canvas, area)
  }

  private func renderCursor(
    _ canvas: inout Canvas, _ area: (rect: Rect, labels: Int, axis: TimeAxis)
  ) {
    guard let cursor else { return }
    area.axis.renderCursor(at: cursor, &canvas, in: area.rect.columns(from: area.labels))
  }

  func renderLag(_ canvas: inout Canvas, _ rect: Rect) {
    let area = chartArea(rect)
    let unit = shard.lag.metric.unit
    Chart(
      "lag", values(area.axis) { failover.lag.maximum(from: $0, to: $1) }, past: past(area.axis),
      limit: .threshold(shard.lag),
      fill: shard.lag.threshold.map { .ramp(.lag, limit: $0) } ?? .plain(.sparkline),
      labels: area.labels
    ) { $0.inHundredths + unit }.render(into: &canvas, in: area.rect)
    renderCursor(&canvas, area)
  }

  /// How many failed in each column's time; nil when none are known to have.
  var failures: Series? {
    (failover.failures.points.map(\.value).max() ?? 0) > 0 ? failover.failures : nil
  }

  func renderFailures(_ canvas: inout Canvas, _ rect: Rect) {
    guard let failures else { return }
    let area = chartArea(rect)
    let values = values(area.axis) { from, to -> Double? in
      // What failed is told at times only after all else is over.
      let last = to >= end ? failures.points.last?.value : failures.value(at: to)
      let more = (last ?? 0) - (failures.value(at: from) ?? 0)
      return more > 0 ? more : nil
    }
    canvas.draw("failed", in: rect.columns(from: 1, count: area.labels - 1), role: .tableHeader)
    Sparkline(values, fill: .plain(.phaseLost)).render(
      into: &canvas, in: area.rect.columns(from: area.labels))
    renderCursor(&canvas, area)
  }

  /// A chart below the timeline, on its axis.
  private func chartArea(_ rect: Rect) -> (rect: Rect, labels: Int, axis: TimeAxis) {
    let labels = timeline(rect.columns).labels
    let axis = axis(columns: rect.columns)
    return (rect.columns(from: 1, count: labels - 1 + axis.columns), labels - 1, axis)
  }

  /// How many columns of the axis are over.
  private func past(_ axis: TimeAxis) -> Int { min(axis.columns, axis.column(of: end) + 1) }

  private func values(
    _ axis: TimeAxis, _ value: (Instant, Instant) -> Double?
  ) -> [Double?] {
    (0..<axis.columns).map { column in
      let span = axis.span(of: column)
      return span.from > end ? nil : value(span.from, min(span.to, end))
    }
  }

  private func renderEvents(_ canvas: inout Canvas, _ rect: Rect) {
    EventList(
      title: "what happened", events: failover.events(among: events, at: now),
      utcOffset: utcOffset
    ).render(into: &canvas, in: rect)
  }
}

extension Shard {
  /// When each of the vtgates that do not answer now last did.
  func lastHeard(at now: Instant) -> [Address: Instant] {
    let silent = vtgates.compactMap { vtgate -> (Address, Instant)? in
      guard case .stale(let age) = vtgate.freshness else { return nil }
      return (vtgate.address, now - age)
    }
    return Dictionary(silent) { first, _ in first }
  }
}
