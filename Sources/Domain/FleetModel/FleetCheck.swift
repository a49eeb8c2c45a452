package import Terms

/// Whether all is well with a fleet, and what is wrong if not.
package struct FleetCheck: Sendable, Equatable {
  package enum Health: Int, Sendable, Comparable {
    case healthy, degraded, failing

    package static func < (left: Health, right: Health) -> Bool { left.rawValue < right.rawValue }

    package var word: String {
      switch self {
      case .healthy: "healthy"
      case .degraded: "degraded"
      case .failing: "failing"
      }
    }

    /// The exit code that monitoring plug-ins use.
    package var exitCode: Int32 { Int32(rawValue) }
  }

  /// What a problem or a note is about.
  package enum Subject: Sendable, Hashable, Comparable, Codable {
    case fleet
    case shard(ShardName)
    case server(Target)
    /// How many, when their shards are not known or need not be told apart.
    case tablets(Int)
  }

  package struct Problem: Sendable, Equatable {
    package let subject: Subject
    package let health: Health
    package let finding: Finding

    package init(subject: Subject, health: Health, finding: Finding) {
      self.subject = subject
      self.health = health
      self.finding = finding
    }
  }

  /// Worst first.
  package let problems: [Problem]
  /// What is known to be intended: it is reported, but is not a problem.
  package let notes: [Problem]
  package let shards: [ShardSummary]
  /// The kinds of gates that were looked at.
  package let gates: Gates

  package init(
    problems: [Problem], notes: [Problem], shards: [ShardSummary], gates: Gates = .vtgates
  ) {
    self.gates = gates
    self.problems = problems
    self.notes = notes
    self.shards = shards
  }

  package var health: Health { problems.map(\.health).max() ?? .healthy }

  /// How many shards and servers count for nothing; the other notes say who tells of the fleet.
  package var setAside: Int { notes.count { $0.finding.setsAside } }

  /// `ignored`: shards and servers whose problems are expected; `acknowledged`: what the operator
  /// knows of already; `isUnverified`: whoever answered was not asked for a certificate.
  package init(
    _ fleet: Fleet, ignoring ignored: [NamePattern] = [],
    acknowledged: Acknowledged = Acknowledged(), isUnverified: Bool = false
  ) {
    shards = fleet.summaries
    gates = fleet.gates
    var problems: [Problem] = []
    var notes: [Problem] = []
    func note(_ subject: Subject, _ finding: Finding) {
      notes.append(Problem(subject: subject, health: .healthy, finding: finding))
    }
    if isUnverified { note(.fleet, .unverified) }
    for shard in fleet.summaries {
      if let successors = fleet.successors(of: shard.name) {
        note(.shard(shard.name), .setAside(shard.idleness ?? .unused, for: successors))
      } else {
        let writable = shard.writableServers
        if writable.count > 1 { note(.shard(shard.name), .severalWritable(writable)) }
        if shard.idleness == .uninitialized { note(.shard(shard.name), .onlyInTopo(primary: nil)) }
        let found = shard.idleness == .uninitialized ? [] : Self.problems(shard)
        // Where no vtgate answers, that says already why none of them names it.
        problems += found.filter {
          !fleet.explains($0) && !(fleet.hearsNoVtgate && $0.finding == .namedByNoVtgate)
            && !(fleet.isToldOfNoVtgate && $0.finding == .shardBlind)
        }
        if let base = fleet.snapshotBase(of: shard.name), found.contains(where: fleet.explains) {
          note(.shard(shard.name), .snapshot(of: base))
        }
      }
    }
    if fleet.summaries.isEmpty {
      problems.append(Problem(subject: .fleet, health: .failing, finding: .noShardNamed))
    }
    for (source, standing) in fleet.sources.sorted(by: { $0.key < $1.key }) {
      for finding in Self.findings(of: source, standing) {
        // Where nothing is known it is why, and beside servers that answer a note.
        if standing.namesServers == nil || fleet.asksNobody {
          problems.append(Problem(subject: .fleet, health: .degraded, finding: finding))
        } else {
          note(.fleet, finding)
        }
      }
    }
    // No more than a note: every server is known without it.
    if let failure = fleet.topoFailure { note(.fleet, .topoUnread(failure)) }
    if let relay = fleet.relay {
      note(.fleet, .relayed(relay))
      if let fault = relay.clockFault { note(.fleet, .relayClockUnknown(relay, fault)) }
      if relay.unplaced > 0 { note(.fleet, .tabletsUnplaced(relay.unplaced)) }
      if let unreached = relay.unreached { note(.fleet, .staysRelayed(unreached)) }
      if let tablets = relay.unscrapedTablets { note(.fleet, .unscraped(tablets)) }
      if let gates = relay.unscrapedGates {
        // What they hold and lose is in no sum.
        problems.append(Problem(subject: .fleet, health: .degraded, finding: .unscraped(gates)))
      }
      if let fault = relay.fault ?? (fleet.isHeardOf ? nil : .unheard) {
        problems.append(
          Problem(subject: .fleet, health: .failing, finding: .relayFails(relay, fault)))
      }
      if let fault = relay.tabletFault {
        problems.append(
          Problem(subject: .fleet, health: .degraded, finding: .relayHidesTablets(relay, fault)))
      }
      if let delay = relay.delay {
        problems.append(
          Problem(subject: .fleet, health: .degraded, finding: .relayIsSlow(relay, delay)))
      }
    }
    problems += Self.vtgateProblems(fleet)
    for proxy in fleet.vtgates.values.filter(\.hidesCutovers).sorted(by: { $0.address < $1.address }
    ) {
      note(.server(proxy.server), .cutoversUnknown)
    }
    let silent = fleet.tablets.values.filter {
      !$0.isFresh && !fleet.isUntold(.member, $0.watched.failure)
    }
    .sorted { $0.address < $1.address }
    let dead = silent.filter { fleet.isDeadRecord($0) }
    if !dead.isEmpty { note(.tablets(dead.count), .deadRecords) }
    problems += Self.blindSpots(fleet)
    let living = silent.filter { !fleet.isDeadRecord($0) }
    problems += Self.tabletProblems(
      living.filter { !fleet.isIgnored($0.target, by: ignored) }, fleet)
    for problem in Self.tabletProblems(
      living.filter { fleet.isIgnored($0.target, by: ignored) }, fleet)
    {
      note(problem.subject, .ignored(problem.finding))
    }
    problems.removeAll { problem in
      if fleet.isIgnored(problem, by: ignored) {
        note(problem.subject, .ignored(problem.finding))
      } else if acknowledged.covers(problem) {
        note(problem.subject, .acknowledged(problem.finding))
      } else {
        return false
      }
      return true
    }
    self.notes = notes
    self.problems = problems.enumerated()
      .sorted { ($1.element.health, $0.offset) < ($0.element.health, $1.offset) }
      .map(\.element)
  }

  /// What a source of servers leaves unsaid.
  ///
  /// One of which all or a part has never been read is a problem even where other servers answer: nobody
  /// knows whom it would have named.
  private static func findings(of source: ServerSource, _ standing: SourceStanding) -> [Finding] {
    let remarks = standing.remarks.map { Finding.sourceRemark(source, $0) }
    guard let namesServers = standing.namesServers else {
      return [.sourceFails(source, standing.fault)] + remarks
    }
    return [standing.fault.map { .sourceStays(source, $0) }].compactMap(\.self)
      + (namesServers ? [] : [.sourceNamesNobody(source)]) + remarks
  }

  private static func vtgateProblems(_ fleet: Fleet) -> [Problem] {
    let vtgates = fleet.vtgates.values.sorted { $0.address < $1.address }
    var problems: [Problem] = []
    if fleet.hearsNoVtgate, !fleet.isToldOfNoVtgate {
      problems.append(Problem(subject: .fleet, health: .failing, finding: .blind))
    }
    for vtgate in vtgates {
      if !vtgate.isFresh, !fleet.isUntold(.gate, vtgate.watched.failure) {
        // Losing one vtgate of several degrades; without any, nothing is known.
        problems.append(
          Problem(
            subject: .server(vtgate.server), health: fleet.hearsNoVtgate ? .failing : .degraded,
            finding: .noAnswer(vtgate.watched.failure)))
      }
      if vtgate.hasSeveralProcesses {
        problems.append(
          Problem(
            subject: .server(vtgate.server), health: .degraded, finding: .severalProcesses))
      }
    }
    return problems
  }

  /// More tablets than this of one shard that fail alike are one problem, which names so many.
  private static let most = 3

  /// Tablets of one shard that fail alike.
  private struct Group: Hashable {
    let shard: ShardName?
    let failure: ScrapeFailure?
  }

  private static func tabletProblems(_ silent: [TabletState], _ fleet: Fleet) -> [Problem] {
    let groups = Dictionary(grouping: silent) { tablet in
      Group(shard: fleet.shard(of: tablet), failure: tablet.watched.failure)
    }
    var told: Set<Group> = []
    return silent.compactMap { tablet in
      let key = Group(shard: fleet.shard(of: tablet), failure: tablet.watched.failure)
      let group = groups[key] ?? []
      guard group.count > most else {
        return Problem(
          subject: .server(tablet.target), health: .degraded, finding: .noAnswer(key.failure))
      }
      guard told.insert(key).inserted else { return nil }
      let names = group.prefix(most).map { TabletName(fleet.alias(of: $0), at: $0.address) }
      return Problem(
        subject: key.shard.map { .shard($0) } ?? .tablets(group.count), health: .degraded,
        finding: .tabletsSilent(group.count, names, key.failure))
    }
  }

  /// What servers hide even though they answer: a partly blind look proves no health.
  private static func blindSpots(_ fleet: Fleet) -> [Problem] {
    let vtgates = fleet.vtgates.values.filter(\.isFresh).compactMap { state in
      state.watched.value?.complaint.map { (state.server, Finding.readInPart($0)) }
    }
    let tablets = fleet.tablets.values.filter(\.isFresh).compactMap { state in
      fleet.isPlaced(state)
        ? nil : (state.target, Finding.shardNotKnown(state.watched.value?.complaint))
    }
    return (vtgates + tablets).sorted { $0.0 < $1.0 }
      .map { Problem(subject: .server($0.0), health: .degraded, finding: $0.1) }
  }

  private static func unseen(_ shard: ShardSummary) -> Finding {
    let hasReplicas = shard.tablets.contains { $0.isServing == true }
    return .primaryUnseen(
      hasOnlyReplicas: hasReplicas && !shard.tablets.contains { $0.type == .primary })
  }

  /// What is wrong with a shard itself.
  static func problems(_ shard: ShardSummary) -> [Problem] {
    func problem(_ health: Health, _ finding: Finding) -> Problem {
      Problem(subject: .shard(shard.name), health: health, finding: finding)
    }
    var problems: [Problem] = []
    switch shard.state {
    case .blind: problems.append(problem(.failing, .shardBlind))
    case .noPrimary: problems.append(problem(.failing, unseen(shard)))
    // Buffering gives up and begins again, and none of it brings the primary back.
    case .buffering where shard.primaryOverdueSince != nil:
      problems.append(problem(.failing, unseen(shard)))
      problems.append(problem(.degraded, .holding(shard.state, shard.held)))
    case .noData where shard.onlyInTopo != nil:
      problems.append(problem(.degraded, .onlyInTopo(primary: shard.onlyInTopo?.primary)))
    case .noData:
      let isSeen = shard.tablets.contains(where: \.isFresh)
      problems.append(
        problem(isSeen ? .degraded : .failing, isSeen ? .namedByNoVtgate : .nothingKnown))
    case .buffering, .draining:
      problems.append(problem(.degraded, .holding(shard.state, shard.held)))
    case .holding:
      if let hold = shard.hold {
        problems.append(problem(.degraded, .cutoverUnderWay(hold, held: shard.held)))
      }
    case .disputed, .serving: break
    }
    problems += shard.disagreements.map { found in
      var isWorst = false
      if case .severalPrimaries = found.kind { isWorst = found.isStanding }
      return problem(isWorst ? .failing : .degraded, .disagreement(found))
    }
    if let caveat = shard.countersCaveat { problems.append(problem(.degraded, .counts(caveat))) }
    // What failed before anybody was watching is history.
    if shard.state != .blind, let failed = shard.failed, failed.isSomething {
      problems.append(problem(.degraded, .failed(failed)))
    }
    if shard.isBufferingOff { problems.append(problem(.degraded, .bufferingOff)) }
    if shard.lag.isOverThreshold { problems.append(problem(.degraded, .lagOver(shard.lag))) }
    if let primary = shard.tablets.first(where: \.isPrimary), let state = primary.serverState,
      state != .serving
    {
      problems.append(problem(.degraded, .primaryServesLess(primary.name, state)))
    }
    let notServing = shard.notServing
    if !notServing.isEmpty {
      problems.append(
        problem(
          .degraded, .tabletsNotServing(notServing.count, Array(notServing.prefix(most)))))
    }
    if shard.primaryIsServing, let primary = shard.readOnlyPrimary {
      problems.append(problem(.degraded, .primaryReadOnly(primary.name)))
    }
    // A record that nobody takes for a serving tablet is merely old.
    for tablet in shard.tablets where tablet.isServing != false {
      guard let occupant = tablet.occupant else { continue }
      problems.append(problem(.degraded, .addressTakenOver(tablet.name, by: occupant)))
    }
    return problems
  }
}

