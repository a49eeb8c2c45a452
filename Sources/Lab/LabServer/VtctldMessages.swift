internal import Lab
internal import LabProtobuf
internal import SwiftProtobuf
internal import Terms

// The lab's state as vtctld's messages.

extension Vttime_Time {
  init(_ instant: Instant) {
    self.init()
    seconds = instant.nanoseconds / 1_000_000_000
    nanoseconds = Int32(instant.nanoseconds % 1_000_000_000)
  }

  /// The instant; nil for the zero time, which means none.
  var instant: Instant? {
    seconds == 0 && nanoseconds == 0
      ? nil : Instant(nanoseconds: seconds &* 1_000_000_000 &+ Int64(nanoseconds))
  }
}

extension Vttime_Duration {
  var duration: Duration { .seconds(seconds) + .nanoseconds(Int64(nanos)) }
}

extension Topodata_TabletAlias {
  init(_ alias: TabletAlias) {
    self.init()
    cell = alias.cell
    uid = alias.uid
  }

  var alias: TabletAlias { TabletAlias(cell: cell, uid: uid) }
}

extension Topodata_KeyRange {
  /// Nil for a shard that is not a range.
  init?(ofShard shard: String) {
    guard let range = KeyRange(ofShard: shard) else { return nil }
    self.init()
    start = .init(range.start)
    end = .init(range.end)
  }
}

extension Topodata_Tablet {
  /// A tablet's record.
  ///
  /// In a list, a tablet that claims to be primary but is not the shard's is shown without a type;
  /// by itself it is shown as it stands.
  init(_ tablet: Tablet, _ cluster: LabCluster, inList: Bool = false) {
    self.init()
    alias = .init(tablet.alias)
    hostname = "127.0.0.1"
    portMap = [
      "vt": Int32(cluster.webPort(of: tablet.alias)),
      "grpc": Int32(cluster.grpcPort(of: tablet.alias)),
    ]
    keyspace = tablet.shard.keyspace
    shard = tablet.shard.shard
    if let range = Topodata_KeyRange(ofShard: shard) { keyRange = range }
    let isStale =
      inList && tablet.type == .primary
      && cluster.topology.shards[tablet.shard]?.primary != tablet.alias
    type = isStale ? .unknown : .init(rawValue: tablet.type.rawValue) ?? .unknown
    mysqlHostname = "127.0.0.1"
    mysqlPort = Int32(cluster.mysqlPort(of: tablet.alias))
    if let since = tablet.primarySince { primaryTermStartTime = .init(since) }
    let release = cluster.configuration.release
    if release >= .v14, release <= .v16 { dbServerVersion = "8.0.32" }
    defaultConnCollation = 255
  }
}

extension Vtctldata_Shard {
  init(_ name: ShardName, _ record: Topology.Shard) {
    self.init()
    keyspace = name.keyspace
    self.name = name.shard
    shard = .with {
      if let primary = record.primary { $0.primaryAlias = .init(primary) }
      if let since = record.primarySince { $0.primaryTermStartTime = .init(since) }
      if let range = Topodata_KeyRange(ofShard: name.shard) { $0.keyRange = range }
      $0.isPrimaryServing = record.isPrimaryServing
      if !record.deniedTables.isEmpty {
        $0.tabletControls = [.init(denying: record.deniedTables)]
      }
    }
  }
}

extension Topodata_ThrottledAppRule {
  init(_ app: String, _ rule: ThrottlerRule) {
    self.init()
    name = app
    ratio = rule.ratio
    expiresAt = .init(rule.expiresAt)
    exempt = rule.isExempt
  }
}

extension Topodata_ThrottlerConfig {
  init(_ config: ThrottlerConfig) {
    self.init()
    enabled = config.isEnabled
    threshold = config.threshold
    customQuery = config.customQuery
    checkAsCheckSelf = config.checkAsCheckSelf
    for (app, rule) in config.rules { throttledApps[app] = .init(app, rule) }
    for (app, metrics) in config.appMetrics {
      appCheckedMetrics[app] = .with { $0.names = metrics }
    }
    metricThresholds = config.metricThresholds
  }
}

extension Vtctldata_Keyspace {
  init(_ record: Topology.Keyspace, _ release: VitessRelease) {
    self.init()
    name = record.name
    keyspace = .with {
      $0.durabilityPolicy = record.durabilityPolicy
      if let config = record.throttler { $0.throttlerConfig = .init(config) }
      if release.hasSidecarName { $0.sidecarDbName = "_vt" }
    }
  }
}

extension Topodata_SrvKeyspace {
  init(_ record: Topology.Keyspace, _ topology: Topology) {
    self.init()
    let serving = topology.partition(of: record.name)
    let disabled = serving.filter {
      topology.disabled.contains(ShardName(keyspace: record.name, shard: $0))
    }
    partitions = [Topodata_TabletType.primary, .replica, .rdonly].map { type in
      .with {
        $0.servedType = type
        $0.shardReferences = serving.map { shard in
          .with {
            $0.name = shard
            if let range = Topodata_KeyRange(ofShard: shard) { $0.keyRange = range }
          }
        }
        guard type == .primary else { return }
        $0.shardTabletControls = disabled.map { shard in
          .with {
            $0.name = shard
            if let range = Topodata_KeyRange(ofShard: shard) { $0.keyRange = range }
            $0.queryServiceDisabled = true
          }
        }
      }
    }
    if let config = record.throttler { throttlerConfig = .init(config) }
  }
}

