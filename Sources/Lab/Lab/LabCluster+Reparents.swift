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

  mutating func again(_ operation: Int) { after(Self.patience, .reparent(operation)) }

  mutating func go(_ operation: Int, _ phase: Reparent.Phase, after delay: Duration) {
    reparents[operation]?.phase = phase
    after(delay, .reparent(operation))
  }

  mutating func say(
    _ operation: Int, _ step: ReparentLog, _ text: String, isWarning: Bool = false
  ) {
    let (file, line) = step.place(configuration.release)
    reparents[operation]?.log.append(
      Reparent.LogLine(at: now, isWarning: isWarning, file: file, line: line, text: text))
  }

  mutating func fail(_ operation: Int, _ refusal: Refusal) { end(operation, refusal) }

  mutating func end(_ operation: Int, _ refusal: Refusal?) {
    guard var reparent = reparents.removeValue(forKey: operation) else { return }
    if topology.locks[reparent.shard] == operation { topology.locks[reparent.shard] = nil }
    reparent.phase = .done(refusal)
    outcomes[operation] = reparent
    // A reparent waiting for the lock finds it free when it checks next.
  }

  // MARK: The lock

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

  func isReachable(_ alias: TabletAlias, from party: Party) -> Bool {
    tablets[alias]?.isReachable == true && !isSplit(party, .tablet(alias))
  }

  func unreachable(_ alias: TabletAlias) -> Refusal {
    tablets[alias]?.process == .dead
      ? Refusal(
        "rpc error: code = DeadlineExceeded desc = latest balancer error: connection error: desc = "
          + "\"transport: Error while dialing: dial tcp 127.0.0.1:\(grpcPort(of: alias)): connect: "
          + "connection refused\"")
      : Refusal("rpc error: code = DeadlineExceeded desc = context deadline exceeded")
  }

  static func noMySQL(_ alias: TabletAlias) -> String {
    let digits = alias.description.suffix(10)
    let socket = "/vt/vtdataroot/vt_\(digits)/mysql.sock"
    return "net.Dial(\(socket)) to local server failed: dial unix \(socket): connect: connection "
      + "refused (errno 2002) (sqlstate HY000)"
  }

  mutating func wait(_ operation: Int, for refusal: Refusal) {
    reparents[operation]?.deadline = now + configuration.release.remoteOperationTimeout
    reparents[operation]?.phase = .waitingForTablets(refusal)
    again(operation)
  }
}
