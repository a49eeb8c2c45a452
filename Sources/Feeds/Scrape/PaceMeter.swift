internal import FleetModel
internal import Terms

/// How often servers are asked in fact, by their polls of the last second or so.
///
/// Servers that are asked closely are left out: the pace is that of the others.
struct PaceMeter {
  private let cadence: Cadence
  /// When the last poll of each server began, unless it failed: the pause after a failure is no pace.
  private var lastStart: [Target: Instant] = [:]
  private var began: Instant
  /// What has been measured since then.
  private var pace = Pace()
  /// As it was measured last.
  private(set) var last = Pace()

  init(_ cadence: Cadence, at now: Instant) {
    self.cadence = cadence
    began = now
  }

  mutating func forget(_ target: Target) { lastStart[target] = nil }

  /// Takes a poll that has ended; returns the pace once enough time has passed.
  mutating func take(
    _ target: Target, startedAt: Instant, requests: Int, succeeded: Bool,
    besides close: Set<Target>, at now: Instant
  ) -> Pace? {
    pace.requestsPerSecond += requests
    let before = lastStart.updateValue(startedAt, forKey: target)
    if succeeded, let before, !close.contains(target) {
      pace.extend(target.kind.role, to: startedAt - before)
    }
    defer { if !succeeded { lastStart[target] = nil } }
    let passed = now - began
    guard passed >= max(.seconds(1), cadence.interval) else { return nil }
    pace.requestsPerSecond = Int((Double(pace.requestsPerSecond) / passed.seconds).rounded())
    for role in [Target.Role.gate, .member] {
      pace.extend(role, to: waiting(role, besides: close, at: now))
    }
    (pace.budget, pace.targetBudget) = (cadence.budget, cadence.targetBudget)
    last = pace
    (pace, began) = (Pace(), now)
    return last
  }

  /// How long ago half of the servers that answer were last asked: so slow it is, whatever makes it so,
  /// though none of the polls under way has ended.
  private func waiting(
    _ role: Target.Role, besides close: Set<Target>, at now: Instant
  ) -> Duration {
    let starts = lastStart.filter { $0.key.kind.role == role && !close.contains($0.key) }
    return starts.isEmpty ? .zero : now - starts.values.sorted()[starts.count / 2]
  }
}

extension Pace {
  fileprivate mutating func extend(_ role: Target.Role, to interval: Duration) {
    switch role {
    case .gate: vtgateInterval = max(vtgateInterval, interval)
    case .member: tabletInterval = max(tabletInterval, interval)
    }
  }
}