extension Replicationdata_Status {
  init(_ tablet: Tablet, _ cluster: LabCluster) {
    self.init()
    position = cluster.position(of: tablet.alias)
    guard tablet.type != .primary else { return }
    let (io, sql) = (
      tablet.replication.isIOThreadRunning, tablet.replication.isSQLThreadRunning
    )
    if cluster.configuration.release <= .v14 {
      ioThreadRunning = io
      sqlThreadRunning = sql
    }
    // 1 stopped, 3 running.
    ioState = io ? 3 : 1
    sqlState = sql ? 3 : 1
    replicationLagSeconds = UInt32(clamping: cluster.lagSeconds(tablet.alias))
    replicationLagUnknown = !sql
    if let source = cluster.topology.shards[tablet.shard]?.primary {
      sourceHost = "127.0.0.1"
      sourcePort = Int32(cluster.mysqlPort(of: source))
    }
  }
}

extension Logutil_Event {
  init(_ line: Reparent.LogLine) {
    self.init()
    time = .init(line.at)
    level = line.isWarning ? .warning : .info
    file = line.file
    self.line = Int64(line.line)
    value = line.text
  }
}

extension Tabletmanagerdata_CheckThrottlerResponse {
  init(_ answer: ThrottlerAnswer, _ release: VitessRelease) {
    self.init()
    if release < .v22 { statusCode = Int32(answer.verdict.httpStatus) }
    value = answer.value
    threshold = answer.threshold
    error = answer.message
    message = answer.message
    recentlyChecked = answer.recentlyChecked
    appName = answer.app
    summary = answer.summary
    responseCode = .init(rawValue: answer.verdict.rawValue) ?? .undefined
    guard let asked = answer.metrics else {
      // A throttler that is off, or asked by an exempt app, answers with an unnamed metric.
      metrics["default"] = .with { $0.responseCode = .ok }
      return
    }
    for (name, metric) in asked {
      metrics[name] = .with {
        $0.name = name
        if release < .v22 { $0.statusCode = Int32(metric.verdict.httpStatus) }
        $0.value = metric.value
        $0.threshold = metric.threshold
        $0.message = metric.message
        $0.scope = metric.scope.rawValue
        $0.responseCode = .init(rawValue: metric.verdict.rawValue) ?? .undefined
      }
    }
  }
}

extension Tabletmanagerdata_GetThrottlerStatusResponse {
  init(_ tablet: Tablet, _ cluster: LabCluster) {
    self.init()
    let throttler = tablet.throttler
    let now = cluster.now
    tabletAlias = tablet.alias.description
    keyspace = tablet.shard.keyspace
    shard = tablet.shard.shard
    isLeader = throttler.isLeader
    isOpen = throttler.isOpen
    isEnabled = throttler.isEnabled
    isDormant = throttler.isDormant(at: now)
    let query = throttler.config.customQuery
    lagMetricQuery = query.isEmpty ? ThrottlerPages.lagQuery : query
    customMetricQuery = query
    defaultThreshold = throttler.config.threshold
    metricNameUsedAsDefault = throttler.defaultMetric.rawValue
    recentlyChecked = throttler.isRecentlyChecked(at: now)
    measurements(throttler, cluster.readings(of: tablet.alias), at: now)
    for (metric, threshold) in throttler.thresholds {
      metricThresholds[metric.rawValue] = threshold
      metricThresholds["inventory/\(metric.rawValue)"] = threshold
    }
    for (metric, threshold) in throttler.config.metricThresholds {
      metricThresholds["config/\(metric)"] = threshold
    }
    for (app, rule) in throttler.activeRules(at: now) {
      throttledApps[app] = .init(app, rule)
    }
    for (app, metrics) in throttler.config.appMetrics {
      appCheckedMetrics[app] = metrics.joined(separator: ",")
    }
    for (app, recent) in throttler.recentApps {
      recentApps[app] = .with {
        $0.checkedAt = .init(recent.checkedAt)
        if throttler.release < .v22 { $0.statusCode = Int32(recent.verdict.httpStatus) }
        $0.responseCode = .init(rawValue: recent.verdict.rawValue) ?? .undefined
      }
    }
  }

  private mutating func measurements(
    _ throttler: Throttler, _ readings: ThrottlerValues, at now: Instant
  ) {
    for (scope, values) in [(ThrottlerScope.own, readings.own), (.shard, readings.shard ?? [:])] {
      for (metric, reading) in values {
        var names = ["\(scope.rawValue)/\(metric.rawValue)"]
        if metric == throttler.defaultMetric { names.append(scope.rawValue) }
        for name in names {
          aggregatedMetrics[name] = .with {
            switch reading {
            case .value(let value): $0.value = value
            case .failure(let text, _, _): $0.error = text
            case .notCollected: $0.error = "metric not collected yet"
            }
          }
          guard let healthy = throttler.lastHealthy(scope, metric, reading, at: now) else {
            continue
          }
          metricsHealth[name] = .with {
            $0.lastHealthyAt = .init(healthy)
            $0.secondsSinceLastHealthy = Int64((now - healthy).seconds)
          }
        }
      }
    }
  }
}
