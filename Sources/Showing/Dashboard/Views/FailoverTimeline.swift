internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Wording

/// The phases of a failover on one time axis: which tablet was primary when, what each vtgate did,
/// and the limits.
///
///                 0        1        2        3 s
///     primary     zone1-100──✖ none         ● zone1-101
///     gate1:15001 ░░░░░████████████████████▒▒
///     limits      window 10.0 s, max 20.0 s: beyond this axis
struct FailoverTimeline {
  let failover: Failover
  /// When each of the vtgates that do not answer now last did.
  let lastHeard: [Address: Instant]
  let now: Instant
  let utcOffset: Int
  /// Columns left of the axis.
  let labels: Int
  /// The moment being read off; nil for none.
  var cursor: Instant?
  /// Only the axis and the bars, to be read from far away.
  var isBrief = false

  /// The time axis for a number of columns.
  func axis(_ columns: Int) -> TimeAxis {
    let start = failover.earliest
    // While it is in progress, leaves some room for what is to come.
    let end = failover.latest(at: now) + (failover.phase.isOver ? .zero : (now - start) / 8)
    return TimeAxis(from: start, to: end, columns: columns, isFinal: failover.phase.isOver)
  }

  /// The axis, the primary, a bar for each vtgate, and the limits.
  var rows: Int { failover.tracks.count + (isBrief ? 2 : hasLimits ? 4 : 3) }

  func render(into canvas: inout Canvas, in rect: Rect) {
    let body = isBrief ? rect : renderTitle(&canvas, rect)
    let area = body.columns(from: labels, count: body.columns - labels - 1)
    let axis = axis(area.columns)
    axis.render(into: &canvas, in: area.line(0))
    renderPrimary(&canvas, body.line(1), axis)
    for (line, track) in failover.tracks.enumerated() {
      canvas.draw(
        track.address.description,
        in: body.line(line + 2).columns(from: 1, count: labels - 2))
      renderBar(track, &canvas, area.line(line + 2), axis)
    }
    if !isBrief { renderLimits(&canvas, body.line(failover.tracks.count + 2), axis) }
    if let cursor { axis.renderCursor(at: cursor, &canvas, in: area) }
  }

  private func renderTitle(_ canvas: inout Canvas, _ rect: Rect) -> Rect {
    let title = "phases, from \(Phrases.moment(failover.detected, utcOffset: utcOffset))"
    let body = Panel(title).renderRule(into: &canvas, in: rect)
    renderLegend(&canvas, rect.line(0).columns(from: DisplayWidth.of(title) + 6))
    return body
  }

  /// What the textures of the bars mean, at the end of the line; in a narrow one with less of each.
  private func renderLegend(_ canvas: inout Canvas, _ rect: Rect) {
    let glyphs = canvas.glyphs
    func spans(_ swatch: Int, _ unseen: String) -> [(String, StyleRole)] {
      let legend: [(Character, String, StyleRole)] = [
        (glyphs.shade.light, unseen, .phaseDetected),
        (glyphs.block, "buffering", .phaseBuffering),
        (glyphs.shade.medium, "draining", .phaseDraining),
      ]
      return legend.flatMap { glyph, word, role in
        [(" \(String(repeating: glyph, count: swatch))", role), (" \(word) ", StyleRole.muted)]
      }
    }
    for spans in [spans(2, "between two polls"), spans(1, "between polls")] {
      let width = spans.reduce(0) { $0 + DisplayWidth.of($1.0) }
      guard width + 2 <= rect.columns else { continue }
      return canvas.draw(
        spans: spans, in: rect.columns(from: rect.columns - width - 2, count: width))
    }
  }

