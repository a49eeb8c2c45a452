internal import FleetModel
package import FoundationEssentials

/// `/throttler/check-self?app=vitess`, the one throttler route that v22 and later kept.
///
/// Asked as `vitess` it is passive: it neither wakes the throttler nor asks for heartbeats. It tells
/// the threshold, and by an empty AppName and null Metrics that the throttler is disabled or closed.
package struct ThrottlerCheck: Sendable, Equatable {
  package var threshold: Double?
  package var isEnabled: Bool?
  /// The default metric is a custom query's.
  package var isCustomMetric = false

  package static func decode(_ body: Data) -> ThrottlerCheck? {
    guard let record = try? JSONDecoder().decode(Record.self, from: body) else { return nil }
    var check = ThrottlerCheck()
    let metric = record.metrics?["default"] ?? record.metrics?["lag"]
    if record.metrics == nil, (record.appName ?? "").isEmpty {
      check.isEnabled = false
    } else {
      check.isEnabled = true
      check.isCustomMetric = (record.metrics?["custom"]?.threshold ?? 0) > 0
      let threshold = metric?.threshold ?? record.threshold
      // A denied app comes with threshold 0, which is no threshold.
      if let threshold, threshold > 0 { check.threshold = threshold }
    }
    return check
  }

  private struct Record: Decodable {
    struct Metric: Decodable {
      var threshold: Double?
      enum CodingKeys: String, CodingKey { case threshold = "Threshold" }
    }

    var appName: String?
    var threshold: Double?
    var metrics: [String: Metric]?

    enum CodingKeys: String, CodingKey {
      case appName = "AppName"
      case threshold = "Threshold"
      case metrics = "Metrics"
    }
  }
}
