package import Terms

/// A metric of the tablet throttler.
///
/// Up to v20 there is one: lag, or a custom query in its place.
package enum ThrottlerMetric: String, Sendable, CaseIterable, Comparable {
  case custom
  /// Stands for lag, or for the custom query where one is set.
  case `default`
  case historyListLength = "history_list_length"
  case lag
  case loadavg
  case mysqldDatadirUsedRatio = "mysqld-datadir-used-ratio"
  case mysqldLoadavg = "mysqld-loadavg"
  case threadsRunning = "threads_running"

  package static func < (left: ThrottlerMetric, right: ThrottlerMetric) -> Bool {
    left.rawValue < right.rawValue
  }

  package func exists(in release: VitessRelease) -> Bool {
    switch self {
    case .historyListLength, .mysqldDatadirUsedRatio, .mysqldLoadavg: release >= .v22
    default: true
    }
  }

  /// Lag is measured across the shard, everything else on the tablet itself.
  var defaultScope: ThrottlerScope { self == .lag ? .shard : .own }

  /// The threshold that applies unless the configuration sets another.
  func standardThreshold(_ release: VitessRelease) -> Double {
    switch self {
    case .lag, .default: release.defaultThreshold
    case .threadsRunning: 100
    case .custom: 0
    case .loadavg, .mysqldLoadavg: 1
    case .historyListLength: 1e9
    case .mysqldDatadirUsedRatio: 0.98
    }
  }
}

package enum ThrottlerScope: String, Sendable {
  case own = "self"
  case shard
}

/// What the throttler found at its last collection.
package enum ThrottlerValue: Sendable, Equatable {
  case value(Double)
  /// `isConnection`: the tablet could not be reached, as opposed to refusing.
  case failure(String, of: TabletAlias, isConnection: Bool)
  case notCollected
}

/// What a throttler knows at one moment, by scope and metric; scopes it does not watch are absent.
package struct ThrottlerValues: Sendable {
  package var own: [ThrottlerMetric: ThrottlerValue] = [:]
  package var shard: [ThrottlerMetric: ThrottlerValue]?

  package subscript(scope: ThrottlerScope, metric: ThrottlerMetric) -> ThrottlerValue? {
    scope == .own ? own[metric] : shard?[metric]
  }
}

/// `CheckThrottlerResponseCode`, v21 and later; earlier releases use HTTP's codes for the same.
package enum ThrottlerVerdict: Int, Sendable {
  case ok = 1
  case thresholdExceeded = 2
  case appDenied = 3
  case unknownMetric = 4
  case internalError = 5

  package var httpStatus: Int {
    switch self {
    case .ok: 200
    case .thresholdExceeded: 429
    case .appDenied: 417
    case .unknownMetric: 404
    case .internalError: 500
    }
  }
}

/// The answer to one check.
package struct ThrottlerAnswer: Sendable, Equatable {
  package struct Metric: Sendable, Equatable {
    package var verdict: ThrottlerVerdict
    package var scope: ThrottlerScope
    package var value = 0.0
    package var threshold = 0.0
    package var message = ""
  }

  package var verdict = ThrottlerVerdict.ok
  package var value = 0.0
  package var threshold = 0.0
  package var message = ""
  package var recentlyChecked = false
  /// Empty when the throttler, being off or closed, did not check at all.
  package var app = ""
  package var metricName = ""
  package var scope: ThrottlerScope?
  /// By the name asked for, from v21 on; nil when the throttler is off or closed.
  package var metrics: [String: Metric]?
  package var summary = ""

  package init() {}
}

/// A rule that denies an app its checks, or exempts it from all other rules.
package struct ThrottlerRule: Sendable, Equatable {
  package var expiresAt: Instant
  package var ratio: Double
  package var isExempt: Bool

  package init(expiresAt: Instant, ratio: Double, isExempt: Bool = false) {
    self.expiresAt = expiresAt
    self.ratio = ratio
    self.isExempt = isExempt
  }
}

/// A throttler's configuration: a tablet's flags up to v17, `Keyspace.throttler_config` from v16 on.
package struct ThrottlerConfig: Sendable, Equatable {
  package var isEnabled = true
  package var threshold: Double
  package var customQuery = ""
  package var checkAsCheckSelf = false
  /// The types of tablet that a primary probes: `--throttle_tablet_types`, which is no part of topo's
  /// record.
  package var probedTypes: Set<TabletType> = [.replica]
  package var rules: [String: ThrottlerRule] = [:]
  package var appMetrics: [String: [String]] = [:]
  package var metricThresholds: [String: Double] = [:]

  package init(threshold: Double) { self.threshold = threshold }
}
