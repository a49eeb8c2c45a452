import NIOCore
import NIOPosix
import NIOSSL
import PostgresWire
import ProxyServer
import Terms
import TestSupport

/// A client of Postgres' protocol that says what it is told to and returns what it hears.
final class PostgresClient: Sendable {
  /// What came up to a ReadyForQuery.
  struct Answer: Sendable {
    var rows: [[String?]] = []
    var error: PostgresError?
    var kinds: [BackendKind] = []
    var status = TransactionStatus.idle
  }

  /// The connection is over; the server's last word, if it had one.
  struct Lost: Error { let word: PostgresError? }

  /// No answer has come in half a minute.
  struct Silence: Error {}

  private let channel: any Channel
  private let reader: NIOLoopBound<Reader>

  /// Connects and logs in.
  init(
    to port: Int, user: String = "shop", password: String = "open sesame",
    database: String = "commerce", settings: [Startup.Parameter] = []
  ) async throws {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let promise = loop.makePromise(of: Answer.self)
    let credentials = BackendLogin.Credentials(user: user, password: password)
    do {
      (channel, reader) = try await ClientBootstrap(group: loop)
        .connect(host: "127.0.0.1", port: port)
        .flatMapThrowing { channel in
          let reader = Reader(BackendLogin(credentials), promise)
          try channel.pipeline.syncOperations.addHandler(reader)
          channel.writeAndFlush(
            BackendLogin(credentials).startup(database: database, settings), promise: nil)
          return (channel, NIOLoopBound(reader, eventLoop: loop))
        }.get()
    } catch {
      promise.fail(error)
      throw error
    }
    _ = try await Self.answer(promise)
  }

  /// The settings that the server has reported up to now.
  var parameters: [String: String] {
    get async throws {
      try await channel.eventLoop.submit { [reader] in reader.value.parameters }.get()
    }
  }

  var key: CancelKey? {
    get async throws { try await channel.eventLoop.submit { [reader] in reader.value.key }.get() }
  }

  /// Sends bytes and waits for the next ReadyForQuery.
  func send(_ bytes: ByteBuffer) async throws -> Answer {
    let promise = channel.eventLoop.makePromise(of: Answer.self)
    channel.eventLoop.execute { [reader, channel] in
      reader.value.await(promise)
      channel.writeAndFlush(bytes, promise: nil)
    }
    return try await Self.answer(promise)
  }

  private static func answer(_ promise: EventLoopPromise<Answer>) async throws -> Answer {
    let timer = promise.futureResult.eventLoop.scheduleTask(in: .seconds(30)) {
      promise.fail(Silence())
    }
    promise.futureResult.whenComplete { _ in timer.cancel() }
    return try await promise.futureResult.get()
  }

  /// Sends bytes without waiting for anything.
  func tell(_ bytes: ByteBuffer) async throws { try await channel.writeAndFlush(bytes) }

  /// Whether the answer that is awaited has an error already.
  var hasHeardAnError: Bool {
    get async throws {
      try await channel.eventLoop.submit { [reader] in reader.value.hasError }.get()
    }
  }

  /// Waits until the connection is over.
  func lost() async throws -> PostgresError? {
    do {
      _ = try await send(ByteBuffer())
      return nil
    } catch let lost as Lost {
      return lost.word
    }
  }

  func ask(_ query: String) async throws -> Answer {
    try await send(Frame<FrontendKind>(.query) { $0.writeString(query + "\0") }.bytes)
  }

  /// The first field of the first row; throws the server's error.
  @discardableResult
  func value(_ query: String) async throws -> String? {
    let answer = try await ask(query)
    if let error = answer.error { throw error }
    return answer.rows.first?.first ?? nil
  }

  /// Takes nothing more of what the server sends.
  func pauseReading() async throws {
    try await channel.setOption(.autoRead, value: false).get()
  }

  func close() async { try? await channel.close() }
}

/// Puts together what a server says.
private final class Reader: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private var frames = Frames<BackendKind>(limit: 1 << 28, readsAll: true)
  private var login: BackendLogin?
  private var promise: EventLoopPromise<PostgresClient.Answer>?
  private var answer = PostgresClient.Answer()
  /// Answers that have come before anybody waited for them.
  private var early: [PostgresClient.Answer] = []
  private(set) var parameters: [String: String] = [:]
  private(set) var key: CancelKey?
  private var isOver = false
  var hasError: Bool { answer.error != nil }

  init(_ login: BackendLogin, _ promise: EventLoopPromise<PostgresClient.Answer>) {
    self.login = login
    self.promise = promise
  }

  func await(_ promise: EventLoopPromise<PostgresClient.Answer>) {
    guard early.isEmpty else { return promise.succeed(early.removeFirst()) }
    guard !isOver else { return promise.fail(PostgresClient.Lost(word: answer.error)) }
    self.promise = promise
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = Self.unwrapInboundIn(data)
    frames.take(&bytes)
    do {
      while case .frame(let frame) = try frames.next() { try take(frame, context) }
    } catch {
      promise?.fail(error)
      promise = nil
      context.close(promise: nil)
    }
  }

  private func take(_ frame: Frame<BackendKind>, _ context: ChannelHandlerContext) throws {
    var body = frame.body
    if frame.kind == .parameterStatus {
      let parameter = try Startup.Parameter(reading: &body)
      parameters[parameter.name] = parameter.value
    }
    if var login {
      if let reply = try login.take(frame) {
        context.writeAndFlush(Self.wrapOutboundOut(reply), promise: nil)
      }
      self.login = login.isReady ? nil : login
      key = login.key
      if login.isReady { finish() }
      return
    }
    answer.kinds.append(frame.kind)
    switch frame.kind {
    case .dataRow: answer.rows.append(Self.fields(&body))
    case .errorResponse: answer.error = try PostgresError(reading: body)
    case .readyForQuery:
      answer.status = body.readInteger().flatMap(TransactionStatus.init) ?? .idle
      finish()
    default: break
    }
  }

  private static func fields(_ body: inout ByteBuffer) -> [String?] {
    let count: UInt16 = body.readInteger() ?? 0
    return (0..<count).map { _ in
      let length: Int32 = body.readInteger() ?? -1
      return length < 0 ? nil : body.readString(length: Int(length))
    }
  }

  private func finish() {
    defer { answer = PostgresClient.Answer() }
    guard let promise else { return early.append(answer) }
    self.promise = nil
    promise.succeed(answer)
  }

  func channelInactive(context: ChannelHandlerContext) {
    isOver = true
    promise?.fail(PostgresClient.Lost(word: answer.error))
    promise = nil
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

extension Reader { typealias OutboundOut = ByteBuffer }
