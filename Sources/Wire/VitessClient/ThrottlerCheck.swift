package import FleetModel

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

  /// Nil for what is no such answer.
  package static func decode(_ body: some Sequence<UInt8>) -> ThrottlerCheck? {
    let read = body.withContiguousStorageIfAvailable { try? Record(UnsafeRawBufferPointer($0)) }
    guard let record = read ?? nil else { return nil }
    var check = ThrottlerCheck()
    check.isRecentlyChecked = record.isRecentlyChecked
    if record.namesNobody, record.thresholds == nil {
      check.isEnabled = false
    } else {
      check.isEnabled = true
      // Without a query of the site's own, the metric `custom` has no threshold, and the default is lag's.
      if record.thresholds?["custom"] ?? 0 > 0 {
        check.metric = .custom(query: nil, scope: .itself)
      }
      let own = record.thresholds.flatMap { $0["default"] ?? $0["lag"] }
      // A denied app comes with threshold 0, which is not a threshold.
      if let threshold = own ?? record.threshold, threshold > 0 { check.threshold = threshold }
    }
    return check
  }

  private struct Record {
    var namesNobody = true
    var isRecentlyChecked: Bool?
    var threshold: Double?
    /// By metric, of those that have one; nil without metrics.
    var thresholds: [String: Double]?

    init(_ document: UnsafeRawBufferPointer) throws(JSONScanner.Unexpected) {
      var scanner = JSONScanner(document)
      try scanner.members { (scanner, name) throws(JSONScanner.Unexpected) in
        switch name {
        case "AppName": namesNobody = try scanner.isEmptyText()
        case "RecentlyChecked": isRecentlyChecked = try scanner.truth()
        case "Threshold": threshold = try scanner.number()
        case "Metrics": thresholds = try Self.thresholds(&scanner)
        default: try scanner.skip()
        }
      }
      try scanner.end()
    }

    private static func thresholds(
      _ scanner: inout JSONScanner
    ) throws(JSONScanner.Unexpected) -> [String: Double] {
      var thresholds: [String: Double] = [:]
      try scanner.members { (scanner, metric) throws(JSONScanner.Unexpected) in
        let key: String? =
          switch metric {
          case "default": "default"
          case "lag": "lag"
          case "custom": "custom"
          default: nil
          }
        guard let key else { return try scanner.skip() }
        try scanner.members { (scanner, name) throws(JSONScanner.Unexpected) in
          switch name {
          case "Threshold": thresholds[key] = try scanner.number()
          default: try scanner.skip()
          }
        }
      }
      return thresholds
    }
  }
}
