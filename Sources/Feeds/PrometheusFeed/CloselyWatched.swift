internal import FleetModel
internal import Terms
internal import Watching

/// Which servers are asked directly, beside what Prometheus tells of them.
///
///     Wishes ─┬─> their targets ──────────────────────────┬─> asked directly
///             └─> tablets that a vtgate lists of a shard ─┤
///                                                         └─> no answer: left to Prometheus for a while
struct CloselyWatched {
  /// An own answer that is older says less than a scrape.
  private static let current: Duration = .seconds(3)
  /// How long a server that cannot be reached from here is left alone.
  private static let rest: Duration = .seconds(30)
  /// After so many failures in a row it is Prometheus' word again that counts.
  private static let patience = 3

  /// Those that the operator named: they are asked directly all the time.
  var named: Set<Target> = []
  private var answeredAt: [Target: Instant] = [:]
  private var failures: [Target: Int] = [:]
  private var resting: [Target: (until: Instant, failure: ScrapeFailure)] = [:]
  /// Tablets of the shards that are watched, as vtgates list them.
  private var listed: Set<Target> = []

  /// What follows from an own answer.
  struct Consequence {
    var tellsOutcome = false
    var changesTargets = false
  }

  /// Whether it answers here, so that what a scrape brought is old news.
  func answers(_ target: Target, at now: Instant) -> Bool {
    named.contains(target) || answeredAt[target].map { now - $0 <= Self.current } ?? false
  }

  /// Whether a scrape shows more than the last own answer.
  func isNews(_ outcome: ScrapeOutcome) -> Bool {
    answeredAt[outcome.target].map { outcome.at > $0 } ?? true
  }

  /// Whom to ask directly now, beside those that the operator named.
  mutating func targets(for wishes: Wishes, at now: Instant) -> Set<Target> {
    guard !wishes.closely.isEmpty else {
      (resting, failures, listed) = ([:], [:], [])
      return []
    }
    resting = resting.filter { $0.value.until > now }
    return wishes.closely.union(listed).filter { resting[$0] == nil }
  }

  mutating func take(_ outcome: ScrapeOutcome, for wishes: Wishes) -> Consequence {
    let target = outcome.target
    guard case .failed(let failure) = outcome.result else {
      answeredAt[target] = outcome.at
      failures[target] = nil
      var found = listed
      if case .gate(let reading) = outcome.result, let tablets = reading.tablets {
        found.formUnion(
          wishes.shards.flatMap { tablets[$0]?.compactMap(\.address) ?? [] }
            .map { Target(.vttablet, $0) })
      }
      defer { listed = found }
      return Consequence(tellsOutcome: true, changesTargets: found != listed)
    }
    guard !named.contains(target) else { return Consequence(tellsOutcome: true) }
    let hasAnswered = answers(target, at: outcome.at) || failures[target] != nil
    failures[target, default: 0] += 1
    guard !hasAnswered || failures[target, default: 0] >= Self.patience else {
      return Consequence(tellsOutcome: true)
    }
    failures[target] = nil
    resting[target] = (outcome.at + Self.rest, failure)
    return Consequence(tellsOutcome: false, changesTargets: true)
  }

  /// Those that are left to Prometheus because they cannot be reached.
  var unreached: Relay.Unreached? {
    resting.min { $0.key < $1.key }.map { first in
      Relay.Unreached(resting.count, first: first.key, first.value.failure)
    }
  }
}
