package import FleetModel
package import Terms
internal import Wording

/// Whether all is well with a fleet, and what is not.
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

    /// As monitoring plug-ins exit.
    package var exitCode: Int32 { Int32(rawValue) }
  }

  package struct Problem: Sendable, Equatable {
    /// A shard's or a server's name.
    package let subject: String
    package let health: Health
    package let text: String
  }

  /// The worst first.
  package let problems: [Problem]
  /// What is known to be meant to be: it is said, and no problem.
  package let notes: [Problem]
  package let shards: [ShardSummary]

  package var health: Health { problems.map(\.health).max() ?? .healthy }

  /// `ignored`: shards and servers whose problems are meant to be.
  package init(_ fleet: Fleet, ignoring ignored: [NamePattern] = []) {
    shards = fleet.summaries
    var problems: [Problem] = []
    var notes: [Problem] = []
    func note(_ subject: String, _ text: String) {
      notes.append(Problem(subject: subject, health: .healthy, text: text))
    }
    for shard in fleet.summaries {
      if let successors = fleet.successors(of: shard.name) {
        note(
          shard.name.description,
          "set aside: its primary is well and does not serve, "
            + successors.map(\.description).joined(separator: " and ") + " serve its key range")
      } else {
        problems += Self.problems(shard)
      }
    }
    if fleet.summaries.isEmpty {
      problems.append(Problem(subject: "fleet", health: .failing, text: "no server names a shard"))
    }
    problems += Self.vtgateProblems(fleet)
    let silent = fleet.tablets.values.filter { !$0.isFresh }.sorted { $0.address < $1.address }
    let dead = silent.filter { fleet.isDeadRecord($0) }
    if !dead.isEmpty {
      note(
        "\(dead.count.grouped) tablet\(dead.count == 1 ? "" : "s")",
        "listed by vtgate, never heard of by anybody, and without an answer: "
          + "they may have left topo long ago")
    }
    problems += Self.blindSpots(fleet)
    problems += Self.tabletProblems(silent.filter { !fleet.isDeadRecord($0) }, fleet)
    for problem in problems where ignored.contains(where: { $0.matches(problem.subject) }) {
      note(problem.subject, "ignored: \(problem.text)")
    }
    problems.removeAll { problem in ignored.contains { $0.matches(problem.subject) } }
    self.notes = notes
    self.problems = problems.enumerated()
      .sorted { ($1.element.health, $0.offset) < ($0.element.health, $1.offset) }
      .map(\.element)
  }

  private static func vtgateProblems(_ fleet: Fleet) -> [Problem] {
    let vtgates = fleet.vtgates.values.sorted { $0.address < $1.address }
    let isAnyFresh = vtgates.contains(where: \.isFresh)
    var problems: [Problem] = []
    if !vtgates.isEmpty, !isAnyFresh {
      problems.append(
        Problem(subject: "fleet", health: .failing, text: Wording().words(.blind)))
    }
    for vtgate in vtgates {
      let subject = vtgate.target.description
      if !vtgate.isFresh {
        // One vtgate of several is missed; without any nothing is known.
        problems.append(
          Problem(
            subject: subject, health: isAnyFresh ? .degraded : .failing,
            text: words(vtgate.watched.failure)))
      }
      if vtgate.hasSeveralProcesses {
        problems.append(
          Problem(
            subject: subject, health: .degraded,
            text: "several processes answer at this address; name each of them with --vtgate"))
      }
    }
    return problems
  }

  /// More tablets than this of one shard that fail alike are one problem.
  private static let most = 3

  /// Tablets of one shard that fail alike.
  private struct Group: Hashable {
    let shard: ShardName?
    let failure: ScrapeFailure?
  }

  private static func words(_ failure: ScrapeFailure?) -> String {
    failure.map { Wording().words($0) } ?? "no answer"
  }

  private static func tabletProblems(_ silent: [TabletState], _ fleet: Fleet) -> [Problem] {
    let groups = Dictionary(grouping: silent) { tablet in
      Group(shard: fleet.shard(of: tablet), failure: tablet.watched.failure)
    }
    var told: Set<Group> = []
    return silent.compactMap { tablet in
      let text = words(tablet.watched.failure)
      let shard = fleet.shard(of: tablet)
      let key = Group(shard: shard, failure: tablet.watched.failure)
      let group = groups[key] ?? []
      guard group.count > most else {
        return Problem(
          subject: tablet.target.description, health: .degraded, text: text)
      }
      guard told.insert(key).inserted else { return nil }
      let names = group.prefix(most).map { fleet.alias(of: $0)?.short ?? "\($0.address)" }
      return Problem(
        subject: shard?.description ?? "tablets", health: .degraded,
        text:
          "\(group.count.grouped) tablets do not answer (\(names.joined(separator: ", ")), …): \(text)"
      )
    }
  }

  /// What servers that answer do not let be seen: a look that is blind in part proves no health.
  private static func blindSpots(_ fleet: Fleet) -> [Problem] {
    let vtgates = fleet.vtgates.values.filter(\.isFresh).compactMap { state in
      state.watched.value?.complaint.map { (state.target, Wording().words($0)) }
    }
    let tablets = fleet.tablets.values.filter(\.isFresh).compactMap { state in
      fleet.isPlaced(state)
        ? nil
        : (
          state.target,
          "its shard is not known"
            + (state.watched.value?.complaint.map { ": \(Wording().words($0))" } ?? "")
        )
    }
    return (vtgates + tablets).sorted { $0.0 < $1.0 }
      .map { Problem(subject: $0.0.description, health: .degraded, text: $0.1) }
  }

  private static func problems(_ shard: ShardSummary) -> [Problem] {
    let wording = Wording()
    func problem(_ health: Health, _ text: String) -> Problem {
      Problem(subject: shard.name.description, health: health, text: text)
    }
    var problems: [Problem] = []
    switch shard.state {
    case .blind: problems.append(problem(.failing, wording.words(.shardBlind)))
    case .noPrimary:
      let hasReplicas = shard.tablets.contains { $0.isServing == true }
      let hasPrimary = shard.tablets.contains { $0.type == .primary }
      problems.append(
        problem(
          .failing,
          hasReplicas && !hasPrimary
            ? wording.words(.primaryUnseen)
              + ", only replicas: a snapshot keyspace, or the primary is gone "
              + "(--ignore \(shard.name) sets it aside)"
            : wording.words(.primaryUnseen)))
    case .noData where shard.tablets.contains(where: \.isFresh):
      problems.append(problem(.degraded, "no vtgate names it, only a tablet of its own"))
    case .noData: problems.append(problem(.failing, "nothing is known of it"))
    case .buffering, .draining:
      let held = shard.held?.grouped ?? "an unknown number of"
      problems.append(problem(.degraded, "\(shard.state.word), \(held) requests held"))
    case .disputed, .serving: break
    }
    problems += shard.disagreements.map { found in
      var isWorst = false
      if case .severalPrimaries = found.kind { isWorst = found.isStanding }
      return problem(isWorst ? .failing : .degraded, wording.words(found))
    }
    if let caveat = shard.countersCaveat {
      problems.append(problem(.degraded, wording.words(caveat)))
    }
    // What failed before anybody looked is history.
    if shard.state != .blind, let failed = shard.failed, failed.isSomething {
      problems.append(problem(.degraded, "\(wording.words(failed)) in a failover"))
    }
    if shard.isBufferingOff { problems.append(problem(.degraded, "no vtgate buffers for it")) }
    if shard.lag.isOverThreshold {
      problems.append(problem(.degraded, wording.excess(shard.lag)))
    }
    if let primary = shard.tablets.first(where: \.isPrimary), let state = primary.serverState,
      state != .serving
    {
      problems.append(problem(.degraded, wording.words(.primaryServesLess(primary.name, state))))
    }
    // A record that nobody takes for a serving tablet is only old.
    for tablet in shard.tablets where tablet.isServing != false {
      guard let occupant = tablet.occupant else { continue }
      problems.append(
        problem(.degraded, wording.words(.addressTakenOver(tablet.name, by: occupant))))
    }
    return problems
  }
}
