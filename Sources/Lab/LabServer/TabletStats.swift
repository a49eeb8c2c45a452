internal import Lab
internal import Stats
internal import Terms

/// The variables of one vttablet, live.
enum TabletStats {
  static func families(_ tablet: Tablet, _ cluster: LabCluster) -> [StatFamily] {
    state(tablet, cluster) + heartbeats(tablet, cluster) + throttler(tablet, cluster)
  }

  private static func gauge(
    _ name: String, _ value: Double, type: String = "gauge", help: String = ""
  ) -> StatFamily {
    .live(name, type, .vttablet, help: help, [([], value)])
  }

  private static func state(_ tablet: Tablet, _ cluster: LabCluster) -> [StatFamily] {
    var start = StatFamily(
      variable: nil, metric: "process_start_time_seconds", type: "gauge", bounds: nil, labels: [],
      help: "")
    let seconds = (tablet.startedAt + tablet.clockSkew).secondsSinceEpoch
    start.series = [.init(labels: [], value: .number((seconds * 100).rounded() / 100))]
    let identity = [
      tablet.type.description.uppercased(), tablet.shard.keyspace, tablet.shard.shard,
    ]
    let isNamed = cluster.configuration.release.namesTabletInServerState
    let inserts = tablet.queries / 2
    var families = [
      start,
      .live(
        "TabletServerState", "gauge", .vttablet,
        labels: ["name"] + (isNamed ? ["type", "keyspace", "shard"] : []),
        [([tablet.state.rawValue] + (isNamed ? identity : []), 1)]),
      gauge("TabletState", tablet.isServing ? 2 : 1),
      .live(
        "TabletTypeCount", "counter", .vttablet, labels: ["type"],
        tablet.typeCounts.map { ([$0.key.description], Double($0.value)) }),
      gauge("ReplicationLagSec", Double(cluster.lagSeconds(tablet.alias))),
      .live(
        "Uptime", "gauge", .vttablet,
        cluster.configuration.release < .v18
          ? [] : [([], Double((cluster.now - tablet.startedAt).wholeNanoseconds))]),
    ]
    if tablet.queries > 0 {
      let counts = [(["t1", "Insert"], inserts), (["t1", "Select"], tablet.queries - inserts)]
      families.append(
        .live(
          "QueryCounts", "counter", .vttablet, labels: ["table", "plan"],
          counts.map { ($0.0, Double($0.1)) }))
      families.append(
        .live(
          "QueryErrorCounts", "counter", .vttablet, labels: ["table", "plan"],
          counts.map { ($0.0, $0.0[1] == "Insert" ? Double(tablet.queryErrors) : 0) }))
    }
    return families
  }

  private static func heartbeats(_ tablet: Tablet, _ cluster: LabCluster) -> [StatFamily] {
    let isPrimary = tablet.type == .primary
    // The reader runs only on replicas, and not when heartbeats are written on demand.
    let isRead = !isPrimary && cluster.configuration.heartbeatsOnDemand == nil
    let lag = isRead ? cluster.heartbeatLag(tablet.alias, at: cluster.now) ?? 0 : 0
    return [
      gauge("HeartbeatCurrentLagNs", (lag * 1e9).rounded()),
      gauge("HeartbeatCumulativeLagNs", 0, type: "counter"),
      gauge("HeartbeatReads", 0, type: "counter"), gauge("HeartbeatReadErrors", 0, type: "counter"),
      gauge(
        "HeartbeatWrites", Double(cluster.heartbeatsWritten(by: tablet.alias)), type: "counter"),
      gauge("HeartbeatWriteErrors", 0, type: "counter"),
    ]
  }

  // MARK: The throttler

