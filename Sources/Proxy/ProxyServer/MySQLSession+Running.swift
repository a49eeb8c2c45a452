internal import Cutover
internal import MySQLWire
internal import NIOCore
internal import Terms

// A command's way: a place, a connection, the session's state on it, the answer.
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
    guard let route = route(of: command.traits.database ?? state.database) else {
      return refuse(unknownDatabase(command.traits.database))
    }
    var command = command
    command.route = route.name
    self.command = command
    phase = .busy
    if work != nil {
      guard let connection, route.name == workRoute else { return failAcrossRoutes() }
      return begin(on: connection)
    }
    workRoute = route.name
    let (work, answer) = gate.admit(
      to: route.name, bytes: command.frames.readableBytes, on: channel.eventLoop)
    self.work = work
    isFirstStatementOfWork = true
    take(answer)
  }

  private func failAcrossRoutes() {
    fail(
      ServerError(
        1235, state: "42000",
        "another route's database cannot be used before the transaction has ended"))
  }

  private func take(_ answer: Gate.Answer) {
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
      fail(ServerError(1105, refusal.description), counted: refusal.code.rawValue)
    case .run(let backend):
      if let connection, connection.isOpen, connection.backend.name == backend.name {
        return begin(on: connection)
      }
      if let lost = moveAway(to: backend) { return fail(ServerError(1105, lost)) }
      connect(to: backend)
    }
  }

  /// Gives up the connection at hand; returns what is lost with it.
  private func moveAway(to backend: ProxyConfiguration.Backend) -> String? {
    defer { dropConnection() }
    guard connection != nil, !state.pins.isEmpty else { return nil }
    let pins = state.pins.map(\.rawValue).sorted().joined(separator: ", ")
    endWork()
    return "the session moved to another server and left behind what cannot be carried: \(pins)"
  }

  // MARK: Connecting

  private func connect(to backend: ProxyConfiguration.Backend) {
    let identity = BackendLogin.Identity(
      user: backend.user, password: backend.password,
      // A database of the route that the session leaves need not be here.
      database: command?.traits.database == nil ? state.database : nil,
      collation: state.collation, capabilities: state.capabilities.intersection(.shaping),
      wantsTLS: backend.transport != .plain)
    MySQLConnection.open(
      backend, as: identity, front.tls(to: backend), on: channel.eventLoop,
      within: gate.configuration.limits.connect
    ) { [self] result in
      switch result {
      case .success(let connection): welcome(connection)
      case .failure(let error): connectionFailed(error)
      }
    }
  }

  private func connectionFailed(_ error: any Error) {
    guard phase != .closed, let work else { return endWork() }
    switch error {
    case is MySQLConnection.Unreachable: take(gate.unreachable(work, on: channel.eventLoop))
    case let error as ServerError: fail(error)
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
  private func askInside(
    _ frames: ByteBuffer, _ shape: AnswerTracker.Shape,
    then: @escaping (MySQLConnection.Answer) -> Void
  ) {
    connection?.ask(frames, shape, deprecatesEOF: state.deprecatesEOF) { [self] result in
      switch result {
      case .success(let answer):
        guard phase != .closed else { return leave() }
        then(answer)
      case .failure: answerLost(isPartial: false)
      }
    }
  }

  // MARK: The answer

  private func begin(on connection: MySQLConnection) {
    guard let command else { return }
    switch command.kind {
    case .plain: passOn(command.frames)
    case .prepare: collect(command.frames)
    case .prepared(let number, let payload): run(number, payload, on: connection)
    }
  }

  private func passOn(_ frames: ByteBuffer) {
    guard let command, let connection else { return }
    let deadline = killLater(on: connection)
    connection.ask(
      frames, command.shape, deprecatesEOF: state.deprecatesEOF,
      pass: { [weak connection, channel] part in
        channel.writeAndFlush(part, promise: nil)
        if !channel.isWritable { connection?.canTake = false }
      },
      end: { [self] result in
        deadline?.cancel()
        answered(result)
      })
  }

  /// Has the server end a statement that runs for longer than any may; the client gets the server's
  /// own error.
  private func killLater(on connection: MySQLConnection) -> Scheduled<Void>? {
    guard let limit = gate.configuration.limits.statement, let thread = connection.threadID else {
      return nil
    }
    let (front, backend) = (front, connection.backend)
    return channel.eventLoop.scheduleTask(in: .nanoseconds(limit.wholeNanoseconds)) {
      front.killQuery(thread, on: backend)
    }
  }

  /// A reply that names a statement is short, and the client must see the proxy's number in it.
  private func collect(_ frames: ByteBuffer) {
    guard let command, let connection, case .prepare(let number, let sql) = command.kind else {
      return
    }
    connection.ask(frames, .prepared, deprecatesEOF: state.deprecatesEOF) { [self] result in
      if case .success(let answer) = result, phase != .closed {
        var bytes = answer.bytes
        if let reply = PreparedReply(
          reading: bytes.getSlice(
            at: bytes.readerIndex + 4, length: bytes.readableBytes - 4) ?? ByteBuffer())
        {
          bytes.setInteger(number, at: bytes.readerIndex + 5, endianness: .little)
          connection.prepared[number] = reply.statement
          state.prepared[number] = MySQLSessionState.PreparedStatement(
            sql: sql, traits: StatementTraits(of: sql, escapes: state.escapes),
            parameters: reply.parameters)
        }
        channel.writeAndFlush(bytes, promise: nil)
      }
      answered(result)
    }
  }

  /// Runs a prepared statement, which is prepared again where this backend does not know it.
  private func run(_ number: UInt32, _ payload: ByteBuffer, on connection: MySQLConnection) {
    guard let statement = state.prepared[number] else { return }
    if let own = connection.prepared[number] {
      var frames = statement.longData
      state.prepared[number]?.longData.clear()
      frames = renumbered(frames, own)
      frames.writePacket(PreparedExecution.renumbered(payload, own), sequence: 0)
      return passOn(frames)
    }
    var prepare = ByteBuffer(bytes: [Command.statementPrepare.rawValue])
    prepare.writeImmutableBuffer(statement.sql)
    askInside(framed(prepare), .prepared) { [self] answer in
      var bytes = answer.bytes
      bytes.moveReaderIndex(forwardBy: min(4, bytes.readableBytes))
      guard let reply = PreparedReply(reading: bytes), reply.parameters == statement.parameters
      else {
        return fail(
          ServerError(reading: bytes)
            ?? ServerError(1105, "the statement has other parameters on this server"))
      }
      connection.prepared[number] = reply.statement
      let execution = PreparedExecution(payload, parameters: statement.parameters)
      let isExecution =
        payload.getInteger(at: payload.readerIndex, as: UInt8.self)
        == Command.statementExecute.rawValue
      run(
        number,
        isExecution ? statement.types.flatMap { execution?.withTypes($0) } ?? payload : payload,
        on: connection)
    }
  }

  /// Frames of long data under the number that this backend knows.
  private func renumbered(_ frames: ByteBuffer, _ statement: UInt32) -> ByteBuffer {
    var reader = PacketReader(limit: .max)
    reader.append(frames)
    var result = ByteBuffer()
    while let packet = try? reader.next() {
      result.writePacket(PreparedExecution.renumbered(packet.payload, statement), sequence: 0)
    }
    return result
  }

  private func answered(_ result: Result<MySQLConnection.Answer, any Error>) {
    switch result {
    case .failure(let error):
      answerLost(isPartial: (error as? MySQLConnection.Lost)?.isPartial ?? false)
    case .success(let answer):
      let wasUncertain = state.isUncertainAfterError
      if let command { state.take(command.traits, answer.tracker) }
      if answer.tracker.error != nil, answer.tracker.status == nil, wasUncertain {
        return askForStatus(answer.tracker)
      }
      settle(answer.tracker)
    }
  }

  /// An error does not say whether it ended the transaction; a ping does.
  private func askForStatus(_ tracker: AnswerTracker) {
    askInside(framed(ByteBuffer(bytes: [Command.ping.rawValue])), .single) { [self] answer in
      if let status = answer.tracker.status { state.take(status) }
      settle(tracker)
    }
  }

  /// A command has been answered.
  private func settle(_ tracker: AnswerTracker) {
    if let command, let route = command.route {
      gate.traffic.answered(
        route, after: gate.instant - command.startedAt,
        error: tracker.error.map(ServerError.vtrpcCode))
    }
    command = nil
    guard phase != .closed else { return leave() }
    if !state.isWorkOpen {
      endWork()
    } else if isFirstStatementOfWork, let work {
      isFirstStatementOfWork = false
      gate.firstStatementEnded(work)
    }
    becomeReady()
  }

  private func becomeReady() {
    phase = .ready
    rest()
    guard hasPending else { return }
    channel.eventLoop.assumeIsolated().execute { [self] in
      if phase == .ready { proceed() }
    }
  }

  // MARK: Ends

  /// Answers the command at hand with an error of the proxy's own.
  func fail(_ error: ServerError, counted code: String? = nil) {
    if let command, let route = command.route {
      gate.traffic.answered(
        route, after: gate.instant - command.startedAt,
        error: code ?? ServerError.vtrpcCode(of: error.code))
    }
    command = nil
    if !state.isWorkOpen { endWork() }
    guard phase != .closed else { return }
    send(error.payload, 1)
    becomeReady()
  }

  /// The connection ended in the middle of an answer.
  private func answerLost(isPartial: Bool) {
    connection = nil
    state.loseConnection()
    endWork()
    guard phase != .closed else { return }
    // Nothing can follow half an answer.
    if isPartial { return channel.close(promise: nil) }
    fail(ServerError(2013, "Lost connection to MySQL server during query"))
  }

  /// The connection ended while nothing was asked.
  private func connectionLost() {
    connection = nil
    if work != nil {
      loss = "the transaction is gone: its server closed the connection"
    } else if !state.pins.isEmpty {
      let pins = state.pins.map(\.rawValue).sorted().joined(separator: ", ")
      loss = "the server closed the connection, and with it went \(pins)"
    }
    state.loseConnection()
    endWork()
  }

  /// The client is gone while something is being answered.
  func abandon() {
    if let work, gate.clientGone(work) {
      self.work = nil
      return dropConnection()
    }
    // The server may still be at it; the work ends with its answer.
    connection?.discardAnswer()
  }

  func endWork() {
    guard let work else { return }
    self.work = nil
    gate.ended(work)
  }

  func dropConnection() {
    connection?.close()
    connection = nil
  }

  /// The client is gone, and nothing is asked any more.
  func leave() {
    endWork()
    dropConnection()
  }
}
