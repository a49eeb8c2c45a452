internal import Cutover
internal import MySQLWire
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Terms

/// A connection to a MySQL server, on its owner's event loop.
///
/// It reads only while its owner can take more, so that what the server sends waits in the network
/// and not here.
final class MySQLConnection: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// The server could not be reached: it has seen nothing.
  struct Unreachable: Error { let reason: String }
  /// The connection ended before the answer did.
  struct Lost: Error {
    /// Whether some of the answer has been passed on.
    let isPartial: Bool
    var why = "Lost connection to MySQL server during query"
  }

  /// One command and what becomes of its answer.
  private struct Exchange {
    var tracker: AnswerTracker
    /// Takes each part of the answer, at once; nil to collect it.
    var pass: ((ByteBuffer) -> Void)?
    /// What has come and was not passed.
    var collected = ByteBuffer()
    var hasAnswered = false
    let end: (Result<Answer, any Error>) -> Void

    /// Passes what has come, but for an answer that may be nothing but an error: who asked may want
    /// to do something else about it.
    mutating func take(_ bytes: ByteBuffer) {
      guard let pass, hasAnswered || !mayBeError(with: bytes) else {
        collected.writeImmutableBuffer(bytes)
        return
      }
      hasAnswered = true
      if collected.readableBytes > 0 {
        pass(collected)
        collected.clear()
      }
      pass(bytes)
    }

    private func mayBeError(with bytes: ByteBuffer) -> Bool {
      let missing = PacketReader.headerLength - collected.readableBytes
      let first: UInt8? =
        missing < 0
        ? collected.getInteger(at: collected.readerIndex + PacketReader.headerLength)
        : bytes.getInteger(at: bytes.readerIndex + missing)
      return first == nil || first == ServerError.firstByte
    }
  }

  /// An answer that has ended.
  struct Answer {
    let tracker: AnswerTracker
    /// What was not passed on: all of it where nobody took parts, or where it is but an error.
    let bytes: ByteBuffer

    /// The error that it consists of.
    var wholeError: ServerError? {
      let start = bytes.readerIndex + PacketReader.headerLength
      let length = bytes.writerIndex - start
      return length > 0
        ? bytes.getSlice(at: start, length: length).flatMap { ServerError(reading: $0) } : nil
    }
  }

  let backend: ProxyConfiguration.Backend
  private var login: BackendLogin
  private var reader = PacketReader(limit: 1 << 16)
  private var loginEnd: ((Result<Void, any Error>) -> Void)?
  private var exchange: Exchange?
  private(set) var channel: any Channel
  private let tls: NIOSSLContext?
  /// Called when the connection ends while nothing is asked.
  var lost: (() -> Void)?
  /// Whether parts of an answer can be taken at the moment.
  var canTake = true { didSet { if canTake, !oldValue { channel.read() } } }
  /// A prepared statement as this server knows it.
  struct Prepared {
    let number: UInt32
    /// Its parameters' types have come with an execution: clients send them with the first only.
    var knowsTypes = false
  }

  /// Its server does not have the session's database, and none is current.
  var lacksDatabase = false
  /// The one that is current, where its session has parked it.
  var database: String?
  /// By the proxy's numbers.
  var prepared: [UInt32: Prepared] = [:]
  /// How many commands it has been asked.
  private(set) var asked = 0
  /// Wishes to end a statement of it that may still come to its server.
  var kills = 0

  private init(
    _ backend: ProxyConfiguration.Backend, _ identity: BackendLogin.Identity,
    _ tls: NIOSSLContext?, _ channel: any Channel
  ) {
    self.backend = backend
    self.channel = channel
    self.tls = tls
    login = BackendLogin(identity)
  }

  /// Connects and logs in; `done` is called on the loop, with ``Unreachable`` where nobody answered.
  static func open(
    _ backend: ProxyConfiguration.Backend, as identity: BackendLogin.Identity,
    _ tls: NIOSSLContext?, on loop: any EventLoop, within limit: Duration,
    _ done: @escaping (Result<MySQLConnection, any Error>) -> Void
  ) {
    ClientBootstrap.toBackend(on: loop, within: limit)
      .channelOption(.autoRead, value: false)
      .connect(host: backend.address.host, port: backend.address.port)
      .assumeIsolated()
      .whenComplete { result in
        switch result {
        case .failure(let error): done(.failure(Unreachable(reason: error.inShort)))
        case .success(let channel):
          let connection = MySQLConnection(backend, identity, tls, channel)
          let patience = Patience(of: limit, on: loop) {
            connection.endLogin(.failure(Unreachable(reason: "it does not greet")))
          }
          connection.loginEnd = { result in
            patience.end()
            done(result.map { connection })
          }
          do {
            try channel.pipeline.syncOperations.addHandler(connection)
            channel.read()
          } catch {
            connection.endLogin(.failure(error))
          }
        }
      }
  }

  var threadID: UInt32? { login.greeting?.connection }
  var serverVersion: String { login.greeting?.version ?? "" }
  var isOpen: Bool { channel.isActive }
  /// Whether an answer is awaited.
  var isAsking: Bool { exchange != nil }
  /// Part of the answer at hand has been passed on.
  var hasPassedPart: Bool { exchange?.hasAnswered == true }

  /// Whether that command has no answer yet.
  func isAsking(_ number: Int) -> Bool { exchange != nil && asked == number }

  func whenClosed(_ body: @escaping @Sendable () -> Void) {
    channel.closeFuture.whenComplete { _ in body() }
  }

  private func endLogin(_ result: Result<Void, any Error>) {
    guard let end = loginEnd else { return }
    loginEnd = nil
    if case .failure = result { channel.close(promise: nil) }
    end(result)
  }

  // MARK: Commands

  /// Sends a command's frames; parts of the answer go to `pass`, and `end` is called once.
  func ask(
    _ frames: ByteBuffer, _ shape: AnswerTracker.Shape, deprecatesEOF: Bool,
    pass: ((ByteBuffer) -> Void)? = nil, end: @escaping (Result<Answer, any Error>) -> Void
  ) {
    guard channel.isActive else { return end(.failure(Lost(isPartial: false))) }
    asked += 1
    exchange = Exchange(
      tracker: AnswerTracker(shape, deprecatesEOF: deprecatesEOF), pass: pass, end: end)
    channel.writeAndFlush(frames, promise: nil)
    channel.read()
  }

  /// Sends a command that has no answer.
  func tell(_ frames: ByteBuffer) { channel.writeAndFlush(frames, promise: nil) }

  /// From now on nobody wants the answer at hand, but its end.
  func discardAnswer() {
    guard exchange != nil else { return }
    exchange?.pass = { _ in }
    canTake = true
  }

  /// Closes without a word: it has not answered in time.
  func abort() { channel.close(promise: nil) }

  /// Says goodbye and closes.
  func close() {
    lost = nil
    guard channel.isActive else { return }
    var frames = ByteBuffer()
    frames.writePacket(ByteBuffer(bytes: [Command.quit.rawValue]), sequence: 0)
    let channel = channel
    channel.writeAndFlush(frames).whenComplete { _ in channel.close(promise: nil) }
  }

  // MARK: The channel

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    if loginEnd != nil { return takeLogin(bytes, context) }
    guard exchange != nil else {
      // Nobody asked: the server says goodbye, or says what it must not.
      return context.close(promise: nil)
    }
    takeAnswer(bytes, context)
  }

  private func takeAnswer(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
    do {
      try exchange?.tracker.follow(bytes)
    } catch {
      return context.close(promise: nil)
    }
    if exchange?.tracker.wantsLocalFile == true { return refuseFile(context) }
    let surplus = exchange?.tracker.surplus ?? 0
    let own = bytes.getSlice(at: bytes.readerIndex, length: bytes.readableBytes - surplus)
    exchange?.take(own ?? bytes)
    guard let current = exchange, current.tracker.isDone else { return }
    exchange = nil
    current.end(.success(Answer(tracker: current.tracker, bytes: current.collected)))
    // The server's last word: it hangs up.
    if surplus > 0 { context.close(promise: nil) }
  }

  /// The server asks for a file that is on the client's machine: it is not to get one, and there is no
  /// other answer than to hang up.
  private func refuseFile(_ context: ChannelHandlerContext) {
    guard let current = exchange else { return }
    (exchange, lost) = (nil, nil)
    context.close(promise: nil)
    current.end(
      .failure(
        Lost(
          isPartial: current.hasAnswered,
          why: "the server asked for a file of the client (LOAD DATA LOCAL), which the proxy does "
            + "not support")))
  }

  private func takeLogin(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
    reader.append(bytes)
    do {
      while loginEnd != nil, let packet = try reader.next() {
        try step(try login.take(packet.payload), after: packet.sequence, context)
      }
    } catch {
      endLogin(.failure(error))
    }
  }

  private func step(
    _ step: BackendLogin.Step, after sequence: UInt8, _ context: ChannelHandlerContext
  ) throws {
    switch step {
    case .wait: break
    case .done: endLogin(.success(()))
    case .send(let payload): send(payload, sequence &+ 1, context)
    case .startTLS(let first, let second):
      guard let tls else { throw ProtocolViolation("TLS is not set up") }
      // Somebody in between could have put it there.
      guard reader.pending == 0 else {
        throw ProtocolViolation("something came in the clear behind the greeting")
      }
      send(first, sequence &+ 1, context)
      let host = backend.address.isNumeric ? nil : backend.address.host
      try context.pipeline.syncOperations.addHandler(
        NIOSSLClientHandler(context: tls, serverHostname: host), position: .first)
      send(second, sequence &+ 2, context)
    }
  }

  private func send(_ payload: ByteBuffer, _ sequence: UInt8, _ context: ChannelHandlerContext) {
    var frames = ByteBuffer()
    frames.writePacket(payload, sequence: sequence)
    context.writeAndFlush(wrapOutboundOut(frames), promise: nil)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    // Also while nothing is asked: only who reads learns that the server has hung up.
    if canTake { context.read() }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    endLogin(.failure(Unreachable(reason: error.inShort)))
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    endLogin(.failure(Unreachable(reason: "it hung up")))
    if let exchange {
      self.exchange = nil
      exchange.end(.failure(Lost(isPartial: exchange.hasAnswered)))
    } else {
      lost?()
    }
    lost = nil
  }
}
