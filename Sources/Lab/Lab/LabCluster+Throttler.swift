package import Terms

// What throttlers measure, and who asks them.
extension LabCluster {
  /// What a tablet's throttler knows now.
  package func readings(of alias: TabletAlias) -> ThrottlerValues {
    guard let tablet = tablets[alias], tablet.throttler.isEnabled else {
      return ThrottlerValues()
    }
    let throttler = tablet.throttler
    var readings = ThrottlerValues()
    let instant = throttler.collected(.own, at: now)
    for metric in measured(throttler) {
      readings.own[metric] = own(metric, of: tablet, at: instant)
    }
    if throttler.release.hasManyMetrics {
      readings.shard = [:]
      for metric in measured(throttler) {
        readings.shard?[metric] =
          throttler.isLeader ? shard(metric, of: tablet) : readings.own[metric]
      }
    } else if throttler.isLeader || (throttler.hasLed && throttler.release <= .v16) {
      readings.shard = [throttler.defaultMetric: shard(throttler.defaultMetric, of: tablet)]
    }
    return readings
  }

  /// Closes a tablet's throttler; its gauges keep their last values.
  mutating func closeThrottler(_ alias: TabletAlias) {
    keepReadings(of: alias)
    tablets[alias]?.throttler.close(at: now)
  }

  mutating func keepReadings(of alias: TabletAlias) {
    guard tablets[alias]?.throttler.isEnabled == true else { return }
    let readings = readings(of: alias)
    tablets[alias]?.throttler.lastReadings = readings
    tablets[alias]?.throttler.remember(readings, at: now)
  }

  private func measured(_ throttler: Throttler) -> [ThrottlerMetric] {
    guard throttler.release.hasManyMetrics else { return [throttler.defaultMetric] }
    return ThrottlerMetric.allCases.filter { $0 != .default && $0.exists(in: throttler.release) }
  }

  /// A metric of the tablet itself; lag is measured, the machine's load is invented but steady.
  private func own(
    _ metric: ThrottlerMetric, of tablet: Tablet, at instant: Instant
  ) -> ThrottlerValue {
    switch metric {
    case .lag, .default:
      guard let lag = heartbeatLag(tablet.alias, at: instant) else { return .notCollected }
      return .value((lag * 1e6).rounded() / 1e6)
    case .custom:
      guard !tablet.throttler.config.customQuery.isEmpty else { return .value(0) }
      switch CustomQuery.result(
        of: tablet.throttler.config.customQuery, threadsRunning: threadsRunning(tablet, instant),
        threadsConnected: Double(12 + tablet.openTransactions.count))
      {
      case .success(let value): return .value(value)
      case .failure(let failure):
        return .failure(failure.text, of: tablet.alias, isConnection: false)
      }
    case .threadsRunning: return .value(threadsRunning(tablet, instant))
    case .loadavg: return .value(hum(tablet, 1, instant, 0.05, 0.6, 200))
    case .mysqldLoadavg: return .value(hum(tablet, 2, instant, 0.05, 0.6, 200))
    case .historyListLength: return .value(hum(tablet, 3, instant, 0, 40, 1))
    case .mysqldDatadirUsedRatio: return .value(0.1143)
    }
  }

  private func threadsRunning(_ tablet: Tablet, _ instant: Instant) -> Double {
    2 + hum(tablet, 4, instant, 0, 2, 1) + Double(tablet.openTransactions.count)
  }

  /// A number that changes every five seconds, the same for the same seed.
  private func hum(
    _ tablet: Tablet, _ salt: UInt64, _ instant: Instant, _ low: Double, _ high: Double,
    _ grain: Double
  ) -> Double {
    let slot = UInt64(bitPattern: instant.nanoseconds / 5_000_000_000)
    var generator = SeededGenerator(
      seed: configuration.seed &+ UInt64(tablet.alias.uid) &* 31 &+ salt &* 1009 &+ slot &* 7919)
    return (Double.random(in: low...high, using: &generator) * grain).rounded() / grain
  }

