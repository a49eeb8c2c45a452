package import Terms

/// Something that the servers of a shard disagree about, and who is the odd one out.
///
/// During a reparent vtgates differ for a second or two; that is reported only if it lasts.
package struct Disagreement: Sendable, Equatable, Codable {
  package enum Kind: Sendable, Hashable, Codable {
    /// Vtgates that see no serving primary when others see one.
    case primaryUnseen
    /// Vtgates that take another tablet for the primary.
    case otherPrimary(TabletAlias)
    /// Tablets that one vtgate sees serving as primary at the same time.
    case severalPrimaries([TabletAlias])
    /// A tablet that is primary in its own eyes only.
    case claimsPrimary(TabletAlias)
    /// The vtgates' primary, which does not consider itself one.
    case deniesPrimary(TabletAlias)
    /// Vtgates whose calls to the primary keep failing while the others' do not.
    case failingCalls

    /// How long it may last without anything being wrong.
    ///
    /// After an emergency reparent the old primary keeps serving for about 18 s once it is back,
    /// and a tablet's type is read every ten seconds.
    var patience: Duration {
      switch self {
      case .primaryUnseen, .otherPrimary: .seconds(3)
      case .severalPrimaries: .seconds(20)
      case .claimsPrimary, .deniesPrimary: .seconds(15)
      // The run of errors has a least time of its own.
      case .failingCalls: .zero
      }
    }
  }

  package let kind: Kind
  /// The odd ones out, by address.
  package let servers: [Address]
  /// The primary that the others see serving.
  package let primary: TabletAlias?
  /// When it was first seen.
  package internal(set) var since: Instant
  /// How long it is known to have lasted.
  ///
  /// Servers that are read at different moments, or seldom, always differ for a while: it lasts until
  /// the latest moment at which all of the odd ones were read and still were.
  var lasted: Duration = .zero
  /// It has lasted longer than a reparent would explain.
  package internal(set) var isStanding: Bool

  /// A look comes up to this long after the answers that it is at.
  private static let slack: Duration = .milliseconds(500)

  /// `heard`: when each vtgate was read last.
  mutating func judge(at now: Instant, heard: [Address: Instant]) {
    lasted = now - since
    let isOfViews =
      switch kind {
      case .primaryUnseen, .otherPrimary: true
      case .severalPrimaries, .claimsPrimary, .deniesPrimary, .failingCalls: false
      }
    if isOfViews, let last = servers.compactMap({ heard[$0] }).min() {
      lasted = min(lasted, last - since + Self.slack)
    }
    isStanding = lasted >= kind.patience
  }

  /// Failed calls a second, of all the odd ones together; 0 for other kinds.
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

  /// How long something that may well be over in a moment is observed before it is judged.
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

/// Calls to a shard's primary that keep failing at one vtgate, poll after poll.
struct FailingRun: Sendable, Equatable, Codable {
  /// When the last poll before the first failures was made.
  let since: Instant
  /// The counter's value at that poll.
  private let before: Int
  private(set) var last: Instant
  private var count: Int

  /// How long errors must go on before they count as a state.
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
  /// `gap`: a pause longer than this ends a run.
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

  /// What the shard's servers disagree about at this moment, as far as a single look tells.
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
    guard !failingRuns.isEmpty else { return found }
    let fresh = vtgates.filter(\.isFresh)
    let odd = fresh.compactMap { vtgate -> (address: Address, rate: Double)? in
      guard let run = failingRuns[vtgate.address], isGoing(run, at: now), run.rate >= 1,
        run.last - run.since >= FailingRun.leastTime
      else { return nil }
      // If the others' calls failed too, even if read earlier, the primary is to blame.
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

  /// Whether some trouble has only just begun, so that it is not known yet whether it will last.
  func isUndecided(at now: Instant) -> Bool {
    let isYoung = disagreements.contains {
      !$0.isStanding && $0.lasted < Disagreement.patience
        && now - $0.since < Disagreement.patience * 2
    }
    return isYoung || (isAwaited && summary?.state == .buffering)
      || failingRuns.values.contains {
        isGoing($0, at: now) && $0.last - $0.since < FailingRun.leastTime
      }
  }
}
