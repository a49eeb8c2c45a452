internal import Cutover
internal import MySQLWire
internal import NIOCore
internal import Terms

// A command's way to its server: a place, a connection, the session's state on it.
extension MySQLSession {
  /// Has a backend answer a command.
  func run(_ command: MySQLCommand) {
    if let refusal = command.traits.refusal {
      return refuse(ServerError(1235, state: "42000", refusal))
    }
    if let loss {
      self.loss = nil
      return refuse(ServerError(1105, loss))
    }
    guard let route = route(of: command) else {
      return refuse(unknownDatabase(command.traits.database))
    }
    var command = command
    command.route = route
    self.command = command
    phase = .busy
    if work != nil {
      guard let connection, route == workRoute else { return failAcrossRoutes() }
      return begin(on: connection)
    }
    workRoute = route
    let (work, answer) = gate.admit(
      to: route, bytes: command.frames.readableBytes, on: channel.eventLoop)
    self.work = work
    isFirstStatementOfWork = true
    take(answer)
  }

  /// Where a command belongs: what is under way stays on its route, unless it says another database.
  private func route(of command: MySQLCommand) -> ShardName? {
    if work != nil, command.traits.database == nil { return workRoute }
    return route(of: command.traits.database ?? state.database)?.name
  }

  private func failAcrossRoutes() {
    fail(
      ServerError(
        1235, state: "42000",
        "another route's database cannot be used before the transaction has ended"))
  }

  func take(_ answer: Gate.Answer) {
    switch answer {
    case .now(let placement): take(placement)
    case .later(let future):
      future.assumeIsolated().whenComplete { [self] result in
        // Fails only where the client is gone.
        if case .success(let placement) = result { take(placement) }
      }
    }
  }

  private func take(_ placement: Gate.Placement) {
    guard phase != .closed else { return endWork() }
    switch placement {
    case .fail(let refusal):
      endWork()
      fail(ServerError(refusal), counted: refusal.code.rawValue)
    case .run(let backend):
      if let connection, connection.isOpen, connection.backend.name == backend.name {
        return begin(on: connection)
      }
      if let lost = moveAway() {
        endWork()
        return fail(ServerError(1105, lost))
      }
      connect(to: backend)
    }
  }

  /// Gives up the connection at hand; returns what is lost with it, or was before.
  private func moveAway() -> String? {
    if connection != nil, !state.pins.isEmpty {
      loss =
        "the session moved to another server and left behind what cannot be carried: "
        + state.pinNames
    }
    dropConnection()
    state.loseConnection()
    defer { loss = nil }
    return loss
  }

  // MARK: Connecting

  private func connect(to backend: ProxyConfiguration.Backend) {
    front.sessions.slot(
      at: backend, on: channel.eventLoop, within: gate.limits.connect, at: gate.instant
    ).assumeIsolated().whenSuccess { [self] isThere in
      switch (isThere, phase) {
      case (true, .closed):
        front.sessions.slots.giveBack(backend)
        endWork()
      case (true, _): logIn(to: backend)
      case (false, _):
        let text = ConnectionSlots.exhausted(backend, after: gate.limits.connect)
        fail(ServerError(1040, state: "08004", text))
      }
    }
  }

  /// Makes a connection in the slot that it has.
  private func logIn(to backend: ProxyConfiguration.Backend) {
    let identity = BackendLogin.Identity(
      user: backend.user, password: backend.password,
      // A database of the route that the session leaves need not be here.
      database: command?.traits.database == nil ? state.database : nil,
      collation: state.collation, capabilities: state.capabilities.intersection(.shaping),
      wantsTLS: backend.transport != .plain)
    MySQLConnection.open(
      backend, as: identity, front.tls(to: backend), on: channel.eventLoop,
      within: gate.limits.connect
    ) { [self] result in
      switch result {
      case .success(let connection):
        connection.whenClosed { [front] in front.sessions.slots.giveBack(backend) }
        welcome(connection)
      case .failure(let error):
        front.sessions.slots.giveBack(backend)
        connectionFailed(error)
      }
    }
  }

  private func connectionFailed(_ error: any Error) {
    guard phase != .closed, let work else { return endWork() }
    switch error {
    case is MySQLConnection.Unreachable: take(gate.unreachable(work, on: channel.eventLoop))
    case let error as ServerError where error.isOfShutdown:
      take(gate.unreachable(work, on: channel.eventLoop))
    // Not the client's password was wrong, but the proxy's.
    default: fail(ServerError(1105, "the proxy cannot log in to its backend: \(error)"))
    }
  }

  private func welcome(_ connection: MySQLConnection) {
    self.connection = connection
    guard phase != .closed else { return leave() }
    connection.lost = { [weak self] in self?.connectionLost() }
    connection.canTake = channel.isWritable
    watchSilence()
    restore(state.restoring[...], on: connection)
  }

  /// Makes a fresh connection the session's own.
  private func restore(_ statements: ArraySlice<String>, on connection: MySQLConnection) {
    guard let statement = statements.first else { return begin(on: connection) }
    var payload = ByteBuffer(bytes: [Command.query.rawValue])
    payload.writeString(statement)
    askInside(framed(payload), .results) { [self] answer in
      if let code = answer.tracker.error {
        dropConnection()
        return fail(
          ServerError(1105, "the session's state cannot be carried over: errno \(code) to SET"))
      }
      restore(statements.dropFirst(), on: connection)
    }
  }

  /// Asks the backend something of the proxy's own.
  func askInside(
    _ frames: ByteBuffer, _ shape: AnswerTracker.Shape,
    then: @escaping (MySQLConnection.Answer) -> Void
  ) {
    connection?.ask(frames, shape, deprecatesEOF: state.deprecatesEOF) { [self] result in
      switch result {
      case .success(let answer):
        guard phase != .closed else { return leave() }
        then(answer)
      case .failure(let error): answerLost(error)
      }
    }
  }
}

extension ServerError {
  /// What vtgate would say, or a server that stops.
  fileprivate init(_ refusal: Refusal) {
    if refusal == .stopping { self = .shutdown } else { self.init(1105, refusal.description) }
  }
}