  /// A metric of the shard: the worst among the tablets that its leader probes.
  private func shard(_ metric: ThrottlerMetric, of leader: Tablet) -> ThrottlerValue {
    let throttler = leader.throttler
    // The first values come with the first collection after the tablet list is known.
    if let since = throttler.ledSince, now - since < .milliseconds(400), throttler.isLeader {
      return .notCollected
    }
    let instant = throttler.collected(.shard, at: now)
    var worst: Double?
    for alias in tabletsOfShard[leader.shard] ?? [] where alias != leader.alias {
      guard let tablet = tablets[alias] else { continue }
      // Up to v16 a former leader keeps the list it had, which includes its successor.
      guard throttler.config.probedTypes.contains(tablet.type) || !throttler.isLeader else {
        continue
      }
      guard tablet.isReachable, !isSplit(.tablet(leader.alias), .tablet(alias)) else {
        if throttler.release >= .v18 { continue }
        let port = webPort(of: alias)
        return .failure(
          "Get \"http://127.0.0.1:\(port)/throttler/check-self?app=vitess\": dial tcp "
            + "127.0.0.1:\(port): connect: connection refused", of: alias, isConnection: true)
      }
      // A tablet whose mysqld is down has a closed throttler, which reports a genuine 0.
      let reading = tablet.throttler.isEnabled ? own(metric, of: tablet, at: instant) : .value(0)
      switch reading {
      case .value(let value): worst = max(worst ?? value, value)
      case .failure(let text, _, _): return .failure(text, of: alias, isConnection: false)
      case .notCollected: return .failure("Status code: 500", of: alias, isConnection: false)
      }
    }
    if throttler.release.hasManyMetrics {
      let reading = own(metric, of: leader, at: throttler.collected(.own, at: now))
      guard case .value(let value) = reading else { return reading }
      worst = max(worst ?? value, value)
    }
    return .value(worst ?? 0)
  }

  // MARK: Questions and orders

  /// Answers a check on a tablet, which may start a lease of heartbeats.
  package mutating func check(
    _ check: Throttler.Check, on alias: TabletAlias
  ) -> ThrottlerAnswer? {
    let readings = readings(of: alias)
    tablets[alias]?.throttler.remember(readings, at: now)
    guard
      let (answer, wantsHeartbeats) = tablets[alias]?.throttler.answer(
        check, readings, at: now, random: &random)
    else { return nil }
    if wantsHeartbeats { requestHeartbeats(from: alias) }
    return answer
  }

  /// An app asks the primary whether it may go on.
  mutating func checkForApp(_ shard: ShardName, _ index: Int) {
    let asking = configuration.asking[index]
    after(asking.interval, .appAsks(shard, index: index))
    guard let primary = topology.shards[shard]?.primary, tablets[primary]?.isReachable == true
    else { return }
    _ = check(Throttler.Check(app: asking.app, scope: .shard), on: primary)
  }

  private mutating func requestHeartbeats(from alias: TabletAlias) {
    guard let tablet = tablets[alias], let lease = configuration.heartbeatLease else { return }
    // A replica wakes its primary: from v20 on the throttlers see to that, every now and then.
    let leader = topology.shards[tablet.shard]?.primary
    if leader != alias, let leader {
      guard configuration.release.onlyLeaderRequestsHeartbeats else { return }
      tablets[leader]?.throttler.stimulate(at: now)
    }
    let minimum: Duration = configuration.release >= .v21 ? .seconds(4) : .zero
    let end = now + max(lease, minimum)
    leases[tablet.shard] = max(leases[tablet.shard] ?? end, end)
    if let primary = leader, tablets[primary]?.isServing == true {
      startHeartbeats(of: tablet.shard)
    }
    agenda.add(.leaseEnds(tablet.shard), at: end)
  }

  mutating func endLease(_ shard: ShardName) {
    guard let end = leases[shard], end <= now else { return }
    leases[shard] = nil
    let now = now
    logs[shard]?.withHeartbeats { $0.stop(at: now) }
  }

  /// Counts a `GetThrottlerStatus`, which wakes no throttler.
  package mutating func countStatusRequest(on alias: TabletAlias) {
    tablets[alias]?.throttler.statusRequests += 1
  }

  /// `/throttler/throttle-app`: one tablet only, in its memory.
  package mutating func throttle(
    _ app: String, on alias: TabletAlias, for duration: Duration, ratio: Double
  ) -> ThrottlerRule? {
    tablets[alias]?.throttler.throttle(app, for: duration, ratio: ratio, at: now)
  }

