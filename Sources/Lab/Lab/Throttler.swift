package import Terms

/// One tablet's throttler: configuration, rules, who asked when, and how it answers a check.
///
/// What it measures comes from outside, as ``ThrottlerValues``.
/// Mirrors go/vt/vttablet/tabletserver/throttle/{throttler,check}.go, v14 to v24.
package struct Throttler: Sendable {
  /// How often values are collected: while apps ask, and from v20 on while nobody does.
  static let activeInterval: Duration = .milliseconds(250)
  static let dormantInterval: Duration = .seconds(5)
  /// How long without a check until it is dormant.
  static let dormancy: Duration = .seconds(60)
  static let leaderInterval: Duration = .seconds(5)
  static let refreshInterval: Duration = .seconds(10)
  package static let builtInRule = "always-throttled-app"
  /// Apps that are never throttled, v17 and later.
  private static let exemptApps: Set<String> = ["binlog-watcher", "messager", "schema-tracker"]

  package struct RecentApp: Sendable {
    package var checkedAt: Instant
    package var verdict: ThrottlerVerdict
  }

  package let release: VitessRelease
  package internal(set) var config: ThrottlerConfig
  /// The metrics' thresholds in force, taken over when the tablet list is refreshed.
  package private(set) var thresholds: [ThrottlerMetric: Double] = [:]
  private var rules: [String: ThrottlerRule] = [:]
  /// Rules that came from topo, to tell which of them are gone.
  private var topoRules: Set<String> = []
  package private(set) var isOpen = false
  package private(set) var isLeader = false
  /// Up to v16 a tablet that has once led goes on probing its shard.
  package private(set) var hasLed = false
  private(set) var openedAt: Instant
  private(set) var ledSince: Instant?
  private var lastCheck: Instant?
  private var lastInterest: Instant?
  package private(set) var recentApps: [String: RecentApp] = [:]
  private var lowPriorityDeniedUntil: Instant?
  private struct HealthKey: Hashable {
    let scope: ThrottlerScope
    let metric: ThrottlerMetric
  }

  /// When a metric was last seen within its threshold.
  private var lastHealthy: [HealthKey: Instant] = [:]
  /// Collections before the throttler was last closed or switched off.
  private var collectedBefore = 0
  /// `throttler_check_any_total`, `throttler_check_any_error`, `throttler_heartbeat_requests`.
  package private(set) var checks = 0
  package private(set) var checkErrors = 0
  package private(set) var heartbeatRequests = 0
  /// How many `GetThrottlerStatus` calls it has answered.
  package internal(set) var statusRequests = 0
  /// Checks of each metric, by scope and metric; from v20 on without the tablets' own.
  package private(set) var metricChecks: [String: (total: Int, errors: Int)] = [:]
  /// What it last measured before it was closed or switched off: its gauges stay there.
  package internal(set) var lastReadings = ThrottlerValues()

  init(_ release: VitessRelease, _ config: ThrottlerConfig, at now: Instant) {
    self.release = release
    self.config = config
    openedAt = now
    installBuiltInRule(at: now)
    refreshThresholds()
    apply(config, at: now)
  }

  package var isEnabled: Bool { config.isEnabled && isOpen }

  private mutating func installBuiltInRule(at now: Instant) {
    // Ten years of 365 days, as the server counts them.
    rules[Self.builtInRule] = ThrottlerRule(expiresAt: now + .seconds(315_360_000), ratio: 1)
  }

  // MARK: Life

  mutating func open(at now: Instant) {
    guard !isOpen else { return }
    isOpen = true
    openedAt = now
    installBuiltInRule(at: now)
  }

  mutating func close(at now: Instant) {
    collectedBefore = collections(at: now)
    isOpen = false
    isLeader = false
    ledSince = nil
  }

  /// Checks again whether this tablet leads; every ``leaderInterval``.
  mutating func evaluateLeadership(isPrimary: Bool, at now: Instant) {
    let leads = isOpen && isPrimary
    if leads, !isLeader { ledSince = now }
    if !leads { ledSince = nil }
    isLeader = leads
    hasLed = hasLed || leads
  }

  /// Takes over a configuration from topo.
  ///
  /// v18 to v20 add its rules to those set over HTTP; v21 and later also drop those that topo
  /// lacks.
  mutating func apply(_ config: ThrottlerConfig, at now: Instant) {
    let wasEnabled = self.config.isEnabled
    if wasEnabled, !config.isEnabled { collectedBefore = collections(at: now) }
    self.config = config
    if !wasEnabled, config.isEnabled {
      refreshThresholds()
      openedAt = now
    }
    rules = rules.filter { $0.value.expiresAt > now }
    for (app, rule) in config.rules {
      var rule = rule
      // A negative ratio keeps the existing one, or else means all.
      if rule.ratio < 0 { rule.ratio = rules[app]?.ratio ?? 1 }
      rules[app] = rule
    }
    if release >= .v21 {
      for app in rules.keys where app != Self.builtInRule && config.rules[app] == nil {
        rules[app] = nil
      }
    } else {
      for app in topoRules where config.rules[app] == nil { rules[app] = nil }
    }
    topoRules = Set(config.rules.keys)
    if !release.hasManyMetrics { refreshThresholds() }
  }

  /// Puts the metrics' thresholds into force; every ``refreshInterval``.
  mutating func refreshThresholds() {
    for metric in ThrottlerMetric.allCases where metric.exists(in: release) {
      thresholds[metric] =
        config.metricThresholds[metric.rawValue] ?? standardThreshold(metric)
    }
  }

  private func standardThreshold(_ metric: ThrottlerMetric) -> Double {
    switch metric {
    case .default: config.threshold
    case .lag where config.customQuery.isEmpty: config.threshold
    case .custom where !config.customQuery.isEmpty: config.threshold
    default: metric.standardThreshold(release)
    }
  }

  /// A replica that was asked lets its leader know that someone is interested.
  mutating func stimulate(at now: Instant) {
    lastCheck = now
    lastInterest = now
  }

  // MARK: What it shows

  /// The metric that `default` stands for.
  package var defaultMetric: ThrottlerMetric { config.customQuery.isEmpty ? .lag : .custom }

  package func isDormant(at now: Instant) -> Bool {
    if !release.canBeDormant, config.isEnabled { return false }
    return lastCheck.map { now - $0 > Self.dormancy } ?? true
  }

  package func isRecentlyChecked(at now: Instant) -> Bool {
    lastInterest.map { now - $0 < .seconds(2) } ?? false
  }

  /// The rules in force: the built-in one, then the others by app.
  package func activeRules(at now: Instant) -> [(app: String, rule: ThrottlerRule)] {
    rules.filter { $0.value.expiresAt > now }
      .sorted {
        ($0.key != Self.builtInRule ? 1 : 0, $0.key) < ($1.key != Self.builtInRule ? 1 : 0, $1.key)
      }
      .map { (app: $0.key, rule: $0.value) }
  }

  /// When a value was last within its threshold.
  ///
  /// A growing lag grows by a second per second, so its excess gives the time.
  package func lastHealthy(
    _ scope: ThrottlerScope, _ metric: ThrottlerMetric, _ reading: ThrottlerValue, at now: Instant
  ) -> Instant? {
    let threshold = thresholds[metric] ?? 0
    guard case .value(let value) = reading else {
      // A failing metric was last healthy, if ever, when it was last seen to be.
      return lastHealthy[HealthKey(scope: scope, metric: metric)]
    }
    if value <= threshold { return now }
    let excess = value - threshold
    guard metric == .lag || metric == .default, excess < 1e8 else {
      return lastHealthy[HealthKey(scope: scope, metric: metric)]
    }
    return max(openedAt, now - .nanoseconds(Int64(excess * 1e9)))
  }

  /// How often values have been collected since the process started.
  package func collections(at now: Instant) -> Int {
    guard isEnabled, now > openedAt else { return collectedBefore }
    return collectedBefore
      + Int((now - openedAt).wholeNanoseconds / Self.activeInterval.wholeNanoseconds)
  }

  /// Remembers which values are healthy now, for when they fail later.
  mutating func remember(_ values: ThrottlerValues, at now: Instant) {
    for (scope, readings) in [(ThrottlerScope.own, values.own), (.shard, values.shard ?? [:])] {
      for (metric, reading) in readings {
        guard case .value(let value) = reading, value <= thresholds[metric] ?? 0 else { continue }
        lastHealthy[HealthKey(scope: scope, metric: metric)] = now
      }
    }
  }

  /// When the values known at an instant were collected: they change at intervals, not
  /// continuously.
  func collected(_ scope: ThrottlerScope, at now: Instant) -> Instant {
    let isSlow = scope == .shard && isDormant(at: now)
    let interval = isSlow ? Self.dormantInterval : Self.activeInterval
    let age = (now - openedAt).wholeNanoseconds % interval.wholeNanoseconds
    return now - .nanoseconds(max(0, age))
  }

  // MARK: Rules set over HTTP, in this tablet's memory

  /// Throttles an app; a negative ratio keeps that of an existing rule, or else means 1.
  mutating func throttle(_ app: String, for duration: Duration, ratio: Double, at now: Instant)
    -> ThrottlerRule
  {
    let kept = rules[app].flatMap { $0.expiresAt > now ? $0.ratio : nil }
    // A century stands for forever, as more might not fit an instant.
    let lasting = min(duration, .seconds(3_153_600_000))
    let rule = ThrottlerRule(
      expiresAt: now + max(lasting, .seconds(-3_153_600_000)), ratio: ratio < 0 ? kept ?? 1 : ratio)
    rules = rules.filter { $0.value.expiresAt > now }
    rules[app] = duration > .zero ? rule : nil
    return rule
  }

  /// Ends an app's rule, whether or not there is one.
  mutating func unthrottle(_ app: String, at now: Instant) -> ThrottlerRule {
    rules[app] = nil
    return ThrottlerRule(expiresAt: now, ratio: 0)
  }

  // MARK: Checks

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
    case nil where release >= .v18:
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
        if !check.isLowPriority, release < .v18 || (app == "vitess" && scope == .own) {
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
    if release >= .v18, Self.exemptApps.contains(app) { return true }
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
