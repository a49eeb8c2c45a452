internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Wording

/// What an audience sees during a drill: one banner, three figures, gauges with their limits, the
/// phases of the failover, and little else.
///
/// For a shared screen at 1280×720 behind a video codec: nothing small that matters, nothing dim.
struct PresenterView {
  let title: String
  /// What the title stands out in; nil where there is nothing to mistake it for.
  let color: ClusterHue?
  /// Who tells of the servers; nil where they were asked.
  let relay: Relay?
  let situation: Situation
  /// The shard shown; nil while the whole fleet is.
  let shard: Shard?
  /// Its failover, while it is in progress and for a while afterwards.
  let failover: Failover?
  let shards: [ShardSummary]
  let events: SharingArray<FleetEvent>
  /// Whether the shard stays the same instead of following the trouble.
  let isPinned: Bool
  /// What the last key asked for.
  let asked: String?
  /// Masks hosts before a sentence is fitted into its line.
  let wording: Wording
  let now: Instant
  let utcOffset: Int

  func render(into canvas: inout Canvas, in rect: Rect) {
    guard rect.rows >= 12, rect.columns >= 40 else {
      verdict.render(into: &canvas, in: rect.line(0))
      return
    }
    let head: (String, StyleRole) =
      color.map { (" \(title.safe()) ", $0.role) } ?? (title, .emphasis)
    let source = relay.map { "  \(Phrases.relayed($0))" } ?? ""
    let room = rect.columns - 12 - DisplayWidth.of(source)
    canvas.draw(head.0, in: rect.line(0).columns(from: 1, count: room), role: head.1)
    canvas.draw(
      source, in: rect.line(0).columns(from: 1 + min(room, DisplayWidth.of(head.0))),
      role: .emphasis)
    canvas.draw(
      Phrases.clock(now, utcOffset: utcOffset) + " ", in: rect.line(0), role: .emphasis,
      alignment: .trailing)
    renderLastLine(&canvas, rect.line(rect.rows - 1))
    var rest = rect.rows(from: 1, count: rect.rows - 2)
    func take(_ rows: Int) -> Rect {
      defer { rest = rest.rows(from: rows) }
      return rest.rows(from: 0, count: rows)
    }
    let isHigh = rest.rows >= 34
    renderBanner(&canvas, take(isHigh ? 5 : rest.rows >= 20 ? 3 : 2))
    let gauges = gauges
    let gaugeRows = gauges.count * (isHigh ? 3 : 1)
    let timeline = timeline
    let timelineRows = timeline.map { $0.rows <= rest.rows - gaugeRows - 8 ? $0.rows : 0 } ?? 0
    let eventRows = min(2, max(0, rest.rows - gaugeRows - timelineRows - 8))
    renderFigures(&canvas, take(rest.rows - gaugeRows - timelineRows - eventRows))
    for gauge in gauges { render(gauge, &canvas, take(isHigh ? 3 : 1)) }
    if let timeline, timelineRows > 0 { timeline.render(into: &canvas, in: take(timelineRows)) }
    renderEvents(&canvas, take(eventRows))
    // A codec leaves nothing of dim text.
    canvas.restyle(rect, [.muted, .tableHeader, .missing, .limit], as: .text)
  }

  private var verdict: VerdictLine { VerdictLine(situation: situation, utcOffset: utcOffset) }

  // MARK: Banner

  /// A band in the colour of the state, and below it whatever else there is to say.
  private func renderBanner(_ canvas: inout Canvas, _ rect: Rect) {
    let band = rect.rows(from: 0, count: max(1, rect.rows - (rect.rows > 2 ? 2 : 1)))
    let (words, role) = verdict.condition(canvas, columns: rect.columns)
    canvas.fill(band, role: role.asBand)
    canvas.draw(
      words.uppercased(), in: band.line(band.rows / 2), role: role.asBand, alignment: .center)
    canvas.draw(
      verdict.facts(canvas.glyphs, columns: rect.columns - 2), in: rect.line(band.rows),
      role: .emphasis, alignment: .center)
  }

  // MARK: Figures

  private typealias Figure = (text: String, title: String, role: StyleRole)

