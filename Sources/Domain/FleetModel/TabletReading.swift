package import Terms

/// One poll of a vttablet.
package struct TabletReading: Sendable, Equatable, Codable {
  /// Who the tablet says it is, if it says so.
  package var alias: TabletAlias?
  package var shard: ShardName?
  package var type: TabletType?
  /// Nil when it is not reported.
  package var serverState: TabletServerState?
  /// `vttablet_replication_lag_sec`, whole seconds as MySQL's replication status reports them.
  package var replicationLag: Double?
  package var throttler: ThrottlerReading
  /// What was wrong with an otherwise useful answer.
  package var complaint: ReadingComplaint?

  package init(throttler: ThrottlerReading) { self.throttler = throttler }
}

/// How far a vttablet serves queries: the `name` of `vttablet_tablet_server_state`.
///
/// A primary in its grace period refuses new transactions as `SHUTTING_DOWN` while vtgates may
/// still list it as serving. Source: go/vt/vttablet/tabletserver/state_manager.go.
package enum TabletServerState: Sendable, Hashable, Codable {
  case serving, shuttingDown, notServing, notConnected
  case other(String)

  package init(name: String) {
    self =
      switch name {
      case "SERVING": .serving
      case "SHUTTING_DOWN": .shuttingDown
      case "NOT_SERVING": .notServing
      case "NOT_CONNECTED": .notConnected
      default: .other(name)
      }
  }

  /// The name in words.
  package var word: String {
    switch self {
    case .serving: "serving"
    case .shuttingDown: "shutting down"
    case .notServing: "not serving"
    case .notConnected: "not connected"
    case .other(let name): name
    }
  }
}

/// What a tablet's throttler says about itself.
package struct ThrottlerReading: Sendable, Equatable, Codable {
  package enum Source: String, Sendable, Equatable, Codable {
    case status = "/throttler/status"
    case metrics = "/metrics"
    /// Nobody has asked it: somebody else has scraped the tablet, and its gauges mean nothing without
    /// word from the throttler.
    case unasked
  }

  package var source: Source
  /// Nil when the release does not report it.
  package var isEnabled: Bool?
  package var isOpen: Bool?
  package var isLeader: Bool?
  package var isDormant: Bool?
  /// Someone other than the throttlers themselves has checked within the last seconds; nil when the
  /// release does not report it (up to v19).
  package var isRecentlyChecked: Bool?
  /// The tablet's own value of ``metric``; nil is no data.
  package var selfValue: Double?
  /// The maximum over the shard's replicas; it means something only on the leader.
  package var shardValue: Double?
  package var threshold: Double?
  /// What is compared with the threshold.
  package var metric = DefaultMetric.lag
  package var checkAs = CheckAs.release
  /// Nil when the tablet cannot list them (v10–v13, v22 and later).
  package var throttledApps: [ThrottledApp]?

  package init(source: Source) { self.source = source }

  /// What decides whether a check looks at the asked tablet's own value: `check_as_check_self`.
  package enum CheckAs: Sendable, Equatable, Codable {
    /// Each metric has its own scope: v21 and later.
    case release
    /// The keyspace's record: v18 to v20, v17 unless `--throttler-config-via-topo` is off, and v16
    /// only if it is on.
    case topo
    /// `--throttle_check_as_check_self`, up to v15 and where topo does not decide; nil when the
    /// command line cannot be read.
    case flag(Bool?)
    /// The record or that flag: v16 and v17 cannot always be told apart.
    case topoOrFlag(Bool?)
  }

  /// The metric with its scope if that is known; otherwise with every release's default, the
  /// shard's, marked as not known.
  ///
  /// `inTopo`: what the keyspace's record says; nil when nobody has read it.
  func metric(checkingItself inTopo: Bool?) -> DefaultMetric {
    let checksItself: Bool? =
      switch checkAs {
      case .release: metric.scope == .itself
      case .topo: inTopo
      case .flag(let flag): flag
      case .topoOrFlag(let flag): flag == inTopo ? flag : nil
      }
    return metric.looking(at: checksItself.map { $0 ? .itself : .shard })
  }
}

/// The metric that a throttler compares with its threshold when an app names none.
package struct DefaultMetric: Sendable, Hashable, Codable {
  /// Whose value a check looks at.
  package enum Scope: String, Sendable, Hashable, Codable {
    /// The tablet's own; for a shard, its primary's.
    case itself
    /// The maximum over the shard's replicas.
    case shard
  }

  /// Seconds since the newest heartbeat that a tablet has applied.
  package static let lag = DefaultMetric(isLag: true, query: nil, scope: .shard)

  package let isLag: Bool
  /// The query of a custom metric; nil when the release does not report it.
  package let query: String?
  package let scope: Scope
  /// When false, the scope is merely the usual one.
  package var isScopeKnown = true
  package var knownScope: Scope? { isScopeKnown ? scope : nil }

  /// The same metric with another scope; nil when nobody reports which.
  func looking(at scope: Scope?) -> DefaultMetric {
    var metric = DefaultMetric(isLag: isLag, query: query, scope: scope ?? .shard)
    metric.isScopeKnown = scope != nil
    return metric
  }

  /// The number that a custom query returns.
  ///
  /// Checks look at the tablet's own from v21 on, and before that when `check_as_check_self` is
  /// set.
  package static func custom(query: String?, scope: Scope) -> DefaultMetric {
    DefaultMetric(isLag: false, query: query, scope: scope)
  }

  /// What the number is: `lag`, the variable that a `SHOW` asks for, or `custom query`.
  package var name: String {
    guard !isLag else { return "lag" }
    let words = query?.split(whereSeparator: \.isWhitespace).map(String.init) ?? []
    guard words.first?.lowercased() == "show", let last = words.last else { return "custom query" }
    let variable = last.filter { $0 != "'" && $0 != "\"" && $0 != ";" }
    return variable.isEmpty ? "custom query" : variable
  }

  /// What follows its numbers in a sentence.
  package var unit: String { isLag ? " s" : "" }
}

/// A rule that denies an app.
package struct ThrottledApp: Sendable, Hashable, Codable {
  package var name: String
  package var expiresAt: Instant
  /// The share of checks denied at each roll, 0...1; see ``deniedShare``.
  package var ratio: Double
  package var isExempt: Bool

  package init(name: String, expiresAt: Instant, ratio: Double, isExempt: Bool = false) {
    self.name = name
    self.expiresAt = expiresAt
    self.ratio = ratio
    self.isExempt = isExempt
  }

  /// What a rule denies, wherever it stands and however long it lasts.
  package struct Denial: Hashable, Sendable {
    let name: String
    let ratio: Double
    let isExempt: Bool
  }

  package var denial: Denial { Denial(name: name, ratio: ratio, isExempt: isExempt) }

  /// By app, and of one app the strictest first.
  package static func precedes(_ left: ThrottledApp, _ right: ThrottledApp) -> Bool {
    (left.name, -left.ratio) < (right.name, -right.ratio)
  }

  /// The rule that every throttler installs for itself, for ten years: `abusing-app` up to v13,
  /// then `always-throttled-app`.
  package var isBuiltIn: Bool { name == "always-throttled-app" || name == "abusing-app" }

  /// The share of the app's own checks that is denied: an app whose name is exactly the rule's is
  /// rolled for twice, one with a longer name that the rule covers (`vcopier:online-ddl`) once.
  package var deniedShare: Double { Self.deniedShare(ofRatio: ratio) }

  package static func deniedShare(ofRatio ratio: Double) -> Double {
    let once = min(1, max(0, ratio))
    return 1 - (1 - once) * (1 - once)
  }
}
