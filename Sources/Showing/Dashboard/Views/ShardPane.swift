internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Watching
internal import Wording

/// The selected shard below the fleet's table: last minutes, tablets, throttled apps, advice, and
/// its vtgates where there is room to spare.
struct ShardPane {
  let shard: Shard
  let trend: [FleetTrends.Sample]
  let now: Instant
  let utcOffset: Int
  let cutoverMeans: CutoverMeans

  /// In fewer rows nothing would show in full.
  static let leastRows = 9
  private static let leastChart = 5
  /// Rows that the charts have before the vtgates get any.
  private static let comfortableChart = 18

  func render(into canvas: inout Canvas, in rect: Rect) {
    let body = Panel("\(shard.name)").renderRule(into: &canvas, in: rect)
    var parts = parts(columns: body.columns)
    // Whatever does not fit below the charts is one key away.
    while !parts.isEmpty, parts.reduce(Self.leastChart, { $0 + $1.rows }) > body.rows {
      parts.removeLast()
    }
    var used = parts.reduce(0) { $0 + $1.rows }
    let vtgates = VtgateTable(shard: shard, now: now)
    let vtgateRows = shard.vtgates.count + 2
    if body.rows - used - vtgateRows >= Self.comfortableChart {
      parts.append((vtgateRows, { vtgates.render(into: &$0, in: $1) }))
      used += vtgateRows
    }
    let chartRows = body.rows - used
    HistoryCharts(
      trend: trend, lag: shard.lag, sizes: shard.vtgates.compactMap(\.bufferSize),
      gates: shard.gates, now: now,
      utcOffset: utcOffset
    ).render(into: &canvas, in: body.rows(from: 0, count: chartRows).columns(from: 1))
    var row = chartRows
    for part in parts {
      part.draw(&canvas, body.rows(from: row, count: part.rows))
      row += part.rows
    }
  }

  /// The most telling parts first.
  private func parts(columns: Int) -> [StackedView.Part] {
    var parts: [StackedView.Part] = []
    let advice = AdviceView(advice: shard.advice(at: now), cutoverMeans: cutoverMeans)
    let adviceRows = advice.rows(columns: columns)
    if adviceRows > 0 { parts.append((adviceRows, { advice.render(into: &$0, in: $1) })) }
    if !shard.throttledApps.isEmpty {
      let apps = ThrottledAppTable(apps: shard.throttledApps, now: now)
      parts.append((apps.apps.count + 1, { apps.render(into: &$0, in: $1) }))
    }
    let tablets = TabletTable(shard: shard)
    parts.append((max(1, shard.tablets.count) + 2, { tablets.render(into: &$0, in: $1) }))
    return parts
  }
}