  /// `/throttler/unthrottle-app`.
  package mutating func unthrottle(_ app: String, on alias: TabletAlias) -> ThrottlerRule? {
    tablets[alias]?.throttler.unthrottle(app, at: now)
  }

  // MARK: UpdateThrottlerConfig

  /// What `UpdateThrottlerConfig` asks for; nil and false leave things as they are.
  package struct ThrottlerUpdate: Sendable {
    package var enable = false
    package var disable = false
    package var threshold = 0.0
    /// If set, replaces both the query and the threshold.
    package var customQuery: String?
    package var checkAsCheckSelf = false
    package var checkAsCheckShard = false
    package var app: (name: String, rule: ThrottlerRule?)?
    package var metric = ""
    package var appMetrics: (app: String, metrics: [String])?

    package init() {}
  }

  /// Rewrites a keyspace's throttler configuration; its tablets follow within a second.
  package mutating func updateThrottlerConfig(
    _ keyspace: String, _ update: ThrottlerUpdate
  ) throws(Refusal) {
    let release = configuration.release
    guard !(update.enable && update.disable) else {
      throw Refusal("--enable and --disable are mutually exclusive")
    }
    if release < .v21, update.checkAsCheckSelf, update.checkAsCheckShard {
      throw Refusal("--check-as-check-self and --check-as-check-shard are mutually exclusive")
    }
    guard topology.keyspaces[keyspace] != nil else {
      throw Refusal("node doesn't exist: /vitess/global/keyspaces/\(keyspace)/")
    }
    if release >= .v21 {
      if !update.metric.isEmpty, !Throttler.knows(update.metric, release) {
        throw Refusal("unknown metric name: \(update.metric)")
      }
      for metric in update.appMetrics?.metrics ?? [] where !Throttler.knows(metric, release) {
        throw Refusal("invalid metric name: \(metric)")
      }
    }
    try apply(keyspace, update)
  }

  private mutating func apply(
    _ keyspace: String, _ update: ThrottlerUpdate
  ) throws(Refusal) {
    let release = configuration.release
    let now = now
    try rewrite(keyspace) { config in
      if update.enable { config.isEnabled = true }
      if update.disable { config.isEnabled = false }
      if !update.metric.isEmpty {
        config.metricThresholds[update.metric] = update.threshold > 0 ? update.threshold : nil
      } else if let query = update.customQuery {
        config.customQuery = query
        config.threshold = update.threshold
      } else if update.threshold > 0 {
        config.threshold = update.threshold
      }
      if release < .v21 {
        if update.checkAsCheckSelf { config.checkAsCheckSelf = true }
        if update.checkAsCheckShard { config.checkAsCheckSelf = false }
      }
      if let app = update.app, !app.name.isEmpty {
        // Without an expiry it lasts an hour up to v21, and is deleted from v22 on.
        let rule = app.rule
        let isExpired = rule.map { $0.expiresAt <= now } ?? true
        config.rules[app.name] = release.deletesExpiredRules && isExpired ? nil : rule
      }
      if let app = update.appMetrics {
        config.appMetrics[app.app] = app.metrics.isEmpty ? nil : app.metrics
      }
    }
  }

  private mutating func rewrite(
    _ keyspace: String, _ body: (inout ThrottlerConfig) -> Void
  ) throws(Refusal) {
    guard var record = topology.keyspaces[keyspace], configuration.release >= .v16 else {
      throw Refusal("node doesn't exist: /vitess/global/keyspaces/\(keyspace)/")
    }
    var config =
      record.throttler ?? ThrottlerConfig(threshold: configuration.release.defaultThreshold)
    let before = config
    body(&config)
    guard config != before else { return }
    record.throttler = config
    topology.keyspaces[keyspace] = record
    guard configuration.throttlersFollowTopo else { return }
    for shard in record.shards {
      for alias in tabletsOfShard[ShardName(keyspace: keyspace, shard: shard)] ?? [] {
        after(between(.milliseconds(100), .milliseconds(700)), .tablet(alias, .config))
      }
    }
  }
}
