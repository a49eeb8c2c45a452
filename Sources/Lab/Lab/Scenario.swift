internal import Buffering
package import Terms

/// A drill with its cluster, its traffic, its steps, and its expected results.
package struct Scenario: Sendable {
  /// A counter of the request buffer, as the guide's tables name it: a metric's name without
  /// `vtgate_buffer_`, followed by a dot and the reason if it has one.
  package typealias Counter = String

  /// The counters of the guide's tables, in that order.
  package static let counters: [Counter] = [
    "requests_buffered", "requests_buffered_dry_run", "requests_drained",
    "requests_evicted.BufferFull", "requests_evicted.ContextDone",
    "requests_evicted.WindowExceeded", "requests_skipped.BufferFull",
    "requests_skipped.Disabled", "requests_skipped.LastFailoverTooRecent",
    "requests_skipped.LastReparentTooRecent", "requests_skipped.Shutdown",
  ]

  /// What should come out, according to one source.
  package struct Expectation: Sendable {
    /// `guide` or the name of a recording.
    package var source: String
    package var values: [Counter: Int]

    package init(source: String, values: [Counter: Int]) {
      self.source = source
      self.values = values
    }
  }

  package var name: String
  package var title: String
  package var about = ""
  package var configuration = LabCluster.Configuration()
  package var steps: [DrillStep] = []
  /// How long it runs.
  package var duration: Duration = .seconds(30)
  /// The shard whose counters count.
  package var shard = ShardName(keyspace: "commerce", shard: "0")
  package var expectations: [Expectation] = []
  /// The counters that the algorithm determines: they must equal the deciding source's.
  ///
  /// All others depend on timing: they need only agree on whether they are zero.
  package var exact: Set<Counter> = []
  /// Which expectation decides; the last one named.
  package var deciding: Expectation? { expectations.last }

  package init(name: String, title: String) {
    self.name = name
    self.title = title
  }

  /// Why it cannot be run on its cluster; nil when it can.
  package var objection: String? {
    for shard in [shard] + configuration.traffic.map(\.shard)
    where !configuration.shards.contains(shard) { return "the cluster has no shard \(shard)" }
    return configuration.buffer.refusal(by: configuration.release)
      .map { "vtgate would not start: \($0)" }
  }
}

/// A scenario run on the engine's own clock, as fast as possible.
package struct ScenarioRun: Sendable {
  package let scenario: Scenario
  package private(set) var counters: [Scenario.Counter: Int] = [:]
  /// The errors that clients received, by text.
  package private(set) var clientErrors: [String: Int] = [:]
  /// The result of each step.
  package private(set) var outcomes: [(step: DrillStep, text: String)] = []
  /// What went wrong; empty when the scenario came out as it must.
  package private(set) var problems: [String] = []

  /// Runs a scenario from a fixed instant; the same scenario gives the same run.
  package init(_ scenario: Scenario) {
    self.scenario = scenario
    let start = Instant(secondsSinceEpoch: 1_700_000_000)
    var cluster = LabCluster(scenario.configuration, at: start)
    var waiting: [Int: DrillStep] = [:]
    var steps = scenario.steps.sorted { $0.at < $1.at }[...]
    let end = start + scenario.duration
    while cluster.now < end {
      while let step = steps.first, start + step.at <= cluster.now {
        steps.removeFirst()
        perform(step, on: &cluster, &waiting)
      }
      let next = min(end, cluster.now + .milliseconds(50), steps.first.map { start + $0.at } ?? end)
      cluster.advance(to: max(next, cluster.now + .milliseconds(1)))
      for (operation, outcome) in cluster.takeOutcomes().sorted(by: { $0.key < $1.key }) {
        guard let step = waiting.removeValue(forKey: operation) else { continue }
        outcomes.append((step, outcome.failure?.description ?? "done"))
      }
      if let violation = cluster.violation() {
        problems.append(violation)
        break
      }
    }
    for step in steps { problems.append("\(step): the scenario ended before it") }
    counters = scenario.counted(by: cluster)
    for vtgate in cluster.vtgates {
      clientErrors.merge(vtgate.statistics.clientErrors[scenario.shard] ?? [:]) { $0 + $1 }
    }
    problems += scenario.disagreements(with: counters)
  }

  private mutating func perform(
    _ step: DrillStep, on cluster: inout LabCluster, _ waiting: inout [Int: DrillStep]
  ) {
    do throws(Refusal) {
      let command = try DrillCommand(step.command, step.parameters, at: cluster.now)
      if let operation = try cluster.perform(command) {
        waiting[operation] = step
      } else {
        outcomes.append((step, "done"))
      }
    } catch {
      outcomes.append((step, error.description))
      problems.append("\(step): \(error)")
    }
  }
}
