package import Terms

/// Flags of one vttablet: its throttler's, up to v17, and its heartbeats'.
///
/// They hold for its process and are gone when it starts without them.
package struct TabletFlags: Sendable, Equatable {
  /// `--throttle_threshold`: the lag from which checks are denied; nil: the release's own.
  package var threshold: Duration?
  /// `--throttle_metrics_query`: asked in place of lag.
  package var metricsQuery: String?
  /// `--throttle_metrics_threshold`: what its result is compared with.
  package var metricsThreshold: Double?
  /// `--throttle_tablet_types`: which tablets a primary probes; replicas are always among them.
  package var tabletTypes: Set<TabletType>?
  /// `--throttle_check_as_check_self`.
  package var checksAsCheckSelf: Bool?
  /// `--heartbeat_interval`.
  package var heartbeatInterval: Duration?

  package init() {}

  private var setsThrottler: Bool {
    threshold != nil || metricsQuery != nil || metricsThreshold != nil || tabletTypes != nil
      || checksAsCheckSelf != nil
  }

  /// Why a vttablet of that release does not take them; nil if it does.
  ///
  /// The words are the lab's.
  package func refusal(by release: VitessRelease) -> String? {
    if setsThrottler, !release.hasThrottlerFlags {
      return "from v18 on the throttler is configured in topo (throttler, UpdateThrottlerConfig)"
    }
    if let heartbeatInterval, heartbeatInterval < .milliseconds(10) {
      return "--heartbeat_interval must be at least 10ms here"
    }
    return nil
  }

  /// A throttler's configuration with what these set.
  func applied(to config: ThrottlerConfig) -> ThrottlerConfig {
    var config = config
    config.threshold = threshold?.seconds ?? config.threshold
    if let metricsQuery, !metricsQuery.isEmpty {
      config.customQuery = metricsQuery
      config.threshold = metricsThreshold ?? 0
    }
    config.checkAsCheckSelf = checksAsCheckSelf ?? config.checkAsCheckSelf
    config.probedTypes = (tabletTypes ?? []).union([.replica])
    return config
  }

  /// As on a command line.
  package var arguments: [String] {
    let values: [(String, String?)] = [
      ("throttle_threshold", threshold?.goText), ("throttle_metrics_query", metricsQuery),
      ("throttle_metrics_threshold", metricsThreshold.map { "\($0)" }),
      (
        "throttle_tablet_types",
        tabletTypes?.map(\.description).sorted().joined(separator: ",")
      ),
      ("throttle_check_as_check_self", checksAsCheckSelf.map { "\($0)" }),
      ("heartbeat_interval", heartbeatInterval?.goText),
    ]
    return values.compactMap { name, value in value.map { "--\(name)=\($0)" } }
  }
}
