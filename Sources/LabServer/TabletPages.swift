internal import FleetModel
internal import FoundationEssentials
internal import Lab

/// What a vttablet of release 20 serves.
enum TabletPages {
  static func throttlerStatus(
    _ tablet: Tablet, _ throttler: ThrottlerState, at now: Instant
  ) -> String {
    let time = rfc3339(now)
    var metrics: [String] = []
    var health: [String] = []
    for (name, value) in [
      ("mysql/self", throttler.selfValue), ("mysql/shard", throttler.shardValue),
    ] {
      guard let value else { continue }
      metrics.append("\"\(name)\":{\"Value\":\(micro(value))}")
      health.append("\"\(name)\":{\"LastHealthyAt\":\"\(time)\",\"SecondsSinceLastHealthy\":0}")
    }
    return """
      {"Keyspace":\(JSONText.string(tablet.shard.keyspace)),\
      "Shard":\(JSONText.string(tablet.shard.shard)),"IsLeader":\(throttler.isLeader),\
      "IsOpen":\(throttler.isOpen),"IsEnabled":true,"IsDormant":false,"IsRecentlyChecked":true,\
      "Query":"select unix_timestamp(now(6))-max(ts/1000000000) as replication_lag from _vt.heartbeat",\
      "Threshold":\(throttler.threshold),"AggregatedMetrics":{\(metrics.joined(separator: ","))},\
      "MetricsHealth":{\(health.joined(separator: ","))}}

      """
  }

  static func throttledApps(_ apps: [ThrottledApp], startedAt: Instant, at now: Instant) -> String {
    let builtIn = ThrottledApp(
      name: "always-throttled-app", expiresAt: startedAt + .seconds(315_360_000), ratio: 1)
    let texts = ([builtIn] + apps.filter { $0.expiresAt > now }).map { app in
      """
      {"AppName":\(JSONText.string(app.name)),"ExpireAt":"\(rfc3339(app.expiresAt))",\
      "Ratio":\(app.ratio),"Exempt":\(app.isExempt)}
      """
    }
    return "[\(texts.joined(separator: ","))]\n"
  }

  static func checkSelf(_ throttler: ThrottlerState) -> Page {
    guard let value = throttler.selfValue else {
      return .json(check(status: 200, value: 0, threshold: 0, message: ""))
    }
    let isOver = value > throttler.threshold
    return .status(
      isOver ? 429 : 200,
      check(
        status: isOver ? 429 : 200, value: value, threshold: throttler.threshold,
        message: isOver ? "Threshold exceeded" : ""))
  }

  private static func check(
    status: Int, value: Double, threshold: Double, message: String
  ) -> String {
    """
    {"StatusCode":\(status),"Value":\(micro(value)),"Threshold":\(threshold),\
    "Message":\(JSONText.string(message)),"RecentlyChecked":false}

    """
  }

  static func metrics(_ tablet: Tablet, _ throttler: ThrottlerState, startedAt: Instant) -> String {
    var text = MetricsText()
    text.family(
      "process_start_time_seconds", "gauge",
      "Start time of the process since unix epoch in seconds.")
    text.sample("process_start_time_seconds", [], startedAt.secondsSinceEpoch)
    text.family("vttablet_replication_lag_sec", "gauge", "replication lag in seconds")
    text.sample(
      "vttablet_replication_lag_sec", [],
      tablet.type == .primary ? 0 : Int(tablet.replication.lag))
    text.family(
      "vttablet_tablet_server_state", "gauge", "Tablet server state labeled by state name")
    text.sample(
      "vttablet_tablet_server_state", [("name", tablet.isServing ? "SERVING" : "NOT_SERVING")], 1)
    text.family("vttablet_tablet_state", "gauge", "Tablet server state")
    text.sample("vttablet_tablet_state", [], tablet.isServing ? 2 : 1)
    text.family(
      "vttablet_tablet_type_count", "counter",
      "Number of times the tablet changed to the labeled type")
    for (type, count) in tablet.typeCounts.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      text.sample("vttablet_tablet_type_count", [("type", type.description)], count)
    }
    for (name, value) in [("self", throttler.selfValue), ("shard", throttler.shardValue)] {
      guard let value else { continue }
      text.family("vttablet_throttler_aggregated_mysql_\(name)", "gauge", "aggregated value")
      text.sample("vttablet_throttler_aggregated_mysql_\(name)", [], value)
    }
    return text.text
  }

  static func vars(_ tablet: Tablet) -> String {
    """
    {"BuildVersion":"20.0.8","TabletAlias":"\(tablet.alias)",\
    "TabletKeyspace":\(JSONText.string(tablet.shard.keyspace)),\
    "TabletShard":\(JSONText.string(tablet.shard.shard)),"TabletType":"\(tablet.type)",\
    "TabletStateName":"\(tablet.isServing ? "SERVING" : "NOT_SERVING")","cmdline":["vttablet"]}

    """
  }

  /// Microseconds, as the throttler's query brings them.
  private static func micro(_ value: Double) -> Double { (value * 1e6).rounded() / 1e6 }

  private static func rfc3339(_ instant: Instant) -> String {
    Date(timeIntervalSince1970: instant.secondsSinceEpoch).formatted(.iso8601)
  }
}
