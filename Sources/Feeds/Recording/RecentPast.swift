internal import FleetModel
package import Terms
internal import Watching

/// The last minutes of what reached a watch, for recordings made after the fact.
///
///     steps ─ what is new in them ─> newer ─ full ─> older ─ full ─> base: what was known by then
///
/// Of a large fleet that is a few bytes of each answer: a vtgate's counters are kept by what has changed in
/// them, and whatever else a server says as before shares the memory of its last answer.
package struct RecentPast: Sendable {
  /// At least this much is kept, and at most twice as much.
  package static let length: Duration = .seconds(180)
  /// A part ends early after this many steps: in a fleet of thousands they are some hundred MB.
  private static let capacity = 30_000

  private var newer: [KeptStep] = []
  private var older: [KeptStep] = []
  private var base = Known()
  /// What each server said last.
  private var last: [Target: KeptAnswer] = [:]

  package init() {}

  package mutating func take(_ step: RecordedStep) {
    if let first = newer.first,
      step.at - first.at >= Self.length || newer.count >= Self.capacity
    {
      for step in older { base.take(step) }
      older = newer
      newer = []
    }
    newer.append(kept(step))
  }

  private mutating func kept(_ step: RecordedStep) -> KeptStep {
    guard case .observed(let observation) = step else { return .other(step) }
    if case .forgot(let target) = observation.news { last[target] = nil }
    guard case .outcome(let outcome) = observation.news else { return .other(step) }
    let answer = KeptAnswer(observation, outcome, after: last[outcome.target])
    last[outcome.target] = answer
    return .answer(answer.step)
  }

  /// Everything kept, oldest first.
  package var steps: [RecordedStep] {
    guard let first = (older.first ?? newer.first) else { return [] }
    var known = base
    var steps = base.steps(at: first.at)
    for step in older + newer { steps.append(known.take(step)) }
    return steps
  }

  /// What is known at its end, as steps told at that moment.
  package func present(at instant: Instant) -> [RecordedStep] {
    var known = base
    for step in older + newer { known.take(step) }
    return known.steps(at: instant)
  }
}

/// One step as it is kept.
private enum KeptStep: Sendable {
  case answer(AnswerStep)
  indirect case other(RecordedStep)

  var at: Instant {
    switch self {
    case .answer(let step): step.at
    case .other(let step): step.at
    }
  }
}

/// A server's answer, or its failure to give one.
private struct AnswerStep: Sendable {
  let shared: SharedAnswer
  let at: Instant
  let answeredAt: Instant
  let took: Duration
  let counters: Counters

  /// An answer without its times and counters: those of other polls say the same.
  final class SharedAnswer: Sendable {
    let cluster: String
    let target: Target
    let result: ScrapeOutcome.Result

    init(cluster: String, target: Target, result: ScrapeOutcome.Result) {
      (self.cluster, self.target, self.result) = (cluster, target, result)
    }
  }

  enum Counters: Sendable {
    /// As they were last.
    case same
    case changed(PackedChanges)
    case whole(ShardCounters)

    func change(_ counters: inout ShardCounters) {
      switch self {
      case .same: break
      case .changed(let changes): changes.change(&counters)
      case .whole(let whole): counters = whole
      }
    }
  }

  /// The step that was kept; `counters`: as of it.
  func step(_ counters: ShardCounters) -> RecordedStep {
    .observed(
      Observation(
        of: shared.cluster, at: at,
        .outcome(
          ScrapeOutcome(
            target: shared.target, at: answeredAt, took: took, result: shared.result.with(counters)
          ))))
  }

  /// Fills in what a vtgate does not say at every poll, as it last said it.
  func keeping(_ earlier: AnswerStep?) -> AnswerStep {
    guard let earlier, case .gate(let before) = earlier.shared.result,
      case .gate(var reading) = shared.result
    else { return self }
    reading.flags = reading.flags ?? before.flags
    reading.commandLine = reading.commandLine ?? before.commandLine
    reading.version = reading.version ?? before.version
    return AnswerStep(
      shared: SharedAnswer(cluster: shared.cluster, target: shared.target, result: .gate(reading)),
      at: at, answeredAt: answeredAt, took: took, counters: counters)
  }
}

