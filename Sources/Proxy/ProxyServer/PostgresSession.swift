internal import Cutover
internal import NIOCore
internal import NIOSSL
internal import PostgresWire
internal import Terms

/// One client of Postgres' protocol, from its first byte to its last.
///
///     login ──> greeting ──> idle ── a statement ──> placing ──> running ── ReadyForQuery ──> idle
///                                                       └── no place ──> idle, or passing over
///
/// A statement outside of a transaction asks the gate for a place; all that follows up to the end of
/// its transaction goes to the same server. The connection to the server is made when the first
/// statement needs it, kept while it is in use, and made anew wherever the route leads.
///
/// Lives on its client's event loop.
final class PostgresSession: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  enum Phase {
    case login(ClientLogin)
    /// It waits for a place, or for a connection to it.
    case placing(Request)
    case idle
    case running(Gate.WorkID)
    /// An extended batch had no place: up to its Sync, everything is passed over.
    case passingOver
    case over
  }

  /// What asks for a place.
  struct Request {
    let work: Gate.WorkID
    /// The first message, or all that have come where it has been tried; none: the session begins,
    /// and its client is to be told the server's settings.
    let messages: [Frame<FrontendKind>]
    /// Cleared once there is a place.
    var isWaiting: Bool
  }

  let front: PostgresFront
  let listener: ProxyConfiguration.Listener
  let channel: any Channel
  var phase: Phase
  var frames: Frames<FrontendKind>
  var exchange = Exchange()
  var state = CarriedState()
  var startup = Startup([])
  var route: ProxyConfiguration.Route?
  var link: PostgresLink?
  var next: Preparation?
  /// Since when its server has had no room for it.
  var fullSince: Instant?
  /// The client's key for cancelling, once it is logged in.
  var key: CancelKey?
  /// What the client was told of its server's settings.
  var told: [String: String] = [:]
  /// When the statement under way began, or the session became idle.
  var since: Instant
  /// An error that the statement under way has had.
  var lastError: PostgresError?
  var isFirstStatement = true
  /// Until the server has answered for good what the work began with.
  var attempt: Attempt?
  /// It ends as soon as nothing is under way.
  var isLeaving = false
  var timer: Scheduled<Void>?
  var statementTimer: Scheduled<Void>?
  private var isReading = true
  private var isPumping = false
  private let outgoing: WriteBatch
  /// Requests to cancel that may still hit whatever runs next.
  var cancelsUnderWay = 0

  var gate: Gate { front.gate }
  var loop: any EventLoop { channel.eventLoop }
  var limits: ProxyConfiguration.Limits { gate.limits }

  init(_ front: PostgresFront, _ listener: ProxyConfiguration.Listener, _ channel: any Channel) {
    self.front = front
    self.listener = listener
    self.channel = channel
    outgoing = WriteBatch(channel)
    frames = Frames(limit: front.gate.limits.statementSize)
    phase = .login(front.login(for: listener))
    since = front.gate.instant
  }

  func handlerAdded(context: ChannelHandlerContext) {
    let limit = limits.authentication
    loop.assumeIsolated().scheduleTask(in: TimeAmount(limit)) {
      guard case .login = self.phase, self.channel.isActive else { return }
      self.noteRefusal(.tooLate(limit))
      self.channel.close(promise: nil)
    }
  }

  // MARK: The client's side

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = Self.unwrapInboundIn(data)
    switch phase {
    case .login(var login):
      login.take(&bytes)
      phase = .login(login)
      proceedWithLogin()
    case .over: break
    default:
      frames.take(&bytes)
      pump()
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) { link?.flush() }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    context.fireChannelWritabilityChanged()
    link?.setReading(channel.isWritable)
    proceed()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if case .login = phase { noteRefusal(error.inShort) }
    context.close(promise: nil)
  }

  func noteRefusal(_ why: String) {
    gate.noteRefusal(of: channel.remoteAddress?.ipAddress, why)
  }

  func channelInactive(context: ChannelHandlerContext) { leave() }

  /// Lets go of everything.
  ///
  /// What was placed ends when the server can do nothing more for it.
  private func leave() {
    let last = phase
    phase = .over
    if let key { front.sessions.leave(key.process) }
    timer?.cancel()
    statementTimer?.cancel()
    switch last {
    case .placing(let request):
      // An answer that is on its way finds the session gone. A server has seen nothing of it.
      if request.isWaiting { _ = gate.clientGone(request.work) } else { gate.ended(request.work) }
      drop()
    case .login: break
    case .running(let work):
      let gate = gate
      guard let link else { return gate.ended(work) }
      // Amid a message of data a server takes anything for the rest of it, and amid data nothing else
      // for an end.
      if !frames.isPassing, exchange.isCopying {
        link.write(Frame<FrontendKind>(.copyFail) { $0.writeString("\0") }.bytes)
      }
      link.end(
        cancelling: !exchange.isIdle, amidMessage: frames.isPassing
      ) { gate.ended(work) }
    case .idle, .passingOver: drop()
    case .over: break
    }
    link = nil
    dropNext()
  }

  /// It may be the client's turn now.
  func proceed() {
    pump()
    link?.flush()
  }

  /// Takes the client's messages as far as it is their turn.
  ///
  /// What is refused at once asks for the next: the loop goes on with that by itself.
  private func pump() {
    guard !isPumping else { return }
    isPumping = true
    defer { isPumping = false }
    do throws(ProtocolViolation) {
      while mayTake, let piece = try frames.next() { try take(piece) }
    } catch {
      end(with: error.response)
    }
    setReading(mayTake || frames.heldBytes < Self.readAhead)
  }

  /// So much is read of a client whose turn it is not, in bytes.
  private static let readAhead = 64 << 10

  private var mayTake: Bool {
    guard cancelsUnderWay == 0 else { return false }
    return switch phase {
    // Of a client that reads no answers nothing more is taken.
    case .idle, .passingOver: channel.isWritable
    case .running: exchange.mayPass && link?.isWritable == true
    case .login, .placing, .over: false
    }
  }

  private func setReading(_ isReading: Bool) {
    guard isReading != self.isReading else { return }
    self.isReading = isReading
    try? channel.syncOptions?.setOption(.autoRead, value: isReading)
  }

  private func take(_ piece: Frames<FrontendKind>.Piece) throws(ProtocolViolation) {
    switch (piece, phase) {
    case (.frame(let frame), .idle): try begin(with: frame)
    case (.frame(let frame), .passingOver): passOver(frame.kind)
    case (.frame(let frame), .running): try forward(frame)
    case (.passage(let bytes), .running): link?.write(bytes)
    // Data that a server has stopped copying.
    case (.passage, _), (.frame, _): break
    }
  }

  /// Takes the first message of something new.
  private func begin(with frame: Frame<FrontendKind>) throws(ProtocolViolation) {
    switch frame.kind {
    case .terminate: close()
    case .sync: sayReady()
    case .flush, .copyDone, .copyFail, .copyData: break
    case .password: throw ProtocolViolation("the client has been authenticated already")
    default: ask(for: frame)
    }
  }

  private func passOver(_ kind: FrontendKind) {
    switch kind {
    case .sync:
      phase = .idle
      sayReady()
    case .terminate: close()
    default: break
    }
  }

  func forward(_ frame: Frame<FrontendKind>) throws(ProtocolViolation) {
    if frame.kind == .terminate { return close() }
    let wasIdle = exchange.isIdle
    if attempt?.sent(frame) == false { passHeldAnswer() }
    try state.sent(frame)
    exchange.sent(frame.kind)
    link?.write(frame.bytes)
    if wasIdle, !exchange.isIdle {
      since = gate.instant
      lastError = nil
      watchTime()
    }
  }

  // MARK: Words to the client

  func write(_ bytes: ByteBuffer) { outgoing.write(bytes) }

  func flush() { outgoing.flush() }

  /// Outside of a transaction, and ready for the next statement.
  func sayReady() {
    write(front.ready)
    flush()
  }

  /// How long a client has to take the last word.
  private static let farewell = TimeAmount.seconds(5)

  /// Says why, and hangs up.
  func end(with error: PostgresError) {
    leave()
    let timer = loop.scheduleTask(in: Self.farewell) { [channel] in channel.close(promise: nil) }
    flush()
    channel.writeAndFlush(error.bytes).whenComplete { [channel] _ in
      timer.cancel()
      channel.close(promise: nil)
    }
  }

  func close() {
    leave()
    flush()
    channel.close(promise: nil)
  }

  func tell(_ name: String, _ value: String) {
    guard told[name] != value else { return }
    told[name] = value
    state.reported(.init(name, value))
    write(Startup.Parameter(name, value).message)
  }

  func tellChanges(of link: PostgresLink) {
    for (name, value) in link.parameters.sorted(by: { $0.key < $1.key }) { tell(name, value) }
  }
}
