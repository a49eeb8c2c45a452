internal import FleetModel
package import Terms
internal import Watching

/// The last minutes of what reached a watch, for recordings made after the fact.
///
///     steps ─ packed ─> newer ─ full ─> older ─ full ─> base: what was known by then
///
/// A vtgate's counters are a hundred times as large as what is new in them, so they are packed; those
/// equal to the ones before share their memory.
package struct RecentPast: Sendable {
  /// At least this much is kept, and at most twice as much.
  package static let length: Duration = .seconds(180)
  /// A part ends early after this many steps: in a fleet of thousands they are some hundred MB.
  private static let capacity = 30_000

  private var newer: [KeptStep] = []
  private var older: [KeptStep] = []
  private var base = Known()
  /// Each vtgate's counters as they were last kept.
  private var counters: [Target: KeptCounters] = [:]

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
    guard case .observed(let observation) = step else { return KeptStep(step) }
    if case .forgot(let target) = observation.news { counters[target] = nil }
    guard let (target, buffers) = observation.buffers else { return KeptStep(step) }
    let last = counters[target]
    guard let counters = last?.of(buffers) ?? KeptCounters(buffers, after: last) else {
      return KeptStep(step)
    }
    self.counters[target] = counters
    return KeptStep(.observed(observation.with([:])), counters.packed)
  }

  /// Everything kept, oldest first.
  package var steps: [RecordedStep] {
    let recent = (older + newer).map(\.step)
    guard let first = recent.first else { return [] }
    return base.steps(at: first.at) + recent
  }

  /// What is known at its end, as steps told at that moment.
  package func present(at instant: Instant) -> [RecordedStep] {
    var known = base
    for step in older { known.take(step) }
    for step in newer { known.take(step) }
    return known.steps(at: instant)
  }
}

/// A step whose counters, if it is a vtgate's answer, are packed.
private struct KeptStep: Sendable {
  private let rest: RecordedStep
  private let counters: PackedCounters?

  init(_ rest: RecordedStep, _ counters: PackedCounters? = nil) {
    self.rest = rest
    self.counters = counters
  }

  var at: Instant { rest.at }

  /// What was observed, but for packed counters.
  var observation: Observation? {
    guard case .observed(let observation) = rest else { return nil }
    return observation
  }

  var step: RecordedStep {
    guard let counters, let observation else { return rest }
    return .observed(observation.with(counters.buffers))
  }

  /// Fills in what a vtgate does not say at every poll, as it last said it.
  func keeping(_ last: KeptStep?) -> KeptStep {
    guard let observation else { return self }
    return KeptStep(.observed(observation.keeping(last?.observation)), counters)
  }
}

/// A vtgate's counters, and the same packed.
private struct KeptCounters: Sendable {
  private let buffers: [ShardName: BufferCounters]
  let packed: PackedCounters

  /// Nil where they cannot be packed.
  init?(_ buffers: [ShardName: BufferCounters], after last: KeptCounters?) {
    guard let packed = PackedCounters(buffers, like: last?.packed) else { return nil }
    self.buffers = buffers
    self.packed = packed
  }

  /// Itself if it is of these counters.
  func of(_ buffers: [ShardName: BufferCounters]) -> KeptCounters? {
    self.buffers == buffers ? self : nil
  }
}

/// What each server said last, and other news that still hold.
private struct Known: Sendable {
  private struct Server: Sendable {
    var isWatched = false
    var answer: KeptStep?
    /// A failure since that answer.
    var failure: KeptStep?
  }

  private var servers: [Target: Server] = [:]
  private var topo: KeptStep?
  private var routings: KeptStep?
  private var pace: KeptStep?

  mutating func take(_ step: KeptStep) {
    guard let observation = step.observation else { return }
    switch observation.news {
    case .watching(let target): servers[target, default: Server()].isWatched = true
    case .forgot(let target): servers[target] = nil
    case .outcome(let outcome):
      if case .failed = outcome.result {
        servers[outcome.target, default: Server()].failure = step
      } else {
        let last = servers[outcome.target]?.answer
        servers[outcome.target, default: Server()].answer = step.keeping(last)
        servers[outcome.target]?.failure = nil
      }
    case .topo, .topoFailed: topo = step
    case .routings: routings = step
    case .pace: pace = step
    // The event has been told and holds nothing.
    case .event: break
    }
  }

  /// The servers first, then what they said, in the order they said it.
  func steps(at instant: Instant) -> [RecordedStep] {
    let names = servers.keys.sorted()
    let cluster = [topo, routings, pace].compactMap(\.self)
    let answers =
      names.compactMap { servers[$0]?.answer } + names.compactMap { servers[$0]?.failure }
    guard let name = (answers + cluster).first?.observation?.cluster else { return [] }
    let watched = names.map { Observation(of: name, at: instant, .watching($0)) }
    return watched.map { .observed($0) } + (answers + cluster).sorted { $0.at < $1.at }.map(\.step)
  }
}

extension Observation {
  /// A vtgate and its counters; nil if it is anything else than its answer.
  fileprivate var buffers: (Target, [ShardName: BufferCounters])? {
    guard case .outcome(let outcome) = news, case .gate(let reading) = outcome.result else {
      return nil
    }
    return (outcome.target, reading.buffers)
  }

  /// The same answer of a vtgate with other counters.
  fileprivate func with(_ buffers: [ShardName: BufferCounters]) -> Observation {
    replacing { $0.buffers = buffers }
  }

  private func replacing(_ change: (inout VtgateReading) -> Void) -> Observation {
    guard case .outcome(let outcome) = news, case .gate(var reading) = outcome.result else {
      return self
    }
    change(&reading)
    return Observation(
      of: cluster, at: at,
      .outcome(
        ScrapeOutcome(
          target: outcome.target, at: outcome.at, took: outcome.took, result: .gate(reading))))
  }

  fileprivate func keeping(_ last: Observation?) -> Observation {
    guard case .outcome(let before) = last?.news, case .gate(let earlier) = before.result else {
      return self
    }
    return replacing { reading in
      reading.flags = reading.flags ?? earlier.flags
      reading.commandLine = reading.commandLine ?? earlier.commandLine
      reading.version = reading.version ?? earlier.version
    }
  }
}
