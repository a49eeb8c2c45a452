internal import Buffering
internal import Stats
internal import Terms

// A client's request through vtgate's tablet gateway, and the buffer's part in it.
// Mirrors go/vt/vtgate/tabletgateway.go: three attempts, at most one wait.
extension LabCluster {
  /// `--retry-count` 2, and the first attempt.
  private static let attempts = 3
  /// How often vtgate's executor waits for a newer vschema: it tries three times in all.
  private static let replans = 2

  /// What a call's error means to the buffer.
  private func attempt(of call: Call) -> RequestBuffer.Attempt {
    guard let error = call.error else { return .none }
    return error.isFailover
      || (error.isMovedTable && configuration.release.buffersMovedTables)
      ? .failoverError : .otherError
  }

  mutating func proceed(_ index: Int, _ request: RequestBuffer.RequestID) {
    while var call = vtgates[index].calls[request] {
      guard call.attempt < Self.attempts else { return finish(index, request) }
      if !call.wasBuffered {
        switch askBuffer(index, request, call) {
        case .wait:
          vtgates[index].calls[request]?.wasBuffered = true
          armTimer(index)
          return
        case .fail(let text):
          vtgates[index].calls[request]?.error = Self.bufferError(text, over: call.error)
          return finish(index, request)
        case .pass: break
        }
      }
      guard let primary = vtgates[index].primary(of: call.shard) else {
        guard let error = noPrimary(index, call.shard) else {
          vtgates[index].calls[request]?.error = QueryError(
            code: "UNAVAILABLE",
            text: "no healthy tablet available for 'keyspace:\"\(call.shard.keyspace)\" "
              + "shard:\"\(call.shard.shard)\" tablet_type:PRIMARY'")
          return finish(index, request)
        }
        call.error = error
        call.attempt += 1
        vtgates[index].calls[request] = call
        continue
      }
      if call.invalid == primary.alias { return finish(index, request) }
      call.tablet = primary.alias
      vtgates[index].calls[request] = call
      dispatch(index, request, call, to: primary.alias)
      return
    }
  }

  private mutating func askBuffer(
    _ index: Int, _ request: RequestBuffer.RequestID, _ call: Call
  ) -> RequestBuffer.Verdict {
    let release = configuration.release
    // From v18 on a vtgate without buffering has no buffer to ask.
    if !release.hasBufferWhenOff, !vtgates[index].buffer.configuration.isEnabled { return .pass }
    var watcher = vtgates[index].watcher
    var hasMarked = false
    let (verdict, actions) = vtgates[index].buffer.admit(
      request, for: call.shard, after: attempt(of: call), at: now
    ) {
      guard release.asksWatcherBeforeStart else { return true }
      hasMarked = true
      return call.error?.isMovedTable == true
        ? watcher.markMoving(call.shard) : watcher.markNotServing(call.shard)
    }
    if hasMarked { vtgates[index].watcher = watcher }
    carryOut(actions, on: index)
    return verdict
  }

  private func noPrimary(_ index: Int, _ shard: ShardName) -> QueryError? {
    if vtgates[index].watcher.isBeingResharded(shard) {
      return .clusterEvent("current keyspace is being resharded")
    }
    if vtgates[index].watcher.isPrimaryNotServing(shard) {
      return .clusterEvent(configuration.release.primaryNotServing)
    }
    return nil
  }

  static func bufferError(_ text: String, over original: QueryError?) -> QueryError {
    let type = original == nil ? "<nil>" : "*vterrors.fundamental"
    let shown = original.map { "Code: \($0.code)\n\($0.text)\n" } ?? "<nil>"
    return QueryError(
      code: "UNAVAILABLE",
      text: "failed to automatically buffer and retry failed request during failover. original err "
        + "(type=\(type)): \(shown): \(text)")
  }

  private mutating func dispatch(
    _ index: Int, _ request: RequestBuffer.RequestID, _ call: Call, to alias: TabletAlias
  ) {
    if tablets[alias]?.process == .hung {
      tablets[alias]?.stuckCalls.append((index, request))
      return
    }
    let error = refusal(of: call, from: index, by: alias)
    vtgates[index].calls[request]?.error = error
    guard error == nil else { return after(.microseconds(500), .answer(index, request)) }
    var latency = between(.microseconds(350), .microseconds(1650))
    if let hold = call.hold {
      latency += hold
      tablets[alias]?.openTransaction(until: now + latency, at: now)
    }
    after(latency, .answer(index, request))
  }

