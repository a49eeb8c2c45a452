internal import Terms

/// The events about a shard's tablets: lag that crosses the threshold, a primary that no longer
/// serves, and addresses that were taken over.
struct TabletNews: Sendable, Equatable, Codable {
  /// Lag that swings around the threshold is one event until it has stayed below for this long.
  private static let calm: Duration = .seconds(5)

  private var isOver = false
  private var lastOver: Instant?
  private var takenOver: Set<TakenAddress> = []
  /// The last primary that reported how far it serves.
  private var primary: Primary?

  private struct Primary: Sendable, Equatable, Codable {
    let name: TabletName
    let state: TabletServerState
  }

  private struct TakenAddress: Sendable, Hashable, Codable {
    let name: TabletName
    let occupant: TabletView.Occupant
  }

  mutating func take(_ shard: ShardSummary, at now: Instant) -> [FleetEvent] {
    var events: [FleetEvent] = []
    func event(_ kind: FleetEvent.Kind) {
      events.append(FleetEvent(at: now, shard: shard.name, kind))
    }
    if shard.lag.isOverThreshold {
      if !isOver { event(.lagOverThreshold(shard.lag, replica: shard.worstReplica?.name)) }
      isOver = true
      lastOver = now
    } else if isOver, shard.lag.value != nil, lastOver.map({ now - $0 >= Self.calm }) ?? true {
      isOver = false
      event(.lagBackUnderThreshold(shard.lag.metric))
    }
    if let tablet = shard.tablets.first(where: \.isPrimary), let state = tablet.serverState {
      let now = Primary(name: tablet.name, state: state)
      if now != primary, state != .serving {
        event(.primaryServesLess(tablet.name, state))
      } else if now.name == primary?.name, now != primary {
        event(.primaryServesFully(tablet.name))
      }
      primary = now
    }
    var current: Set<TakenAddress> = []
    for tablet in shard.tablets {
      guard let occupant = tablet.occupant else { continue }
      let taken = TakenAddress(name: tablet.name, occupant: occupant)
      current.insert(taken)
      if !takenOver.contains(taken) { event(.addressTakenOver(tablet.name, by: occupant)) }
    }
    takenOver = current
    return events
  }
}

extension ShardSummary {
  /// The replica that causes the shard's lag; nil when the leader's maximum or the primary decides.
  fileprivate var worstReplica: TabletView? {
    tablets.first { !$0.isPrimary && $0.lag.isOverThreshold && $0.lag.value == lag.value }
  }
}
