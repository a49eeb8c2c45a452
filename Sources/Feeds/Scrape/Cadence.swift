/// How often servers are polled, and what that may cost them.
package struct Cadence: Sendable, Equatable {
  /// The time between two polls of a target of which nothing particular is expected.
  package var interval: Duration
  /// The time between two polls of a vtgate that is watched closely.
  package var closeVtgates: Duration = .milliseconds(50)
  /// The time between two polls of a vttablet that is watched closely.
  ///
  /// A throttler collects its metrics at most four times a second.
  package var closeTablets: Duration = .milliseconds(250)
  /// Polls a second of all vttablets together that are watched closely; where they are many, each is
  /// polled less often, but not less than one of which nothing is expected.
  ///
  /// Clients feel what vtgates do: tablets only say how they lag meanwhile, and are many.
  package var closeTabletRate = 80
  /// Requests a second to all targets together; never exceeded.
  package var budget: Int
  /// Requests a second to one target; never exceeded.
  package var targetBudget: Int

  /// The least possible budget: one poll of every kind a second.
  package static let leastBudget = 10

  package init(interval: Duration = .seconds(1), budget: Int = 2000, targetBudget: Int = 50) {
    self.interval = interval
    self.budget = max(Self.leastBudget, budget)
    self.targetBudget = max(Self.leastBudget, targetBudget)
  }
}
