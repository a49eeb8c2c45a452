package import FleetModel
package import Terms
internal import Wording

extension JSONLine {
  /// The outcome of a check.
  package func text(_ check: FleetCheck, at now: Instant) -> String {
    encode(Checked(check, at: now))
  }
}

private struct Checked: Encodable {
  let version = JSONLine.version
  let type = "check"
  let at: String
  let health: String
  let problems: [Told<ProblemWords>]
  let notes: [Told<ProblemWords>]
  /// `proxies` or `both`; absent where they are vtgates.
  let gates: String?
  let shards: [Row]

  init(_ check: FleetCheck, at now: Instant) {
    at = now.rfc3339
    health = check.health.word
    problems = check.problems.map { Told($0, health: $0.health, check.gates) }
    notes = check.notes.map { Told($0, health: nil, check.gates) }
    gates = check.gates.hasProxies ? check.gates.rawValue : nil
    shards = check.shards.map { Row($0, at: now) }
  }
}

extension Told<ProblemWords> {
  /// `health`: nil for a note.
  fileprivate init(_ problem: FleetCheck.Problem, health: FleetCheck.Health?, _ gates: Gates) {
    self.init(words: ProblemWords(problem, health, gates), subjects: Subjects(problem.finding))
  }
}

/// What a check has found, in words.
private struct ProblemWords: Encodable {
  let subject: String
  let shard: String?
  let health: String?
  let kind: String
  let ignored: Bool?
  let acknowledged: Bool?
  let text: String

  init(_ problem: FleetCheck.Problem, _ health: FleetCheck.Health?, _ gates: Gates) {
    let wording = Wording()
    subject = wording.name(problem.subject)
    shard = if case .shard(let name) = problem.subject { name.description } else { nil }
    self.health = health?.word
    kind = problem.finding.name.rawValue
    ignored = if case .ignored = problem.finding { true } else { nil }
    acknowledged = if case .acknowledged = problem.finding { true } else { nil }
    text = wording.words(problem.finding, of: gates)
  }
}

extension Subjects {
  fileprivate init(_ finding: FleetCheck.Finding) {
    switch finding {
    case .noShardNamed, .blind, .severalProcesses, .readInPart, .shardNotKnown, .shardBlind,
      .namedByNoVtgate, .nothingKnown, .counts, .failed, .bufferingOff, .deadRecords,
      .topoUnread, .cutoversUnknown, .unverified:
      break
    case .sourceFails(let source, _), .sourceStays(let source, _), .sourceNamesNobody(let source),
      .sourceRemark(let source, _):
      namedBy = Wording().words(source)
    case .relayFails(let relay, let fault), .relayHidesTablets(let relay, let fault),
      .relayClockUnknown(let relay, let fault):
      server = relay.address.description
      take(fault)
    case .relayIsSlow(let relay, let delay):
      (server, interval) = (relay.address.description, milliseconds(relay.interval))
      took = milliseconds(delay)
    case .relayed(let relay):
      (server, interval) = (relay.address.description, milliseconds(relay.interval))
      tabletInterval = milliseconds(relay.tabletInterval)
    case .tabletsUnplaced(let count): unplaced = count
    case .staysRelayed(let unreached): take(unreached)
    case .unscraped(let unscraped):
      (self.unscraped, server) = (unscraped.count, unscraped.first.address.description)
      serverKind = unscraped.first.kind.name
    case .noAnswer(let failure): self.failure = failure.map { Failure($0) }
    case .tabletsSilent(let count, let tablets, let failure):
      (silent, self.failure) = (count, failure.map { Failure($0) })
      self.tablets = tablets.compactMap { Self.name($0) }
    case .primaryUnseen(let hasOnlyReplicas): onlyReplicas = hasOnlyReplicas
    case .holding(_, let held): requests = held
    case .disagreement(let found): take(found)
    case .lagOver(let lag): take(lag)
    case .primaryServesLess(let tablet, let state):
      (self.tablet, serverState) = (Self.name(tablet), state.word)
    case .tabletsNotServing(let count, let tablets):
      (notServing, self.tablets) = (count, tablets.compactMap { Self.name($0) })
    case .addressTakenOver(let tablet, let occupant):
      (self.tablet, self.occupant) = (Self.name(tablet), Occupant(occupant))
    case .primaryReadOnly(let server): self.server = server
    case .severalWritable(let servers): self.servers = servers
    case .onlyInTopo(let primary): self.primary = primary?.description
    case .cutoverUnderWay(let cutover, let held):
      (self.cutover, requests) = (PlannedCutover(cutover), held)
    case .setAside(let idleness, let successors):
      self.idle = Wording().word(idleness)
      self.successors = successors.map(\.description)
    case .snapshot(let base): keyspace = base.isEmpty ? nil : base
    case .ignored(let finding), .acknowledged(let finding): self = Subjects(finding)
    }
  }
}
