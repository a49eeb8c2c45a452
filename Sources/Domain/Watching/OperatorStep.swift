internal import FleetModel
package import Terms

/// What an operator does that changes what is shown, without a word to any server.
package enum OperatorStep: Sendable, Equatable, Codable {
  case baselineSet, baselineCleared
  case armed(ShardName), disarmed(ShardName)
  /// The shard that is about to be changed; nil: none any more.
  case inHand(ShardName?)
  /// Whether anybody is looking.
  case attended(Bool)
  /// What a key on the presenter's screen asked for, in words.
  case asked(String)
}

extension Watch {
  package mutating func take(_ step: OperatorStep, at instant: Instant) {
    pass(to: instant)
    switch step {
    case .baselineSet: setBaseline()
    case .baselineCleared: clearBaseline()
    case .armed(let shard): arm(shard)
    case .disarmed(let shard): disarm(shard)
    case .inHand(let shard): takeInHand(shard)
    case .attended(let isAttended): attend(isAttended)
    case .asked: break
    }
  }
}
