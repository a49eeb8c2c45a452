internal import Terms

// An emergency reparent: whoever has most is promoted, as far as tablets answer.
extension LabCluster {
  mutating func electInEmergency(_ operation: Int) {
    guard let reparent = reparents[operation] else { return }
    let request = reparent.request
    let members = tabletsOfShard[reparent.shard] ?? []
    if let wanted = request.newPrimary, !members.contains(wanted) {
      return fail(
        operation, Refusal("primary elect \(wanted) has errant GTIDs or is not in the shard"))
    }
    var reached: [(alias: TabletAlias, applied: Instant)] = []
    let head = logs[reparent.shard]?.head(at: now) ?? now
    for alias in members where !request.ignoreReplicas.contains(alias) {
      say(operation, .emergencyPosition, "getting replication position from \(alias)")
      guard let tablet = tablets[alias], isReachable(alias, from: .vtctld), tablet.isMySQLRunning
      else {
        say(
          operation, .positionFailed,
          "failed to get replication status from \(alias): rpc error: code = Unknown desc = "
            + "TabletManager.StopReplicationAndGetStatus on \(alias) error: before status failed: "
            + Self.noMySQL(alias), isWarning: true)
        continue
      }
      let applied =
        tablet.type == .primary ? head : tablet.replication.applied(at: now, head: head)
      reached.append((alias, applied))
    }
    // One tablet may be silent: the lost primary. With more, nothing is known for sure.
    let asked = members.filter { !request.ignoreReplicas.contains($0) }
    // A primary that is well has everything: it is chosen again (recorded on v23), unless another
    // is asked for.
    func rank(_ alias: TabletAlias) -> Int {
      alias == reparent.from ? 2 : alias.cell == reparent.from?.cell ? 1 : 0
    }
    reached.sort { left, right in
      (left.applied, rank(left.alias), right.alias) > (right.applied, rank(right.alias), left.alias)
    }
    let eligible = reached.filter {
      !request.preventsCrossCell || $0.alias.cell == reparent.from?.cell
    }
    guard let best = eligible.first?.alias, reached.count >= asked.count - 1 else {
      return wait(
        operation,
        for: Refusal(
          "failed to stop replication and build status maps: encountered more than one error when "
            + "trying to stop replication and build status maps"))
    }
    let candidates = reached.map(\.alias)
    if let wanted = request.newPrimary, !eligible.contains(where: { $0.alias == wanted }) {
      return fail(operation, Refusal("primary elect \(wanted) has errant GTIDs"))
    }
    let chosen = request.newPrimary ?? best
    sayElection(operation, of: chosen, from: candidates)
    reparents[operation]?.to = chosen
    if let from = reparent.from, candidates.contains(from) {
      // It is alive after all: it stops taking writes first.
      tablets[from]?.state = .notServing
      closeThrottler(from)
      broadcast(from)
    }
    logs[reparent.shard]?.end(at: now)
    // The relay logs are applied before the promotion.
    reparents[operation]?.target = logs[reparent.shard]?.endedAt ?? now
    reparents[operation]?.deadline = now + request.waitReplicasTimeout
    go(operation, .waitingForPosition, after: between(.milliseconds(3), .milliseconds(10)))
  }

  /// What an emergency reparent logs of its candidates, the most advanced first.
  private mutating func sayElection(
    _ operation: Int, of chosen: TabletAlias, from candidates: [TabletAlias]
  ) {
    let release = configuration.release
    if let from = reparents[operation]?.from, candidates.contains(from), release >= .v18 {
      say(
        operation, .formerPrimary,
        "EmergencyReparent candidate \(from) not in replica status map; this means it was not "
          + "running replication (because it was formerly PRIMARY), so skipping "
          + "WaitForRelayLogsToApply step for this candidate")
    }
    say(operation, .intermediate, "started finding the intermediate source")
    for alias in candidates {
      say(
        operation, .sorted,
        "finding intermediate source - sorted replica: \(Self.protoText(alias))")
    }
    // Recorded with a primary that was asked for: it is the intermediate source as well.
    say(operation, .selected, "intermediate source selected - \(Self.protoText(chosen))")
    say(operation, .better, "found better candidate - \(Self.protoText(chosen))")
    say(operation, .ideal, "intermediate source is ideal candidate- true")
    let named = release < .v18 ? Self.protoText(chosen) : chosen.description
    say(operation, .promoting, "starting promotion for the new primary - \(named)")
  }

  private static func protoText(_ alias: TabletAlias) -> String {
    "cell:\"\(alias.cell)\" uid:\(alias.uid)"
  }
}
