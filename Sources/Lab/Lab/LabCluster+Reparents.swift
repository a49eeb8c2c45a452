package import Terms

// Reparents as vtctld does them, step by step.
//
// Mirrors go/vt/vtctl/reparentutil/{planned,emergency}_reparenter.go, v14 to v24: clients notice
// nothing before the demotion, writes stop at the demotion and resume at the promotion, and a
// candidate that does not catch up brings the old primary back.
extension LabCluster {
  /// How often a waiting reparent checks again.
  private static let patience: Duration = .milliseconds(5)
  /// How long a second reparent waits for the shard's lock.
  private static let lockTimeout: Duration = .seconds(45)

  /// Starts a reparent; its outcome will appear in ``outcomes``.
  package mutating func reparent(_ request: Reparent.Request) -> Int {
    let operation = nextOperation
    nextOperation += 1
    reparentCount += 1
    reparents[operation] = Reparent(
      id: operation, request: request, startedAt: now, deadline: now + Self.lockTimeout)
    after(between(.milliseconds(3), .milliseconds(12)), .reparent(operation))
    return operation
  }

  /// The reparent that holds a shard's lock.
  package func reparent(of shard: ShardName) -> Reparent? {
    topology.locks[shard].flatMap { reparents[$0] }
  }

  /// Takes the outcomes that have arrived since the last call.
  package mutating func takeOutcomes() -> [Int: Reparent] {
    defer { outcomes = [:] }
    return outcomes
  }

  /// Ends the operations of a vtctld that goes down while they run.
  ///
  /// What it had demoted stays demoted until the tablet finds out by itself.
  package mutating func dropOperations() {
    for operation in reparents.keys.sorted() {
      guard let reparent = reparents[operation] else { continue }
      fail(operation, .vtctldGone)
      if reparent.hasDemoted, let from = reparent.from {
        undoDemotion(of: from)
      }
    }
  }

  mutating func stepReparent(_ operation: Int) {
    guard let reparent = reparents[operation] else { return }
    switch reparent.phase {
    case .locking: lock(operation)
    case .electing:
      reparent.request.kind == .planned ? elect(operation) : electInEmergency(operation)
    case .catchingUp: catchUp(operation)
    case .demoting: demote(operation)
    case .waitingForPosition: waitForPosition(operation)
    case .promoting: promote(operation)
    case .repointing: repoint(operation)
    case .waitingForTablets(let refusal):
      now >= reparent.deadline ? fail(operation, refusal) : again(operation)
    case .done: break
    }
  }

  private mutating func again(_ operation: Int) { after(Self.patience, .reparent(operation)) }

  private mutating func go(_ operation: Int, _ phase: Reparent.Phase, after delay: Duration) {
    reparents[operation]?.phase = phase
    after(delay, .reparent(operation))
  }

  private mutating func say(
    _ operation: Int, _ step: ReparentLog, _ text: String, isWarning: Bool = false
  ) {
    let (file, line) = step.place(configuration.release)
    reparents[operation]?.log.append(
      Reparent.LogLine(at: now, isWarning: isWarning, file: file, line: line, text: text))
  }

  private mutating func fail(_ operation: Int, _ refusal: Refusal) { end(operation, refusal) }

  private mutating func end(_ operation: Int, _ refusal: Refusal?) {
    guard var reparent = reparents.removeValue(forKey: operation) else { return }
    if topology.locks[reparent.shard] == operation { topology.locks[reparent.shard] = nil }
    reparent.phase = .done(refusal)
    outcomes[operation] = reparent
    // A reparent waiting for the lock finds it free when it checks next.
  }

  // MARK: Lock and candidate

  private mutating func lock(_ operation: Int) {
    guard let reparent = reparents[operation] else { return }
    let shard = reparent.shard
    guard topology.shards[shard] != nil else { return fail(operation, .noShard(shard)) }
    if let holder = topology.locks[shard], holder != operation {
      if now >= reparent.deadline {
        return fail(
          operation,
          Refusal("deadline exceeded: keyspaces/\(shard.keyspace)/shards/\(shard.shard)"))
      }
      return again(operation)
    }
    topology.locks[shard] = operation
    let primary = topology.shards[shard]?.primary
    reparents[operation]?.from = primary
    if reparent.request.kind == .emergency {
      say(
        operation, .start,
        "will initiate emergency reparent shard in keyspace - \(shard.keyspace), shard - \(shard.shard)"
      )
    }
    if configuration.release.hasExpectedPrimary, let expected = reparent.request.expectedPrimary,
      expected != primary
    {
      return fail(
        operation,
        Refusal(
          "primary \(primary.map(\.description) ?? "<nil>") is not equal to expected alias \(expected)"
        ))
    }
    say(
      operation, reparent.request.kind == .planned ? .durability : .emergencyDurability,
      "Getting a new durability policy for none")
    go(operation, .electing, after: between(.milliseconds(4), .milliseconds(10)))
  }

