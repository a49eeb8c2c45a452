internal import Lab
internal import Stats
internal import Terms

/// What a vttablet answers below `/throttler/`: all routes up to v21, a single one from v22 on.
enum ThrottlerPages {
  /// The answer to a path; nil where the release has no such page.
  static func answer(
    _ target: RequestTarget, on alias: TabletAlias,
    _ cluster: inout LabCluster
  ) -> Page? {
    let release = cluster.configuration.release
    let path = target.path
    guard path == "/throttler/check-self" || release.hasThrottlerPages else { return nil }
    switch path {
    case "/throttler/check-self", "/throttler/check":
      var check = Throttler.Check(
        app: target.value("app"), scope: path == "/throttler/check" ? .shard : .own)
      check.isLowPriority = target.value("p") == "low"
      check.skipsHeartbeats = target.value("s") == "true" && release >= .v16
      check.metrics = target.query.filter { $0.name == "m" && !$0.value.isEmpty }.map(\.value)
      if !release.hasManyMetrics { check.metrics = [] }
      guard let answer = cluster.check(check, on: alias) else { return nil }
      return .check(answer.verdict.httpStatus, self.check(answer, release).text() + "\n")
    case "/throttler/status": return .throttler(status(alias, cluster).text() + "\n")
    case "/throttler/throttled-apps": return .throttler(throttledApps(alias, cluster))
    case "/throttler/throttle-app":
      return throttle(
        target.value("app") ?? "", duration: target.value("duration") ?? "",
        ratio: target.value("ratio"), alias,
        &cluster)
    case "/throttler/unthrottle-app":
      let app = target.value("app") ?? ""
      guard let rule = cluster.unthrottle(app, on: alias) else { return nil }
      return .throttler(self.rule(app, rule, release))
    default: return nil
    }
  }

  // MARK: Rules

  private static func throttle(
    _ app: String, duration text: String, ratio: String?, _ alias: TabletAlias,
    _ cluster: inout LabCluster
  ) -> Page? {
    let duration: Duration
    do {
      duration = try Duration(goText: text)
    } catch {
      return .failure("not ok: \(error)\n")
    }
    var value = 1.0
    if let ratio, !ratio.isEmpty {
      guard let parsed = GoFloat.parse(ratio) else {
        return .failure(
          "not ok: strconv.ParseFloat: parsing \(goQuoted(ratio)): invalid syntax\n")
      }
      value = parsed
    }
    guard let rule = cluster.throttle(app, on: alias, for: duration, ratio: value) else {
      return nil
    }
    return .throttler(self.rule(app, rule, cluster.configuration.release))
  }

  /// One rule as `AppThrottle`; empty when JSON cannot represent its number.
  private static func rule(_ app: String, _ rule: ThrottlerRule, _ release: VitessRelease) -> String
  {
    rule.ratio.isFinite ? node(app, rule, release).text() + "\n" : ""
  }

  private static func node(
    _ app: String, _ rule: ThrottlerRule, _ release: VitessRelease
  ) -> JSONNode {
    var fields: [(String, JSONNode)] = [
      ("AppName", .string(app)), ("ExpireAt", .string(goTime(rule.expiresAt))),
      ("Ratio", .number(rule.ratio)),
    ]
    if release.hasExemptRules { fields.append(("Exempt", .bool(rule.isExempt))) }
    return .object(fields)
  }

  private static func throttledApps(_ alias: TabletAlias, _ cluster: LabCluster) -> String {
    let release = cluster.configuration.release
    let rules = cluster.tablets[alias]?.throttler.activeRules(at: cluster.now) ?? []
    // If any rule cannot be written, nothing is.
    guard rules.allSatisfy(\.rule.ratio.isFinite) else { return "" }
    if rules.isEmpty { return "null\n" }
    return JSONNode.array(rules.map { node($0.app, $0.rule, release) }).text() + "\n"
  }

  // MARK: Checks

