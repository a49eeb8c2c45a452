package import FleetModel
package import FoundationEssentials

/// `/throttler/check-self?app=vitess`, the one throttler route that v22 and later kept.
///
/// Asked as `vitess` it is passive: it neither wakes the throttler nor asks for heartbeats. It
/// reports the threshold, and shows by an empty AppName and null Metrics that the throttler is
/// disabled or closed.
package struct ThrottlerCheck: Sendable, Equatable {
  package var threshold: Double?
  package var isEnabled: Bool?
  package var isRecentlyChecked: Bool?
  package var metric = DefaultMetric.lag

  package static func decode(_ body: Data) -> ThrottlerCheck? {
    guard let record = try? JSONDecoder().decode(Record.self, from: body) else { return nil }
    var check = ThrottlerCheck()
    check.isRecentlyChecked = record.recentlyChecked
    let metric = record.metrics?["default"] ?? record.metrics?["lag"]
    if record.metrics == nil, (record.appName ?? "").isEmpty {
      check.isEnabled = false
    } else {
      check.isEnabled = true
      if record.hasCustomQuery { check.metric = .custom(query: nil, scope: .itself) }
      let threshold = metric?.threshold ?? record.threshold
      // A denied app comes with threshold 0, which is not a threshold.
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
    var recentlyChecked: Bool?
    var threshold: Double?
    var metrics: [String: Metric]?

    enum CodingKeys: String, CodingKey {
      case appName = "AppName"
      case recentlyChecked = "RecentlyChecked"
      case threshold = "Threshold"
      case metrics = "Metrics"
    }

    /// Without one, the metric `custom` has no threshold, and the default is lag's.
    var hasCustomQuery: Bool { (metrics?["custom"]?.threshold ?? 0) > 0 }
  }
}
