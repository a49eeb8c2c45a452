internal import Terms

// A planned reparent: the candidate is elected and catches up, the primary is demoted once its
// transactions are through, and the candidate applies what it wrote last.
extension LabCluster {
  mutating func elect(_ operation: Int) {
    guard let reparent = reparents[operation], let primary = reparent.from else { return }
    let request = reparent.request
    let members = tabletsOfShard[reparent.shard] ?? []
    if let wanted = request.newPrimary, wanted == request.avoidPrimary {
      return fail(
        operation, Refusal("primary-elect tablet \(wanted) is the same as the tablet to avoid"))
    }
    if let wanted = request.newPrimary, !members.contains(wanted) {
      guard configuration.release.hasTolerableLag else {
        return fail(
          operation, Refusal("primary-elect tablet \(wanted) is not in the shard"))
      }
      return fail(
        operation,
        Refusal(
          (["cannot find a tablet to reparent to"]
            + members.map { "\($0) does not match the new primary alias provided" })
            .joined(separator: "\n")))
    }
    // Every tablet is asked for its position: one that does not answer holds up everything.
    if let silent = members.first(where: { !isReachable($0, from: .vtctld) }) {
      let isAsked =
        configuration.release >= .v20 || silent == primary || silent == request.newPrimary
        || request.newPrimary == nil
      if isAsked {
        return wait(operation, for: unreachable(silent))
      }
    }
    if tablets[primary]?.isMySQLRunning == false {
      return fail(
        operation,
        Refusal(
          "rpc error: code = Unknown desc = TabletManager.PrimaryStatus on \(primary) error: "
            + Self.noMySQL(primary)))
    }
    if let wanted = request.newPrimary {
      choose(operation, wanted)
    } else if let avoid = request.avoidPrimary, avoid != primary {
      // Another tablet is primary already: nothing to do.
      end(operation, nil)
    } else {
      guard let best = bestReplica(operation, besides: primary) else { return }
      choose(operation, best)
    }
  }

  /// Fails the reparent, with the reason, when there is none.
  private mutating func bestReplica(_ operation: Int, besides primary: TabletAlias) -> TabletAlias?
  {
    guard let reparent = reparents[operation] else { return nil }
    var reasons: [String] = []
    var candidates: [(alias: TabletAlias, applied: Instant)] = []
    for alias in tabletsOfShard[reparent.shard] ?? [] where alias != primary {
      guard let tablet = tablets[alias] else { continue }
      say(operation, .position, "getting replication position from \(alias)")
      let mayCross = reparent.request.allowsCrossCell && configuration.release.canElectAcrossCells
      if tablet.type != .replica || !tablet.isMySQLRunning {
        reasons.append("\(alias) is not a replica")
      } else if alias.cell != primary.cell, !mayCross {
        // No recording has this text.
        reasons.append("\(alias) is not in the same cell as the previous primary")
      } else if let tolerable = reparent.request.tolerableLag, tolerable > .zero,
        configuration.release.hasTolerableLag,
        Double(lagSeconds(alias)) > tolerable.seconds
      {
        reasons.append(
          "\(alias) has \(lagSeconds(alias))s replication lag which is more than the "
            + "tolerable amount")
      } else {
        candidates.append(
          (
            alias,
            tablet.replication.applied(
              at: now, head: logs[reparent.shard]?.head(at: now) ?? now)
          ))
      }
    }
    guard
      let best = candidates.max(by: { ($0.applied, $1.alias) < ($1.applied, $0.alias) })
    else {
      fail(
        operation,
        Refusal((["cannot find a tablet to reparent to"] + reasons).joined(separator: "\n")))
      return nil
    }
    return best.alias
  }

  private mutating func choose(_ operation: Int, _ candidate: TabletAlias) {
    guard let reparent = reparents[operation] else { return }
    reparents[operation]?.to = candidate
    say(operation, .elected, "elected new primary candidate \(candidate)")
    if candidate == reparent.from {
      // Nothing moves; the others are merely pointed to it again.
      return go(operation, .repointing, after: .milliseconds(5))
    }
    say(operation, .checking, "checking replication on primary-elect \(candidate)")
    // The candidate catches up to now, so that little is left to do later.
    reparents[operation]?.target = now
    let position = position(of: reparent.from ?? candidate)
    reparents[operation]?.position = position
    reparents[operation]?.deadline = now + reparent.request.waitReplicasTimeout
    go(operation, .catchingUp, after: .milliseconds(5))
  }

