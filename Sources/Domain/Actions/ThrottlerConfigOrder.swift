package import FleetModel

/// A change of a keyspace's throttler.
package struct ThrottlerConfigOrder: Sendable, Equatable {
  package enum Change: Sendable, Equatable {
    case enable
    case disable
    /// Above 0; of the default metric: seconds of lag unless a custom query is set.
    case threshold(Double)
    /// What is held against the threshold: the number that a query brings, or lag again without one;
    /// the threshold goes with it, above 0 seconds for lag, 0 and above for a query.
    ///
    /// `checks`: as for ``checks(_:)``; nil leaves it as it is.
    case metric(query: String?, threshold: Double, checks: DefaultMetric.Scope?)
    /// Whose value `/throttler/check` looks at: `check_as_check_self` and `check_as_check_shard`, v16 to
    /// v20.
    case checks(DefaultMetric.Scope)
  }

  package var keyspace: String
  package var change: Change

  package init(keyspace: String, _ change: Change) {
    self.keyspace = keyspace
    self.change = change
  }

  /// Whose value checks are to look at; nil where the order leaves that as it is.
  package var checks: DefaultMetric.Scope? {
    switch change {
    case .enable, .disable, .threshold: nil
    case .metric(_, _, let checks): checks
    case .checks(let scope): scope
    }
  }

  package var sentence: String {
    let verb =
      switch change {
      case .enable: "enable the throttler"
      case .disable: "disable the throttler"
      case .threshold(let value): "set the throttler's threshold to \(value.inFull)"
      case .metric(let query?, let threshold, let checks):
        "set the throttler's custom query to \"\(query)\" and its threshold to \(threshold.inFull)"
          + Self.words(checks)
      case .metric(nil, let threshold, let checks):
        "set the throttler back to lag and its threshold to \(threshold.inFull) s"
          + Self.words(checks)
      case .checks(.itself):
        "make checks look at the asked tablet's own value (check_as_check_self)"
      case .checks(.shard): "make checks look at the shard's value (check_as_check_shard)"
      }
    return "\(verb) on every tablet of keyspace \(keyspace), in topo"
  }

  private static func words(_ checks: DefaultMetric.Scope?) -> String {
    switch checks {
    case .itself?: ", of the asked tablet's own value (check_as_check_self),"
    case .shard?: ", of the shard's value (check_as_check_shard),"
    case nil: ""
    }
  }

  /// What speaks against the order; nil when nothing does.
  package var objection: String? {
    switch change {
    case .enable, .disable, .checks: nil
    case .threshold(let value), .metric(nil, let value, _): Self.objection(toThreshold: value)
    case .metric(let query?, let value, _):
      Self.objection(toQuery: query) ?? Self.objection(toQueryThreshold: value)
    }
  }

  package static func objection(toThreshold value: Double) -> String? {
    value > 0 && value.isFinite ? nil : "a threshold is a number above 0"
  }

  package static func objection(toQueryThreshold value: Double) -> String? {
    value >= 0 && value.isFinite ? nil : "a query's threshold is a number of 0 or more"
  }

  /// What speaks against a custom query; nil when nothing does.
  ///
  /// vtctld takes any text; a tablet reads what begins as here, in any case
  /// (`GetMetricsQueryType` in go/vt/vttablet/tabletserver/throttle, v16 to v24).
  package static func objection(toQuery query: String) -> String? {
    if query.allSatisfy(\.isWhitespace) { return "no query is given" }
    if query.unicodeScalars.count > 1024 { return "a query of more than 1024 characters" }
    if query.hasUnseen { return "the query has control or invisible characters" }
    let start = query.lowercased()
    return start.hasPrefix("select") || start.hasPrefix("show global")
      ? nil : "a throttler reads queries that begin with select or show global only"
  }
}
