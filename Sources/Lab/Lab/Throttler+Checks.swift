internal import Terms

// How a throttler answers a check: rules first, then what was measured.
extension Throttler {
  /// Apps that are never throttled, v17 and later.
  private static let exemptApps: Set<String> = ["binlog-watcher", "messager", "schema-tracker"]

  /// A check as it comes over HTTP or gRPC.
  package struct Check: Sendable {
    /// Nil: the release's own default.
    package var app: String?
    /// Nil: each metric's own scope.
    package var scope: ThrottlerScope?
    package var metrics: [String] = []
    package var isLowPriority = false
    package var skipsHeartbeats = false
    package var isOKIfUnknown = false
    /// Over gRPC the default goes by its metric's name, over HTTP by `default`.
    package var namesDefault = false

    package init(app: String?, scope: ThrottlerScope?) {
      self.app = app
      self.scope = scope
    }
  }

  /// Answers a check, and remembers that someone asked.
  ///
  /// `wantsHeartbeats`: true when the check starts a lease of heartbeats.
  mutating func answer(
    _ check: Check, _ readings: ThrottlerValues, at now: Instant,
    random: inout SeededGenerator
  ) -> (answer: ThrottlerAnswer, wantsHeartbeats: Bool) {
    let given = check.app ?? ""
    let app = given.isEmpty ? (release.hasManyMetrics ? "vitess" : "default") : given
    guard isEnabled else {
      var answer = ThrottlerAnswer()
      answer.summary = " is granted access"
      return (answer, false)
    }
    checks += 1
    let isOfInterest = app != "vitess" && !check.skipsHeartbeats && !isExempt(app, at: now)
    if isOfInterest {
      lastCheck = now
      lastInterest = now
    }
    var answer = verdict(app, check, readings, at: now, random: &random)
    answer.recentlyChecked = isRecentlyChecked(at: now)
    if answer.verdict != .ok { checkErrors += 1 }
    remember(app, answer.verdict, at: now)
    if isOfInterest { heartbeatRequests += 1 }
    return (answer, isOfInterest)
  }

  private mutating func remember(_ app: String, _ verdict: ThrottlerVerdict, at now: Instant) {
    let memory: Duration = release >= .v21 ? .seconds(3600) : .seconds(86_400)
    recentApps = recentApps.filter { now - $0.value.checkedAt < memory }
    recentApps[app] = RecentApp(checkedAt: now, verdict: verdict)
    if recentApps.count > 200 {
      while recentApps.count > 200,
        let oldest = recentApps.min(by: { left, right in
          left.value.checkedAt < right.value.checkedAt
        })
      {
        recentApps[oldest.key] = nil
      }
    }
  }

  private mutating func verdict(
    _ app: String, _ check: Check, _ readings: ThrottlerValues, at now: Instant,
    random: inout SeededGenerator
  ) -> ThrottlerAnswer {
    if isExempt(app, at: now) {
      var answer = ThrottlerAnswer()
      answer.app = release.hasManyMetrics ? app : ""
      answer.summary = "\(app) is granted access"
      return answer
    }
    let isDenied =
      isThrottled(app, at: now, random: &random)
      || (check.isLowPriority && release.hasLowPriority
        && lowPriorityDeniedUntil.map { now < $0 } ?? false)
    return release.hasManyMetrics
      ? many(app, check, readings, isDenied: isDenied)
      : one(app, check, readings, isDenied: isDenied, at: now)
  }

  /// v14 to v20: one metric, HTTP's codes.
  private mutating func one(
    _ app: String, _ check: Check, _ readings: ThrottlerValues, isDenied: Bool, at now: Instant
  ) -> ThrottlerAnswer {
    var answer = ThrottlerAnswer()
    if isDenied {
      answer.verdict = .appDenied
      answer.message = "App denied"
      return answer
    }
    let scope = config.checkAsCheckSelf ? .own : check.scope ?? .shard
    // From v20 on the tablets' checks of themselves are not counted.
    let isOwn = release >= .v20 && app == "vitess" && scope == .own
    defer { if !isOwn { count(scope, nil, answer.verdict) } }
    answer.threshold = thresholds[defaultMetric] ?? config.threshold
    switch readings[scope, defaultMetric] {
    case nil where release.tellsRecentChecks:
      answer.threshold = 0
    case nil:
      answer.verdict = .unknownMetric
      answer.message = "No such metric"
    case .notCollected:
      answer.verdict = .internalError
      answer.message = "Metric not collected yet"
    case .failure(let text, _, _):
      answer.verdict = .internalError
      answer.message = text
    case .value(let value):
      answer.value = value
      if value > answer.threshold {
        answer.verdict = .thresholdExceeded
        answer.message = "Threshold exceeded"
        // From v17 on only the tablets' own checks mark a failure.
        if !check.isLowPriority, release < .v17 || (app == "vitess" && scope == .own) {
          lowPriorityDeniedUntil = now + .seconds(1)
        }
      }
    }
    return answer
  }

