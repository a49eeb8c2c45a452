package import Terms

/// What is going on and what is worth knowing about it: one sentence's worth of facts, most
/// important first.
///
/// It is the same for a fleet, a shard and a failover, so that all screens agree. A view leaves out
/// the facts that do not fit.
package struct Situation: Sendable, Equatable {
  package enum Subject: Sendable, Equatable {
    /// All shards of the fleet, and how many.
    case shards(Int)
    case shard(ShardName)
  }

  package enum Condition: Sendable, Equatable {
    /// No vtgate has answered yet, or none that has knows a shard.
    case unanswered
    case state(Shard.State)
    /// It serves nobody on purpose.
    case idle(Idleness)
    /// A failover that is going on, or that ended less than ``Situation/newsTime`` ago.
    case failover(Failover)
  }

  package enum Fact: Sendable, Equatable {
    case lasts(Duration)
    /// A proxy was told to make it; how far it is.
    case cutover(ProxyCutover)
    /// Whether a proxy holds for one, nobody tells.
    case cutoverUnknown
    /// Nobody names the shard but topo.
    case onlyInTopo
    /// How long buffering took until all was well, exactly as the vtgates report it.
    case took(Duration)
    /// The same where all is not well, or not yet.
    case buffered(Duration)
    case held(Int, of: Int?)
    case waited(Int)
    case notBuffered(Int)
    case failed(Failed)
    /// From then on, the requests that have waited longest are thrown out.
    case windowEnds(in: Duration, BufferFlags.Basis)
    case windowPassed
    /// From then on buffering ends, whether or not there is a primary.
    case givesUp(in: Duration, BufferFlags.Basis)
    /// A failover before then is not buffered.
    case coolDown(Duration, BufferFlags.Basis)
    case waitsFor(ShardName)
    /// Other shards in trouble.
    case others(Int)
    /// Who tells of the servers tells nothing.
    case relaySilent
    /// Sources that have never said whom they name.
    case sourcesFail(Int)
    /// Sources were read, and nobody is named.
    case nobodyNamed
    /// Vtgates that do not answer, out of all.
    case silentVtgates(Int, of: Int)
    case setAside(Int)
    case noFailover(since: Instant)
    case lastFailover(ShardName, at: Instant, Failed)
    /// Nil when only one shard is the subject.
    case lagOver(Lag, ShardName?)
    /// How many tablets that are meant to, and the first of them.
    case notServing(Int, TabletName)
    /// How many problems a check finds that no other fact tells of.
    case problems(Int)
    /// Seconds, over all shards whose throttlers measure lag.
    case lagAtMost(Double)
    case lagUnknown(shards: Int, of: Int)
  }

  /// How long a failover stays news once it is over.
  package static let newsTime: Duration = .seconds(60)

  package let subject: Subject
  package let condition: Condition
  package internal(set) var facts: [Fact] = []
  /// The kinds of gates that tell of it.
  package internal(set) var gates = Gates.vtgates

  /// The place right after the loss, where there is one: for what makes it uncertain.
  fileprivate var endOfLosses: Int {
    let loss = facts.firstIndex { fact in
      if case .failed = fact { true } else { false }
    }
    return loss.map { $0 + 1 } ?? min(1, facts.count)
  }

  /// The same where a check finds so many problems, though all looks well here.
  package func noting(_ problems: Int) -> Situation {
    let looksWell =
      switch condition {
      case .state(.serving): true
      case .failover(let failover): failover.phase.isOver
      default: false
      }
    guard problems > 0, looksWell, !hasWarning else { return self }
    var noted = self
    noted.facts.insert(.problems(problems), at: endOfLosses)
    return noted
  }

  /// Whether something besides the condition needs attention.
  package var hasWarning: Bool { facts.contains(where: \.isWarning) }
}

extension Situation.Fact {
  /// Whether it needs attention.
  package var isWarning: Bool {
    switch self {
    case .silentVtgates, .lagOver, .notServing, .problems, .relaySilent, .sourcesFail, .nobodyNamed:
      true
    default: false
    }
  }

