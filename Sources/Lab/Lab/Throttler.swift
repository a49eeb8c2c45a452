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

  package struct RecentApp: Sendable {
    package var checkedAt: Instant
    package var verdict: ThrottlerVerdict
  }

  package let release: VitessRelease
  package internal(set) var config: ThrottlerConfig
  /// The metrics' thresholds in force, taken over when the tablet list is refreshed.
  package private(set) var thresholds: [ThrottlerMetric: Double] = [:]
  var rules: [String: ThrottlerRule] = [:]
  /// Rules that came from topo, to tell which of them are gone.
  private var topoRules: Set<String> = []
  package private(set) var isOpen = false
  package private(set) var isLeader = false
  /// Up to v16 a tablet that has once led goes on probing its shard.
  package private(set) var hasLed = false
  private(set) var openedAt: Instant
  private(set) var ledSince: Instant?
  var lastCheck: Instant?
  var lastInterest: Instant?
  package internal(set) var recentApps: [String: RecentApp] = [:]
  var lowPriorityDeniedUntil: Instant?
  private struct HealthKey: Hashable {
    let scope: ThrottlerScope
    let metric: ThrottlerMetric
  }

  /// When a metric was last seen within its threshold.
  private var lastHealthy: [HealthKey: Instant] = [:]
  /// Collections before the throttler was last closed or switched off.
  private var collectedBefore = 0
  /// `throttler_check_any_total`, `throttler_check_any_error`, `throttler_heartbeat_requests`.
  package internal(set) var checks = 0
  package internal(set) var checkErrors = 0
  package internal(set) var heartbeatRequests = 0
  /// How many `GetThrottlerStatus` calls it has answered.
  package internal(set) var statusRequests = 0
  /// Checks of each metric, by scope and metric; from v20 on without the tablets' own.
  package internal(set) var metricChecks: [String: (total: Int, errors: Int)] = [:]
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
}
