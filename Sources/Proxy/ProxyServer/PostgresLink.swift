internal import Cutover
internal import NIOCore
internal import PostgresWire
internal import Terms

/// Whoever a connection to a server works for.
protocol PostgresLinkOwner: AnyObject {
  func read(_ piece: Frames<BackendKind>.Piece, from link: PostgresLink)
  /// All that came at once has been handed over.
  func readComplete(from link: PostgresLink)
  func writabilityChanged(of link: PostgresLink)
  /// The connection is gone; the server has let go of the session, or will.
  func closed(_ link: PostgresLink)
}

/// One connection to a Postgres server.
///
/// It logs in, says again what a session had said elsewhere, and then carries messages. Lives on its
/// owner's event loop.
final class PostgresLink: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  enum Failure: Error {
    /// Nobody takes statements there; the sentence is for the log.
    case unreachable(String)
    /// The server does not want this session, in its words.
    case refused(PostgresError)
    /// What the session had cannot be made again here.
    case unrepeatable(PostgresError)
  }

  /// What the session has to be.
  struct Purpose {
    let database: String
    let settings: [Startup.Parameter]
    var replay: (messages: ByteBuffer, answers: Int) = (ByteBuffer(), 0)
    var readsAll = false
  }

  private enum Phase {
    case login(BackendLogin)
    /// So many ReadyForQuery are still to come.
    case replaying(Int)
    case ready
    case over
  }

  /// The longest message that is read whole, in bytes: what a server says beside rows is short.
  private static let messageLimit = 16 << 20
  /// How long a server has to close a connection on which nothing is under way.
  private static let farewell = TimeAmount.seconds(10)
  /// A server that got a request to cancel before the statement forgets it.
  private static let cancelInterval = TimeAmount.seconds(5)

  let door: PostgresDoor
  private let purpose: Purpose
  private let channel: any Channel
  private var frames: Frames<BackendKind>
  private var phase: Phase
  private var opened: ((Result<PostgresLink, Failure>) -> Void)?
  private let outgoing: WriteBatch
  private var patience: Patience?
  private var timer: Scheduled<Void>?
  private var whenGone: (() -> Void)?
  weak var owner: (any PostgresLinkOwner)?
  /// As what it was opened, for sessions that share it.
  var kind: PostgresSession.Kind?
  /// What the server reported of its settings up to now.
  private(set) var parameters: [String: String] = [:]
  private(set) var key: CancelKey?

  var backend: ProxyConfiguration.Backend { door.backend }
  var isReady: Bool { if case .ready = phase { channel.isActive } else { false } }
  var isWritable: Bool { channel.isWritable }

  func whenClosed(_ body: @escaping @Sendable () -> Void) {
    channel.closeFuture.whenComplete { _ in body() }
  }

  // MARK: Opening

  /// Makes a connection and tells when it can be used, or why not, on the same event loop.
  static func open(
    _ door: PostgresDoor, for purpose: Purpose, on loop: any EventLoop,
    then opened: @escaping (Result<PostgresLink, Failure>) -> Void
  ) {
    door.open(on: loop).assumeIsolated().whenComplete { result in
      do {
        let link = PostgresLink(door, purpose, try result.get(), opened)
        try link.begin()
      } catch is TLSRefused {
        opened(.failure(.refused(Self.fault(door, "it does not offer TLS"))))
      } catch {
        opened(.failure(.unreachable(error.inShort)))
      }
    }
  }

  /// Becomes another session's: what the one before has made of it is gone, and `replay` is said.
  func adopt(
    _ replay: (messages: ByteBuffer, answers: Int),
    then opened: @escaping (Result<PostgresLink, Failure>) -> Void
  ) {
    self.opened = opened
    guard isReady else { return fail(.unreachable("it closed the connection")) }
    phase = .replaying(1 + replay.answers)
    beginWaiting()
    setReading(true)
    write(Frame<FrontendKind>(.query) { $0.writeString("DISCARD ALL\0") }.bytes)
    send(replay.messages)
  }

  private func beginWaiting() {
    patience = Patience(of: door.limit, on: channel.eventLoop) {
      self.fail(.unreachable("it did not answer in time"))
    }
  }

  private init(
    _ door: PostgresDoor, _ purpose: Purpose, _ channel: any Channel,
    _ opened: @escaping (Result<PostgresLink, Failure>) -> Void
  ) {
    self.door = door
    self.purpose = purpose
    self.channel = channel
    outgoing = WriteBatch(channel)
    self.opened = opened
    frames = Frames(limit: Self.messageLimit, readsAll: purpose.readsAll)
    phase = .login(
      BackendLogin(
        .init(
          user: door.backend.user, password: door.backend.password,
          methods: Set(door.backend.passwordMethods.map(BackendLogin.Method.init))),
        keyring: door.keyring))
  }

  private func begin() throws {
    try channel.pipeline.syncOperations.addHandler(self)
    guard case .login(let login) = phase else { return }
    beginWaiting()
    send(login.startup(database: purpose.database, purpose.settings))
  }

  private func succeed() {
    phase = .ready
    patience?.end()
    opened?(.success(self))
    opened = nil
  }

  private func fail(_ failure: Failure) {
    phase = .over
    patience?.end()
    channel.close(promise: nil)
    opened?(.failure(failure))
    opened = nil
  }

  private static func fault(_ door: PostgresDoor, _ why: String) -> PostgresError {
    PostgresError(
      .error, .connectionFailure, "the proxy cannot use its backend \(door.backend.name): \(why)")
  }

  // MARK: Reading

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = Self.unwrapInboundIn(data)
    frames.take(&bytes)
    do {
      while let piece = try frames.next() { try read(piece) }
    } catch let violation as ProtocolViolation {
      fail(.refused(Self.fault(door, violation.message)))
    } catch let failure as BackendLogin.Failure {
      fail(Self.failure(door, failure))
    } catch {
      fail(.unreachable(error.inShort))
    }
  }

  private func read(_ piece: Frames<BackendKind>.Piece) throws {
    switch phase {
    case .ready:
      if case .frame(let frame) = piece, frame.kind == .parameterStatus {
        var body = frame.body
        try note(Startup.Parameter(reading: &body))
      }
      owner?.read(piece, from: self)
    case .login(var login):
      // Nothing but notices passes before the login is done.
      guard case .frame(let frame) = piece else { return }
      if let answer = try login.take(frame) { send(answer) }
      phase = .login(login)
      if login.isReady { logIn(login) }
    case .replaying(let answers):
      guard case .frame(let frame) = piece else { return }
      try replay(frame, answers)
    case .over: break
    }
  }

  private func logIn(_ login: BackendLogin) {
    parameters = login.parameters
    key = login.key
    guard purpose.replay.answers > 0 else { return succeed() }
    phase = .replaying(purpose.replay.answers)
    send(purpose.replay.messages)
  }

  private func replay(_ frame: Frame<BackendKind>, _ answers: Int) throws {
    var body = frame.body
    switch frame.kind {
    case .errorResponse:
      let error = try PostgresError(reading: body)
      fail(
        .unrepeatable(
          PostgresError(
            .fatal, .adminShutdown,
            "the session cannot go on at \(backend.name): \(error.message)")))
    case .parameterStatus:
      try note(Startup.Parameter(reading: &body))
    case .readyForQuery where answers == 1: succeed()
    case .readyForQuery: phase = .replaying(answers - 1)
    default: break
    }
  }

  private func note(_ parameter: Startup.Parameter) {
    parameters[parameter.name] = parameter.value
  }

  /// A server that is starting, stopping or has just been stopped takes no statements.
  private static func failure(_ door: PostgresDoor, _ failure: BackendLogin.Failure) -> Failure {
    switch failure {
    case .refused(let error) where error.code.isOfShutdown:
      .unreachable(error.message)
    case .refused(let error): .refused(error)
    case .method, .impostor, .violation: .refused(fault(door, failure.message))
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    owner?.readComplete(from: self)
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    owner?.writabilityChanged(of: self)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    let wasReady = isReadyOrOver
    if !wasReady { fail(.unreachable("it closed the connection")) }
    phase = .over
    timer?.cancel()
    if wasReady { owner?.closed(self) }
    whenGone?()
    whenGone = nil
  }

  private var isReadyOrOver: Bool {
    switch phase {
    case .ready, .over: true
    case .login, .replaying: false
    }
  }

  // MARK: Writing

  private func send(_ bytes: ByteBuffer) {
    write(bytes)
    flush()
  }

  func write(_ bytes: ByteBuffer) { outgoing.write(bytes) }

  func flush() { outgoing.flush() }

  /// Stops and goes on reading, so that nothing piles up where its owner cannot pass it on.
  func setReading(_ isReading: Bool) {
    try? channel.syncOptions?.setOption(.autoRead, value: isReading)
  }

  // MARK: Ending

  /// Nobody wants what has been opened.
  static func end(_ result: Result<PostgresLink, Failure>) {
    if case .success(let link) = result { link.end() }
  }

  /// Ends a connection that has nothing under way, or whose owner has gone in the middle of
  /// something; then it is cancelled first, and whatever still comes of it is dropped.
  ///
  /// `amidMessage`: the server waits for the rest of a message that will not come. `then` is called
  /// when the server has closed the connection: a COMMIT that has been sent may still be carried out
  /// after it was closed from here.
  func end(
    cancelling: Bool = false, amidMessage: Bool = false, then: @escaping () -> Void = {}
  ) {
    owner = nil
    guard channel.isActive else { return then() }
    whenGone = then
    setReading(true)
    if cancelling { cancelUntilGone() }
    if amidMessage {
      flush()
      channel.close(mode: .output, promise: nil)
    } else {
      send(Frame<FrontendKind>(.terminate).bytes)
    }
    guard !cancelling else { return }
    timer = channel.eventLoop.assumeIsolated().scheduleTask(in: Self.farewell) { [channel] in
      channel.close(promise: nil)
    }
  }

  private func cancelUntilGone() {
    guard let key, channel.isActive else { return }
    door.cancel(key, on: channel.eventLoop)
    timer = channel.eventLoop.assumeIsolated().scheduleTask(in: Self.cancelInterval) {
      self.cancelUntilGone()
    }
  }
}

extension BackendLogin.Method {
  init(_ method: ProxyConfiguration.Backend.PasswordMethod) {
    self =
      switch method {
      case .scram: .scram
      case .md5: .md5
      case .cleartext: .cleartext
      }
  }
}
