package import FleetModel

/// A change of a keyspace's throttler.
package struct ThrottlerConfigOrder: Sendable, Equatable {
  package enum Change: Sendable, Equatable {
    case enable
    case disable
    /// Above 0, for the default metric: seconds of lag unless a custom query is set.
    case threshold(Double)
    /// What is compared with the threshold: the number that a query returns, or lag again without
    /// one; the threshold goes with it, above 0 seconds for lag, 0 or more for a query.
    ///
    /// `checks`: as for ``checks(_:)``; nil leaves it as it is.
    case metric(query: String?, threshold: Double, checks: DefaultMetric.Scope?)
    /// Whose value `/throttler/check` looks at: `check_as_check_self` and `check_as_check_shard`,
    /// v16 to v20.
    case checks(DefaultMetric.Scope)
  }

  package var keyspace: String
  package var change: Change

  package init(keyspace: String, _ change: Change) {
    self.keyspace = keyspace
    self.change = change
  }

  /// Whose value checks should look at; nil when the order leaves that as it is.
  package var checks: DefaultMetric.Scope? {
    switch change {
    case .enable, .disable, .threshold: nil
    case .metric(_, _, let checks): checks
    case .checks(let scope): scope
    }
  }

  /// What rules the order out; nil when nothing does.
  package var objection: Objection? {
    switch change {
    case .enable, .disable, .checks: nil
    case .threshold(let value), .metric(nil, let value, _): Self.objection(toThreshold: value)
    case .metric(let query?, let value, _):
      Self.objection(toQuery: query) ?? Self.objection(toQueryThreshold: value)
    }
  }

  package static func objection(toThreshold value: Double) -> Objection? {
    value > 0 && value.isFinite ? nil : .thresholdNotAboveZero
  }

  package static func objection(toQueryThreshold value: Double) -> Objection? {
    value >= 0 && value.isFinite ? nil : .queryThresholdBelowZero
  }

  /// What rules out a custom query; nil when nothing does.
  ///
  /// vtctld accepts any text; a tablet recognizes only queries that begin with these words, in any
  /// case (`GetMetricsQueryType` in go/vt/vttablet/tabletserver/throttle, v16 to v24).
  package static func objection(toQuery query: String) -> Objection? {
    if query.allSatisfy(\.isWhitespace) { return .noQuery }
    if query.unicodeScalars.count > 1024 { return .queryTooLong(limit: 1024) }
    if query.hasUnseen { return .queryHasUnseen }
    let start = query.lowercased()
    return start.hasPrefix("select") || start.hasPrefix("show global")
      ? nil : .queryUnreadable
  }
}
