package import Terms

/// A stretch of a picture's time axis: what one vtgate was doing about a failover.
package struct FailoverSpan: Sendable, Equatable {
  package enum Kind: String, Sendable {
    /// It began at some time in here, between two polls.
    case uncertain
    case buffering
    case draining
  }

  package let kind: Kind
  package let from: Instant
  package let to: Instant
}

extension Failover {
  /// Where a picture of it begins: the earliest moment at which it can have begun.
  package var earliest: Instant { detected.at - (detected.uncertainty ?? .zero) }

  /// The last moment of it that is known.
  package func latest(at now: Instant) -> Instant { phase.isOver ? changed.at : now }

  /// Its events among those of all shards, as far as they are known.
  package func events(
    among events: some Sequence<FleetEvent>, at now: Instant
  ) -> [FleetEvent] {
    let end = ended.map { $0.at + .seconds(2) } ?? now
    return events.filter {
      $0.shard == shard && $0.at >= detected.at - .seconds(1) && $0.at <= end
    }
  }

  /// Nobody saw it begin: it was going on when watching began.
  package var isBeginningUnseen: Bool { detected.uncertainty == nil }
}

extension Failover.Track {
  /// What it did and when, in the order of time; empty when it did not buffer.
  ///
  /// Where start and stop fell between the same two polls, only the time between those is known.
  package func spans(until now: Instant) -> [FailoverSpan] {
    guard let started else { return [] }
    var spans: [FailoverSpan] = []
    if let uncertainty = started.uncertainty {
      spans.append(
        FailoverSpan(kind: .uncertain, from: started.at - uncertainty, to: started.at))
    }
    if !sharesPoll {
      let end = stopped?.at ?? interrupted?.moment.at ?? now
      spans.append(FailoverSpan(kind: .buffering, from: started.at, to: end))
    }
    if let stopped {
      let end = drained?.at ?? interrupted?.moment.at ?? now
      if end > stopped.at {
        spans.append(FailoverSpan(kind: .draining, from: stopped.at, to: end))
      }
    }
    return spans
  }
}