  private var figures: [Figure] {
    if let failover {
      let failed = failover.failed
      let isOver = failover.phase.isOver
      let waiting = isOver ? failover.counts[.buffered] : shard?.held
      let time = isOver ? failover.time : now - failover.detected.at
      return [
        (waiting.map { number($0) } ?? "?", isOver ? "WAITED" : "WAITING", .phaseBuffering),
        (
          number(failed), title(failed), failed.isSomething ? .phaseLost : .phaseServing
        ),
        duration(time),
      ]
    }
    let subjects = shard.map { [$0.summary] } ?? shards
    let held = subjects.reduce(0 as Int?) { sum, next in
      // What was held before a vtgate fell silent is not what waits now.
      sum.flatMap { sum in next.state == .blind ? nil : next.held.map { sum &+ $0 } }
    }
    let failed = Failed.sum(subjects.compactMap(\.failed))
    let lag = WorstLag(of: subjects)?.shard.lag
    return [
      (held.map { number($0) } ?? "?", "WAITING", (held ?? 0) > 0 ? .phaseBuffering : .emphasis),
      (
        failed.map { number($0) } ?? (subjects.contains(where: \.hasCounters) ? "0" : "?"),
        failed.map { title($0) } ?? "FAILED",
        failed?.isSomething == true ? .phaseLost : .emphasis
      ),
      (
        lag?.value.map { seconds(.seconds(min($0, 1e6))) } ?? "?", "SECONDS BEHIND",
        lag?.isOverThreshold == true ? .phaseLost : .emphasis
      ),
    ]
  }

  private func number(_ count: Int) -> String {
    count < 10_000 ? "\(max(0, count))" : Phrases.count(count, columns: 5)
  }

  private func number(_ failed: Failed) -> String {
    failed.count.map { number($0) } ?? "?"
  }

  /// How sure the figure above it is, which would cost the figures their size as a sign before it.
  private func title(_ failed: Failed) -> String {
    guard failed.count != nil else { return "FAILED" }
    return failed.isAtLeast ? "OR MORE FAILED" : failed.isEstimate ? "OR SO FAILED" : "FAILED"
  }

  private func seconds(_ time: Duration?) -> String {
    guard let time else { return "?" }
    let tenths = Int((time.seconds * 10).rounded())
    return tenths < 1000 ? "\(tenths / 10).\(tenths % 10)" : number(tenths / 10)
  }

  /// In seconds, or in milliseconds if seconds would show zero.
  private func duration(_ time: Duration?) -> Figure {
    guard let time, time > .zero, time < .milliseconds(100) else {
      return (seconds(time), "SECONDS", .emphasis)
    }
    return (number(Int((time.seconds * 1000).rounded())), "MILLISECONDS", .emphasis)
  }

  private func renderFigures(_ canvas: inout Canvas, _ rect: Rect) {
    let figures = figures
    // Room and scale stay the same while a number grows from one digit to three.
    let texts = zip(figures.map(\.text), ["000", "000", "00.0"]).map { text, least in
      BlockText.width(of: text) > BlockText.width(of: least) ? text : least
    }
    let scale = BlockText.scale(
      of: texts, spacing: 1, in: Size(columns: rect.columns, rows: rect.rows - 2))
    let parts = rect.sideBySide(
      texts.map { .flexible(minimum: BlockText.width(of: $0) * (scale?.columns ?? 1)) }, spacing: 1)
    let height = BlockText.rows(at: scale)
    let top = max(0, (rect.rows - height - 2) / 2)
    for (figure, part) in zip(figures, parts) {
      BlockText(figure.text, role: figure.role)
        .render(into: &canvas, in: part.rows(from: top, count: height), scale)
      canvas.draw(
        figure.title, in: part.line(min(part.rows - 1, top + height + 1)), role: .emphasis,
        alignment: .center)
    }
  }

  // MARK: Gauges

  private typealias Measure = (
    name: String, share: Double, words: String, ramp: Ramp, isOver: Bool
  )