  /// Whether it says that nothing is wrong.
  package var isReassuring: Bool {
    switch self {
    case .noFailover, .lastFailover, .lagAtMost: true
    default: false
    }
  }
}

extension Failover {
  /// When it stops being news; nil while it is going on.
  var newsUntil: Instant? { ended.map { $0.at + Situation.newsTime } }

  /// What to know about it while it is going on, and about its outcome afterwards.
  ///
  /// `held`: what the vtgates that answer hold for its shard; nil if that is not known.
  func facts(at now: Instant, held: Int? = nil) -> [Situation.Fact] {
    let counts = counts
    let turnedAway = [counts[.skipped]].compactMap(\.self).filter { $0 > 0 }
      .map { Situation.Fact.notBuffered($0) }
    guard !phase.isOver else {
      let isWell = [.recovered, .recoveredWithFailures].contains(verdict) && phase == .ended
      let course: [Situation.Fact] = [
        plannedCutover.map { .cutover($0) },
        longestBuffering.map { isWell ? .took($0) : .buffered($0) },
        counts[.buffered].flatMap { $0 == 0 && !turnedAway.isEmpty ? nil : .waited($0) },
      ].compactMap(\.self)
      // A loss stands first; that nothing was lost stands last.
      return (failed.isNothing ? course + [.failed(failed)] : [.failed(failed)] + course)
        + turnedAway
    }
    var facts: [Situation.Fact] = [.lasts(now - detected.at), .failed(failed)]
    if let plannedCutover { facts.append(.cutover(plannedCutover)) }
    if mayBeCutover { facts.append(.cutoverUnknown) }
    if let waitedFor { facts.append(.waitsFor(waitedFor)) }
    let buffering = tracks.filter(\.isBuffering)
    if tracks.contains(where: { $0.isBuffering || $0.isDraining }), let held {
      facts.append(.held(held, of: bufferSize))
    }
    return facts + turnedAway + buffering.compactMap { $0.limit(at: now) }.prefix(1)
  }
}

extension Failover.Track {
  /// Which of its vtgate's limits comes next.
  fileprivate func limit(at now: Instant) -> Situation.Fact? {
    guard let started else { return nil }
    // The start lies between two polls, so there may be less left by that much.
    let most = now - started.at + (started.uncertainty ?? .zero)
    let (window, maximum) = (flags[.window], flags[.maximum])
    if most < window.time { return .windowEnds(in: window.time - most, window.basis) }
    return most < maximum.time ? .givesUp(in: maximum.time - most, maximum.basis) : .windowPassed
  }
}

extension Shard {
  /// What is going on in it; `since`: when watching began.
  package func situation(since: Instant, at now: Instant) -> Situation {
    let coolDown = coolDown(at: now)
    if let failover = lastFailover, failover.newsUntil.map({ now < $0 }) ?? true {
      // The state says more if the shard is blind, or is not serving although the failover is over.
      let isOverdue = failover.plannedCutover?.isUnderWay == true && summary.state == .noPrimary
      let saysMost =
        failover.phase.isOver
        ? summary.state == .serving : summary.state != .blind && !isOverdue
      if saysMost {
        var situation = Situation(subject: .shard(summary.name), condition: .failover(failover))
        situation.gates = gates
        situation.facts = failover.facts(at: now, held: summary.held)
        // What is wrong now comes before what is to come.
        situation.facts += standing
        // While something is buffered, the limits of that say what comes next.
        if !failover.tracks.contains(where: { $0.isBuffering || $0.isDraining }), let coolDown {
          situation.facts.append(coolDown)
        }
        return situation
      }
    }
    var situation = Situation(
      subject: .shard(summary.name),
      condition: summary.idleness.map { .idle($0) } ?? .state(summary.state))
    situation.gates = gates
    if let blindSince = summary.blindSince { situation.facts.append(.lasts(now - blindSince)) }
    if summary.onlyInTopo != nil { situation.facts.append(.onlyInTopo) }
    if let cutover { situation.facts.append(cutover) }
    if let waitsFor = summary.waitsFor { situation.facts.append(.waitsFor(waitsFor)) }
    if let held = summary.held, held > 0 { situation.facts.append(.held(held, of: nil)) }
    situation.facts += standing
    if summary.state == .serving {
      situation.facts.append(
        lastFailover.map { .lastFailover(summary.name, at: $0.detected.at, $0.failed) }
          ?? .noFailover(since: since))
      if let coolDown { situation.facts.append(coolDown) }
      let silent = vtgates.count { !$0.freshness.isFresh && $0.freshness != .never }
      if silent > 0 {
        situation.facts.insert(.silentVtgates(silent, of: vtgates.count), at: 0)
      }
      if lagging == nil {
        situation.facts.append(
          summary.lag.seconds.map { .lagAtMost($0) } ?? .lagUnknown(shards: 1, of: 1))
      }
    }
    return situation
  }

