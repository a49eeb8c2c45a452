internal import FleetModel
internal import Terms
internal import Watching
internal import WhatIf

/// What the flags that advice names would have made of a failover.
struct AdvisedFailover: Equatable {
  let id: Int
  let detected: Instant
  let asked: AskedFlags
  /// Nil where it is not sure that nobody would have been let down.
  let outcome: AdvisedOutcome?
}

extension Model {
  /// Works it out once for the failover on the screen when that is over, and again when the advice
  /// changes: frames only look it up.
  mutating func foretell() {
    guard let id = (screen as? FailoverScreen)?.id, let failover = fleet.failovers[id],
      failover.ended != nil
    else { return }
    let shard = fleet.shard(failover.shard)
    guard shard.lastFailover?.id == id else { return }
    let advice = shard.advice(at: now)
    guard let asked = AskedFlags(advice) else {
      advised = nil
      return
    }
    let isKnown =
      advised.map {
        $0.id == id && $0.detected == failover.detected.at && $0.asked == asked
      } ?? false
    guard !isKnown else { return }
    advised = AdvisedFailover(
      id: id, detected: failover.detected.at, asked: asked,
      outcome: AdvisedOutcome(failover, advice, among: fleet.failovers.all, since: watch.began))
  }

  func advised(for failover: Failover) -> AdvisedOutcome? {
    guard let advised, advised.id == failover.id, advised.detected == failover.detected.at else {
      return nil
    }
    return advised.outcome
  }
}