  /// v21 and later: any number of metrics, each with its scope.
  private mutating func many(
    _ app: String, _ check: Check, _ readings: ThrottlerValues, isDenied: Bool
  ) -> ThrottlerAnswer {
    var answer = ThrottlerAnswer()
    answer.app = app
    answer.metrics = [:]
    answer.summary = "\(app) is granted access"
    let metrics = metricsAsked(app, check)
    // The answer's own fields are those of `default`, or of the metric that `default` stands for.
    let standing = metrics.contains(ThrottlerMetric.default.rawValue) ? .default : defaultMetric
    for asked in metrics {
      let (own, name) = Self.split(asked)
      let metric = ThrottlerMetric(rawValue: name)
      let known = metric.flatMap { $0.exists(in: release) ? $0 : nil }
      let effective = known == .default ? defaultMetric : known
      let scope = check.scope ?? own ?? known?.defaultScope ?? .own
      var result = ThrottlerAnswer.Metric(verdict: .ok, scope: scope)
      if isDenied {
        result.verdict = .appDenied
        result.message = "app denied"
      } else if let known, let effective {
        result.threshold = thresholds[known] ?? 0
        judge(readings[scope, effective], &result)
      } else if !check.isOKIfUnknown {
        result.verdict = .unknownMetric
        result.message = "no such metric"
      }
      answer.metrics?[name] = result
      if app != "vitess" { count(scope, known, result.verdict) }
      if result.verdict != .ok || (known == standing && answer.verdict == .ok) {
        if result.verdict != .ok, answer.verdict != .ok { continue }
        answer.verdict = result.verdict
        answer.value = result.value
        answer.threshold = result.threshold
        answer.message = result.message
        answer.metricName = name
        answer.scope = scope
        answer.summary = summary(app, name, result)
      }
    }
    return answer
  }

  private mutating func count(
    _ scope: ThrottlerScope, _ metric: ThrottlerMetric?, _ verdict: ThrottlerVerdict
  ) {
    // A name that is no metric is not counted: it could be anything.
    if metric == nil, release.hasManyMetrics { return }
    let key = "\(scope.rawValue)/\(metric?.rawValue ?? "")"
    metricChecks[key, default: (0, 0)].total += 1
    if verdict != .ok { metricChecks[key]?.errors += 1 }
  }

  private func judge(_ reading: ThrottlerValue?, _ result: inout ThrottlerAnswer.Metric) {
    switch reading {
    case nil, .notCollected:
      result.verdict = .internalError
      result.message = "metric not collected yet"
    case .failure(let text, _, _):
      result.verdict = .internalError
      result.message = text
    case .value(let value):
      result.value = value
      if value > result.threshold {
        result.verdict = .thresholdExceeded
        result.message = "threshold exceeded"
      }
    }
  }

  private func summary(_ app: String, _ name: String, _ result: ThrottlerAnswer.Metric) -> String {
    switch result.verdict {
    case .ok: "\(app) is granted access"
    case .appDenied: "\(app) is explicitly denied access"
    case .thresholdExceeded:
      "\(app) is denied access due to \(result.scope.rawValue)/\(name) metric value "
        + "\(goNumber(result.value)) exceeding threshold \(goNumber(result.threshold))"
    case .unknownMetric: "\(app) is denied access due to unknown metric \(name)"
    case .internalError: "\(app) is denied access due to unexpected error: \(result.message)"
    }
  }

  private func metricsAsked(_ app: String, _ check: Check) -> [String] {
    if !check.metrics.isEmpty { return check.metrics }
    if app == "vitess" {
      return ThrottlerMetric.allCases.filter { $0.exists(in: release) }.map(\.rawValue).sorted()
    }
    let own = Self.names(of: app).flatMap { config.appMetrics[$0] ?? [] }
    if !own.isEmpty { return own }
    if let all = config.appMetrics["all"], !all.isEmpty { return all }
    return [check.namesDefault ? defaultMetric.rawValue : ThrottlerMetric.default.rawValue]
  }

  /// `shard/lag` is a scope and a metric.
  private static func split(_ name: String) -> (ThrottlerScope?, String) {
    guard let slash = name.firstIndex(of: "/"),
      let scope = ThrottlerScope(rawValue: String(name[..<slash]))
    else { return (nil, name) }
    return (scope, String(name[name.index(after: slash)...]))
  }

  /// True for a metric's name, with or without a scope, that the release knows.
  package static func knows(_ name: String, _ release: VitessRelease) -> Bool {
    ThrottlerMetric(rawValue: split(name).1)?.exists(in: release) ?? false
  }

  // MARK: Apps

  /// The full name first, then its parts: a name without colons is looked up twice.
  private static func names(of app: String) -> [String] {
    [app] + app.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
  }

  private func isExempt(_ app: String, at now: Instant) -> Bool {
    if release.tellsRecentChecks, Self.exemptApps.contains(app) { return true }
    guard release.hasExemptRules else { return false }
    for name in Self.names(of: app) {
      if let rule = rules[name], rule.expiresAt > now { return rule.isExempt }
    }
    return release.hasManyMetrics
      && rules["all"].map { $0.isExempt && $0.expiresAt > now } ?? false
  }

  /// Rolls the dice for each matching rule, so a rule with the app's exact name is rolled twice and
  /// denies 1 − (1 − ratio)².
  private func isThrottled(
    _ app: String, at now: Instant, random: inout SeededGenerator
  ) -> Bool {
    var hasRule = false
    for name in Self.names(of: app) {
      guard let rule = rules[name], rule.expiresAt > now, !rule.isExempt else { continue }
      hasRule = true
      if Double.random(in: 0..<1, using: &random) < rule.ratio { return true }
    }
    guard release.hasManyMetrics, !hasRule, let rule = rules["all"], rule.expiresAt > now,
      !rule.isExempt
    else { return false }
    return Double.random(in: 0..<1, using: &random) < rule.ratio
  }
}

/// A number as Go's messages print it: whole ones without a fraction.
private func goNumber(_ value: Double) -> String {
  guard value == value.rounded(), value.magnitude < 1e15 else { return "\(value)" }
  return "\(Int(value))"
}