  static func check(_ answer: ThrottlerAnswer, _ release: VitessRelease) -> JSONNode {
    let status = answer.verdict.httpStatus
    guard release.hasManyMetrics else {
      var fields: [(String, JSONNode)] = [
        ("StatusCode", .int(status)), ("Value", .number(answer.value)),
        ("Threshold", .number(answer.threshold)), ("Message", .string(answer.message)),
      ]
      if release.tellsRecentChecks {
        fields.append(("RecentlyChecked", .bool(answer.recentlyChecked)))
      }
      return .object(fields)
    }
    var fields: [(String, JSONNode)] = [("ResponseCode", .int(answer.verdict.rawValue))]
    if release < .v22 { fields.append(("StatusCode", .int(status))) }
    fields += [
      ("Value", .number(answer.value)), ("Threshold", .number(answer.threshold)),
      ("Message", .string(answer.message)), ("RecentlyChecked", .bool(answer.recentlyChecked)),
      ("AppName", .string(answer.app)), ("MetricName", .string(answer.metricName)),
      ("Scope", .string(answer.scope?.rawValue ?? "")),
    ]
    let metrics = answer.metrics.map { metrics in
      JSONNode.object(
        metrics.sorted { $0.key < $1.key }.map { name, metric in
          var inner: [(String, JSONNode)] = [("ResponseCode", .int(metric.verdict.rawValue))]
          if release < .v22 { inner.append(("StatusCode", .int(metric.verdict.httpStatus))) }
          inner += [
            ("Scope", .string(metric.scope.rawValue)), ("Value", .number(metric.value)),
            ("Threshold", .number(metric.threshold)), ("Message", .string(metric.message)),
            ("AppName", .string(answer.app)),
          ]
          return (name, .object(inner))
        })
    }
    fields.append(("Metrics", metrics ?? .null))
    return .object(fields)
  }

  // MARK: Status

  static let lagQuery =
    "select unix_timestamp(now(6))-max(ts/1000000000) as replication_lag from _vt.heartbeat"

  private static func status(_ alias: TabletAlias, _ cluster: LabCluster) -> JSONNode {
    guard let tablet = cluster.tablets[alias] else { return .null }
    let release = cluster.configuration.release
    let throttler = tablet.throttler
    let now = cluster.now
    var fields: [(String, JSONNode)] = [
      ("Keyspace", .string(tablet.shard.keyspace)), ("Shard", .string(tablet.shard.shard)),
      ("IsLeader", .bool(throttler.isLeader)), ("IsOpen", .bool(throttler.isOpen)),
    ]
    if release >= .v16 { fields.append(("IsEnabled", .bool(throttler.isEnabled))) }
    fields.append(("IsDormant", .bool(throttler.isDormant(at: now))))
    if release == .v20 {
      fields.append(("IsRecentlyChecked", .bool(throttler.isRecentlyChecked(at: now))))
    } else if release >= .v21 {
      fields.append(("RecentlyChecked", .bool(throttler.isRecentlyChecked(at: now))))
    }
    if release >= .v16 {
      let query = throttler.config.customQuery
      fields.append(("Query", .string(query.isEmpty ? lagQuery : query)))
      if release >= .v21 { fields.append(("CustomQuery", .string(query))) }
      fields.append(("Threshold", .number(throttler.config.threshold)))
    }
    if release >= .v21 {
      fields.append(("MetricNameUsedAsDefault", .string(throttler.defaultMetric.rawValue)))
    }
    let metrics = aggregated(tablet, cluster)
    fields.append(("AggregatedMetrics", .object(metrics.map { ($0.name, $0.node) })))
    if release >= .v21 { fields.append(("MetricsThresholds", thresholds(throttler))) }
    fields.append(("MetricsHealth", .object(metrics.compactMap(\.health))))
    if release >= .v21 {
      let rules = throttler.activeRules(at: now).filter { $0.rule.ratio.isFinite }
      fields.append(("ThrottledApps", .array(rules.map { node($0.app, $0.rule, release) })))
      fields.append(
        (
          "AppCheckedMetrics",
          .object(
            throttler.config.appMetrics.sorted { $0.key < $1.key }
              .map { ($0.key, .string($0.value.joined(separator: ","))) })
        ))
      fields.append(("RecentApps", recentApps(throttler)))
    }
    return .object(fields)
  }