  private static func throttler(_ tablet: Tablet, _ cluster: LabCluster) -> [StatFamily] {
    let release = cluster.configuration.release
    guard release.exportsThrottler else { return [] }
    let throttler = tablet.throttler
    let readings = cluster.readings(of: tablet.alias)
    var families: [StatFamily] = []
    for (scope, name) in [(ThrottlerScope.own, "Self"), (.shard, "Shard")] {
      for metric in ThrottlerMetric.allCases where metric.exists(in: release) {
        let source = metric == .default ? throttler.defaultMetric : metric
        // A value stays when its metric fails or the throttler is closed.
        let shown = [readings[scope, source], throttler.lastReadings[scope, source]]
        guard let value = shown.lazy.compactMap(\.self?.number).first else { continue }
        if release.hasManyMetrics {
          families.append(
            gauge(
              "ThrottlerAggregated\(name)\(camel(metric))", value,
              help: "aggregated value for \(scope.rawValue)"))
        } else if metric == .default {
          families.append(
            gauge(
              "ThrottlerAggregatedMysql\(name)", value,
              help: "aggregated value for mysql.\(scope.rawValue)"))
        }
      }
      if readings[scope, throttler.defaultMetric] != nil {
        families.append(sinceHealthy(scope, name, tablet, cluster, readings))
      }
    }
    return families + checks(tablet, cluster)
  }

  private static func sinceHealthy(
    _ scope: ThrottlerScope, _ name: String, _ tablet: Tablet, _ cluster: LabCluster,
    _ readings: ThrottlerValues
  ) -> StatFamily {
    let throttler = tablet.throttler
    let reading = readings[scope, throttler.defaultMetric] ?? .notCollected
    let since = throttler.lastHealthy(scope, throttler.defaultMetric, reading, at: cluster.now)
    let seconds = since.map { Double(Int((cluster.now - $0).seconds)) } ?? 0
    return throttler.release.hasManyMetrics
      ? gauge("ThrottlerCheck\(name)SecondsSinceHealthy", seconds)
      : gauge("ThrottlerCheckMysql\(name)SecondsSinceHealthy", seconds)
  }

  private static func checks(_ tablet: Tablet, _ cluster: LabCluster) -> [StatFamily] {
    let throttler = tablet.throttler
    let release = throttler.release
    // Up to v19 the throttler's own checks, four a second, are counted with the others.
    let own = release < .v20 ? throttler.collections(at: cluster.now) : 0
    var families = [
      gauge("ThrottlerCheckAnyTotal", Double(throttler.checks + own), type: "counter"),
      gauge("ThrottlerCheckAnyError", Double(throttler.checkErrors), type: "counter"),
      gauge(
        "ThrottlerProbesTotal", Double(throttler.collections(at: cluster.now)), type: "counter"),
      gauge("ThrottlerProbesLatency", 700_000),
    ]
    if release >= .v20 {
      families.append(
        gauge("ThrottlerHeartbeatRequests", Double(throttler.heartbeatRequests), type: "counter"))
      families.append(gauge("ThrottlerProbeRecentlyChecked", 0, type: "counter"))
      families.append(gauge("ThrottlerCheckRequest", Double(throttler.checks), type: "counter"))
    }
    if release >= .v21 {
      families.append(
        gauge("GetThrottlerStatusRequest", Double(throttler.statusRequests), type: "counter"))
    }
    var counts = throttler.metricChecks
    if release < .v20, own > 0 { counts["self/", default: (0, 0)].total += own }
    for (key, count) in counts {
      let parts = key.split(separator: "/", omittingEmptySubsequences: false)
      let scope = parts[0] == "self" ? "Self" : "Shard"
      let metric = ThrottlerMetric(rawValue: String(parts[1])).map(camel) ?? ""
      let name =
        release.hasManyMetrics
        ? "ThrottlerCheck\(scope)\(metric)" : "ThrottlerCheckAnyMysql\(scope)"
      families.append(gauge(name + "Total", Double(count.total), type: "counter"))
      if count.errors > 0 || !release.hasManyMetrics {
        families.append(gauge(name + "Error", Double(count.errors), type: "counter"))
      }
    }
    return families
  }

  /// `history_list_length` as variables spell it: `HistoryListLength`.
  private static func camel(_ metric: ThrottlerMetric) -> String {
    metric.rawValue.split { $0 == "_" || $0 == "-" }
      .map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }
}

extension ThrottlerValue {
  fileprivate var number: Double? { if case .value(let value) = self { value } else { nil } }
}