  /// What became of one of its failovers, which need not be the last.
  package func situation(of failover: Failover, since: Instant, at now: Instant) -> Situation {
    guard failover.id != lastFailover?.id || failover.ended != nil else {
      return situation(since: since, at: now)
    }
    var situation = Situation(subject: .shard(summary.name), condition: .failover(failover))
    situation.gates = gates
    situation.facts = failover.facts(at: now)
    if failover.id == lastFailover?.id, let coolDown = coolDown(at: now) {
      situation.facts.append(coolDown)
    }
    return situation
  }

  /// The longest among the vtgates that buffer for it.
  private func coolDown(at now: Instant) -> Situation.Fact? {
    vtgates.filter { !$0.isOff(for: summary.name) }
      .compactMap { vtgate in
        vtgate.cooldown(at: now).map { ($0, vtgate.flags[.leastTime].basis) }
      }
      .max { $0.0 < $1.0 }.map { .coolDown($0.0, $0.1) }
  }

  /// The cutover for which a proxy holds it, or should no longer; or that nobody tells of one.
  private var cutover: Situation.Fact? {
    guard summary.state == .holding || summary.state == .noPrimary else { return nil }
    if let hold = summary.hold { return .cutover(hold) }
    let proxies = vtgates.filter { $0.kind == .proxy && $0.freshness.isFresh }
    let cutovers = proxies.compactMap(\.route?.cutover)
    if let underWay = cutovers.first(where: \.isUnderWay) { return .cutover(underWay) }
    return proxies.contains { $0.hidesCutovers } ? .cutoverUnknown : nil
  }

  private var lagging: Situation.Fact? {
    summary.lag.isOverThreshold ? .lagOver(summary.lag, nil) : nil
  }

  /// What is wrong with it while it serves.
  private var standing: [Situation.Fact] {
    let down = summary.notServing
    return [down.first.map { .notServing(down.count, $0) }, lagging].compactMap(\.self)
  }
}

extension Lag {
  /// Seconds behind; nil when nobody knows, or when the throttler looks at something else.
  fileprivate var seconds: Double? { isCustomMetric ? nil : value }
}

extension Fleet {
  /// What is going on, worst first.
  ///
  /// `aside`: shards whose trouble is expected; `quiet`: vtgates whose silence is; `since`: when
  /// watching began.
  package func situation(
    aside: Set<ShardName>, quiet: Set<Address> = [], since: Instant, at now: Instant
  ) -> Situation {
    var situation = worstSituation(aside: aside, quiet: quiet, since: since, at: now)
    situation.gates = gates
    return situation
  }

