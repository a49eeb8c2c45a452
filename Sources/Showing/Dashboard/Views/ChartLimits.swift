internal import FleetModel
internal import TerminalKit
internal import Terms

extension Chart.Limit {
  /// Room in the buffers of vtgates, as each of them tells it; nil where none does.
  static func size(_ sizes: [Int]) -> Chart.Limit? {
    guard !sizes.isEmpty else { return nil }
    let sum = sizes.reduce(0, &+)
    return Chart.Limit(
      Double(sum), "size \(sum.grouped)",
      source: sizes.count == 1 ? "its vtgate" : "\(sizes.count.grouped) vtgates", farAway: 20)
  }

  /// What lag is held against, as the throttler tells it; nil where it does not.
  static func threshold(_ lag: Lag) -> Chart.Limit? {
    lag.threshold.map { threshold in
      Chart.Limit(
        threshold, "threshold \(threshold.inHundredths)\(lag.metric.unit)", source: "throttler")
    }
  }
}
