internal import Terms

extension Fleet {
  /// The cutovers for which every proxy of a route holds it, and for no longer than it may.
  ///
  /// How long that is, is by our clock where its beginning was seen, and else by the proxy's.
  func cutoversThatHold(at now: Instant) -> [ShardName: ProxyCutover] {
    var holds: [ShardName: ProxyCutover] = [:]
    var others: Set<ShardName> = []
    for proxy in vtgates.values where proxy.kind == .proxy && proxy.isFresh {
      for (shard, route) in proxy.watched.value?.proxy?.routes ?? [:] {
        guard let cutover = route.cutover, cutover.mayHold,
          now - (records.part(of: shard, \.holdBegan) ?? cutover.startedAt)
            <= proxy.flags[.maximum].time
        else {
          others.insert(shard)
          continue
        }
        holds[shard] = cutover
      }
    }
    return holds.filter { !others.contains($0.key) }
  }

  /// Whether some proxy that knows a shard does not say how its cutovers stand.
  func hidesCutovers(of shard: ShardName) -> Bool {
    vtgates.values.contains { $0.hidesCutovers && HealthCheck($0).knows(shard) }
  }

  /// Whether some proxy holds a shard for a cutover, by what it said last.
  func isHeldForCutover(_ shard: ShardName) -> Bool {
    vtgates.values.contains { $0.route(to: shard)?.cutover?.mayHold == true }
  }

  /// Notes that a proxy's cutover stands otherwise than it did.
  ///
  /// `sinceBefore`: the proxy has not been read before, so that its own clock tells when it began.
  mutating func noteHold(
    _ cutover: ProxyCutover, of shard: ShardName, sinceBefore: Bool, at instant: Instant?
  ) {
    record(shard) { record in
      record.mark(.tablets)
      if !cutover.mayHold {
        record.holdBegan = nil
      } else if record.holdBegan == nil {
        record.holdBegan = sinceBefore ? cutover.startedAt : instant
      }
    }
  }

  /// Notes that a hold has lasted longer than it may, and no server serves yet.
  mutating func noteEndOfHold(of name: ShardName, was last: ShardSummary?, at now: Instant) {
    guard last?.hold != nil, let summary = records.part(of: name, \.summary), summary.hold == nil,
      summary.isPrimaryMissing
    else { return }
    tell(FleetEvent(at: now, shard: name, .primaryUnseen))
  }
}
