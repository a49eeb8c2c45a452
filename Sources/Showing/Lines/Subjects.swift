internal import FleetModel
internal import Terms
internal import Wording

/// A kind's subjects as fields beside its words; those it does not have are absent.
struct Subjects: Encodable {
  var acknowledging: Int?
  var action: String?
  var after: Double?
  var age: Double?
  var all: Int?
  var apps: [App]?
  var bufferSize: Int?
  var buffered: Bool?
  var caveat: String?
  var cell: String?
  var checkedAgain: Bool?
  var codes: [String]?
  var combined: Bool?
  var cutover: PlannedCutover?
  var disagreement: String?
  var everywhere: Bool?
  var expectedPrimary: String?
  var failed: Bool?
  var failover: Int?
  var failovers: Int?
  var failuresPerSecond: Double?
  var failure: Failure?
  var fit: Int?
  var free: Int?
  var halfWay: Bool?
  var inFlight: Int?
  var interval: Double?
  var tabletInterval: Double?
  var keyspace: String?
  var lag: Double?
  var lagMetric: String?
  var lagScope: String?
  var lagThreshold: Double?
  var lagWitness: String?
  var lasting: Double?
  var leastTime: Limit?
  var leftOut: Bool?
  var maximum: Limit?
  var namedBy: String?
  var needed: Int?
  var occupant: Occupant?
  var onlyReplicas: Bool?
  var others: [Neighbour]?
  var outcome: String?
  var over: Bool?
  var peak: Int?
  var policy: String?
  var primary: String?
  var primaryAfter: String?
  var primaryBefore: String?
  var rate: Double?
  var reason: String?
  var requests: Int?
  var server: String?
  var serverKind: String?
  var serverState: String?
  var servers: [String]?
  var settings: [Setting]?
  var shards: Int?
  var silent: Int?
  var notServing: Int?
  var standing: Bool?
  var idle: String?
  var successors: [String]?
  var tablet: String?
  var tablets: [String]?
  var tabletType: String?
  var took: Double?
  var topo: Topo?
  var unasked: Bool?
  var unknown: Int?
  var unplaced: Int?
  var unscraped: Int?
  var unreached: Int?
  var verdict: String?
  var vtgates: Int?
  var waitedFor: String?
  var waitTimeout: Double?
  var window: Limit?
  var workflow: Topo.Workflow?
  var workflowName: String?

  struct Failure: Encodable {
    let kind: String
    let text: String
    let path: String?
    let status: Int?
    let within: Double?

    init(_ failure: ScrapeFailure) {
      text = Wording().words(failure)
      (path, status, within) =
        switch failure {
        case .refused(let path, let refusal): (path, refusal.status, nil)
        case .notUnderstood(let path, _): (path, nil, nil)
        case .noAnswer(let time), .noConnection(let time): (nil, nil, milliseconds(time))
        case .unreachable, .foreign, .answersAsAnother, .notScraped: (nil, nil, nil)
        }
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

    init(_ occupant: TabletView.Occupant) {
      tablet = occupant.alias?.description
      shard = occupant.shard?.description
    }
  }

  /// A time limit; `basis` is absent where it does not matter.
  struct Limit: Encodable {
    let time: Double?
    let basis: String?

    init(_ time: Duration, basis: BufferFlags.Basis? = nil) {
      self.time = milliseconds(time)
      self.basis = basis?.rawValue
    }

    init(_ limit: BufferFlags.KnownLimit) { self.init(limit.time, basis: limit.basis) }
  }

  struct Neighbour: Encodable {
    let shard: String
    let peak: Int
  }

  /// A flag as the servers spell it, and its value as they accept it.
  struct Setting: Encodable {
    let flag: String
    let value: String
  }

  struct App: Encodable {
    let name: String
    let left: Double?
  }
}

extension Subjects {
  mutating func take(_ found: Disagreement) {
    standing = found.isStanding
    primary = found.primary?.description
    if !found.servers.isEmpty { take(found.servers) }
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

  mutating func take(_ lag: Lag) {
    self.lag = finite(lag.value)
    lagThreshold = finite(lag.threshold)
    lagMetric = lag.metric.name
    lagScope = lag.metric.knownScope?.rawValue
    lagWitness = lag.isCustomMetric ? nil : lag.witness.rawValue
  }

  mutating func take(_ target: Target) {
    (server, serverKind) = (target.address.description, target.kind.name)
  }

  /// A shard stands beside the event.
  mutating func take(_ subject: FleetCheck.Subject) {
    switch subject {
    case .server(let target): take(target)
    case .tablets: serverKind = Target.Kind.vttablet.name
    case .fleet, .shard: break
    }
  }

  mutating func take(_ servers: [Address]) { self.servers = servers.map(\.description) }

  static func name(_ tablet: TabletName) -> String? {
    switch tablet {
    case .alias(let alias): alias.description
    case .address(let address): address.description
    case .unknown: nil
    }
  }
}

/// A cutover that a proxy was told to make.
struct PlannedCutover: Encodable {
  let from: String
  let to: String
  let phase: String
  let began: String
  let ended: String?
  /// Why it was cancelled, in the proxy's words.
  let reason: String?

  init(_ cutover: ProxyCutover) {
    (from, to, phase) = (cutover.from, cutover.to, cutover.phase.rawValue)
    (began, ended) = (cutover.startedAt.rfc3339, cutover.endedAt?.rfc3339)
    reason = cutover.reason
  }
}

/// Where the topology sent a shard's writes.
struct Topo: Encodable {
  let at: String
  let deniedTables: [String]
  let primaryServing: Bool
  let workflows: [Workflow]?

  struct Workflow: Encodable {
    let name: String
    let source: String
    let target: String
    let tables: [String]?
    let trafficState: String?
    /// Of its streams, each once, and how far the slowest is behind in milliseconds.
    let states: [String]?
    let lag: Double?
    let readiness: String?

    init(_ workflow: TrafficWorkflow) {
      (name, source, target) = (workflow.name, workflow.source, workflow.target)
      tables = workflow.tables.isEmpty ? nil : workflow.tables.sorted()
      trafficState = workflow.trafficState
      states = workflow.streams?.states.sorted()
      lag = milliseconds(workflow.streams?.lag)
      readiness = workflow.readiness?.rawValue
    }
  }

  init(_ routing: ShardRouting) {
    at = routing.readAt.rfc3339
    deniedTables = routing.deniedTables.sorted()
    primaryServing = routing.isPrimaryServing
    workflows = routing.workflows?.map(Workflow.init)
  }
}