  private static func recentApps(_ throttler: Throttler) -> JSONNode {
    .object(
      throttler.recentApps.sorted { $0.key < $1.key }.map { app, recent in
        (
          app,
          .object([
            ("AppName", .string(app)), ("CheckedAt", .string(goTime(recent.checkedAt))),
            ("StatusCode", .int(recent.verdict.httpStatus)),
            ("ResponseCode", .int(recent.verdict.rawValue)),
          ])
        )
      })
  }

  private static func thresholds(_ throttler: Throttler) -> JSONNode {
    let known = throttler.thresholds.map { ($0.key.rawValue, $0.value) }
    let both = known + known.map { ("inventory/\($0.0)", $0.1) }
    let configured = throttler.config.metricThresholds.map { ("config/\($0.key)", $0.value) }
    return .object(
      (both + configured).sorted { $0.0 < $1.0 }.map { ($0.0, .number($0.1)) })
  }

  private struct Aggregated {
    let name: String
    let node: JSONNode
    let health: (String, JSONNode)?
  }

  private static func aggregated(_ tablet: Tablet, _ cluster: LabCluster) -> [Aggregated] {
    let throttler = tablet.throttler
    let readings = cluster.readings(of: tablet.alias)
    var result: [Aggregated] = []
    for scope in [ThrottlerScope.own, .shard] {
      let scoped = scope == .own ? readings.own : readings.shard ?? [:]
      for (metric, reading) in scoped.sorted(by: { $0.key < $1.key }) {
        var names = ["\(scope.rawValue)/\(metric.rawValue)"]
        if !throttler.release.hasManyMetrics {
          names = ["mysql/\(scope.rawValue)"]
        } else if metric == throttler.defaultMetric {
          names.insert(scope.rawValue, at: 0)
        }
        let healthy = throttler.lastHealthy(scope, metric, reading, at: cluster.now)
        for name in names {
          result.append(
            Aggregated(
              name: name, node: node(reading, scope, metric, cluster),
              health: healthy.map { since in
                (
                  name,
                  .object([
                    ("LastHealthyAt", .string(goTime(since))),
                    ("SecondsSinceLastHealthy", .int(Int((cluster.now - since).seconds))),
                  ])
                )
              }))
        }
      }
    }
    return result.sorted { $0.name < $1.name }
  }

  /// A value, nothing, or an error whose text Go's JSON drops.
  private static func node(
    _ reading: ThrottlerValue, _ scope: ThrottlerScope, _ metric: ThrottlerMetric,
    _ cluster: LabCluster
  ) -> JSONNode {
    let release = cluster.configuration.release
    switch reading {
    case .value(let value): return .object([("Value", .number(value))])
    case .notCollected: return .object([])
    case .failure(_, let alias, let isConnection):
      var fields: [(String, JSONNode)]
      if !release.namesProbesByAlias {
        let key = JSONNode.object([
          ("Hostname", .string("127.0.0.1")), ("Port", .int(cluster.mysqlPort(of: alias))),
        ])
        fields = [("ClusterName", .string(scope.rawValue)), ("Key", key)]
      } else if release < .v21 {
        fields = [("ClusterName", .string(scope.rawValue)), ("Alias", .string("\(alias)"))]
      } else {
        fields = [
          ("Name", .string(metric.rawValue)), ("Scope", .string(scope.rawValue)),
          ("Alias", .string("\(alias)")),
        ]
      }
      fields.append(("Value", .int(0)))
      fields.append(
        ("Err", isConnection && release < .v18 ? refused(cluster.webPort(of: alias)) : .object([])))
      return .object(fields)
    }
  }

  /// The one error that Go's JSON writes out: a probe's refused connection.
  private static func refused(_ port: Int) -> JSONNode {
    .object([
      ("Op", .string("Get")),
      ("URL", .string("http://127.0.0.1:\(port)/throttler/check-self?app=vitess")),
      (
        "Err",
        .object([
          ("Op", .string("dial")), ("Net", .string("tcp")), ("Source", .null),
          (
            "Addr",
            .object([
              ("IP", .string("127.0.0.1")), ("Port", .int(port)), ("Zone", .string("")),
            ])
          ), ("Err", .object([("Syscall", .string("connect")), ("Err", .int(111))])),
        ])
      ),
    ])
  }
}