/// A server's last answer, with which the next one is compared.
private struct KeptAnswer: Sendable {
  let step: AnswerStep
  private let counters: ShardCounters

  init(_ observation: Observation, _ outcome: ScrapeOutcome, after last: KeptAnswer?) {
    let before = last?.counters ?? ShardCounters()
    counters = outcome.result.counters ?? before
    let rest = outcome.result.with(ShardCounters())
    let shared = last.map(\.step.shared).flatMap {
      $0.result == rest && $0.cluster == observation.cluster ? $0 : nil
    }
    let changes: AnswerStep.Counters =
      if counters == before {
        .same
      } else if let packed = PackedChanges(counters, since: before) {
        .changed(packed)
      } else {
        .whole(counters)
      }
    step = AnswerStep(
      shared: shared
        ?? .init(cluster: observation.cluster, target: outcome.target, result: rest),
      at: observation.at, answeredAt: outcome.at, took: outcome.took, counters: changes)
  }
}

/// What each server said last, and other news that still hold.
private struct Known: Sendable {
  private struct Server: Sendable {
    var isWatched = false
    var answer: AnswerStep?
    /// A failure since that answer.
    var failure: AnswerStep?
    var counters = ShardCounters()
  }

  private var servers: [Target: Server] = [:]
  /// With when they were told.
  private var lasting = LastingNews<Observation>()
  private var pace: Observation?

  /// Takes a step, and returns it as it was before it was kept.
  @discardableResult mutating func take(_ kept: KeptStep) -> RecordedStep {
    switch kept {
    case .answer(let step): return take(step)
    case .other(let step):
      if case .observed(let observation) = step { take(observation) }
      return step
    }
  }

  private mutating func take(_ step: AnswerStep) -> RecordedStep {
    let target = step.shared.target
    var server = servers.removeValue(forKey: target) ?? Server()
    step.counters.change(&server.counters)
    if case .failed = step.shared.result {
      server.failure = step
    } else {
      server.answer = step.keeping(server.answer)
      if let failure = server.failure, failure.answeredAt <= step.answeredAt {
        server.failure = nil
      }
    }
    defer { servers[target] = server }
    return step.step(server.counters)
  }

  private mutating func take(_ observation: Observation) {
    switch observation.news {
    case .watching(let target): servers[target, default: Server()].isWatched = true
    case .forgot(let target): servers[target] = nil
    case .topo, .topoFailed, .shards, .source, .routings:
      lasting.take(observation.news, at: observation)
    case .pace: pace = observation
    // An event has been told and holds nothing; answers are kept apart.
    case .event, .outcome: break
    }
  }

  /// The servers first, then what they said, in the order they said it.
  func steps(at instant: Instant) -> [RecordedStep] {
    let names = servers.keys.sorted()
    func said(_ step: KeyPath<Server, AnswerStep?>) -> [RecordedStep] {
      names.compactMap { name in
        servers[name].flatMap { server in server[keyPath: step]?.step(server.counters) }
      }
    }
    let answers = said(\.answer) + said(\.failure)
    let cluster = (lasting.all.map(\.place) + (pace.map { [$0] } ?? []))
      .map { RecordedStep.observed($0) }
    guard let name = (answers + cluster).lazy.compactMap(\.cluster).first else { return [] }
    let watched = names.map { Observation(of: name, at: instant, .watching($0)) }
    return watched.map { .observed($0) } + (answers + cluster).sorted { $0.at < $1.at }
  }
}

extension RecordedStep {
  fileprivate var cluster: String? {
    if case .observed(let observation) = self { observation.cluster } else { nil }
  }
}

extension ScrapeOutcome.Result {
  /// Those of a vtgate.
  fileprivate var counters: ShardCounters? {
    if case .gate(let reading) = self { reading.buffers } else { nil }
  }

  /// The same answer with other counters, if it is a vtgate's.
  fileprivate func with(_ counters: ShardCounters) -> ScrapeOutcome.Result {
    guard case .gate(var reading) = self else { return self }
    reading.buffers = counters
    return .gate(reading)
  }
}
