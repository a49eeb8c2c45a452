package import FleetModel
internal import FoundationEssentials
package import Terms
package import Watching
internal import Wording

/// A change as one JSON object on one line; the keys are described in docs/json.md.
///
///     FleetChange, FleetCheck, ActionReport ─┬─> PlainLine ─> a line of words
///                                            └─> JSONLine ──> an object: words, kind, subjects
///
/// Both say the same in the words of `Wording`. The values of each kind are listed in ``Subjects``,
/// so that no program needs to parse sentences. Within a version keys are only ever added.
package struct JSONLine {
  package static let version = 1

  private let encoder = JSONEncoder()

  package init() { encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes] }

  package func text(_ change: FleetChange, at now: Instant) -> String {
    switch change {
    case .event(let event): encode(Told(event))
    case .shard(let shard): encode(Row(shard, at: now))
    case .failover(let failover): encode(Ended(failover))
    case .advice(let advice): encode(Told(advice, holds: true, at: now))
    case .adviceGone(let advice): encode(Told(advice, holds: false, at: now))
    }
  }

  /// One event, as hooks receive it.
  package func text(_ event: FleetEvent) -> String { encode(Told(event)) }

  /// `value`: of finite numbers and strings.
  package func encode(_ value: some Encodable) -> String {
    (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self).harmlessJSON } ?? "{}"
  }
}

func milliseconds(_ duration: Duration?) -> Double? {
  duration.map { Double($0.wholeNanoseconds / 1000) / 1000 }
}

func finite(_ value: Double?) -> Double? { value.flatMap { $0.isFinite ? $0 : nil } }

private func named<Reason: RawRepresentable<String>>(_ counts: [Reason: Int]) -> [String: Int] {
  Dictionary(
    uniqueKeysWithValues: counts.filter { $0.value != 0 }.map { ($0.key.rawValue, $0.value) })
}

struct Counts: Encodable {
  let buffered: Int?
  let drained: Int?
  let evicted: [String: Int]?
  let skipped: [String: Int]?
  let lost: Int?
  let starts: Int?
  let stops: [String: Int]?

  init(_ counters: BufferCounters) {
    buffered = counters[.buffered]
    drained = counters[.drained]
    evicted = counters[.evicted].map { _ in named(counters.evicted) }
    skipped = counters[.skipped].map { _ in named(counters.skipped) }
    lost = counters.lost
    starts = counters[.starts]
    stops = counters[.stops].map { _ in named(counters.stops) }
  }
}

/// What the application saw fail.
struct FailedCount: Encodable {
  /// Absent when no source reports it.
  let count: Int?
  let atLeast: Bool
  let ofKeyspace: Bool
  let estimate: Bool
  let assumed: Bool
  let codes: [String: Int]

  init(_ failed: Failed) {
    count = failed.count
    atLeast = failed.isAtLeast
    ofKeyspace = failed.isOfKeyspace
    estimate = failed.isEstimate
    assumed = failed.isAssumed
    codes = failed.codes
  }
}

struct Row: Encodable {
  let version = JSONLine.version
  let type = "shard"
  let at: String
  let shard: String
  let state: String
  let idle: String?
  let primary: String?
  /// Absent, like all that follows, while nobody can say anything about the shard.
  let primaryIsServing: Bool?
  let held: Int?
  let counts: Counts?
  let countsCaveat: String?
  let countsCaveatKind: String?
  let countsUnreported: [String]?
  let failed: FailedCount?
  let bufferingOff: Bool?
  let lag: Double?
  let lagThreshold: Double?
  let lagCaveat: String?
  let lagCaveatKind: String?
  let lagCaveatTablets: [String]?
  let lagMetric: String
  let lagScope: String?
  let lagWitness: String?
  let throttledApps: [App]?

  struct App: Encodable {
    let name: String
    let ratio: Double?
    let expiresAt: String
  }

