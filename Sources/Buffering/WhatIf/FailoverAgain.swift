package import FleetModel
package import Terms

/// A failover's vtgates, each to be taken through its buffer again, or why not.
package struct FailoverAgain: Sendable {
  package struct Part: Sendable {
    package let vtgate: Address
    package let whatIf: Result<WhatIf, RecordedOutage.Refusal>
  }

  package let failover: Failover
  /// Of the vtgates that counted anything during it, by address.
  package let parts: [Part]

  /// `all`: the failovers of the recording or the run, oldest first.
  ///
  /// `since`: when watching began. `polls`: those of a vtgate for a failover's shard, from the last before it to the first after it;
  /// none where they were not kept.
  package init(
    _ failover: Failover, among all: some BidirectionalCollection<Failover>, since: Instant,
    polls: (Address, Failover) -> [RecordedOutage.Poll] = { _, _ in [] }
  ) {
    func outage(
      _ failover: Failover, _ track: Failover.Track
    ) throws(RecordedOutage.Refusal) -> RecordedOutage {
      try RecordedOutage(
        failover, track,
        before: RecordedOutage.Before(failover, track, among: all, since: since),
        waits: all.contains {
          $0.shard != failover.shard && $0.shard.keyspace == failover.shard.keyspace
            && $0.overlaps(failover)
        },
        polls: polls(track.address, failover))
    }
    self.failover = failover
    // Shards that were away at the same time share the slots of their vtgates.
    let company = all.filter { $0.shard != failover.shard && $0.overlaps(failover) }
    var seen: Set<Address> = []
    parts = failover.tracks.filter { $0.hasCounted && seen.insert($0.address).inserted }
      .map { track in
        do throws(RecordedOutage.Refusal) {
          let own = try outage(failover, track)
          var (others, hasUnknown) = ([RecordedOutage](), false)
          for other in company {
            for its in other.tracks where its.address == track.address && its.hasCounted {
              if let beside = try? outage(other, its) {
                others.append(beside)
              } else {
                hasUnknown = true
              }
            }
          }
          let whatIf = WhatIf(own, beside: others, andUnknown: hasUnknown)
          return Part(vtgate: track.address, whatIf: .success(whatIf))
        } catch {
          return Part(vtgate: track.address, whatIf: .failure(error))
        }
      }
  }

  /// Those that can be taken through their buffer again.
  package var answering: [WhatIf] { parts.compactMap { try? $0.whatIf.get() } }
}

extension Failover.Track {
  fileprivate var hasCounted: Bool {
    started != nil || interrupted != nil || counts.skippedTotal > 0
  }
}
