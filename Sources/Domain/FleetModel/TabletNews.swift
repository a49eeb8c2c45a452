internal import Terms

/// What is told as events of a shard's tablets: lag that crosses the threshold, a primary that serves no
/// longer, and addresses that were taken over.
struct TabletNews: Sendable, Equatable {
  /// Lag that swings around the threshold is one event until it has stayed below for so long.
  private static let calm: Duration = .seconds(5)

  private var isOver = false
  private var lastOver: Instant?
  private var takenOver: Set<String> = []
  /// The last primary that told how far it serves.
  private var primary: Primary?

  private struct Primary: Sendable, Equatable {
    let label: String
    let state: TabletServerState
  }

  mutating func take(_ shard: ShardSummary, at now: Instant) -> [FleetEvent] {
    var events: [FleetEvent] = []
    func event(_ severity: FleetEvent.Severity, _ text: String) {
      events.append(FleetEvent(at: now, shard: shard.name, severity, text))
    }
    if let excess = shard.lag.excess {
      if !isOver {
        let worst = shard.worstReplica.map { " (\($0.label))" } ?? ""
        event(.warning, excess + worst)
      }
      isOver = true
      lastOver = now
    } else if isOver, shard.lag.value != nil, lastOver.map({ now - $0 >= Self.calm }) ?? true {
      isOver = false
      event(.good, "\(shard.lag.metric.name) is back under the threshold")
    }
    if let tablet = shard.tablets.first(where: \.isPrimary), let state = tablet.serverState {
      let now = Primary(label: tablet.label, state: state)
      if now != primary, state != .serving {
        event(.warning, "\(tablet.label) says that it is \(state.word)")
      } else if now.label == primary?.label, now != primary {
        event(.good, "\(tablet.label) says that it is \(state.word) again")
      }
      primary = now
    }
    var current: Set<String> = []
    for tablet in shard.tablets {
      guard let occupant = tablet.occupant else { continue }
      let words = "\(tablet.label)'s \(occupant.words)"
      current.insert(words)
      if !takenOver.contains(words) { event(.warning, words) }
    }
    takenOver = current
    return events
  }
}

extension ShardSummary {
  /// The replica to which the shard's lag is due; nil where the leader's maximum or the primary decides.
  fileprivate var worstReplica: TabletView? {
    tablets.first { !$0.isPrimary && $0.lag.isOverThreshold && $0.lag.value == lag.value }
  }
}
