internal import Cutover
internal import MySQLWire
internal import NIOCore
internal import Terms

// The answer to a command, on its way to the client.
extension MySQLSession {
  func begin(on connection: MySQLConnection) {
    guard let command else { return }
    if let begun { return beginTransaction(begun, on: connection) }
    switch command.kind {
    case .plain: passOn(command.frames)
    case .prepare: collect(command.frames)
    case .prepared(let number, let payload): run(number, payload, on: connection)
    }
  }

  /// What the client has begun already begins here, where the first statement of it leads.
  private func beginTransaction(_ frames: ByteBuffer, on connection: MySQLConnection) {
    askInside(frames, .single) { [self] answer in
      // Where it is refused the client is in its transaction still, as it was told: the next statement
      // begins it, or fails as this one.
      if let error = answer.wholeError { return fail(error) }
      begun = nil
      if let status = answer.tracker.status { state.take(status) }
      begin(on: connection)
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
        if case .success(let answer) = result, let error = answer.wholeError {
          if error.isOfReadOnlyServer, waitForWrites() { return }
          if phase != .closed { channel.writeAndFlush(answer.bytes, promise: nil) }
        }
        answered(result)
      })
  }

  /// Its server takes no writes any more: has the statement wait for one that does, if that is safe;
  /// false where the client is to get the error.
  ///
  /// A statement that was refused has written nothing. In a transaction, or behind a procedure, others
  /// before it may have.
  private func waitForWrites() -> Bool {
    guard phase != .closed, isFirstStatementOfWork, !state.isWorkOpen, let work,
      command?.traits.pins.contains(.procedures) == false,
      let answer = gate.refusedWrite(work, on: channel.eventLoop)
    else { return false }
    take(answer)
    return true
  }

  /// Has the server end a statement that runs for longer than any may; the client gets the server's
  /// own error.
  private func killLater(on connection: MySQLConnection) -> Scheduled<Void>? {
    guard let limit = gate.limits.statement, let thread = connection.threadID else {
      return nil
    }
    return channel.eventLoop.assumeIsolated().scheduleTask(
      in: .nanoseconds(limit.wholeNanoseconds)
    ) { [front] in
      front.killQuery(thread, over: connection)
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
          connection.prepared[number] = .init(number: reply.statement)
          // A copy: what it is cut out of may be much longer.
          state.prepared.add(
            PreparedStatement(
              sql: ByteBuffer(bytes: sql.readableBytesView), database: state.database,
              traits: StatementTraits(of: sql, escapes: state.escapes),
              tables: command.tables, parameters: reply.parameters),
            as: number)
        }
        channel.writeAndFlush(bytes, promise: nil)
      }
      answered(result)
    }
  }

  /// Runs a prepared statement, which is prepared again where this backend does not know it.
  private func run(_ number: UInt32, _ payload: ByteBuffer, on connection: MySQLConnection) {
    guard let statement = state.prepared[number] else { return }
    guard let own = connection.prepared[number] else {
      return use(statement.database) { [self] in
        prepareAgain(number, statement, on: connection) { [self] in
          use(state.database, instead: statement.database) { [self] in
            run(number, payload, on: connection)
          }
        }
      }
    }
    let execution =
      payload.getInteger(at: payload.readerIndex, as: UInt8.self)
        == Command.statementExecute.rawValue
      ? PreparedExecution(payload, parameters: statement.parameters) : nil
    var payload = payload
    if let execution, !own.knowsTypes {
      if execution.types == nil {
        payload = statement.types.flatMap(execution.withTypes) ?? payload
      }
      connection.prepared[number]?.knowsTypes = true
    }
    var frames = renumbered(statement.longData, own.number)
    frames.writePacket(PreparedExecution.renumbered(payload, own.number), sequence: 0)
    passOn(frames)
  }

  /// Makes a database the current one for the proxy's own sake, unless it is already.
  private func use(
    _ database: String?, instead other: String? = nil, then: @escaping () -> Void
  ) {
    guard let database, database != (other ?? state.database) else { return then() }
    var payload = ByteBuffer(bytes: [Command.initDB.rawValue])
    payload.writeString(database)
    askInside(framed(payload), .single) { [self] answer in
      // The one that the session has need not be there, where its tables are.
      guard answer.tracker.error == nil || other != nil && isOnTables else {
        giveUpConnection()
        return fail(ServerError(1049, state: "42000", "Unknown database '\(database)'"))
      }
      then()
    }
  }

  /// The connection is in no state to go on with; what it alone had is gone, and the client will be
  /// told so.
  private func giveUpConnection() {
    if state.isWorkOpen {
      loss = "the transaction is gone: its statement could not be prepared on this server"
    } else if !state.pins.isEmpty {
      loss = "a statement could not be prepared on this server, and with it went \(state.pinNames)"
    }
    dropConnection()
    state.loseConnection()
    endWork()
  }

  private func prepareAgain(
    _ number: UInt32, _ statement: PreparedStatement,
    on connection: MySQLConnection, then: @escaping () -> Void
  ) {
    var prepare = ByteBuffer(bytes: [Command.statementPrepare.rawValue])
    prepare.writeImmutableBuffer(statement.sql)
    askInside(framed(prepare), .prepared) { [self] answer in
      var bytes = answer.bytes
      bytes.moveReaderIndex(forwardBy: min(4, bytes.readableBytes))
      guard let reply = PreparedReply(reading: bytes), reply.parameters == statement.parameters
      else {
        // It may be left in another database.
        if statement.database != state.database { giveUpConnection() }
        return fail(
          ServerError(reading: bytes)
            ?? ServerError(1105, "the statement has other parameters on this server"))
      }
      connection.prepared[number] = .init(number: reply.statement)
      then()
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
    case .failure(let error): answerLost(error)
    case .success(let answer):
      let traits = command?.traits ?? StatementTraits()
      let wasPinned = !state.pins.isEmpty
      let isUncertain = state.isUncertainAfterError || traits.isMultiple || !traits.pins.isEmpty
      state.take(traits, answer.tracker)
      if !wasPinned { pinnedTo = command?.route }
      if traits.database != nil, answer.tracker.error == nil { connection?.lacksDatabase = false }
      guard answer.tracker.error != nil else { return settle(answer.tracker) }
      // It may have been made for this database, and be in none.
      if traits.database != nil, !state.isWorkOpen, state.pins.isEmpty { dropConnection() }
      if isUncertain, connection != nil { return askForStatus(answer.tracker) }
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
    if case .prepared(let number, _) = command?.kind { state.prepared.clearLongData(of: number) }
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

  func becomeReady() {
    phase = .ready
    rest()
    watchReading()
    if isLeaving, work == nil { return sayGoodbye() }
    park()
    guard hasPending else { return }
    channel.eventLoop.assumeIsolated().execute { [self] in
      if phase == .ready { proceed() }
    }
  }
}