  func hasCaughtUp(_ reparent: Reparent) -> Bool {
    guard let alias = reparent.to, let tablet = tablets[alias], tablet.isMySQLRunning else {
      return false
    }
    // The primary itself, chosen again.
    if tablet.type == .primary, alias == reparent.from { return true }
    guard let target = reparent.target, let log = logs[reparent.shard] else { return false }
    return tablet.replication.hasCaughtUp(at: now, head: min(target, log.head(at: now)))
  }

  func catchUpFailure(_ reparent: Reparent) -> Refusal {
    let candidate = reparent.to.map(\.description) ?? ""
    return Refusal(
      "primary-elect tablet \(candidate) failed to catch up with replication \(reparent.position): "
        + "rpc error: code = DeadlineExceeded desc = context deadline exceeded")
  }

  mutating func catchUp(_ operation: Int) {
    guard let reparent = reparents[operation], let primary = reparent.from else { return }
    guard hasCaughtUp(reparent) else {
      return now >= reparent.deadline
        ? fail(operation, catchUpFailure(reparent)) : again(operation)
    }
    say(operation, .demoting, "demoting current primary: \(primary)")
    guard isReachable(primary, from: .vtctld) else {
      return wait(operation, for: unreachable(primary))
    }
    reparents[operation]?.deadline = now + configuration.release.remoteOperationTimeout
    tablets[primary]?.state = .shuttingDown
    closeThrottler(primary)
    tablets[primary]?.demotedAt = now
    // A lame duck does not tell its streams until the last transaction is through.
    go(operation, .demoting, after: between(.milliseconds(3), .milliseconds(15)))
  }

  mutating func demote(_ operation: Int) {
    guard let reparent = reparents[operation], let primary = reparent.from,
      let tablet = tablets[primary]
    else { return }
    tablets[primary]?.openTransactions.removeAll { $0 <= now }
    if let grace = configuration.release.transactionGrace, let since = tablet.demotedAt,
      now - since >= grace
    {
      killTransactions(on: primary)
    }
    guard tablets[primary]?.openTransactions.isEmpty ?? true else {
      guard now >= reparent.deadline else { return again(operation) }
      undoDemotion(of: primary)
      return fail(
        operation,
        Refusal(
          "failed to demote current primary \(primary): rpc error: code = DeadlineExceeded desc = "
            + "context deadline exceeded"))
    }
    tablets[primary]?.state = .notServing
    logs[reparent.shard]?.end(at: now)
    broadcast(primary)
    reparents[operation]?.target = logs[reparent.shard]?.endedAt ?? now
    let position = position(of: primary)
    reparents[operation]?.position = position
    reparents[operation]?.deadline = now + reparent.request.waitReplicasTimeout
    go(operation, .waitingForPosition, after: between(.milliseconds(2), .milliseconds(8)))
  }

  mutating func waitForPosition(_ operation: Int) {
    guard let reparent = reparents[operation], let primary = reparent.from,
      let candidate = reparent.to
    else { return }
    if hasCaughtUp(reparent) {
      let delay =
        between(.milliseconds(20), .milliseconds(110)) + configuration.promotion
      return go(operation, .promoting, after: delay)
    }
    if now >= reparent.deadline || tablets[candidate]?.process == .dead {
      undoDemotion(of: primary)
      return fail(operation, catchUpFailure(reparent))
    }
    again(operation)
  }

  /// The old primary serves again, as if nothing had happened.
  mutating func undoDemotion(of alias: TabletAlias) {
    guard let tablet = tablets[alias], tablet.process == .running, tablet.type == .primary else {
      return
    }
    tablets[alias]?.state = tablet.isMySQLRunning ? .serving : .notServing
    tablets[alias]?.demotedAt = nil
    if tablet.isMySQLRunning {
      tablets[alias]?.throttler.open(at: now)
      resumeWriting(alias)
    }
    broadcast(alias)
  }

  /// The grace period is over: kills the transactions still open and tells their clients.
  private mutating func killTransactions(on alias: TabletAlias) {
    tablets[alias]?.openTransactions = []
    for index in vtgates.indices {
      for (request, call) in vtgates[index].calls.sorted(by: { $0.key < $1.key })
      where call.tablet == alias && call.hold != nil && call.error == nil {
        vtgates[index].calls[request]?.error = QueryError(
          code: "CANCELED",
          text:
            "vttablet: rpc error: code = Canceled desc = QueryList.TerminateAll(), elapsed time: "
            + "\((now - call.startedAt).goText), killing connection ID \(request % 1000) "
            + "(CallerID: userData1)",
          errno: 1317)
        answer(index, request)
      }
    }
  }
}
