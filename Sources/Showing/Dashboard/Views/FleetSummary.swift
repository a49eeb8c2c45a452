internal import FleetModel
internal import TerminalKit
internal import Terms

/// The whole fleet in two lines: shards by state, what failed, the worst lag, and how full the
/// vtgates' buffers are.
struct FleetSummary {
  /// All shards except those whose trouble is intended.
  let shards: [ShardSummary]
  /// How many shards are left out.
  let setAside: Int
  let vtgates: [VtgateState]

  static let rows = 2
  /// In fewer columns it would say less than the table.
  static let leastColumns = 96

  func render(into canvas: inout Canvas, in rect: Rect) {
    let gauge = rect.columns >= Self.columnsForWideGauges ? 24 : 10
    let parts = rect.columns(from: 1)
      .sideBySide(
        [
          .fixed(rect.columns >= 120 ? 34 : 28), .fixed(8),
          .fixed((rect.columns >= 150 ? 28 : 22) + gauge),
          .flexible(minimum: 20),
        ], spacing: 1)
    for (title, part) in zip(["SHARDS", "FAILED", "WORST LAG", "BUFFERS"], parts) {
      canvas.draw(title, in: part.line(0), role: .tableHeader)
    }
    renderStates(&canvas, parts[0].line(1))
    canvas.draw(failed, in: parts[1].line(1))
    renderLag(&canvas, parts[2].line(1), gauge)
    renderBuffers(&canvas, parts[3].line(1), gauge)
  }

  private static let columnsForWideGauges = 190

  /// The worst state first; states without a shard are left out.
  private func renderStates(_ canvas: inout Canvas, _ rect: Rect) {
    let counts = Dictionary(grouping: shards, by: \.state).mapValues(\.count)
    let states = counts.keys.sorted { $0.urgency > $1.urgency }
    func spans(_ words: Bool) -> [(String, StyleRole)] {
      states.flatMap { state -> [(String, StyleRole)] in
        let count = "\(state.glyph(canvas.glyphs)) \(counts[state, default: 0].grouped)"
        return [(words ? "\(count) \(state.word)" : count, state.role), ("  ", .text)]
      }
    }
    let long = spans(true)
    let fits = long.reduce(0) { $0 + DisplayWidth.of($1.0) } <= rect.columns
    var spans = fits ? long : spans(false)
    if setAside > 0 {
      spans.append(("\(canvas.glyphs.none) \(setAside.grouped) set aside", .muted))
    }
    canvas.draw(spans: spans, in: rect)
  }

  private var failed: TableCell {
    .failed(
      Failed.sum(shards.compactMap(\.failed)),
      isCounted: shards.contains(where: \.hasCounters))
  }

  private func renderLag(_ canvas: inout Canvas, _ rect: Rect, _ gauge: Int) {
    guard let worst = WorstLag(of: shards)
    else {
      canvas.draw("no data", in: rect, role: .missing)
      return
    }
    let parts = rect.sideBySide([.fixed(gauge), .fixed(9), .flexible(minimum: 9)], spacing: 1)
    Gauge(worst.share, .lag, isOver: worst.shard.lag.isOverThreshold).render(
      into: &canvas, in: parts[0])
    let (text, role) = Phrases.lag(worst.shard.lag)
    canvas.draw(text, in: parts[1], role: role)
    canvas.draw(
      canvas.fit(worst.shard.name, to: parts[2].columns), in: parts[2], role: .muted)
  }

  /// The fullest buffer first: all shards of a vtgate share one.
  private func renderBuffers(_ canvas: inout Canvas, _ rect: Rect, _ gauge: Int) {
    let known = vtgates.filter { $0.isFresh && $0.fill != nil }
      .sorted { ($1.fill ?? 0, $0.address) < ($0.fill ?? 0, $1.address) }
    guard !known.isEmpty else {
      canvas.draw("no vtgate tells its size", in: rect, role: .missing)
      return
    }
    let width = 20 + gauge
    let shown = max(1, min(known.count, (rect.columns + 1) / (width + 1)))
    let rest = known.count - shown
    var areas = rect.sideBySide(
      Array(repeating: .flexible(minimum: min(width, rect.columns)), count: shown), spacing: 1)
    let more = rest > 0 ? "+\(rest.grouped)" : ""
    if rest > 0, let last = areas.last {
      areas[areas.count - 1] = last.columns(from: 0, count: last.columns - more.count - 1)
      canvas.draw(more, in: rect, role: .muted, alignment: .trailing)
    }
    for (vtgate, area) in zip(known, areas) {
      let count =
        "\((vtgate.heldTotal ?? 0).grouped)/\((vtgate.watched.value?.bufferSize ?? 0).grouped)"
      let parts = area.sideBySide(
        [.fixed(gauge), .fixed(max(6, count.count)), .flexible(minimum: 4)], spacing: 1)
      Gauge(vtgate.fill ?? 0, .held, isOver: (vtgate.fill ?? 0) >= 1)
        .render(into: &canvas, in: parts[0])
      canvas.draw(count, in: parts[1], role: vtgate.heldTotal ?? 0 > 0 ? .emphasis : .muted)
      // Fewer cells name nobody.
      guard parts[2].columns >= 8 else { continue }
      canvas.draw(vtgate.address.fit(parts[2].columns, on: canvas), in: parts[2], role: .muted)
    }
  }
}
