internal import FleetModel
internal import Terms
internal import Wording

/// An event as JSON: its words, and its kind and subjects as values.
struct EventLine: Encodable {
  private let told: Told
  private let subjects: Subjects

  init(_ event: FleetEvent) {
    told = Told(event)
    subjects = Subjects(event.kind)
  }

  func encode(to encoder: any Encoder) throws {
    try told.encode(to: encoder)
    try subjects.encode(to: encoder)
  }

  private struct Told: Encodable {
    let version = JSONLine.version
    let type = "event"
    let id: Int
    let at: String
    let shard: String?
    let severity: String
    let kind: String
    let text: String
    let sources: [Source]
    /// Absent when it is `at`.
    let until: String?

    init(_ event: FleetEvent) {
      let wording = Wording()
      id = event.id
      at = event.at.rfc3339
      shard = event.shard?.description
      severity = event.severity.word
      kind = event.kind.name.rawValue
      text = wording.text(event)
      until = event.until > event.at ? event.until.rfc3339 : nil
      sources = event.sources.map {
        Source(
          server: $0.address.description, detail: wording.detail($0), count: $0.count,
          lasted: milliseconds($0.lasted))
      }
    }
  }

  private struct Source: Encodable {
    let server: String
    /// The numbers beside it in words.
    let detail: String?
    let count: Int?
    let lasted: Double?
  }
}

/// The subjects of a kind; what it has none of is absent.
private struct Subjects: Encodable {
  var action: String?
  var after: Double?
  var codes: [String]?
  var combined: Bool?
  var disagreement: String?
  var failovers: Int?
  var failuresPerSecond: Double?
  var failure: Failure?
  var keyspace: String?
  var lag: Double?
  var lagMetric: String?
  var lagThreshold: Double?
  var lagWitness: String?
  var lasting: Double?
  var occupant: Occupant?
  var outcome: String?
  var primary: String?
  var primaryAfter: String?
  var primaryBefore: String?
  var reason: String?
  var server: String?
  var serverKind: String?
  var serverState: String?
  var servers: [String]?
  var standing: Bool?
  var tablet: String?
  var tablets: [String]?
  var verdict: String?

  struct Failure: Encodable {
    let kind: String
    let text: String

    init(_ failure: ScrapeFailure) {
      text = failure.description
      kind =
        switch failure.kind {
        case .unreachable: "unreachable"
        case .timedOut: "timed-out"
        case .refusedByServer: "refused"
        case .notUnderstood: "not-understood"
        case .answersAsAnother: "answers-as-another"
        }
    }
  }

  struct Occupant: Encodable {
    let tablet: String?
    let shard: String?
  }

  init(_ kind: FleetEvent.Kind) {
    switch kind {
    case .vtgateRestarted, .severalProcesses, .primaryUnseen, .othersWait, .deadRecords, .blind,
      .shardBlind, .shardSeenAgain, .baselineSet, .baselineRemoved, .actionsForbidden, .remark:
      break
    case .buffering(let step): take(step)
    case .combinedBuffering(let step, let keyspace):
      take(step)
      combined = true
      self.keyspace = keyspace
    case .clientErrorsRise(let codes): self.codes = codes
    case .primaryChanged(let now, let before):
      (primaryAfter, primaryBefore) = (now.description, before.description)
    case .primaryServesAgain(let alias): primary = alias.description
    case .disagreement(let found), .agreement(let found): take(found)
    case .lagOverThreshold(let lag, let replica): take(lag, replica)
    case .lagBackUnderThreshold(let metric): lagMetric = metric.name
    case .primaryServesLess(let tablet, let state):
      (self.tablet, serverState) = (Self.name(tablet), state.word)
    case .primaryServesFully(let tablet): self.tablet = Self.name(tablet)
    case .addressTakenOver(let tablet, let occupant):
      self.tablet = Self.name(tablet)
      self.occupant = Occupant(
        tablet: occupant.alias?.description, shard: occupant.shard?.description)
    case .noAnswer(let target, let failure):
      take(target)
      self.failure = Failure(failure)
    case .answersAgain(let target, let time):
      take(target)
      after = milliseconds(time)
    case .tabletsSilent(let failure): self.failure = Failure(failure)
    case .tabletLeft(let tablet): self.tablet = Self.name(tablet)
    case .sightRegained(let time): after = milliseconds(time)
    case .actionsAllowed(let time): lasting = milliseconds(time)
    case .actionBegun(let action): self.action = action
    case .actionEnded(_, let outcome, let action, let verdict):
      (self.outcome, self.action, self.verdict) = (outcome, action, verdict)
    }
  }

  private mutating func take(_ step: FleetEvent.BufferStep) {
    switch step {
    case .goingOn, .started, .drained: break
    case .passed(let count): failovers = count
    case .ended(let reason): self.reason = reason.rawValue
    case .evicted(let reason): self.reason = reason.rawValue
    case .notBuffered(let reason): self.reason = reason.rawValue
    }
  }

  private mutating func take(_ found: Disagreement) {
    standing = found.isStanding
    primary = found.primary?.description
    if !found.servers.isEmpty { servers = found.servers.map(\.description) }
    switch found.kind {
    case .primaryUnseen: disagreement = "primary-unseen"
    case .otherPrimary(let alias): (disagreement, tablets) = ("other-primary", [alias.description])
    case .severalPrimaries(let aliases):
      (disagreement, tablets) = ("several-primaries", aliases.map(\.description))
    case .claimsPrimary(let alias):
      (disagreement, tablets) = ("claims-primary", [alias.description])
    case .deniesPrimary(let alias):
      (disagreement, tablets) = ("denies-primary", [alias.description])
    case .failingCalls:
      (disagreement, failuresPerSecond) = ("failing-calls", finite(found.failures))
    }
  }

  private mutating func take(_ lag: Lag, _ replica: TabletName?) {
    self.lag = finite(lag.value)
    lagThreshold = finite(lag.threshold)
    lagMetric = lag.metric.name
    lagWitness = lag.isCustomMetric ? nil : lag.witness.rawValue
    tablet = replica.flatMap(Self.name)
  }

  private mutating func take(_ target: Target) {
    (server, serverKind) = (target.address.description, target.kind.name)
  }

  private static func name(_ tablet: TabletName) -> String? {
    switch tablet {
    case .alias(let alias): alias.description
    case .address(let address): address.description
    case .unknown: nil
    }
  }
}