  /// Why a tablet refuses a request for its shard's primary; nil if it accepts.
  private func refusal(of call: Call, from index: Int, by alias: TabletAlias) -> QueryError? {
    guard let tablet = tablets[alias], tablet.process == .running,
      !isSplit(.vtgate(index), .tablet(alias))
    else {
      return QueryError(
        code: "UNAVAILABLE",
        text:
          "vttablet: rpc error: code = Unavailable desc = connection error: desc = \"transport: "
          + "Error while dialing: dial tcp 127.0.0.1:\(grpcPort(of: alias)): connect: connection refused\"",
        isRetryable: true)
    }
    if tablet.state != .serving || tablet.type != .primary {
      let state = tablet.type == .primary ? tablet.state : .notServing
      return .clusterEvent(
        "vttablet: rpc error: code = Code(17) desc = operation not allowed in state \(state.rawValue)"
      )
    }
    if !tablet.isMySQLRunning {
      return QueryError(
        code: "CANCELED",
        text: "vttablet: rpc error: code = Canceled desc = EOF (errno 2013) (sqlstate HY000)",
        errno: 2013)
    }
    if tablet.deniedTables.contains(call.table) {
      return QueryError(
        code: "FAILED_PRECONDITION",
        text:
          "vttablet: rpc error: code = FailedPrecondition desc = disallowed due to rule: enforce "
          + "denied tables (CallerID: userData1)",
        isRetryable: true, isMovedTable: true)
    }
    if call.isWrite, tablet.isReadOnly {
      // A failover by its number, 1290 (recorded); the sentence is MySQL's, which no recording has.
      return .clusterEvent(
        "vttablet: rpc error: code = Code(17) desc = The MySQL server is running with the --read-only "
          + "option so it cannot execute this statement (errno 1290) (sqlstate HY000) (CallerID: "
          + "userData1)")
    }
    if topology.keyspaces[call.shard.keyspace]?.droppedTables.contains(call.table) == true {
      return QueryError(
        code: "NOT_FOUND",
        text:
          "vttablet: rpc error: code = NotFound desc = Table 'vt_\(call.shard.keyspace).\(call.table)' "
          + "doesn't exist (errno 1146) (sqlstate 42S02) (CallerID: userData1)", errno: 1146)
    }
    return nil
  }

  /// The tablet's answer has arrived.
  mutating func answer(_ index: Int, _ request: RequestBuffer.RequestID) {
    guard var call = vtgates[index].calls[request], let alias = call.tablet else { return }
    let tablet = tablets[alias]
    if call.error == nil, tablet?.process != .running || tablet?.isMySQLRunning == false {
      call.error = QueryError(
        code: "CANCELED",
        text: "vttablet: rpc error: code = Canceled desc = EOF (errno 2013) (sqlstate HY000)",
        errno: 2013)
      vtgates[index].calls[request]?.error = call.error
    }
    if let error = call.error {
      if tablet?.process == .running, error.code != "UNAVAILABLE" {
        tablets[alias]?.queryErrors += 1
      }
      guard error.isRetryable else { return finish(index, request) }
      // The same tablet is not tried twice: if it is still primary after the wait, the first error
      // stands.
      vtgates[index].calls[request]?.invalid = alias
      vtgates[index].calls[request]?.attempt += 1
      return proceed(index, request)
    }
    tablets[alias]?.queries += 1
    if call.isWrite { logs[call.shard]?.write(at: now) }
    finish(index, request)
  }