extension Fleet {
  /// Whether it is what a snapshot keyspace always shows.
  fileprivate func explains(_ problem: FleetCheck.Problem) -> Bool {
    guard case .shard(let name) = problem.subject else { return false }
    switch problem.finding {
    case .primaryUnseen, .onlyInTopo: return snapshotBase(of: name) != nil
    default: return false
    }
  }
}

extension FleetCheck.Subject: CustomStringConvertible {
  /// What --ignore names: a shard, or a server with its kind.
  package var description: String {
    switch self {
    case .fleet: "fleet"
    case .shard(let shard): shard.description
    case .server(let target): target.description
    case .tablets(let count): "\(count.grouped) tablet\(count == 1 ? "" : "s")"
    }
  }
}

extension Fleet {
  /// There are vtgates, and none of them answers.
  fileprivate var hearsNoVtgate: Bool {
    !vtgates.isEmpty && !vtgates.values.contains(where: \.isFresh)
  }

  /// Whether nothing is known of a server because who tells of it is silent, and not because it is.
  ///
  /// `failure`: what it was last said to fail with.
  fileprivate func isUntold(_ role: Target.Role, _ failure: ScrapeFailure?) -> Bool {
    guard let relay, failure == nil else { return false }
    return relay.fault != nil || (role == .member && relay.tabletFault != nil)
  }

  /// The same of all vtgates.
  fileprivate var isToldOfNoVtgate: Bool {
    hearsNoVtgate && vtgates.values.allSatisfy { isUntold(.gate, $0.watched.failure) }
  }
}
