internal import Cutover
internal import MySQLWire
internal import NIOCore
internal import Terms

// Connections that go from session to session.
extension MySQLSession {
  /// What a connection must have been opened with.
  struct Kind: Hashable {
    let login: ProxyConfiguration.Backend.Login
    let capabilities: UInt32
    /// No server lets one be left for none.
    let hasDatabase: Bool
  }

  func kind(at backend: ProxyConfiguration.Backend) -> Kind {
    Kind(
      login: backend.login,
      capabilities: state.capabilities.intersection(.shaping).rawValue,
      hasDatabase: (state.database ?? command?.traits.database) != nil)
  }

  /// Makes a connection its own that another session has had: nothing of that one's stays.
  ///
  /// Where that fails, or takes longer than a login may, one that is opened may do.
  func adopt(_ connection: MySQLConnection) {
    connection.prepared = [:]
    connection.canTake = true
    let patience = Patience(of: gate.limits.connect, on: channel.eventLoop) { connection.abort() }
    reset(connection) { [self] isReset in
      guard isReset else {
        patience.end()
        return connectAnew(insteadOf: connection)
      }
      restore(state.restoringUsed[...], on: connection) { [self] result in
        patience.end()
        if case .success = result { connected(result) } else { connectAnew(insteadOf: connection) }
      }
    }
  }

  private func connectAnew(insteadOf connection: MySQLConnection) {
    connection.close()
    guard phase != .closed else { return endWork() }
    connect(to: connection.backend, mayBeUsed: false)
  }

  private func reset(_ connection: MySQLConnection, _ done: @escaping (Bool) -> Void) {
    askFresh(connection, .resetConnection, "") { [self] isDone in
      // A reset leaves the database.
      guard isDone, let database = loginDatabase, database != connection.database else {
        return done(isDone)
      }
      askFresh(connection, .initDB, database, done)
    }
  }

  private func askFresh(
    _ connection: MySQLConnection, _ command: Command, _ text: String,
    _ done: @escaping (Bool) -> Void
  ) {
    var payload = ByteBuffer(bytes: [command.rawValue])
    payload.writeString(text)
    connection.ask(framed(payload), .single, deprecatesEOF: state.deprecatesEOF) { result in
      if case .success(let answer) = result {
        done(answer.tracker.error == nil)
      } else {
        done(false)
      }
    }
  }

  /// Nothing is under way: others may have the connection who need it.
  func park() {
    guard phase == .ready, work == nil, state.isCarriable, let connection else { return }
    connection.database = state.database
    let isClean = connection.kills == 0 && !connection.lacksDatabase && !state.hasRole
    let parking = front.sessions.pool.park(
      connection, isClean ? kind(at: connection.backend) : nil, at: connection.backend, of: self,
      on: channel.eventLoop)
    switch parking {
    case .kept: break
    case .handedOver: part(from: connection)
    case .unwanted: dropConnection()
    }
  }

  /// It is another session's.
  func part(from connection: MySQLConnection) {
    connection.lost = nil
    self.connection = nil
    state.loseConnection()
  }
}