  /// The call through the gateway ends, one way or the other.
  private mutating func finish(_ index: Int, _ request: RequestBuffer.RequestID) {
    guard let call = vtgates[index].calls[request] else { return }
    carryOut(vtgates[index].buffer.finished(request, at: now), on: index)
    let latency = now - call.startedAt
    vtgates[index].statistics.calls[call.shard, default: LatencyHistogram()].add(latency)
    if let error = call.error {
      vtgates[index].statistics.callErrors[call.shard, default: 0] += 1
      if error.isMovedTable, configuration.release.buffersMovedTables, call.replans < Self.replans {
        // The executor plans again once it sees a newer vschema, or after half a failover's time.
        vtgates[index].calls[request]?.replans += 1
        let wait =
          topology.routingRules.revision > call.routing
          ? .zero : vtgates[index].buffer.configuration.maxFailoverDuration / 2
        after(wait, .replan(index, request))
        return
      }
    }
    deliver(index, request, call, latency)
  }

  private mutating func deliver(
    _ index: Int, _ request: RequestBuffer.RequestID, _ call: Call, _ latency: Duration
  ) {
    vtgates[index].calls[request] = nil
    // Wherever a query goes, it counts for the keyspace of its session.
    let keyspace = call.keyspace
    vtgates[index].statistics.api[keyspace, default: LatencyHistogram()].add(latency)
    let error = call.error.map { asAnswered($0, call) }
    if let error {
      vtgates[index].statistics.apiErrors[keyspace, default: [:]][error.code, default: 0] += 1
    } else if call.isWrite {
      vtgates[index].statistics.inserts += 1
      vtgates[index].statistics.rowsAffected[keyspace, default: 0] += 1
    } else {
      vtgates[index].statistics.selects += 1
      vtgates[index].statistics.rowsReturned[keyspace, default: 0] += 1
    }
    guard let client = call.client, vtgates[index].clients[client].state == .busy(request) else {
      return
    }
    answerClient(index, client, call.shard, error?.text, errno: error?.errno)
  }

  /// What a client is told of an error: where it came from, or that trying again was in vain.
  private func asAnswered(_ error: QueryError, _ call: Call) -> QueryError {
    let place = "target: \(call.shard.keyspace).\(call.shard.shard).primary"
    guard error.isMovedTable, configuration.release.buffersMovedTables else {
      return QueryError(code: error.code, text: "\(place): \(error.text)", errno: error.errno)
    }
    let query = call.isWrite ? "insert into \(call.table)" : "select from \(call.table)"
    return QueryError(
      code: "INTERNAL",
      text: "query \(query) failed after retries: Code: \(error.code)\n\(error.text)\n\n\(place) ",
      errno: 1815)
  }

  /// Plans a request again whose table moved, with the current routing.
  mutating func replan(_ index: Int, _ request: RequestBuffer.RequestID) {
    guard var call = vtgates[index].calls[request], call.error?.isMovedTable == true else { return }
    if let client = call.client {
      let own = vtgates[index].clients[client]
      call.shard = destination(of: configuration.traffic[own.traffic], own.shardIndex)
    }
    call.routing = topology.routingRules.revision
    call.attempt = 0
    call.wasBuffered = false
    call.error = nil
    call.invalid = nil
    vtgates[index].calls[request] = call
    proceed(index, request)
  }

  // MARK: The buffer's side

  mutating func carryOut(_ actions: [RequestBuffer.Action], on index: Int) {
    for action in actions {
      switch action {
      case .retry(let request):
        // Through the agenda: a long queue that fails at once must not become a deep stack.
        after(.zero, .retry(index, request))
      case .fail(let request, let text):
        guard let call = vtgates[index].calls[request] else { continue }
        vtgates[index].calls[request]?.error = Self.bufferError(text, over: call.error)
        finish(index, request)
      }
    }
  }

  /// A request released by the buffer tries its tablet once more.
  mutating func retry(_ index: Int, _ request: RequestBuffer.RequestID) {
    if vtgates[index].calls[request] == nil {
      carryOut(vtgates[index].buffer.finished(request, at: now), on: index)
    } else {
      proceed(index, request)
    }
  }

  mutating func bufferTimer(_ index: Int) {
    vtgates[index].timer = nil
    guard vtgates[index].process == .running else { return }
    carryOut(vtgates[index].buffer.advance(to: now), on: index)
    armTimer(index)
  }

  mutating func armTimer(_ index: Int) {
    guard let next = vtgates[index].buffer.nextDeadline else { return }
    if let timer = vtgates[index].timer, timer <= next { return }
    vtgates[index].timer = next
    agenda.add(.buffer(index), at: max(next, now))
  }
}
