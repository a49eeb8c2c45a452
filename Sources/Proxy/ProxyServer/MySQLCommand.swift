internal import Cutover
internal import MySQLWire
internal import NIOCore
internal import Terms

/// A client's command that a backend has to answer.
///
/// Not a value: whoever has to do with it asks for a word of it, and a copy is a dozen retained.
final class MySQLCommand {
  enum Kind {
    case plain
    /// A statement is prepared, under the proxy's number.
    case prepare(UInt32, sql: ByteBuffer)
    /// Something is done with a prepared statement.
    case prepared(UInt32, payload: ByteBuffer)
  }

  /// The frames as they came.
  let frames: ByteBuffer
  /// Of its last frame.
  let sequence: UInt8
  let shape: AnswerTracker.Shape
  var kind = Kind.plain
  var traits = StatementTraits()
  /// Nil where tables have no routes of their own.
  var tables: NamedTables?
  /// In which a prepared statement runs; nil for the current one.
  var database: String?
  let startedAt: Instant
  /// Nil until it is known.
  var route: ShardName?

  init(
    frames: ByteBuffer, sequence: UInt8, shape: AnswerTracker.Shape,
    traits: StatementTraits = StatementTraits(), startedAt: Instant
  ) {
    self.frames = frames
    self.sequence = sequence
    self.shape = shape
    self.traits = traits
    self.startedAt = startedAt
  }
}

// Commands: what the proxy answers itself, and what it needs a backend for.
extension MySQLSession {
  func takeCommand(_ packet: Packet) throws {
    let byte = packet.payload.getInteger(at: packet.payload.readerIndex, as: UInt8.self)
    var body = packet.payload
    body.moveReaderIndex(forwardBy: min(1, body.readableBytes))
    switch byte.flatMap(Command.init) {
    case .quit: hangUp()
    case .ping: answerOK()
    case .changeUser: try changeUser(packet)
    case .resetConnection: resetConnection()
    case .query: query(packet, body)
    case .initDB:
      var traits = StatementTraits()
      traits.database = String(buffer: body)
      run(command(packet, .single, traits))
    case .fieldList: describe(packet, body)
    case .statistics: run(command(packet, .single))
    case .setOption:
      state.setOption(body.readInteger(endianness: .little, as: UInt16.self))
      run(command(packet, .single))
    case .statementPrepare: prepare(packet, body)
    case .statementExecute, .statementFetch, .statementReset: usePrepared(packet)
    case .statementSendLongData: keepLongData(packet)
    case .statementClose: closePrepared(packet)
    case .processKill:
      guard let number = body.readInteger(endianness: .little, as: UInt32.self) else {
        return refuse(ServerError(1835, "Malformed communication packet"))
      }
      kill(.init(connection: number, isOfQueryOnly: false))
    case nil:
      refuse(ServerError(1047, state: "08S01", "The proxy does not pass on command \(byte ?? 0)"))
    }
  }

  private func command(
    _ packet: Packet, _ shape: AnswerTracker.Shape, _ traits: StatementTraits = StatementTraits()
  ) -> MySQLCommand {
    MySQLCommand(
      frames: packet.bytes, sequence: packet.sequence, shape: shape, traits: traits,
      startedAt: gate.instant)
  }

  private func query(_ packet: Packet, _ sql: ByteBuffer) {
    let traits = StatementTraits(of: sql, escapes: state.escapes)
    if let wish = traits.kill { return kill(wish) }
    if takesHere(packet, sql) { return answerOK() }
    let command = command(packet, .results, traits)
    command.tables = tables(of: sql)
    run(command)
  }

  private func tables(of sql: ByteBuffer) -> NamedTables? {
    !gate.tableRoutes.isEmpty
      ? NamedTables(of: sql, escapes: state.escapes, watching: gate.tableRoutes.names) : nil
  }

  private func describe(_ packet: Packet, _ table: ByteBuffer) {
    let command = command(packet, .fields)
    var table = table
    if !gate.tableRoutes.isEmpty {
      command.tables = NamedTables(
        TableName(database: nil, table: table.readZeroTerminated() ?? ""))
    }
    run(command)
  }

