internal import Cutover
internal import NIOCore
internal import PostgresWire
internal import Terms

/// The server's side of a session.
extension PostgresSession: PostgresLinkOwner {
  func read(_ piece: Frames<BackendKind>.Piece, from link: PostgresLink) {
    switch piece {
    case .passage(let bytes):
      passHeldAnswer()
      write(bytes)
    case .frame(let frame):
      do throws(ProtocolViolation) {
        try take(frame)
      } catch {
        end(
          with: PostgresError(.fatal, .connectionFailure, "the backend broke the protocol"))
      }
    }
  }

  func readComplete(from link: PostgresLink) { flush() }

  func writabilityChanged(of link: PostgresLink) { proceed() }

  private func take(_ frame: Frame<BackendKind>) throws(ProtocolViolation) {
    // The server takes its leave. A session that can go on elsewhere need not know.
    if !isRunning, frame.kind == .errorResponse, state.pins.isEmpty { return drop() }
    try state.received(frame)
    exchange.received(frame.kind)
    switch frame.kind {
    case .parameterStatus:
      var body = frame.body
      let parameter = try Startup.Parameter(reading: &body)
      return tell(parameter.name, parameter.value)
    case .errorResponse: lastError = try PostgresError(reading: frame.body)
    case .readyForQuery where waitForWrites(): return
    default: break
    }
    if attempt?.received(frame) != true {
      passHeldAnswer()
      write(frame.bytes)
    }
    if exchange.isUnclear {
      return end(
        with: ProtocolViolation("a query was sent within a batch, and one of them failed").response)
    }
    if frame.kind == .readyForQuery { statementEnded() }
    if frame.kind == .copyInResponse { proceed() }
  }

  /// What the work began with runs here for good.
  func passHeldAnswer() {
    guard let attempt else { return }
    self.attempt = nil
    if attempt.answer.readableBytes > 0 { write(attempt.answer) }
  }

  /// Its server takes no writes any more: has the statement wait for one that does; false where the
  /// client is to get the answer.
  ///
  /// What was refused has written nothing: its transaction is over.
  private func waitForWrites() -> Bool {
    guard case .running(let work) = phase, let attempt, isFirstStatement,
      lastError?.code == .readOnlyTransaction, state.transaction == .idle, isServerReadOnly,
      let answer = gate.refusedWrite(work, on: loop)
    else { return false }
    self.attempt = nil
    statementTimer?.cancel()
    take(answer, for: Request(work: work, messages: attempt.messages, isWaiting: false))
    return true
  }

  /// Whether its server says so, of 14 or later, and not its client.
  private var isServerReadOnly: Bool {
    guard let parameters = link?.parameters else { return false }
    if parameters["in_hot_standby"] == "on" { return true }
    let isChosen =
      state.choosesReadOnly || startup.settings.contains { $0.value.contains("read_only") }
      || startup.settings.contains { $0.name.contains("read_only") }
    return !isChosen && parameters["default_transaction_read_only"] == "on"
  }

  private var isRunning: Bool { if case .running = phase { true } else { false } }

  private func statementEnded() {
    guard case .running(let work) = phase, let route else { return }
    statementTimer?.cancel()
    gate.traffic.answered(
      route.name, after: gate.instant - since, error: lastError?.code.vtrpcCode)
    if state.transaction == .idle {
      phase = .idle
      since = gate.instant
      gate.ended(work)
      if isLeaving { return end(with: front.stopping) }
      park()
    } else if isFirstStatement {
      isFirstStatement = false
      gate.firstStatementEnded(work)
    }
    proceed()
  }

  /// Lets go of a connection that nothing ties the session to.
  func drop() {
    // The end of an answer may have come together with the server's leave.
    flush()
    if let link { front.sessions.pool.claim(link, at: link.backend) }
    link?.end()
    link = nil
  }

  func closed(_ link: PostgresLink) {
    guard self.link === link else { return }
    self.link = nil
    if isRunning {
      lose(
        PostgresError(
          .fatal, .connectionFailure,
          "the connection to \(link.backend.name) was lost; whether the statement ran is unknown"))
    } else if !state.pins.isEmpty {
      lose(front.pinned(state.pins, to: link.backend))
    }
  }

  /// Hangs up, unless the server has already said why.
  private func lose(_ error: PostgresError) {
    lastError?.severity == .fatal ? close() : end(with: error)
  }

  // MARK: What others want of it

  /// Another server serves the route.
  func routeSwitched() {
    guard case .idle = phase, let link,
      link.backend.name != gate.standing(of: routeName)?.backend
    else { return }
    if state.pins.isEmpty { return drop() }
    end(with: front.pinned(state.pins, to: link.backend))
  }

  /// The client wants its statement cancelled.
  func cancel() {
    switch phase {
    case .placing(let request):
      // It waits, or is on its way to a server, which has seen nothing of it.
      if !request.isWaiting || !gate.clientGone(request.work) { gate.ended(request.work) }
      dropNext()
      refuse(
        request,
        PostgresError(.error, .queryCanceled, "canceling statement due to user request"))
    case .running: cancelStatement()
    default: break
    }
  }

  /// Has the server cancel what runs; what comes next waits until the request can no longer hit it.
  private func cancelStatement() {
    guard let link, let key = link.key else { return }
    cancelsUnderWay += 1
    link.door.cancel(key, on: loop).assumeIsolated().whenComplete { _ in
      self.cancelsUnderWay -= 1
      self.proceed()
    }
  }

  // MARK: Times

  private static let shortestRest: Duration = .milliseconds(10)

  /// Ends a session that has been silent too long, and gives its connection back before that.
  func rest() {
    let silence = gate.instant - since
    if case .idle = phase, silence >= limits.clientIdle {
      return end(
        with: PostgresError(
          .fatal, .idleSessionTimeout, "terminating connection due to idle-session timeout"))
    }
    if case .idle = phase, silence >= limits.backendIdle, state.pins.isEmpty { drop() }
    let next = max(min(limits.clientIdle, limits.backendIdle), Self.shortestRest)
    timer = loop.assumeIsolated().scheduleTask(in: TimeAmount(next)) { self.rest() }
  }

  /// Has the statement that begins cancelled once it takes longer than statements may.
  func watchTime() {
    statementTimer?.cancel()
    guard let limit = limits.statement else { return }
    statementTimer = loop.assumeIsolated().scheduleTask(in: TimeAmount(limit)) {
      self.cancelStatement()
    }
  }
}

extension PostgresSession: RegisteredSession {
  func leaveWhenIdle() {
    isLeaving = true
    switch phase {
    case .idle, .login: leaveNow()
    default: break
    }
  }

  func leaveNow() { end(with: front.stopping) }

  /// It ends now, if it has one of these in flight; nothing more of that is sent.
  func breakOff(_ works: Set<Gate.WorkID>, of route: ShardName) {
    switch phase {
    case .running(let work) where works.contains(work): end(with: front.brokenOff(route))
    case .placing(let request) where works.contains(request.work):
      end(with: front.brokenOff(route))
    default: break
    }
  }

  func handOver(_ id: ObjectIdentifier) -> PostgresLink? {
    guard let link, ObjectIdentifier(link) == id else { return nil }
    part(from: link)
    return link
  }

  func giveBack(_ id: ObjectIdentifier?) {
    if let ahead, id == nil || id == ObjectIdentifier(ahead) { dropNext() }
    if let id {
      if id == link.map(ObjectIdentifier.init) { drop() }
    } else if case .idle = phase, state.pins.isEmpty {
      drop()
    }
  }
}
