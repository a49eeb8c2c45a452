internal import FleetModel
internal import TerminalKit
internal import Terms

extension Chart.Limit {
  /// Room in the buffers of the vtgates that report it; nil when none does.
  static func size(_ sizes: [Int]) -> Chart.Limit? {
    guard !sizes.isEmpty else { return nil }
    let sum = sizes.reduce(0, &+)
    return Chart.Limit(
      Double(sum), "size \(sum.grouped)",
      source: sizes.count == 1 ? "its vtgate" : "\(sizes.count.grouped) vtgates", farAway: 20)
  }

  /// The threshold for lag, as the throttler reports it; nil when it does not.
  static func threshold(_ lag: Lag) -> Chart.Limit? {
    lag.threshold.map { threshold in
      Chart.Limit(
        threshold, "threshold \(threshold.inHundredths)\(lag.metric.unit)", source: "throttler")
    }
  }
}
