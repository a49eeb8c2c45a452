internal import FleetModel
package import Terms

/// What an operator does that changes what is shown, without a word to any server.
package enum OperatorStep: Sendable, Equatable, Codable {
  case baselineSet, baselineCleared
  case armed(ShardName), disarmed(ShardName)
  /// What is wrong is known, and counts for nothing until it changes; or it counts again.
  case acknowledged(TroubleScope), withdrawn(TroubleScope)
  /// The shard that is about to be changed; nil: none any more.
  case inHand(ShardName?)
  /// Whether anybody is looking.
  case attended(Bool)
  /// What a key on the presenter's screen asked for, in words.
  case asked(String)
}

/// Whose trouble an operator speaks of.
package enum TroubleScope: Sendable, Equatable, Codable {
  case all
  /// A shard and its tablets.
  case shard(ShardName)
}

extension Watch {
  package mutating func take(_ step: OperatorStep, at instant: Instant) {
    pass(to: instant)
    switch step {
    case .baselineSet: setBaseline()
    case .baselineCleared: clearBaseline()
    case .armed(let shard): arm(shard)
    case .disarmed(let shard): disarm(shard)
    case .acknowledged(let scope): acknowledge(scope)
    case .withdrawn(let scope): withdraw(scope)
    case .inHand(let shard): takeInHand(shard)
    case .attended(let isAttended): attend(isAttended)
    case .asked: break
    }
  }
}