  /// Whether a transaction begins or ends without a server.
  ///
  /// Where tables have routes of their own, one that has done nothing is nowhere yet. One whose
  /// characteristics a server knows begins there.
  private func takesHere(_ packet: Packet, _ sql: ByteBuffer) -> Bool {
    guard work == nil, loss == nil, begun != nil || !gate.tableRoutes.isEmpty,
      !state.pins.contains(.nextTransaction)
    else { return false }
    switch TransactionStep(sql) {
    case .begin where !gate.tableRoutes.isEmpty: begun = packet.bytes
    case .end where begun != nil: begun = nil
    default: return false
    }
    return true
  }

  private func answerOK() {
    send(OKPacket(status: status).payload, 1)
    rest()
  }

  /// As the client is to see it.
  var status: ServerStatus { begun == nil ? state.status : state.status.union(.inTransaction) }

  func refuse(_ error: ServerError) {
    send(error.payload, 1)
    rest()
  }

  /// Begins the session anew; the backend connection is not worth keeping for it.
  private func resetConnection() {
    beginAnew()
    answerOK()
  }

  // MARK: Prepared statements

  private func prepare(_ packet: Packet, _ sql: ByteBuffer) {
    let traits = StatementTraits(of: sql, escapes: state.escapes)
    if let refusal = traits.refusal { return refuse(ServerError(1235, state: "42000", refusal)) }
    guard traits.kill == nil else {
      return refuse(
        ServerError(1295, "This command is not supported in the prepared statement protocol yet"))
    }
    if let refusal = state.prepared.refusal(of: sql) { return refuse(refusal) }
    let command = command(packet, .prepared)
    command.kind = .prepare(nextStatement, sql: sql)
    command.tables = tables(of: sql)
    nextStatement &+= 1
    run(command)
  }

  private func usePrepared(_ packet: Packet) {
    let isExecution = packet.payload.first == Command.statementExecute.rawValue
    let isReset = packet.payload.first == Command.statementReset.rawValue
    guard let number = number(of: packet), let statement = state.prepared[number] else {
      return refuse(ServerError(1243, "Unknown prepared statement handler given to the proxy"))
    }
    if isReset {
      state.prepared.clearLongData(of: number)
      state.closeCursor()
    }
    if isExecution {
      guard let execution = PreparedExecution(packet.payload, parameters: statement.parameters)
      else { return refuse(ServerError(1835, "Malformed communication packet")) }
      if let types = execution.types { state.prepared.learn(types, of: number) }
    }
    let command = command(
      packet, isExecution ? .results : isReset ? .single : .rows,
      isExecution ? statement.traits : StatementTraits())
    command.kind = .prepared(number, payload: packet.payload)
    (command.tables, command.database) = (statement.tables, statement.database)
    run(command)
  }

  /// The number of a prepared statement; all ones mean the last one.
  private func number(of packet: Packet) -> UInt32? {
    PreparedExecution.statement(in: packet.payload).map { $0 == .max ? nextStatement &- 1 : $0 }
  }

  /// It goes with the next execution: the two must run on one side.
  private func keepLongData(_ packet: Packet) {
    guard let number = number(of: packet), state.prepared[number] != nil else { return }
    guard state.prepared.keep(packet.payload, of: number, upTo: gate.limits.statementSize) else {
      let error = ServerError(1153, state: "08S01", "Got a packet bigger than the proxy takes")
      return hangUp(with: error.payload, packet.sequence &+ 1)
    }
  }

  private func closePrepared(_ packet: Packet) {
    guard let number = number(of: packet) else { return }
    state.prepared.close(number)
    state.closeCursor()
    if let connection, let own = connection.prepared.removeValue(forKey: number) {
      connection.tell(framed(PreparedExecution.renumbered(packet.payload, own.number)))
    }
    if !state.isWorkOpen { endWork() }
  }

  func framed(_ payload: ByteBuffer) -> ByteBuffer {
    var frames = ByteBuffer()
    frames.writePacket(payload, sequence: 0)
    return frames
  }
}

extension ByteBuffer {
  fileprivate var first: UInt8? { getInteger(at: readerIndex) }
}
