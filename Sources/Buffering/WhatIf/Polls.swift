package import FleetModel

extension [RecordedOutage.Poll] {
  /// Of one vtgate's polls those that tell of a failover: from the last before its first sign to the
  /// first after its last.
  package func around(_ failover: Failover) -> [RecordedOutage.Poll] {
    guard let ended = failover.ended?.at,
      let first = lastIndex(where: { $0.answered < failover.detected.at })
    else { return [] }
    let last = firstIndex { $0.answered >= ended } ?? count - 1
    return Array(self[first...Swift.max(first, last)])
  }
}
