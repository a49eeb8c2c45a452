internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Wording

/// The whole fleet in two lines: shards by state, what failed, the worst lag, and how full the
/// vtgates' buffers are.
struct FleetSummary {
  /// All shards except those whose trouble is intended.
  let shards: [ShardSummary]
  /// Those that are left out: they count for nothing, and yet are known.
  let setAside: [ShardSummary]
  let vtgates: [VtgateState]

  static let rows = 2
  /// In fewer columns it would say less than the table.
  static let leastColumns = 96

  func render(into canvas: inout Canvas, in rect: Rect) {
    let gauge = rect.columns >= Self.columnsForWideGauges ? 24 : rect.columns >= 120 ? 10 : 6
    let parts = rect.columns(from: 1)
      .sideBySide(
        [
          .fixed(rect.columns >= 120 ? 34 : 28), .fixed(8),
          .fixed(gauge + 1 + Self.lagColumns + 1 + nameColumns(rect.columns)),
          .flexible(minimum: 20),
        ], spacing: 1)
    let buffers = buffers(gauge, columns: parts[3].columns)
    let titles = [
      "SHARDS", "FAILED", "WORST LAG",
      buffers.shown.count == 1 && buffers.rest > 0 ? "FULLEST BUFFER" : "BUFFERS",
    ]
    for (title, part) in zip(titles, parts) {
      canvas.draw(title, in: part.line(0), role: .tableHeader)
    }
    renderStates(&canvas, parts[0].line(1))
    canvas.draw(failed, in: parts[1].line(1))
    renderLag(&canvas, parts[2].line(1), gauge)
    render(buffers, &canvas, parts[3].line(1), gauge)
  }

  private static let columnsForWideGauges = 190
  private static let lagColumns = 9

  /// As many as the longest name of a shard takes, so that nothing moves when another is worst.
  private func nameColumns(_ columns: Int) -> Int {
    let longest = shards.lazy.map { DisplayWidth.of("\($0.name)") }.max() ?? 0
    return min(max(longest, 9), columns >= 190 ? 40 : columns >= 150 ? 24 : 14)
  }

  /// The worst state first; states without a shard are left out.
  private func renderStates(_ canvas: inout Canvas, _ rect: Rect) {
    let counts: [Shard.State: Int] = shards.reduce(into: [:]) { $0[$1.state, default: 0] += 1 }
    let states = counts.keys.sorted { $0.urgency > $1.urgency }
    let aside = "\(canvas.glyphs.none) \(setAside.count.grouped) set aside"
    func spans(_ words: Bool) -> [(String, StyleRole)] {
      states.flatMap { state -> [(String, StyleRole)] in
        let count = "\(state.glyph(canvas.glyphs)) \(counts[state, default: 0].grouped)"
        return [(words ? "\(count) \(state.word)" : count, state.role), ("  ", .text)]
      } + (setAside.isEmpty ? [] : [(aside, .muted)])
    }
    let long = spans(true)
    let fits = long.reduce(0) { $0 + DisplayWidth.of($1.0) } <= rect.columns
    canvas.draw(spans: fits ? long : spans(false), in: rect)
  }

  private var failed: TableCell {
    .failed(
      Failed.sum(shards.compactMap(\.failed)),
      isCounted: shards.contains(where: \.hasCounters))
  }

  private func renderLag(_ canvas: inout Canvas, _ rect: Rect, _ gauge: Int) {
    guard let worst = WorstLag(of: shards) else {
      let aside = WorstLag(of: setAside).flatMap { Wording().value($0.shard.lag) }
        .map { "\($0) set aside" }
      canvas.draw(aside ?? "no data", in: rect, role: aside == nil ? .missing : .muted)
      return
    }
    let parts = rect.sideBySide(
      [.fixed(gauge), .fixed(Self.lagColumns), .flexible(minimum: 9)], spacing: 1)
    Gauge(worst.share, .lag, isOver: worst.shard.lag.isOverThreshold).render(
      into: &canvas, in: parts[0])
    let (text, role) = Phrases.lag(worst.shard.lag)
    canvas.draw(text, in: parts[1], role: role)
    canvas.draw(
      canvas.fit(worst.shard.name, to: parts[2].columns), in: parts[2], role: .muted)
  }

  private typealias Buffer = (fill: Double, count: String, isHolding: Bool, address: Address)
  /// `countColumns`: as many as the count of a full one takes, so that nothing moves when one fills.
  private typealias Buffers = (shown: [Buffer], rest: Int, countColumns: Int)

  /// The fullest first, as all shards of a vtgate share one: as many as can be named in full, and
  /// how many others there are.
  private func buffers(_ gauge: Int, columns: Int) -> Buffers {
    let known = vtgates.compactMap { vtgate -> Buffer? in
      guard vtgate.isFresh, let fill = vtgate.fill else { return nil }
      let (held, size) = (vtgate.heldTotal ?? 0, vtgate.watched.value?.bufferSize ?? 0)
      return Buffer(fill, "\(held.grouped)/\(size.grouped)", held > 0, vtgate.address)
    }
    .sorted { ($1.fill, $0.address) < ($0.fill, $1.address) }
    let size = vtgates.compactMap { $0.watched.value?.bufferSize }.max() ?? 0
    let count = max(6, 2 * size.grouped.count + 1)
    let name = known.map { DisplayWidth.of($0.address.description) }.max() ?? 0
    let width = gauge + 1 + count + 1 + name
    let most = (columns + 1) / (width + 1)
    // The number of others needs room, too.
    let shown = known.count <= most ? known.count : max(1, (columns - 4) / (width + 1))
    return (Array(known.prefix(shown)), known.count - shown, count)
  }

  private func render(
    _ buffers: Buffers, _ canvas: inout Canvas, _ rect: Rect, _ gauge: Int
  ) {
    guard !buffers.shown.isEmpty else {
      canvas.draw(
        "no \(Wording().gate(Gates(vtgates.map(\.kind)))) tells its size", in: rect, role: .missing)
      return
    }
    let more = buffers.rest > 0 ? "+\(buffers.rest.grouped)" : ""
    canvas.draw(more, in: rect, role: .muted, alignment: .trailing)
    let room = rect.columns(from: 0, count: rect.columns - (more.isEmpty ? 0 : more.count + 1))
    let areas = room.sideBySide(
      Array(repeating: .flexible(minimum: 20), count: buffers.shown.count), spacing: 1)
    for (buffer, area) in zip(buffers.shown, areas) {
      let name = buffer.address.description
      let count = max(buffers.countColumns, buffer.count.count)
      let parts = area.sideBySide(
        [.fixed(gauge), .fixed(count), .flexible(minimum: 0)], spacing: 1)
      Gauge(buffer.fill, .held, isOver: buffer.fill >= 1).render(into: &canvas, in: parts[0])
      canvas.draw(buffer.count, in: parts[1], role: buffer.isHolding ? .emphasis : .muted)
      // A part of a name may be that of another as well.
      guard DisplayWidth.of(name) <= parts[2].columns || parts[2].columns >= 16 else { continue }
      canvas.draw(
        buffer.address.fit(parts[2].columns, on: canvas), in: parts[2], role: .muted)
    }
  }
}