  private func worstSituation(
    aside: Set<ShardName>, quiet: Set<Address>, since: Instant, at now: Instant
  ) -> Situation {
    let shards = aside.isEmpty ? summaries : summaries.filter { !aside.contains($0.name) }
    // One that is being asked for the first time is not silent yet.
    let silent = vtgates.values.count {
      ($0.watched.readAt ?? $0.watched.failingSince) != nil && !$0.isFresh
        && !quiet.contains($0.address)
    }
    // Where who tells of them is silent, they may well answer.
    let silence: [Situation.Fact] =
      if relay?.fault != nil { [.relaySilent] } else if silent > 0 {
        [.silentVtgates(silent, of: vtgates.count)]
      } else { [] }
    if let blindSince {
      var situation = Situation(subject: .shards(summaries.count), condition: .state(.blind))
      situation.facts = [.lasts(now - blindSince)] + silence
      return situation
    }
    guard !summaries.isEmpty else {
      var situation = Situation(subject: .shards(0), condition: .unanswered)
      situation.facts += silence
      let failing = sources.values.count { $0.fault != nil && $0.namesServers == nil }
      if failing > 0 {
        situation.facts.append(.sourcesFail(failing))
      } else if asksNobody {
        situation.facts.append(.nobodyNamed)
      }
      return situation
    }
    let troubled = shards.filter { $0.state != .serving }
    let going = failovers.going.filter { !$0.phase.isOver && !aside.contains($0.shard) }
    let subjects = Set(troubled.map(\.name)).union(going.map(\.shard))
    if let worst = worst(of: subjects) {
      var situation = shard(worst).situation(since: since, at: now)
      if subjects.count > 1 {
        situation.facts.insert(.others(subjects.count - 1), at: min(1, situation.facts.count))
      }
      situation.facts.removeAll { fact in silence.contains(fact) }
      situation.facts.insert(contentsOf: silence, at: situation.endOfLosses)
      return situation
    }
    if let news = failovers.all.last, !aside.contains(news.shard),
      news.newsUntil.map({ now < $0 }) ?? true
    {
      var situation = shard(news.shard).situation(since: since, at: now)
      situation.facts.removeAll { fact in silence.contains(fact) }
      // What is wrong now comes before what is over.
      situation.facts =
        silence + situation.facts + standing(shards.filter { $0.name != news.shard })
      return situation
    }
    return calm(shards, silence, setAside: summaries.count - shards.count, since: since)
  }

  /// The shard to look at first: one that others wait for, then the one in the worst state, then
  /// the one with the most known failures.
  private func worst(of names: Set<ShardName>) -> ShardName? {
    let culprits = Set(summaries.compactMap(\.waitsFor))
    func weight(_ shard: ShardSummary) -> (Int, Int, Int) {
      (
        culprits.contains(shard.name) ? 1 : 0, shard.state.urgency,
        failovers.last(of: shard.name).flatMap { $0.ended == nil ? $0.failed.count : nil } ?? 0
      )
    }
    // Of equals, the first by name.
    return summaries.filter { names.contains($0.name) }
      .max { weight($0) < weight($1) }?.name
  }

  /// What is wrong with shards while they serve.
  private func standing(_ shards: [ShardSummary]) -> [Situation.Fact] {
    let down = shards.flatMap(\.notServing)
    let worst = shards.filter(\.lag.isOverThreshold)
      .max { ($0.lag.value ?? 0) < ($1.lag.value ?? 0) }
    return [
      down.first.map { .notServing(down.count, $0) }, worst.map { .lagOver($0.lag, $0.name) },
    ].compactMap(\.self)
  }

  private func calm(
    _ shards: [ShardSummary], _ silence: [Situation.Fact], setAside: Int, since: Instant
  ) -> Situation {
    var situation = Situation(subject: .shards(shards.count), condition: .state(.serving))
    situation.facts = silence + standing(shards)
    situation.facts.append(
      failovers.all.last.map { .lastFailover($0.shard, at: $0.detected.at, $0.failed) }
        ?? .noFailover(since: since))
    let lags = shards.compactMap(\.lag.seconds)
    if !shards.contains(where: \.lag.isOverThreshold), let most = lags.max() {
      situation.facts.append(.lagAtMost(most))
    }
    let unreported = shards.count { !$0.lag.isCustomMetric && $0.lag.value == nil }
    if unreported > 0 { situation.facts.append(.lagUnknown(shards: unreported, of: shards.count)) }
    if setAside > 0 { situation.facts.append(.setAside(setAside)) }
    return situation
  }
}
