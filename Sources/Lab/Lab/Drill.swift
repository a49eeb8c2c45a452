internal import Buffering
package import Terms

/// A scenario in real time: its cluster and clients run, and its steps wait until it is started.
///
///     waiting ── start ──> running ── every step done, buffers at rest for a second ──> over
///                             ^                                                          │
///                             └──────────────────────── start ──────────────────────────┘
package struct Drill: Sendable {
  package enum Phase: Sendable, Equatable {
    case waiting
    case running(since: Instant)
    case over(since: Instant, at: Instant)
  }

  /// What a vtgate's process had counted when the drill began.
  private struct Baseline {
    let process: Instant
    let counters: [Scenario.Counter: Int]
  }

  package let scenario: Scenario
  package private(set) var phase = Phase.waiting
  /// What each step that is done brought.
  package private(set) var outcomes: [(step: DrillStep, text: String)] = []
  /// Counted since it was started, in all vtgates, until it was over; empty before.
  package private(set) var counters: [Scenario.Counter: Int] = [:]
  private var baselines: [Baseline] = []
  private var lastUnrest: Instant?

  package init(_ scenario: Scenario) { self.scenario = scenario }

  package var isRunning: Bool { if case .running = phase { true } else { false } }

  /// The steps with their times from the first one on, which comes `lead` after the start.
  package func steps(after lead: Duration) -> [DrillStep] {
    let steps = scenario.steps.sorted { $0.at < $1.at }
    return steps.map { step in
      DrillStep(
        at: step.at - (steps.first?.at ?? .zero) + lead, command: step.command,
        parameters: step.parameters)
    }
  }

  /// Begins, once more too; counters count from here on.
  package mutating func start(_ cluster: LabCluster) throws(Refusal) {
    guard !isRunning else { throw Refusal("the scenario is running: its steps are not done yet") }
    phase = .running(since: cluster.now)
    outcomes = []
    lastUnrest = cluster.now
    baselines = cluster.vtgates.map {
      Baseline(process: $0.startedAt, counters: scenario.counted(by: $0))
    }
    count(cluster)
  }

  package mutating func note(_ step: DrillStep, _ text: String) {
    if isRunning { outcomes.append((step, text)) }
  }

  /// Takes in what the cluster has come to; true when that was the end.
  package mutating func follow(_ cluster: LabCluster) -> Bool {
    guard case .running(let start) = phase else { return false }
    count(cluster)
    let isAtRest =
      outcomes.count >= scenario.steps.count
      && cluster.vtgates.allSatisfy { $0.buffer.state(of: scenario.shard) == .idle }
    if !isAtRest { lastUnrest = cluster.now }
    guard let lastUnrest, cluster.now - lastUnrest >= .seconds(1) else { return false }
    phase = .over(since: start, at: lastUnrest)
    return true
  }

  private mutating func count(_ cluster: LabCluster) {
    counters = [:]
    for (vtgate, baseline) in zip(cluster.vtgates, baselines) {
      let own = scenario.counted(by: vtgate)
      let isSameProcess = vtgate.startedAt == baseline.process
      for (counter, number) in own {
        counters[counter, default: 0] +=
          number - (isSameProcess ? baseline.counters[counter] ?? 0 : 0)
      }
    }
  }
}
