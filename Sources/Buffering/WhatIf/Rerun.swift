internal import Buffering
internal import FleetModel
internal import Terms

/// Recorded arrivals on their way through vtgate's request buffer once more.
///
/// The arrivals lie evenly between polls; nobody who is turned away comes again, and draining takes
/// no time.
struct Rerun {
  /// What became of one shard's requests.
  struct Outcome: Equatable {
    var counters = RequestBuffer.Counters()
    var longestWait: Duration = .zero
    /// Let go before there was a primary, or never let in.
    var failed = 0
  }

  private enum Event: Comparable {
    case arrival(Int)
    case back(Int)
  }

  private struct Request {
    let outage: Int
    let since: Instant
  }

  private var buffer: RequestBuffer
  private var requests: [Request] = []
  private var isBack: Set<Int> = []
  private var outcomes: [Outcome]

  /// What the shards of one vtgate come to that were away at the same time.
  static func of(
    _ outages: [RecordedOutage], with flags: RequestBuffer.Configuration
  ) -> [Outcome] {
    var events: [(at: Instant, event: Event)] = []
    for (index, outage) in outages.enumerated() {
      let (times, back) = outage.likelyTimes
      events += times.map { ($0, .arrival(index)) }
      events.append((back, .back(index)))
    }
    events.sort { ($0.at, $0.event) < ($1.at, $1.event) }
    var rerun = Rerun(flags, count: outages.count)
    for (at, event) in events {
      rerun.pass(until: at)
      switch event {
      case .arrival(let index): rerun.arrive(index, outages[index].shard, at: at)
      case .back(let index): rerun.back(index, outages[index].shard, at: at)
      }
    }
    for (index, outage) in outages.enumerated() {
      rerun.outcomes[index].counters = rerun.buffer.counters(of: outage.shard) ?? .init()
    }
    return rerun.outcomes
  }

  private init(_ flags: RequestBuffer.Configuration, count: Int) {
    buffer = RequestBuffer(flags)
    outcomes = Array(repeating: Outcome(), count: count)
  }

  private mutating func pass(until instant: Instant) {
    while let deadline = buffer.nextDeadline, deadline <= instant {
      carryOut(buffer.advance(to: deadline), at: deadline)
    }
  }

  private mutating func arrive(_ outage: Int, _ shard: ShardName, at now: Instant) {
    let request = requests.count
    requests.append(Request(outage: outage, since: now))
    let (verdict, actions) = buffer.admit(request, for: shard, after: .failoverError, at: now)
    if verdict != .wait { leave(request, at: now) }
    carryOut(actions, at: now)
  }

  private mutating func back(_ outage: Int, _ shard: ShardName, at now: Instant) {
    isBack.insert(outage)
    carryOut(buffer.stop(shard, .newPrimarySeen, at: now), at: now)
  }

  private mutating func carryOut(_ actions: [RequestBuffer.Action], at now: Instant) {
    var actions = actions[...]
    while let action = actions.popFirst() {
      switch action {
      case .fail(let request, _): leave(request, at: now)
      case .retry(let request):
        leave(request, at: now)
        actions += buffer.finished(request, at: now)
      }
    }
  }

  private mutating func leave(_ request: RequestBuffer.RequestID, at now: Instant) {
    let (outage, since) = (requests[request].outage, requests[request].since)
    outcomes[outage].longestWait = max(outcomes[outage].longestWait, now - since)
    if !isBack.contains(outage) { outcomes[outage].failed += 1 }
  }
}

extension RecordedOutage {
  /// When each request came and when the primary was back, in the middle of what is possible.
  fileprivate var likelyTimes: (arrivals: [Instant], back: Instant) {
    let begin = began.lowerBound + (began.upperBound - began.lowerBound) / 2
    let length =
      hold.flatMap { gaveUp ? nil : $0.lowerBound }
      ?? away.most.map { away.least + ($0 - away.least) / 2 } ?? away.least
    let back = begin + length
    let times = steps.flatMap { step in
      let count = step.asked + step.tooRecent
      let from = min(max(step.span.lowerBound, begin), back)
      let to = max(from, min(step.span.upperBound, back))
      return (0..<count).map { index in
        from + .nanoseconds((to - from).wholeNanoseconds / Int64(count) * Int64(index))
      }
    }
    return ([begin] + times.dropFirst(), back)
  }
}