  private mutating func elect(_ operation: Int) {
    guard let reparent = reparents[operation], let primary = reparent.from else { return }
    let request = reparent.request
    let members = tabletsOfShard[reparent.shard] ?? []
    if let wanted = request.newPrimary, wanted == request.avoidPrimary {
      return fail(
        operation, Refusal("primary-elect tablet \(wanted) is the same as the tablet to avoid"))
    }
    if let wanted = request.newPrimary, !members.contains(wanted) {
      if configuration.release < .v20 {
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
      if tablet.type != .replica || !tablet.isMySQLRunning {
        reasons.append("\(alias) is not a replica")
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

  private func isReachable(_ alias: TabletAlias, from party: Party) -> Bool {
    tablets[alias]?.isReachable == true && !isSplit(party, .tablet(alias))
  }

  private func unreachable(_ alias: TabletAlias) -> Refusal {
    tablets[alias]?.process == .dead
      ? Refusal(
        "rpc error: code = DeadlineExceeded desc = latest balancer error: connection error: desc = "
          + "\"transport: Error while dialing: dial tcp 127.0.0.1:\(grpcPort(of: alias)): connect: "
          + "connection refused\"")
      : Refusal("rpc error: code = DeadlineExceeded desc = context deadline exceeded")
  }

  private static func noMySQL(_ alias: TabletAlias) -> String {
    let digits = alias.description.suffix(10)
    let socket = "/vt/vtdataroot/vt_\(digits)/mysql.sock"
    return "net.Dial(\(socket)) to local server failed: dial unix \(socket): connect: connection "
      + "refused (errno 2002) (sqlstate HY000)"
  }

  private mutating func wait(_ operation: Int, for refusal: Refusal) {
    reparents[operation]?.deadline = now + configuration.release.remoteOperationTimeout
    reparents[operation]?.phase = .waitingForTablets(refusal)
    again(operation)
  }

  // MARK: Planned

  private func hasCaughtUp(_ reparent: Reparent) -> Bool {
    guard let alias = reparent.to, let tablet = tablets[alias], tablet.isMySQLRunning,
      let target = reparent.target, let log = logs[reparent.shard]
    else { return false }
    return tablet.replication.hasCaughtUp(at: now, head: min(target, log.head(at: now)))
  }

  private func catchUpFailure(_ reparent: Reparent) -> Refusal {
    let candidate = reparent.to.map(\.description) ?? ""
    return Refusal(
      "primary-elect tablet \(candidate) failed to catch up with replication \(reparent.position): "
        + "rpc error: code = DeadlineExceeded desc = context deadline exceeded")
  }

  private mutating func catchUp(_ operation: Int) {
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

  private mutating func demote(_ operation: Int) {
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

  private mutating func waitForPosition(_ operation: Int) {
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
  private mutating func undoDemotion(of alias: TabletAlias) {
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

  // MARK: Emergency

  private mutating func electInEmergency(_ operation: Int) {
    guard let reparent = reparents[operation] else { return }
    let request = reparent.request
    let members = tabletsOfShard[reparent.shard] ?? []
    if let wanted = request.newPrimary, !members.contains(wanted) {
      return fail(
        operation, Refusal("primary elect \(wanted) has errant GTIDs or is not in the shard"))
    }
    var best: (alias: TabletAlias, applied: Instant)?
    var reached: [TabletAlias] = []
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
      reached.append(alias)
      let head = logs[reparent.shard]?.head(at: now) ?? now
      let applied =
        tablet.type == .primary
        ? head : tablet.replication.applied(at: now, head: head)
      if applied > best?.applied ?? Instant(nanoseconds: .min), alias != reparent.from {
        best = (alias, applied)
      }
    }
    // One tablet may be silent: the lost primary. With more, nothing is known for sure.
    let asked = members.filter { !request.ignoreReplicas.contains($0) }
    guard let best, reached.count >= asked.count - 1 else {
      return wait(
        operation,
        for: Refusal(
          "failed to stop replication and build status maps: encountered more than one error when "
            + "trying to stop replication and build status maps"))
    }
    if let wanted = request.newPrimary, !reached.contains(wanted) {
      return fail(operation, Refusal("primary elect \(wanted) has errant GTIDs"))
    }
    let chosen = request.newPrimary ?? best.alias
    say(operation, .intermediate, "started finding the intermediate source")
    for alias in reached {
      say(
        operation, .sorted,
        "finding intermediate source - sorted replica: \(Self.protoText(alias))")
    }
    say(operation, .selected, "intermediate source selected - \(Self.protoText(best.alias))")
    say(operation, .better, "found better candidate - \(Self.protoText(chosen))")
    say(operation, .ideal, "intermediate source is ideal candidate- \(chosen == best.alias)")
    let named = configuration.release < .v18 ? Self.protoText(chosen) : chosen.description
    say(operation, .promoting, "starting promotion for the new primary - \(named)")
    reparents[operation]?.to = chosen
    if let from = reparent.from, reached.contains(from), chosen != from {
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

  private static func protoText(_ alias: TabletAlias) -> String {
    "cell:\"\(alias.cell)\" uid:\(alias.uid)"
  }

  // MARK: Promotion

  private mutating func promote(_ operation: Int) {
    guard let reparent = reparents[operation], let candidate = reparent.to else { return }
    promote(candidate, of: reparent.shard)
    go(operation, .repointing, after: between(.milliseconds(3), .milliseconds(20)))
  }

  /// Makes a tablet its shard's primary, in MySQL, in its own record and in the shard's.
  mutating func promote(_ alias: TabletAlias, of shard: ShardName) {
    topology.shards[shard]?.primary = alias
    topology.shards[shard]?.primarySince = now
    tablets[alias]?.become(.primary, since: now, at: now)
    tablets[alias]?.replication.caughtUp(at: now)
    if let own = tablets[alias], own.isMySQLRunning, serves(own) {
      tablets[alias]?.state = .serving
    }
    tablets[alias]?.deniedTables = topology.shards[shard]?.deniedTables ?? []
    resumeWriting(alias)
    broadcast(alias)
  }

  private mutating func repoint(_ operation: Int) {
    guard let reparent = reparents[operation], let primary = reparent.to else { return }
    let isPlanned = reparent.request.kind == .planned
    var failed: [TabletAlias] = []
    let isSame = reparent.from == primary
    if isSame || !isPlanned {
      say(
        operation, isPlanned ? .journal : .emergencyJournal,
        "populating reparent journal on new primary \(primary)")
    }
    for alias in tabletsOfShard[reparent.shard] ?? [] where alias != primary {
      say(
        operation, isPlanned ? .repointing : .emergencyRepointing,
        "setting new primary on replica \(alias)")
      if !follow(alias, isPlanned: isPlanned) { failed.append(alias) }
    }
    if !isSame, isPlanned {
      say(operation, .journal, "populating reparent journal on new primary \(primary)")
    }
    guard let silent = failed.first, isPlanned else { return end(operation, nil) }
    let cause = unreachable(silent).description
    wait(
      operation,
      for: Refusal(
        "some replicas failed to reparent; retry PlannedReparentShard with the same new primary alias "
          + "(\(primary)) to retry failed replicas: tablet \(silent) failed to "
          + "SetReplicationSource(\(primary)): \(cause): \(cause)"))
  }

  /// Makes a tablet follow the shard's primary; false when the tablet cannot be reached.
  private mutating func follow(_ alias: TabletAlias, isPlanned: Bool) -> Bool {
    guard let tablet = tablets[alias], isReachable(alias, from: .vtctld), tablet.isMySQLRunning
    else { return false }
    let wasPrimary = tablet.type == .primary
    let head = logs[tablet.shard]?.head(at: now) ?? now
    if wasPrimary {
      tablets[alias]?.become(.replica, at: now)
      // It has everything it wrote: it was caught up when it was demoted.
      let end = tablet.demotedAt ?? now
      tablets[alias]?.replication.caughtUp(at: min(end, now))
    }
    tablets[alias]?.demotedAt = nil
    if let own = tablets[alias], serves(own) { tablets[alias]?.state = .serving }
    tablets[alias]?.throttler.open(at: now)
    let primary = topology.shards[tablet.shard]?.primary ?? alias
    let canReach = !isSplit(.tablet(alias), .tablet(primary))
    tablets[alias]?.replication.change(at: now, head: head) { $0.setIOThread(canReach) }
    if wasPrimary || tablet.state != .serving { broadcast(alias) }
    return true
  }

  /// A reparent done outside of Vitess: `TabletExternallyReparented`.
  ///
  /// The new primary's tablet reports it at once; the old one finds out from the shard's record.
  package mutating func externalReparent(
    _ shard: ShardName, to alias: TabletAlias
  ) throws(Refusal) {
    guard topology.shards[shard] != nil else { throw Refusal.noShard(shard) }
    guard let tablet = tablets[alias], tablet.shard == shard else {
      throw Refusal.noTablet(alias, cells: [configuration.cell])
    }
    guard tablet.type != .primary else { return }
    let old = topology.shards[shard]?.primary
    logs[shard]?.end(at: now)
    promote(alias, of: shard)
    if let old { after(.seconds(1), .tablet(old, .stepsDown(follows: true))) }
  }
}