  /// Which tablet was primary when, on the axis.
  private func renderPrimary(_ canvas: inout Canvas, _ rect: Rect, _ axis: TimeAxis) {
    let area = rect.columns(from: labels, count: axis.columns)
    let gone = failover.primaryGone.map { axis.column(of: $0.at) }
    let seen = failover.newPrimarySeen.map { axis.column(of: $0.at) }
    let end = min(
      axis.columns, axis.column(of: failover.latest(at: now)) + 1)
    let before = failover.primaryBefore?.short ?? "unknown"
    let stop = max(0, min(gone ?? seen ?? end, end))
    canvas.fill(
      area.columns(from: 0, count: stop), with: canvas.glyphs.horizontal, role: .phaseServing)
    // A name is never cut: if it does not fit, it goes beside the word or into the title.
    let label = rect.columns(from: 1, count: labels - 2)
    let title = "primary"
    canvas.draw(title, in: label, role: .tableHeader)
    if DisplayWidth.of(before) <= stop {
      canvas.draw(before, in: area, role: .phaseServing)
    } else if title.count + 1 + DisplayWidth.of(before) <= label.columns {
      canvas.draw(before, in: label.columns(from: title.count + 1), role: .phaseServing)
    }
    let after = failover.primaryAfter?.short ?? "a primary"
    // Without room behind the moment, the new primary's name stands before it.
    let isBefore = seen.map { max(0, $0) + DisplayWidth.of(after) + 2 > axis.columns } ?? false
    if let gone, gone < axis.columns {
      let width = max(1, (seen ?? end) - gone)
      let free = isBefore ? width - DisplayWidth.of(after) - 2 : width
      let words = "\(canvas.glyphs.cross) none"
      let without = area.columns(from: max(0, gone), count: width)
      // With gaps, so that it is no primary's line, in ASCII either.
      for column in stride(from: 1, to: width, by: 2) {
        canvas.draw(
          String(canvas.glyphs.dash), in: without.columns(from: column, count: 1),
          role: .phaseNoPrimary)
      }
      canvas.draw(
        DisplayWidth.of(words) <= free ? words : "\(canvas.glyphs.cross)", in: without,
        role: .stateNoPrimary)
    }
    if let seen, seen < axis.columns {
      let start = max(0, seen)
      if isBefore {
        canvas.draw(
          " \(after) \(canvas.glyphs.dot)", in: area.columns(from: 0, count: start + 1),
          role: .phaseServing, alignment: .trailing)
      } else {
        canvas.draw(
          "\(canvas.glyphs.dot) \(after)", in: area.columns(from: start), role: .phaseServing)
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
    let lastHeard = track.isBuffering || track.isDraining ? lastHeard[track.address] : nil
    let spans = track.spans(until: lastHeard ?? now)
    for span in spans {
      switch span.kind {
      case .uncertain: fill(span.from, span.to, glyphs.shade.light, .phaseDetected)
      case .buffering: fill(span.from, span.to, glyphs.block, .phaseBuffering)
      case .draining: fill(span.from, span.to, glyphs.shade.medium, .phaseDraining)
      }
    }
    let gaveUp = track.counts.stops[.maxDurationExceeded, default: 0] > 0 && !track.isBuffering
    let end: (String, StyleRole)? =
      if lastHeard != nil { ("? no answer", .warning) } else {
        gaveUp ? ("\(glyphs.cross) gave up", .stateGaveUp) : nil
      }
    if let (words, role) = end, let last = spans.map(\.to).max() {
      let column = axis.column(of: last) + 1
      if column >= 0, column + DisplayWidth.of(words) <= axis.columns {
        canvas.draw(words, in: rect.columns(from: column), role: role)
      }
    }
    guard track.sharesPoll else { return }
    // Somewhere in between, for the duration that the vtgate reports.
    canvas.draw(
      track.duration.map { "\($0.tight) somewhere here" } ?? "somewhere here",
      in: rect.columns(
        from: max(0, axis.column(of: started.at - (started.uncertainty ?? .zero))) + 1),
      role: .stateBuffering)
  }

  var hasLimits: Bool { failover.tracks.contains { $0.started != nil } }

  private func basis(of limit: BufferFlags.KnownLimit) -> String {
    Wording().source(limit.basis, of: failover.gates)
  }

  /// The limits in the vtgates' flags and where they come from: `W` the window, `M` the maximum.
  private func renderLimits(_ canvas: inout Canvas, _ rect: Rect, _ axis: TimeAxis) {
    guard let first = failover.tracks.first(where: { $0.started != nil }), let start = first.started
    else { return }
    canvas.draw("limits", in: rect.columns(from: 1, count: labels - 2), role: .tableHeader)
    let area = rect.columns(from: labels, count: axis.columns)
    // Buffering may have begun this much before it was seen, and the limits count from there.
    let begin = start.at - (start.uncertainty ?? .zero)
    let (window, most) = (first.flags[.window], first.flags[.maximum])
    // A source that both share is named once.
    let source = window.basis == most.basis ? "" : " (\(basis(of: window)))"
    let limits = [
      (
        "W", "window \(window.time.inTenths)\(source)", "window \(Wording().words(window))",
        window.time
      ),
      (
        "M", "max \(most.time.inTenths) (\(basis(of: most)))",
        "max \(Wording().words(most))", most.time
      ),
    ].map { mark, words, fewer, time in
      (
        mark: mark, words: words, fewer: fewer, time: time.inTenths,
        column: axis.column(of: begin + time)
      )
    }
    var taken = 0..<0
    for limit in limits where limit.column < axis.columns {
      func place(_ words: String) -> (text: String, room: Int, width: Int) {
        let text = "\(limit.mark) \(words)"
        let width = DisplayWidth.of(text)
        return (text, max(taken.upperBound, min(limit.column, axis.columns - width)), width)
      }
      // Where a word would be cut, it goes without saying that a limit was read, and in the end what
      // the letter stands for.
      let places = [limit.words, limit.fewer, limit.time].map(place)
      let (text, room, width) = places.first { $0.room + $0.width <= axis.columns } ?? places[2]
      canvas.draw(text, in: area.columns(from: room), role: .limit)
      taken = (taken.isEmpty ? room : taken.lowerBound)..<(room + width + 1)
    }
    let beyond = limits.filter { $0.column >= axis.columns }
    guard !beyond.isEmpty else { return }
    let (words, fewer) = (beyond.map(\.words), beyond.map(\.fewer))
    let (before, behind) = (
      area.columns(from: 0, count: taken.lowerBound - 1), area.columns(from: taken.upperBound)
    )
    let gap = taken.isEmpty ? 0 : 2
    for text in [
      words.joined(separator: ", ") + ": beyond this axis", words.joined(separator: ", "),
      fewer.joined(separator: ", "),
    ] {
      let width = DisplayWidth.of(text)
      // With a gap: it is not what the other one says.
      guard let room = [behind, before].first(where: { width + gap <= $0.columns })
      else { continue }
      let alignment: Canvas.Alignment = room == behind && !taken.isEmpty ? .trailing : .leading
      return canvas.draw(text, in: room, role: .muted, alignment: alignment)
    }
  }
}
