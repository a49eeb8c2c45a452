internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Watching

/// The last minutes of a shard, one column per second: what was held, and how far replicas lagged.
struct HistoryCharts {
  let trend: [FleetTrends.Sample]
  let lag: Lag
  /// The buffer sizes of the vtgates that report one.
  let sizes: [Int]
  /// Their kinds.
  let gates: Gates
  let now: Instant
  let utcOffset: Int

  /// The most columns it can fill.
  static let length = 300
  private static let labels = 13
  /// How many seconds the picture moves at a time: moving every second would rewrite all of it
  /// every second.
  private static let step = 15

  func render(into canvas: inout Canvas, in rect: Rect) {
    let isTall = rect.rows >= 11
    let areas =
      isTall
      ? rect.rows(from: 0, count: rect.rows - 1)
        .stacked([.flexible(minimum: 2), .flexible(minimum: 2)])
      : rect.rows(from: 0, count: rect.rows - 1)
        .sideBySide([.flexible(minimum: 20), .flexible(minimum: 20)], spacing: 2)
    renderHeld(&canvas, areas[0])
    renderLag(&canvas, areas[1])
    for area in isTall ? [areas[1]] : areas {
      renderTimes(
        &canvas,
        Rect(
          column: area.column + Self.labels, row: rect.maxRow - 1,
          columns: area.columns - Self.labels, rows: 1))
    }
  }

  private func renderHeld(_ canvas: inout Canvas, _ rect: Rect) {
    var area = rect
    let columns = rect.columns - Self.labels
    if trend.contains(where: { $0.moved.evicted > 0 }), rect.rows >= 3 {
      area = rect.rows(from: 0, count: rect.rows - 1)
      let line = rect.line(rect.rows - 1)
      canvas.draw("evicted", in: line, role: .tableHeader)
      Sparkline(
        values(columns) { $0.moved.evicted > 0 ? Double($0.moved.evicted) : nil },
        fill: .plain(.phaseLost)
      ).render(into: &canvas, in: line.columns(from: Self.labels))
    }
    let told = values(columns) { $0.isHeldUnseen ? 1 : nil }
    Chart(
      "held", values(columns) { $0.held.map(Double.init) }, past: past(columns),
      limit: .size(sizes, of: gates),
      fill: sizes.isEmpty
        ? .plain(.phaseBuffering) : .ramp(.held, limit: Double(sizes.reduce(0, &+))),
      told: Phrases.toldPeak(told),
      labels: Self.labels
    ) { Phrases.scale($0) }.render(into: &canvas, in: area)
  }

  private func renderLag(_ canvas: inout Canvas, _ rect: Rect) {
    let unit = lag.metric.unit
    Chart(
      lag.title.lowercased(), values(rect.columns - Self.labels, \.lag),
      past: past(rect.columns - Self.labels),
      limit: .threshold(lag),
      fill: lag.threshold.map { .ramp(.lag, limit: $0) } ?? .plain(.sparkline),
      labels: Self.labels
    ) { $0.inHundredths + unit }.render(into: &canvas, in: rect)
  }

  // MARK: Time

  private static func second(_ instant: Instant) -> Int {
    Int(instant.secondsSinceEpoch.rounded(.down))
  }

  /// The second that the first of that many columns stands for.
  private func start(_ columns: Int) -> Int {
    (Self.second(now) / Self.step + 1) * Self.step - columns
  }

  /// How many of the columns are over.
  private func past(_ columns: Int) -> Int {
    trend.last.map { max(0, Self.second($0.at) - start(columns) + 1) } ?? columns
  }

  private func values(_ columns: Int, _ value: (FleetTrends.Sample) -> Double?) -> [Double?] {
    let start = start(columns)
    var values = [Double?](repeating: nil, count: max(0, columns))
    var last: Int?
    for point in trend {
      let column = Self.second(point.at) - start
      defer { last = column }
      guard values.indices.contains(column) else { continue }
      values[column] = value(point)
      // Now and then a point is a little late.
      if let last, column - last == 2, column > 0 { values[column - 1] = values[column] }
    }
    return values
  }

  /// The full minutes.
  private func renderTimes(_ canvas: inout Canvas, _ rect: Rect) {
    let start = start(rect.columns)
    for column in 0..<rect.columns where (start + column).isMultiple(of: 60) {
      let instant = Instant(secondsSinceEpoch: Double(start + column))
      let clock = Phrases.clock(instant, utcOffset: utcOffset).prefix(5)
      guard column + clock.count <= rect.columns else { continue }
      canvas.draw(clock, in: rect.columns(from: column), role: .muted)
    }
  }
}
