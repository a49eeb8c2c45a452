internal import Cutover
internal import MySQLWire
internal import NIOCore
internal import NIOSSL
internal import Terms

/// One client of the MySQL port, from its login to its end.
///
/// Everything happens on the client's event loop, the backend connection included. A backend
/// connection is opened for the first statement, kept while statements come, and given back after a
/// silence unless the session is pinned to it.
final class MySQLSession: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  enum Phase { case login, ready, busy, closed }

  let front: MySQLFront
  let listener: ProxyConfiguration.Listener
  let id: UInt32
  private let nonce: [UInt8]
  private var login: ServerLogin
  private var reader: PacketReader
  var phase = Phase.login
  var state = MySQLSessionState(HandshakeResponse(capabilities: [], collation: 0))
  let channel: any Channel
  private var isReading = true
  private var isProceeding = false
  private var clock: Scheduled<Void>?
  private var silentSince: Instant

  var connection: MySQLConnection?
  var ahead: MySQLAhead?
  /// The work that is in flight, placed or waiting.
  var work: Gate.WorkID?
  var workRoute: ShardName?
  var isFirstStatementOfWork = false
  /// The route on which what ties the session to its connection was made; of no meaning without pins.
  var pinnedTo: ShardName?
  /// The command that is being answered.
  var command: MySQLCommand?
  /// The proxy stops: it ends as soon as nothing is under way.
  var isLeaving = false
  /// What the client must be told before anything else runs: state that is gone.
  var loss: String?
  var nextStatement: UInt32 = 1
  /// The statement by which the client has begun a transaction that no server knows of yet: the first
  /// that names a table says which.
  var begun: ByteBuffer?

  var gate: Gate { front.gate }
  var user: String { login.response.user }

  init(
    _ front: MySQLFront, _ listener: ProxyConfiguration.Listener, id: UInt32,
    on channel: any Channel
  ) {
    self.front = front
    self.channel = channel
    self.listener = listener
    self.id = id
    // A zero would end it early for some clients.
    nonce = (0..<20).map { _ in UInt8.random(in: 1...127) }
    login = ServerLogin(
      users: front.users, nonce: nonce, host: channel.remoteAddress?.ipAddress ?? "",
      offersTLS: listener.certificate != nil,
      requiresTLS: listener.requiresTLS)
    reader = PacketReader(limit: 1 << 16)
    silentSince = front.gate.instant
  }

  // MARK: The channel

  func channelActive(context: ChannelHandlerContext) {
    var capabilities = Capabilities.offered
    if listener.certificate != nil { capabilities.insert(.tls) }
    let greeting = Greeting(
      version: front.version, connection: id, nonce: nonce, capabilities: capabilities,
      collation: 45, plugin: ServerLogin.standardPlugin.rawValue)
    send(greeting.payload, 0)
    let limit = gate.limits.authentication
    setClock(limit) { session in
      session.noteRefusal(.tooLate(limit))
      session.hangUp()
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard phase != .closed else { return }
    reader.append(unwrapInboundIn(data))
    proceed()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    context.fireChannelWritabilityChanged()
    connection?.canTake = context.channel.isWritable
    proceed()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if phase == .login { noteRefusal(error.inShort) }
    context.close(promise: nil)
  }

  private func noteRefusal(_ why: String) {
    gate.noteRefusal(of: channel.remoteAddress?.ipAddress, why)
  }

  func channelInactive(context: ChannelHandlerContext) { end() }

  /// Says something, the last, and hangs up.
  ///
  /// What still comes of the client is not taken: TLS takes its leave for some seconds.
  func hangUp(with payload: ByteBuffer? = nil, _ sequence: UInt8 = 0) {
    guard phase != .closed else { return }
    if let payload { send(payload, sequence) }
    end()
    channel.close(promise: nil)
  }

  /// Lets go of everything.
  private func end() {
    guard phase != .closed else { return }
    front.sessions.leave(id)
    let wasBusy = phase == .busy
    phase = .closed
    clock?.cancel()
    if wasBusy { leaveMidway() } else { leave() }
  }

  // MARK: Packets

  /// Takes packets as far as it is the client's turn.
  func proceed() {
    // What is answered at once may make the channel writable, or not, in the middle.
    guard !isProceeding else { return }
    isProceeding = true
    defer { isProceeding = false }
    do {
      while mayTake, let packet = try reader.next() {
        if phase == .login { try takeLogin(packet) } else { try takeCommand(packet) }
      }
    } catch {
      if phase == .login { noteRefusal("\(error)") }
      hangUp(with: ServerError(1153, state: "08S01", "\(error)").payload, 1)
    }
    watchReading()
  }

  /// Of a client that reads no answers nothing more is taken.
  private var mayTake: Bool { (phase == .login || phase == .ready) && channel.isWritable }

  /// Reads on where it is the client's turn, also if it is amid a long packet, and else a little
  /// ahead.
  func watchReading() {
    let isReading = mayTake || reader.pending <= Self.readAhead
    guard isReading != self.isReading, phase != .closed else { return }
    self.isReading = isReading
    try? channel.syncOptions?.setOption(.autoRead, value: isReading)
  }

  /// So much is read of a client whose turn it is not, in bytes.
  private static let readAhead = 64 << 10

  func send(_ payload: ByteBuffer, _ sequence: UInt8) { send([payload], sequence) }

  func send(_ payloads: [ByteBuffer], _ sequence: UInt8) {
    var frames = ByteBuffer()
    var sequence = sequence
    for payload in payloads { sequence = frames.writePacket(payload, sequence: sequence) }
    channel.writeAndFlush(frames, promise: nil)
  }

  // MARK: Login

  private func takeLogin(_ packet: Packet) throws {
    try follow(try login.take(packet.payload), after: packet.sequence)
  }

  private func follow(_ step: ServerLogin.Step, after sequence: UInt8) throws {
    switch step {
    case .send(let payloads): send(payloads, sequence &+ 1)
    case .startTLS: try startTLS()
    case .accept(let payloads): accept(payloads, after: sequence)
    case .refuse(let error):
      noteRefusal(error.message)
      hangUp(with: error.payload, sequence &+ 1)
    }
  }

  /// What has come behind the wish for TLS belongs to TLS already: a client need not wait.
  private func startTLS() throws {
    guard let tls = front.tls(of: listener) else { throw ProtocolViolation("TLS is not set up") }
    let rest = reader.takeRest()
    let pipeline = channel.pipeline.syncOperations
    try pipeline.addHandler(NIOSSLServerHandler(context: tls), position: .first)
    if rest.readableBytes > 0 { pipeline.fireChannelRead(NIOAny(rest)) }
  }

  private func accept(_ payloads: [ByteBuffer], after sequence: UInt8) {
    if let database = login.response.database, route(of: database) == nil {
      noteRefusal(.noRoute(to: database))
      return hangUp(with: unknownDatabase(database).payload, sequence &+ 1)
    }
    state = MySQLSessionState(login.response, front.status)
    reader.limit = gate.limits.statementSize
    phase = .ready
    send(payloads + [OKPacket(status: state.status).payload], sequence &+ 1)
    rest()
    setClock(gate.limits.clientIdle) { $0.tick() }
  }

  /// Becomes somebody else: the client proves again who it is, and nothing of the session stays.
  func changeUser(_ packet: Packet) throws {
    var payload = packet.payload
    payload.moveReaderIndex(forwardBy: 1)
    beginAnew()
    phase = .login
    try follow(login.take(try ChangeUser(reading: payload)), after: packet.sequence)
  }

  /// Nothing of the session stays.
  func beginAnew() {
    endWork()
    dropConnection()
    state.reset(front.status)
    (loss, begun) = (nil, nil)
  }

  // MARK: Routes

  func route(of database: String?) -> ProxyConfiguration.Route? {
    gate.route(ofDatabase: database, .mysql)
  }

  func unknownDatabase(_ name: String?) -> ServerError {
    name.map { ServerError(1049, state: "42000", "Unknown database '\($0)'") }
      ?? ServerError(1046, state: "3D000", "No database selected")
  }

  // MARK: Silence

  /// The client has its answer, and it is its turn.
  func rest() { silentSince = gate.instant }

  /// There is a backend connection to give back.
  func watchSilence() { setClock(gate.limits.backendIdle) { $0.tick() } }

  /// Whether a packet, or part of one, has come that was not taken yet.
  var hasPending: Bool { reader.pending > 0 }

  private func setClock(_ delay: Duration, _ body: @escaping (MySQLSession) -> Void) {
    clock?.cancel()
    clock = channel.eventLoop.assumeIsolated().scheduleTask(
      in: .nanoseconds(delay.wholeNanoseconds)
    ) { [weak self] in
      if let self { body(self) }
    }
  }

  private func tick() {
    let limits = gate.limits
    let silence = phase == .ready ? gate.instant - silentSince : .zero
    if silence >= limits.clientIdle { return hangUp() }
    if silence >= limits.backendIdle, work == nil, state.isCarriable { dropConnection() }
    let isHeld = connection != nil || phase == .busy
    let rest = isHeld ? limits.backendIdle - silence : limits.clientIdle - silence
    setClock(max(rest, .seconds(1))) { $0.tick() }
  }
}

extension MySQLSessionState {
  /// Whether another backend connection could take the session's place.
  var isCarriable: Bool { pins.isEmpty && !isWorkOpen }
}
