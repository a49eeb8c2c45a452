internal import Cutover
internal import MySQLWire
internal import NIOCore
internal import Terms

/// A connection to where a command that waits is likely to go, made while it waits.
final class MySQLAhead {
  enum State {
    case opening
    case ready(MySQLConnection)
    /// What was in the way need not be any more, once it is wanted.
    case failed
  }

  let backend: ProxyConfiguration.Backend
  var state = State.opening
  /// The command has its place, and waits for this only.
  var isAwaited = false

  init(to backend: ProxyConfiguration.Backend) { self.backend = backend }
}

// A command's way to its server: a connection, and the session's state on it.
extension MySQLSession {
  /// `mayBeUsed`: whether another session's connection will do.
  func connect(to backend: ProxyConfiguration.Backend, mayBeUsed: Bool = true) {
    dropAhead()
    let pool = front.sessions.pool
    pool.take(
      backend, mayBeUsed ? kind(at: backend) : nil, on: channel.eventLoop,
      within: gate.limits.connect, at: gate.instant
    ).assumeIsolated().whenSuccess { [self] grant in
      switch (grant, phase) {
      case (.opening, .closed):
        pool.giveBack(backend)
        endWork()
      case (.used(let connection), .closed):
        connection.value.close()
        endWork()
      case (.opening, _): logIn(to: backend, in: loginDatabase) { [self] in connected($0) }
      case (.used(let connection), _): adopt(connection.value)
      case (.none, _):
        let text = ConnectionPool<MySQLSession>.exhausted(backend, after: gate.limits.connect)
        fail(ServerError(1040, state: "08004", text))
      }
    }
  }

  /// A database of the route that the session leaves need not be where it goes.
  var loginDatabase: String? { command?.traits.database == nil ? state.database : nil }

  /// Makes a connection in the slot that it has, and the session's own of it.
  private func logIn(
    to backend: ProxyConfiguration.Backend, in database: String?,
    _ done: @escaping (Result<MySQLConnection, any Error>) -> Void
  ) {
    let identity = BackendLogin.Identity(
      user: backend.user, password: backend.password, database: database,
      collation: state.collation, capabilities: state.capabilities.intersection(.shaping),
      wantsTLS: backend.transport != .plain)
    MySQLConnection.open(
      backend, as: identity, front.tls(to: backend), on: channel.eventLoop,
      within: gate.limits.connect
    ) { [self] result in
      switch result {
      case .success(let connection):
        let id = ObjectIdentifier(connection)
        connection.whenClosed { [front] in front.sessions.pool.giveBack(backend, id) }
        connection.lacksDatabase = database == nil && loginDatabase != nil
        restore(state.restoring[...], on: connection, done)
      case .failure(let error as ServerError)
      where error.isOfUnknownDatabase && database != nil && isOnTables:
        logIn(to: backend, in: nil, done)
      case .failure(let error):
        front.sessions.pool.giveBack(backend)
        done(.failure(error))
      }
    }
  }

  /// Whether the command is where its tables are, and not where the session's database is.
  var isOnTables: Bool { command?.route.map(gate.tableRoutes.contains) ?? false }

  func restore(
    _ statements: ArraySlice<String>, on connection: MySQLConnection,
    _ done: @escaping (Result<MySQLConnection, any Error>) -> Void
  ) {
    guard let statement = statements.first else { return done(.success(connection)) }
    var payload = ByteBuffer(bytes: [Command.query.rawValue])
    payload.writeString(statement)
    connection.ask(
      framed(payload), .results, deprecatesEOF: state.deprecatesEOF
    ) { [self] result in
      switch result {
      // It has seen nothing of the command.
      case .failure: done(.failure(MySQLConnection.Unreachable(reason: "it hung up")))
      case .success(let answer):
        guard let code = answer.tracker.error else {
          return restore(statements.dropFirst(), on: connection, done)
        }
        connection.close()
        done(.failure(NotRestored(code: code)))
      }
    }
  }

  /// A server does not take a setting that the session has made elsewhere.
  private struct NotRestored: Error { let code: UInt16 }

  func connected(_ result: Result<MySQLConnection, any Error>) {
    switch result {
    case .success(let connection):
      self.connection = connection
      guard phase != .closed else { return leave() }
      connection.lost = { [weak self] in self?.connectionLost() }
      connection.canTake = channel.isWritable
      watchSilence()
      begin(on: connection)
    case .failure(let error): connectionFailed(error)
    }
  }

  private func connectionFailed(_ error: any Error) {
    guard phase != .closed, let work else { return endWork() }
    switch error {
    case is MySQLConnection.Unreachable: take(gate.unreachable(work, on: channel.eventLoop))
    case let error as ServerError where error.isOfShutdown:
      take(gate.unreachable(work, on: channel.eventLoop))
    case let error as NotRestored:
      fail(
        ServerError(
          1105, "the session's state cannot be carried over: errno \(error.code) to SET"))
    case let error as ServerError where error.isOfNamedDatabase: fail(error)
    // Not the client's password was wrong, but the proxy's.
    default: fail(ServerError(1105, "the proxy cannot log in to its backend: \(error)"))
    }
  }

  // MARK: Ahead

  /// While a command waits for a cutover, a connection to where that leads is made, so that it can go
  /// on at once: those that wait are let go one after the other.
  func connectAhead() {
    guard ahead == nil, state.pins.isEmpty, let route = command?.route,
      let cutover = gate.standing(of: route)?.cutover, cutover.isHolding,
      let backend = gate.backend(cutover.to), front.sessions.pool.takeFree(backend)
    else { return }
    let ahead = MySQLAhead(to: backend)
    self.ahead = ahead
    logIn(to: backend, in: loginDatabase) { [self] result in
      guard self.ahead === ahead else {
        if case .success(let connection) = result { connection.close() }
        return
      }
      ahead.state = (try? result.get()).map(MySQLAhead.State.ready) ?? .failed
      if ahead.isAwaited { use(ahead) } else { offer(ahead) }
    }
  }

  /// Others may have its place who need one at once.
  private func offer(_ ahead: MySQLAhead) {
    guard case .ready(let connection) = ahead.state else { return }
    let parking = front.sessions.pool.park(
      connection, nil, at: ahead.backend, of: self, on: channel.eventLoop)
    if parking == .unwanted { dropAhead() }
  }

  /// The command's place is where that leads.
  func use(_ ahead: MySQLAhead) {
    switch ahead.state {
    case .opening: ahead.isAwaited = true
    case .ready(let connection)
    where connection.isOpen && front.sessions.pool.claim(connection, at: ahead.backend):
      self.ahead = nil
      connected(.success(connection))
    case .ready, .failed: connect(to: ahead.backend)
    }
  }

  /// No command waits for it any more.
  func dropAhead() {
    if let ahead, case .ready(let connection) = ahead.state {
      front.sessions.pool.claim(connection, at: ahead.backend)
      connection.close()
    }
    ahead = nil
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
