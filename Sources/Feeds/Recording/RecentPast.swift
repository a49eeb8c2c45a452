internal import FleetModel
package import Terms
internal import Watching

/// The last minutes of what reached a watch, for recordings made after the fact.
///
///     steps ─> newer ─ full ─> older ─ full ─> base: what was known by then
///
/// A reading equal to the one before shares its memory.
package struct RecentPast: Sendable {
  /// At least this much is kept, and at most twice as much.
  package static let length: Duration = .seconds(180)
  /// A part ends early after this many steps: in a fleet of thousands they are some hundred MB.
  private static let capacity = 30_000

  private var newer: [RecordedStep] = []
  private var older: [RecordedStep] = []
  private var base = Known()

  package init() {}

  package mutating func take(_ step: RecordedStep) {
    if let first = newer.first,
      step.at - first.at >= Self.length || newer.count >= Self.capacity
    {
      for step in older { base.take(step) }
      older = newer
      newer = []
    }
    newer.append(step)
  }

  /// Everything kept, oldest first.
  package var steps: [RecordedStep] {
    let recent = older + newer
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

/// What each server said last, and other news that still hold.
private struct Known: Sendable {
  private struct Server: Sendable {
    var isWatched = false
    var answer: Observation?
    /// A failure since that answer.
    var failure: Observation?
  }

  private var servers: [Target: Server] = [:]
  private var topo: Observation?
  private var routings: Observation?
  private var pace: Observation?

  mutating func take(_ step: RecordedStep) {
    guard case .observed(let observation) = step else { return }
    switch observation.news {
    case .watching(let target): servers[target, default: Server()].isWatched = true
    case .forgot(let target): servers[target] = nil
    case .outcome(let outcome):
      if case .failed = outcome.result {
        servers[outcome.target, default: Server()].failure = observation
      } else {
        let last = servers[outcome.target]?.answer
        servers[outcome.target, default: Server()].answer = observation.keeping(last)
        servers[outcome.target]?.failure = nil
      }
    case .topo, .topoFailed: topo = observation
    case .routings: routings = observation
    case .pace: pace = observation
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
    guard let name = (answers + cluster).first?.cluster else { return [] }
    let watched = names.map { Observation(of: name, at: instant, .watching($0)) }
    return (watched + (answers + cluster).sorted { $0.at < $1.at }).map { .observed($0) }
  }
}

extension Observation {
  /// Fills in what a vtgate does not say at every poll, as it last said it.
  fileprivate func keeping(_ last: Observation?) -> Observation {
    guard case .outcome(let outcome) = news, case .gate(var reading) = outcome.result,
      case .outcome(let before) = last?.news, case .gate(let earlier) = before.result
    else { return self }
    reading.flags = reading.flags ?? earlier.flags
    reading.commandLine = reading.commandLine ?? earlier.commandLine
    reading.version = reading.version ?? earlier.version
    return Observation(
      of: cluster, at: at,
      .outcome(
        ScrapeOutcome(
          target: outcome.target, at: outcome.at, took: outcome.took, result: .gate(reading))))
  }
}
