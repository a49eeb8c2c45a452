internal import Terms

/// What of a fleet grows with time, for those who keep it elsewhere.
extension Fleet {
  /// Itself without the events and failovers that it holds.
  package var withoutPast: Fleet {
    var fleet = self
    fleet.hold(events: [], failovers: [])
    return fleet
  }

  /// Holds these instead of its own, and goes on numbering as before.
  package mutating func hold(events: [FleetEvent], failovers: [Failover]) {
    log.hold(events)
    self.failovers.hold(failovers)
  }

  /// Begins with failovers that were over before anything is applied.
  package mutating func begin(after failovers: [Failover]) {
    self.failovers.begin(after: failovers)
  }

  /// Every list of tablets that a vtgate has named last, each once.
  package var tabletLists: [GatewayTablets] {
    var lists: [GatewayTablets] = []
    for vtgate in vtgates.values {
      for list in [vtgate.tablets, vtgate.watched.value?.tablets].compactMap(\.self)
      where !lists.contains(list) {
        lists.append(list)
      }
    }
    return lists
  }
}
