package import FleetModel
package import Terms
package import Watching

/// What a recorder is told.
enum RecordedItem: Sendable {
  case step(RecordedStep)
  case event(FleetEvent)
  case failover(Failover)
  case note(String, at: Instant)
  /// `report`: what came of it so far, as JSON.
  case action(Int, report: String, at: Instant)
  case wishes(Wishes, at: Instant)
  /// A watch as it stands once it has followed the steps before.
  case watch(Watch, at: Instant)
}

/// What a recording holds of a failover: enough to find it.
package struct RecordedFailover: Sendable, Equatable {
  package let id: Int
  package let shard: ShardName
  package let began: Instant
  package let ended: Instant?

  package init(id: Int, shard: ShardName, began: Instant, ended: Instant?) {
    self.id = id
    self.shard = shard
    self.began = began
    self.ended = ended
  }

  init(_ failover: Failover) {
    self.init(
      id: failover.id, shard: failover.shard, began: failover.detected.at,
      ended: failover.ended?.at)
  }
}

/// One step of a recording: what a watch was told, or made to do, in the order in which it was.
package enum RecordedStep: Sendable, Equatable {
  case observed(Observation)
  /// A second was over.
  case tick(Instant)
  /// What was known was brought up to a moment.
  case moment(Instant)
  /// The operator did something that shows.
  case operated(OperatorStep, at: Instant)

  package var at: Instant {
    switch self {
    case .observed(let observation): observation.at
    case .tick(let instant), .moment(let instant), .operated(_, let instant): instant
    }
  }
}

extension Watch {
  /// Does what was done when it was recorded, and returns the events that are new.
  package mutating func follow(_ step: RecordedStep) -> [FleetEvent] {
    switch step {
    case .observed(let observation):
      take(observation)
      return []
    case .tick(let instant): return tick(at: instant)
    case .moment(let instant): return settle(at: instant)
    case .operated(let step, let instant):
      take(step, at: instant)
      return []
    }
  }
}