  private var gauges: [Measure] {
    var gauges: [Measure] = []
    if failover?.phase.isOver != true, let shard, shard.summary.state != .blind,
      let held = shard.held,
      let size = shard.bufferSize, size > 0
    {
      gauges.append(
        (
          "BUFFER", Double(held) / Double(size), "\(held.grouped) of \(size.grouped)", .held,
          held >= size
        ))
    }
    if let track = failover?.tracks.filter(\.isBuffering).max(by: { left, right in
      (left.started?.at ?? now) > (right.started?.at ?? now)
    }), let started = track.started {
      let elapsed = now - started.at
      let window = track.flags.window
      let isLate = elapsed > window
      let limit = isLate ? track.flags.maxFailoverDuration : window
      gauges.append(
        (
          isLate ? "MAXIMUM" : "WINDOW", elapsed.seconds / max(limit.seconds, 0.001),
          "\(elapsed.inTenths) of \(limit.inTenths)", .window, isLate
        ))
    }
    if let worst = WorstLag(of: shard.map { [$0.summary] } ?? shards),
      let value = worst.shard.lag.value, let threshold = worst.shard.lag.threshold, threshold > 0
    {
      let whose = shard == nil ? ", \(worst.shard.name)" : ""
      gauges.append(
        (
          "LAG", worst.share,
          "\(Phrases.value(value, worst.shard.lag)) of \(threshold.inHundredths) s\(whose)", .lag,
          worst.shard.lag.isOverThreshold
        ))
    }
    return gauges
  }

  /// A bar as tall as there is room for, on a visible track.
  private func render(_ measure: Measure, _ canvas: inout Canvas, _ rect: Rect) {
    let parts = rect.columns(from: 1).sideBySide(
      [.fixed(9), .flexible(minimum: 10), .fixed(min(34, rect.columns / 3))], spacing: 1)
    let rows = max(1, rect.rows - 1)
    canvas.draw(measure.name, in: parts[0].line(rows / 2), role: .emphasis)
    canvas.draw(
      measure.words, in: parts[2].line(rows / 2),
      role: measure.isOver ? .critical : .emphasis)
    let bar = parts[1].rows(from: 0, count: rows)
    canvas.fill(bar, with: canvas.glyphs.shade.light, role: .text)
    let share = measure.share.isFinite ? min(1, max(0, measure.share)) : 0
    let filled = Int((share * Double(bar.columns)).rounded())
    for column in 0..<filled {
      let place = (Double(column) + 0.5) / Double(bar.columns)
      canvas.fill(
        bar.columns(from: column, count: 1), with: canvas.glyphs.block,
        role: measure.isOver ? measure.ramp.over : measure.ramp.role(at: place))
    }
  }

  // MARK: The rest

  private var timeline: FailoverTimeline? {
    failover.map {
      FailoverTimeline(
        failover: $0, lastHeard: shard?.lastHeard(at: now) ?? [:], now: now, utcOffset: utcOffset,
        labels: 20, isBrief: true)
    }
  }

  private func renderEvents(_ canvas: inout Canvas, _ rect: Rect) {
    let own = events.filter { event in
      guard shard == nil || event.shard == shard?.summary.name else { return false }
      // Of a failover the audience wants to know what became of the primary and of the requests;
      // lag has its gauge.
      return failover == nil || !event.kind.isAboutLag
    }
    for (line, event) in own.suffix(rect.rows).reversed().enumerated() {
      let area = rect.line(line).columns(from: 1)
      let clock = "\(Phrases.clock(event.at, utcOffset: utcOffset))  "
      let sentence = wording.sentence(event) + Phrases.span(event, utcOffset: utcOffset)
      // Rather a total than a sentence without its end.
      let fits = DisplayWidth.of(clock + sentence) <= area.columns
      canvas.draw(
        .clauses(
          clock + (fits ? sentence : wording.summary(event)),
          event.severity >= .warning ? event.severity.role : .text), in: area)
    }
  }

  /// What a key asked for, and how the screen chooses what to show.
  private func renderLastLine(_ canvas: inout Canvas, _ rect: Rect) {
    if let asked { canvas.draw(asked, in: rect.columns(from: 1), role: .emphasis) }
    let words =
      isPinned
      ? "pinned to \(shard.map { "\($0.summary.name)" } ?? "the fleet") "
      : "follows the worst shard "
    guard DisplayWidth.of(asked ?? "") + DisplayWidth.of(words) + 3 <= rect.columns else { return }
    canvas.draw(words, in: rect, role: .text, alignment: .trailing)
  }
}
