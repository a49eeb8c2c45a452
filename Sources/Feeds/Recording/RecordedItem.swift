package import FleetModel
package import Terms
package import Watching

/// Something a recorder is given to write.
enum RecordedItem: Sendable {
  case step(RecordedStep)
  case event(FleetEvent)
  case failover(Failover)
  case note(String, at: Instant)
  /// `report`: how the action stands, as JSON.
  case action(Int, report: String, at: Instant)
  case wishes(Wishes, at: Instant)
  /// The watch, having followed the steps before.
  case watch(Watch, at: Instant)
}

/// What the table `failover` holds: enough to find it.
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

/// One step of a recording: something a watch was told or made to do, in its order.
package enum RecordedStep: Sendable, Equatable {
  case observed(Observation)
  /// A second had passed.
  case tick(Instant)
  /// The state was brought up to a moment.
  case moment(Instant)
  /// The operator did something that affects the screens.
  case operated(OperatorStep, at: Instant)

  package var at: Instant {
    switch self {
    case .observed(let observation): observation.at
    case .tick(let instant), .moment(let instant), .operated(_, let instant): instant
    }
  }
}

extension Watch {
  /// Does what was done when this was recorded, and returns the new events.
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
