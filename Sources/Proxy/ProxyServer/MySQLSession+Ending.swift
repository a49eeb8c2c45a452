internal import Cutover
internal import MySQLWire
internal import NIOCore
internal import Terms

// How commands, connections and the session itself end.
extension MySQLSession {
  /// Answers the command at hand with an error of the proxy's own.
  func fail(_ error: ServerError, counted code: String? = nil) {
    if let command, let route = command.route {
      gate.traffic.answered(
        route, after: gate.instant - command.startedAt,
        error: code ?? ServerError.vtrpcCode(of: error.code))
    }
    let sequence = (command?.sequence ?? 0) &+ 1
    command = nil
    dropAhead()
    if !state.isWorkOpen { endWork() }
    guard phase != .closed else { return }
    send(error.payload, sequence)
    becomeReady()
  }

  /// The connection ended in the middle of an answer.
  func answerLost(_ error: any Error) {
    let lost = error as? MySQLConnection.Lost ?? .init(isPartial: false)
    (connection, begun) = (nil, nil)
    state.loseConnection()
    endWork()
    guard phase != .closed else { return }
    // Nothing can follow half an answer.
    if lost.isPartial { return hangUp() }
    fail(ServerError(2013, lost.why))
  }

  /// The connection ended while nothing was asked.
  func connectionLost() {
    connection = nil
    // A command that waits for its place does so without a connection.
    let isWaiting = phase == .busy
    if work != nil, !isWaiting {
      loss = "the transaction is gone: its server closed the connection"
    } else if !state.pins.isEmpty {
      loss = "the server closed the connection, and with it went \(state.pinNames)"
    }
    state.loseConnection()
    if !isWaiting { endWork() }
  }

  /// The client is gone while something is being answered.
  func leaveMidway() {
    dropAhead()
    if let work, gate.clientGone(work) {
      self.work = nil
      return dropConnection()
    }
    // No server is at it: it has no connection yet, or is answered by others than servers.
    guard let connection, connection.isAsking else { return leave() }
    // The work ends with the server's answer, which nobody wants.
    connection.discardAnswer()
    guard let thread = connection.threadID else { return }
    front.killQuery(thread, over: connection)
    if let work { front.note(work, at: .init(number: thread, backend: connection.backend)) }
  }

  /// Its client, or another of the same user, wants the command at hand to end.
  ///
  /// What waits ends at once, what runs when its server has ended it.
  func interrupt() {
    guard phase == .busy else { return }
    if let work, gate.clientGone(work) {
      self.work = nil
      return fail(ServerError(1317, state: "70100", "Query execution was interrupted"))
    }
    guard let connection, let thread = connection.threadID else { return }
    front.killQuery(thread, over: connection)
  }

  func endWork() {
    guard let work else { return }
    self.work = nil
    if phase == .closed { front.note(work, at: nil) }
    gate.ended(work)
  }

  func dropConnection() {
    guard let connection else { return }
    front.sessions.pool.claim(connection, at: connection.backend)
    connection.close()
    self.connection = nil
  }

  /// The client is gone, and nothing is asked any more.
  func leave() {
    endWork()
    dropConnection()
  }
}

extension MySQLSession: RegisteredSession {
  func leaveWhenIdle() {
    isLeaving = true
    if phase == .login || phase == .ready, work == nil { sayGoodbye() }
  }

  func leaveNow() { sayGoodbye() }

  /// Says that the proxy stops, as a server would that does, and hangs up.
  func sayGoodbye() { hangUp(with: .shutdown) }

  /// Says why, where that cannot be taken for a part of an answer, and hangs up.
  private func hangUp(with error: ServerError) {
    hangUp(with: error, amidAnswer: connection?.hasPassedPart == true)
  }

  private func hangUp(with error: ServerError, amidAnswer isAnswered: Bool) {
    // Numbered 0 where nothing was asked: clients take that for a server's last word.
    if phase != .busy || !isAnswered {
      hangUp(with: error.payload, (command?.sequence).map { $0 &+ 1 } ?? 0)
    } else {
      hangUp()
    }
  }

  /// It ends now, if it has one of these in flight; nothing more of that is sent.
  ///
  /// Returns what its server is to end.
  func breakOff(_ works: Set<Gate.WorkID>, of route: ShardName) -> MySQLFront.ServerThread? {
    guard let work, works.contains(work) else { return nil }
    let (connection, isAnswered) = (connection, connection?.hasPassedPart == true)
    // Nobody is asked to end its statement alone.
    self.connection = nil
    hangUp(
      with: ServerError(
        1927, state: "70100",
        "Connection was killed: an operator has ended what was in flight on \(route)"),
      amidAnswer: isAnswered)
    connection?.abort()
    guard let connection, let thread = connection.threadID else { return nil }
    return .init(number: thread, backend: connection.backend)
  }

  func handOver(_ id: ObjectIdentifier) -> MySQLConnection? {
    guard let connection, ObjectIdentifier(connection) == id else { return nil }
    part(from: connection)
    return connection
  }

  func giveBack(_ id: ObjectIdentifier?) {
    if ahead?.isAwaited == false { dropAhead() }
    if let id {
      if id == connection.map(ObjectIdentifier.init) { dropConnection() }
    } else if phase == .ready, work == nil, state.isCarriable {
      dropConnection()
    }
  }

  // MARK: KILL

  /// Ends what another session, or itself, is at; the answer to who wanted it.
  func kill(_ other: StatementTraits.Kill) {
    phase = .busy
    let me = user
    let answer = front.sessions.ask(other.connection) { $0.killed(other, by: me) }
    guard let answer else { return answerKill(.unknownThread(other.connection)) }
    answer.hop(to: channel.eventLoop).assumeIsolated().whenSuccess { [self] in answerKill($0) }
  }

  private func answerKill(_ error: ServerError?) {
    guard phase == .busy else { return }
    send(error?.payload ?? OKPacket(status: status).payload, 1)
    becomeReady()
  }

  /// Returns why not, where it is another user's.
  private func killed(_ wish: StatementTraits.Kill, by user: String) -> ServerError? {
    guard phase != .login, self.user == user else {
      return ServerError(1095, "You are not owner of thread \(wish.connection)")
    }
    // Who ends itself gets the answer before the end.
    let isOwn = phase == .busy && command == nil
    if !isOwn { interrupt() }
    if !wish.isOfQueryOnly {
      channel.eventLoop.assumeIsolated().execute { [self] in
        hangUp(with: ServerError(1927, state: "70100", "Connection was killed"))
      }
    }
    return nil
  }
}

extension ServerError {
  /// What a server says that stops.
  static let shutdown = ServerError(1053, state: "08S01", "Server shutdown in progress")

  var isOfUnknownDatabase: Bool { code == 1049 }

  /// Whether a login fails for the database that the client has named: it is unknown, or nothing for
  /// the backend's user, to whom some servers do not say which.
  var isOfNamedDatabase: Bool { isOfUnknownDatabase || code == 1044 }

  fileprivate static func unknownThread(_ number: UInt32) -> ServerError {
    ServerError(1094, "Unknown thread id: \(number)")
  }
}
