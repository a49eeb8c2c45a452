internal import TerminalKit
internal import Terms

/// Which screen is open, and of what.
enum ScreenKind: Equatable, Sendable {
  case fleet, shard
  /// One failover, by its number.
  case failover(Int)
  /// All failovers of the run.
  case failovers
  /// What happened, to one shard or at all.
  case events(ShardName?)
  /// Two failovers side by side.
  case comparison(Int, Int)

  var place: Place {
    switch self {
    case .fleet: .fleet
    case .shard: .shard
    case .failover: .failover
    case .failovers: .failovers
    case .events: .events
    case .comparison: .comparison
    }
  }

  /// The screen that one leaves it for; nil where there is none.
  var parent: ScreenKind? {
    switch self {
    case .fleet: nil
    case .events(let shard): shard == nil ? .fleet : .shard
    case .shard, .failovers: .fleet
    case .failover: .shard
    case .comparison: .failovers
    }
  }
}

/// A screen, whatever it shows: where a command does something.
enum Place: String, CaseIterable, Sendable {
  case fleet = "the fleet"
  case shard = "a shard"
  case failover = "a failover"
  case failovers = "the list of failovers"
  case events = "events"
  case comparison = "a comparison"

  /// The commands that its footer offers, in words that fit there.
  var footer: [(id: Command.ID, words: String)] {
    switch self {
    case .fleet:
      [
        (.up, "shard"), (.open, "open"), (.throttle, "throttle"), (.release, "release"),
        (.reparent, "reparent"), (.arm, "arm"), (.failovers, "failovers"), (.events, "events"),
        (.filter, "filter"), (.sort, "sort"), (.baseline, "baseline"),
      ]
    case .shard:
      [
        (.back, "fleet"), (.up, "scroll"), (.throttle, "throttle"), (.release, "release"),
        (.reparent, "reparent"), (.arm, "arm"), (.failovers, "failover"), (.events, "events"),
        (.nextShard, "next shard"), (.baseline, "baseline"),
      ]
    case .failover:
      [
        (.back, "shard"), (.failovers, "failovers"), (.compare, "compare"), (.up, "scroll"),
        (.arm, "arm"),
      ]
    case .failovers:
      [(.back, "fleet"), (.up, "failover"), (.open, "open"), (.compare, "compare")]
    case .events: [(.back, "back"), (.up, "scroll"), (.filter, "filter"), (.sort, "severity")]
    case .comparison: [(.back, "failovers")]
    }
  }

  /// The same while the screen stands still.
  static let stoppedFooter: [(id: Command.ID, words: String)] = [
    (.stop, "live"), (.earlier, "back"), (.later, "on"), (.eventBefore, "event before"),
    (.nextEvent, "next event"),
  ]
}