  init(_ shard: ShardSummary, at now: Instant) {
    let wording = Wording()
    at = now.rfc3339
    self.shard = shard.name.description
    state = shard.state.word
    idle = shard.idleness.map { wording.word($0) }
    primary = shard.primary?.description
    let isBlind = shard.state == .blind
    primaryIsServing = isBlind ? nil : shard.primaryIsServing
    held = shard.hasCounters ? shard.held : nil
    counts = shard.hasCounters ? Counts(shard.counters) : nil
    countsCaveat = shard.countersCaveat.map { wording.words($0) }
    switch shard.countersCaveat {
    case .combined?: (countsCaveatKind, countsUnreported) = ("combined", nil)
    case .unreported(let families)?:
      (countsCaveatKind, countsUnreported) = ("unreported", families.names)
    case nil: (countsCaveatKind, countsUnreported) = (nil, nil)
    }
    failed = isBlind ? nil : shard.failed.map { FailedCount($0) }
    bufferingOff = isBlind ? nil : shard.isBufferingOff
    lag = finite(shard.lag.value)
    lagThreshold = finite(shard.lag.threshold)
    lagCaveat = shard.lag.caveat.map { wording.words($0) }
    lagCaveatKind = shard.lag.caveat?.name.rawValue
    if case .noData(let tablets)? = shard.lag.caveat {
      lagCaveatTablets = tablets.compactMap(Subjects.name)
    } else {
      lagCaveatTablets = nil
    }
    lagMetric = shard.lag.metric.name
    lagScope = shard.lag.metric.knownScope?.rawValue
    lagWitness = shard.lag.isCustomMetric || lag == nil ? nil : shard.lag.witness.rawValue
    let apps = shard.throttledApps.map {
      App(name: $0.name, ratio: finite($0.ratio), expiresAt: $0.expiresAt.rfc3339)
    }
    throttledApps = isBlind && apps.isEmpty ? nil : apps
  }
}

struct SeenAt: Encodable {
  let at: String
  /// Milliseconds before `at`; absent when it is not known.
  let uncertainty: Double?

  init?(_ moment: Moment?) {
    guard let moment else { return nil }
    at = moment.at.rfc3339
    uncertainty = milliseconds(moment.uncertainty)
  }
}

struct Ended: Encodable {
  let version = JSONLine.version
  let type = "failover"
  let id: Int
  let shard: String
  let kind: String
  let outcome: String
  let failed: FailedCount
  let detected: SeenAt?
  let primaryGone: SeenAt?
  let newPrimarySeen: SeenAt?
  let ended: SeenAt?
  let primaryBefore: String?
  let primaryAfter: String?
  let counts: Counts
  let peak: Int?
  let episodes: Int
  let hidesUnbuffered: Bool
  /// What the topology said after it; absent when nobody asked.
  let topo: Topo?
  /// The cutover that a proxy was told to make; absent where it was none.
  let cutover: PlannedCutover?
  /// `proxies` or `both`; absent where they are vtgates.
  let gates: String?
  let vtgates: [Part]

  struct Part: Encodable {
    let vtgate: String
    let started: SeenAt?
    let stopped: SeenAt?
    let drained: SeenAt?
    let bufferedFor: Double?
    let peak: Int?
    let bufferSize: Int?
    let episodes: Int
    let counts: Counts
    let clientErrors: [String: Int]
    /// `restarted` or `unanswered`; absent when its part is known to the end.
    let interrupted: String?
  }

  /// `number`: where it is not the one it has here.
  init(_ failover: Failover, number: Int? = nil) {
    id = number ?? failover.id
    shard = failover.shard.description
    kind = Wording().word(failover.kind)
    outcome = Wording().word(failover.verdict)
    failed = FailedCount(failover.failed)
    detected = SeenAt(failover.detected)
    primaryGone = SeenAt(failover.primaryGone)
    newPrimarySeen = SeenAt(failover.newPrimarySeen)
    ended = SeenAt(failover.ended)
    primaryBefore = failover.primaryBefore?.description
    primaryAfter = failover.primaryAfter?.description
    counts = Counts(failover.counts)
    peak = failover.peak
    episodes = failover.episodes
    hidesUnbuffered = failover.hidesUnbuffered
    topo = failover.routing.map { Topo($0) }
    cutover = failover.plannedCutover.map { PlannedCutover($0) }
    gates = failover.gates.hasProxies ? failover.gates.rawValue : nil
    vtgates = failover.tracks.map { track in
      Part(
        vtgate: track.address.description, started: SeenAt(track.started),
        stopped: SeenAt(track.stopped), drained: SeenAt(track.drained),
        bufferedFor: milliseconds(track.duration), peak: track.peak,
        bufferSize: track.bufferSize, episodes: track.episodes, counts: Counts(track.counts),
        clientErrors: failover.clientErrors(of: track.address),
        interrupted: track.interrupted?.cause.rawValue)
    }
  }
}
