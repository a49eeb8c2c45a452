internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Wording

extension Chart.Limit {
  /// Room in the buffers of those that report it, which are of these kinds; nil when none does.
  static func size(_ sizes: [Int], of gates: Gates) -> Chart.Limit? {
    guard !sizes.isEmpty else { return nil }
    let sum = sizes.reduce(0, &+)
    return Chart.Limit(
      Double(sum), "size \(sum.grouped)",
      source: sizes.count == 1
        ? "its \(Wording().gate(gates))" : Wording().count(sizes.count, of: gates), farAway: 20)
  }

  /// The threshold for lag, as the throttler reports it; nil when it does not.
  static func threshold(_ lag: Lag) -> Chart.Limit? {
    lag.threshold.map { threshold in
      Chart.Limit(
        threshold, "threshold \(threshold.inHundredths)\(lag.metric.unit)", source: "throttler")
    }
  }
}
