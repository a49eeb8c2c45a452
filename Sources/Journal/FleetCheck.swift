package import FleetModel

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
  package let shards: [ShardSummary]

  package var health: Health { problems.map(\.health).max() ?? .healthy }

  package init(_ fleet: Fleet) {
    shards = fleet.summaries
    var problems = fleet.summaries.flatMap(Self.problems)
    if fleet.summaries.isEmpty {
      problems.append(Problem(subject: "fleet", health: .failing, text: "no server names a shard"))
    }
    let servers =
      fleet.vtgates.values.map { (Target(.vtgate, $0.address), $0.isFresh, $0.watched.failure) }
      + fleet.tablets.values.map { (Target(.vttablet, $0.address), $0.isFresh, $0.watched.failure) }
    let vtgatesFresh = fleet.vtgates.values.contains(where: \.isFresh)
    for (target, isFresh, failure) in servers.sorted(by: { $0.0 < $1.0 }) where !isFresh {
      // One vtgate of several is missed; without any nothing is known.
      let isLast = target.kind == .vtgate && !vtgatesFresh
      problems.append(
        Problem(
          subject: target.description, health: isLast ? .failing : .degraded,
          text: failure?.description ?? "no answer"))
    }
    self.problems = problems.enumerated()
      .sorted { ($1.element.health, $0.offset) < ($0.element.health, $1.offset) }
      .map(\.element)
  }

  private static func problems(_ shard: ShardSummary) -> [Problem] {
    func problem(_ health: Health, _ text: String) -> Problem {
      Problem(subject: shard.name.description, health: health, text: text)
    }
    var problems: [Problem] = []
    switch shard.state {
    case .noPrimary: problems.append(problem(.failing, "no vtgate sees a serving primary"))
    case .noData where shard.tablets.contains(where: \.isFresh):
      problems.append(problem(.degraded, "no vtgate names it, only a tablet of its own"))
    case .noData: problems.append(problem(.failing, "nothing is known of it"))
    case .buffering, .draining:
      let held = shard.held.map(String.init) ?? "an unknown number of"
      problems.append(problem(.degraded, "\(shard.state.word), \(held) requests held"))
    case .serving: break
    }
    if let caveat = shard.countersCaveat { problems.append(problem(.degraded, caveat)) }
    // What failed before anybody looked is history.
    if let failed = shard.failed, failed.isSomething {
      problems.append(problem(.degraded, "\(PlainLine.words(failed)) in a failover"))
    }
    if shard.isBufferingOff { problems.append(problem(.degraded, "no vtgate buffers for it")) }
    if let excess = shard.lag.excess { problems.append(problem(.degraded, excess)) }
    if let primary = shard.tablets.first(where: \.isPrimary), let state = primary.serverState,
      state != .serving
    {
      problems.append(problem(.degraded, "\(primary.label) says that it is \(state.word)"))
    }
    // A record that nobody takes for a serving tablet is only old.
    for tablet in shard.tablets where tablet.isServing != false {
      guard let occupant = tablet.occupant else { continue }
      problems.append(problem(.degraded, "\(tablet.label)'s \(occupant.words)"))
    }
    return problems
  }
}
