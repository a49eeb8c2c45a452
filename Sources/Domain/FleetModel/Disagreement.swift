package import Terms

/// Something that the servers of a shard do not agree about, and who is the odd one out.
///
/// In a reparent vtgates differ for a second or two; that is said only when it stays.
package struct Disagreement: Sendable, Equatable, Codable {
  package enum Kind: Sendable, Hashable, Codable {
    /// Vtgates that see no serving primary where others see one.
    case primaryUnseen
    /// Vtgates that take another tablet for the primary.
    case otherPrimary(TabletAlias)
    /// Tablets that serve as primary at the same time, in the eyes of one vtgate.
    case severalPrimaries([TabletAlias])
    /// A tablet that is primary in its own eyes only.
    case claimsPrimary(TabletAlias)
    /// The vtgates' primary, which is none in its own eyes.
    case deniesPrimary(TabletAlias)
    /// Vtgates whose calls to the primary fail all the time, and not the others'.
    case failingCalls

    /// How long it may last without being wrong.
    ///
    /// After an emergency reparent the old primary goes on serving for about 18 s once it is back, and
    /// a tablet's type is read every ten seconds.
    var patience: Duration {
      switch self {
      case .primaryUnseen, .otherPrimary: .seconds(3)
      case .severalPrimaries: .seconds(20)
      case .claimsPrimary, .deniesPrimary: .seconds(15)
      // Its own time is in the run of errors.
      case .failingCalls: .zero
      }
    }
  }

  package let kind: Kind
  /// The odd ones out, by address.
  package let servers: [Address]
  /// Whom the others see serving.
  package let primary: TabletAlias?
  /// When it was first seen.
  package internal(set) var since: Instant
  /// It has lasted for longer than a reparent makes it last.
  package internal(set) var isStanding: Bool

  /// Failed calls a second, of the odd ones together; 0 where it is not about that.
  package let failures: Double

  package init(
    _ kind: Kind, servers: [Address] = [], primary: TabletAlias?, since: Instant,
    isStanding: Bool = false, failures: Double = 0
  ) {
    self.kind = kind
    self.servers = servers
    self.primary = primary
    self.since = since
    self.isStanding = isStanding
    self.failures = failures
  }

  /// What may well be over in a moment is looked at for so long before it is judged.
  package static let patience: Duration = .seconds(3)
}

extension Disagreement {
  package var severity: FleetEvent.Severity {
    switch kind {
    case .severalPrimaries: isStanding ? .critical : .warning
    case .failingCalls, .primaryUnseen, .otherPrimary: .critical
    case .claimsPrimary, .deniesPrimary: .warning
    }
  }
}

/// Calls to a shard's primary that fail at one vtgate in poll after poll.
struct FailingRun: Sendable, Equatable {
  /// The poll before the first that showed more of them.
  let since: Instant
  /// What the counter said then.
  private let before: Int
  private(set) var last: Instant
  private var count: Int

  /// So long errors go on before they are a state.
  static let leastTime: Duration = .seconds(3)

  init(since: Instant, before: Int, at last: Instant, count: Int) {
    self.since = since
    self.before = before
    self.last = last
    self.count = count
  }

  mutating func extend(to count: Int, at instant: Instant) {
    self.count = count
    last = instant
  }

  /// Failed calls a second.
  var rate: Double { Double(count - before) / max(0.001, (last - since).seconds) }
}

extension ShardRecord {
  /// Takes one vtgate's count of failed calls to the primary.
  ///
  /// `gap`: a pause longer than that ends a run.
  mutating func noteCallErrors(
    _ count: Int, was before: Int, of vtgate: Address, at instant: Instant, since: Instant,
    gap: Duration
  ) {
    if var run = failingRuns[vtgate], instant - run.last <= gap || since - run.last <= .zero {
      run.extend(to: count, at: instant)
      failingRuns[vtgate] = run
    } else {
      failingRuns[vtgate] = FailingRun(since: since, before: before, at: instant, count: count)
    }
  }

  /// What the shard's servers do not agree about at this moment, as far as one look tells.
  func disagreements(
    _ vtgates: some Collection<VtgateState>, _ seen: Sightings, _ views: [TabletView],
    at now: Instant
  ) -> [Disagreement] {
    var found: [Disagreement] = []
    func add(_ kind: Disagreement.Kind, _ servers: [Address] = [], failures: Double = 0) {
      found.append(
        Disagreement(
          kind, servers: servers.sorted(), primary: seen.primary?.alias, since: now,
          failures: failures))
    }
    for dissent in seen.dissents {
      if let alias = dissent.primary {
        add(.otherPrimary(alias), dissent.vtgates)
      } else {
        add(.primaryUnseen, dissent.vtgates)
      }
    }
    if seen.servingPrimaries.count > 1 { add(.severalPrimaries(seen.servingPrimaries)) }
    if let primary = seen.primary?.alias {
      for tablet in views where tablet.isFresh {
        guard let alias = tablet.alias, let claim = tablet.claimsPrimary else { continue }
        let isListed = seen.servingPrimaries.contains(alias)
        if claim, alias != primary, !isListed { add(.claimsPrimary(alias)) }
        if !claim, alias == primary { add(.deniesPrimary(alias)) }
      }
    }
    let fresh = vtgates.filter(\.isFresh)
    let odd = fresh.compactMap { vtgate -> (address: Address, rate: Double)? in
      guard let run = failingRuns[vtgate.address], isGoing(run, at: now), run.rate >= 1,
        run.last - run.since >= FailingRun.leastTime
      else { return nil }
      // Where the others' calls failed as well it is the primary, though they were read earlier.
      let isAlone = fresh.contains { other in
        guard let theirs = failingRuns[other.address] else { return true }
        return run.last - theirs.last > FailingRun.leastTime || theirs.rate <= run.rate / 10
      }
      return isAlone ? (vtgate.address, run.rate) : nil
    }
    if !odd.isEmpty {
      add(.failingCalls, odd.map(\.address), failures: odd.reduce(0) { $0 + $1.rate })
    }
    return found
  }

  private func isGoing(_ run: FailingRun, at now: Instant) -> Bool {
    now - run.last <= FailingRun.leastTime
  }

  /// Some errors have only begun: whether they stay is not known yet.
  func isUndecided(at now: Instant) -> Bool {
    let isYoung = disagreements.contains {
      !$0.isStanding && now - $0.since < Disagreement.patience
    }
    return isYoung
      || failingRuns.values.contains {
        isGoing($0, at: now) && $0.last - $0.since < FailingRun.leastTime
      }
  }
}
