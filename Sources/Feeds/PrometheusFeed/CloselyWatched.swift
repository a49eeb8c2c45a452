internal import FleetModel
internal import Terms
internal import Watching

/// Which servers are asked directly, beside what Prometheus tells of them.
///
///     Wishes ─┬─> their targets ──────────────────────────┬─> asked directly
///             ├─> tablets that a vtgate lists of a shard ─┤
///             └─> servers that sources name of it ────────┤
///                                                         └─> no answer: left to Prometheus for a while
///
/// One that Prometheus does not scrape and that has answered is asked from then on, because nobody else
/// tells of it, until it is silent and nobody names it any more.
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
  /// Tablets of the shards that are watched, as each vtgate lists them.
  private var lists: [Target: Set<Target>] = [:]

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

  private var listed: Set<Target> { lists.values.reduce(into: []) { $0.formUnion($1) } }

  /// Whom to ask directly now, beside those that the operator named.
  ///
  /// `besides`: whom sources name of the shards that are watched; `isTold`: whether Prometheus tells of
  /// a server.
  mutating func targets(
    for wishes: Wishes, besides: Set<Target>, unlessTold isTold: (Target) -> Bool, at now: Instant
  ) -> Set<Target> {
    let alone = Set(alone(unlessTold: isTold))
    guard !wishes.closely.isEmpty else {
      (resting, failures, lists) = ([:], [:], [:])
      return alone
    }
    resting = resting.filter { $0.value.until > now }
    return wishes.closely.union(listed).union(besides).union(alone)
      .filter { resting[$0] == nil }
  }

  /// Those that have answered here and of which nobody else tells.
  private func alone(unlessTold isTold: (Target) -> Bool) -> [Target] {
    answeredAt.keys.filter { !isTold($0) && !named.contains($0) }
  }

  /// Forgets those that have been silent for a time and that nobody names any more, and returns them.
  ///
  /// `isNamed`: whether Prometheus or a source tells of a server.
  mutating func forgetAbsent(
    silentFor time: Duration, unlessNamed isNamed: (Target) -> Bool, at now: Instant
  ) -> [Target] {
    let listed = listed
    let absent = alone(unlessTold: isNamed).filter { target in
      !listed.contains(target) && answeredAt[target].map { now - $0 > time } ?? false
    }
    for target in absent { forget(target) }
    return absent.sorted()
  }

  /// Forgets a server, and returns whether it has ever answered here.
  @discardableResult mutating func forget(_ target: Target) -> Bool {
    lists[target] = nil
    for vtgate in lists.keys { lists[vtgate]?.remove(target) }
    resting[target] = nil
    failures[target] = nil
    return answeredAt.removeValue(forKey: target) != nil && !named.contains(target)
  }

  mutating func take(_ outcome: ScrapeOutcome, for wishes: Wishes) -> Consequence {
    let target = outcome.target
    guard case .failed(let failure) = outcome.result else {
      answeredAt[target] = outcome.at
      failures[target] = nil
      guard case .gate(let reading) = outcome.result, let tablets = reading.tablets else {
        return Consequence(tellsOutcome: true)
      }
      let list = Set(
        wishes.shards.flatMap { tablets[$0]?.compactMap(\.address) ?? [] }
          .map { Target(.vttablet, $0) })
      let before = lists.updateValue(list, forKey: target)
      return Consequence(tellsOutcome: true, changesTargets: list != before ?? [])
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
