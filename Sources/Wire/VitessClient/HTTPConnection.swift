internal import Certificates
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPCompression
internal import NIOPosix
internal import NIOSSL
internal import Synchronization
internal import Terms

/// The server to which HTTP requests go.
struct HTTPOrigin: Sendable, Hashable {
  let host: String
  let port: Int
  let isSecure: Bool

  init(host: String, port: Int, isSecure: Bool = false) {
    self.host = host
    self.port = port
    self.isSecure = isSecure
  }

  init(_ address: Address) {
    self.init(host: address.host, port: address.port, isSecure: address.isSecure)
  }

  /// As the `Host` header wants it.
  var authority: String { address.authority }

  var address: Address { Address(host: host, port: port, isSecure: isSecure) }
}

/// A complete request.
struct HTTPRequest: Sendable {
  let origin: HTTPOrigin
  /// The path, with a query if there is one; percent-encoded.
  let path: String
  /// Nil sends a GET; anything else is sent with POST, which nothing on the way repeats.
  var body: String?
  /// Beside those that every request has.
  var headers: [(name: String, value: String)] = []
  var takesGzip = false
  /// How long the server may send nothing, connecting included.
  var deadline: Duration
  /// How many times that an answer may take that keeps coming.
  var patience = 1
  /// The longest body an answer may have, in bytes, after decompression.
  var limit: Int
  /// Whether answers are expected to fill more than one read from the socket.
  var isAnswerLong = false
  /// Who reads the body of a good answer as it comes; nil: it is collected.
  var reader: (any BodyReader)?
}

/// Reads a body piece by piece, on the thread of its connection.
protocol BodyReader: Sendable {
  func read(_ piece: UnsafeRawBufferPointer)
}

/// A complete answer.
struct HTTPAnswer: Sendable {
  let status: Int
  let headers: HTTPHeaders
  /// Where somebody else has read it, only its beginning, by which a page can be told from others.
  let body: ByteBuffer
}

/// Why there is no answer.
enum HTTPFailure: Error {
  /// Nothing came for as long as the deadline.
  case timedOut
  /// It kept coming, and was not complete after this time.
  case unfinished(after: Duration)
  case notConnected(any Error)
  /// There is no way through a proxy: it cannot be reached, or refuses.
  case noWay(through: Address, any Error)
  /// The connection ended; `hasBegun`: in the middle of the answer.
  case closed(hasBegun: Bool)
  case tooLong
  /// Something other than HTTP/1 came; the first bytes of the connection.
  case notHTTP([UInt8])
  /// A status that no final answer can have.
  case badStatus(Int)
  case broken(any Error)
}

/// One connection, for one request at a time.
///
///     tunnel? ─> TLS? ─> first bytes kept ─> HTTP/1 codec (NIO's llhttp) ─> decompression ─> HTTPExchange
///
/// The worst a server can do is end the connection: each part of an answer has a limit, and nothing
/// here assumes an order that the parser does not guarantee.
final class HTTPConnection: Sendable {
  private let channel: any Channel
  private let exchange: NIOLoopBound<HTTPExchange>

  /// The longest wait for a connection.
  private static let connectTimeout: Duration = .seconds(2)

  var isOpen: Bool { channel.isActive }

  private init(_ channel: any Channel, _ exchange: NIOLoopBound<HTTPExchange>) {
    self.channel = channel
    self.exchange = exchange
  }

  /// Connects within a time limit; connection errors are ``HTTPFailure/notConnected(_:)``.
  ///
  /// A connection keeps what it reads into while it waits for its next request, and a fleet has
  /// thousands of connections to tablets: only one with long answers gets large buffers.
  static func open(
    to origin: HTTPOrigin, _ access: HTTPAccess, forLongAnswers: Bool, within deadline: Duration
  ) async throws(HTTPFailure) -> HTTPConnection {
    let proxy = access.proxies.proxy(to: origin.address)
    do {
      let receiving = AdaptiveRecvByteBufferAllocator(
        minimum: 1024, initial: 4096, maximum: forLongAnswers ? 65_536 : 16_384)
      let readsAtOnce: UInt = forLongAnswers ? 4 : 1
      let tls = origin.isSecure ? try access.context() : nil
      let timeout = min(deadline, connectTimeout)
      let tunnelling = proxy.flatMap { origin.isSecure ? $0 : nil }
      // A name may stand for several addresses, each of which is tried over a channel of its own.
      // The pipeline does not report a handler whose connection has already ended.
      let exchanges = Mutex<[ObjectIdentifier: NIOLoopBound<HTTPExchange>]>([:])
      let connecting = ClientBootstrap(group: LoopThread.here)
        .connectTimeout(.nanoseconds(timeout.wholeNanoseconds))
        .channelOption(.socketOption(.so_keepalive), value: 1)
        .channelOption(.recvAllocator, value: receiving)
        .channelOption(.maxMessagesPerRead, value: readsAtOnce)
        .channelInitializer { channel in
          guard tunnelling == nil else { return channel.eventLoop.makeSucceededVoidFuture() }
          return channel.eventLoop.makeCompletedFuture {
            let exchange = try install(
              on: channel.pipeline.syncOperations, origin, access, tls, via: proxy)
            exchanges.withLock {
              $0[ObjectIdentifier(channel)] = NIOLoopBound(exchange, eventLoop: channel.eventLoop)
            }
          }
        }
        .connect(host: proxy?.address.host ?? origin.host, port: proxy?.address.port ?? origin.port)
      let channel = try await connecting.orCancelled()
      if let tunnelling {
        let exchange = try await tunnel(channel, through: tunnelling, to: origin, within: timeout) {
          try install(on: $0, origin, access, tls, via: nil)
        }
        return HTTPConnection(channel, exchange)
      }
      guard let exchange = exchanges.withLock({ $0[ObjectIdentifier(channel)] }) else {
        throw ChannelError.inappropriateOperationForState
      }
      return HTTPConnection(channel, exchange)
    } catch {
      throw proxy.map { .noWay(through: $0.address, error) } ?? .notConnected(error)
    }
  }

  /// Has a proxy connect to a server, and installs the handlers for the server in place of those for the
  /// proxy.
  private static func tunnel(
    _ channel: any Channel, through proxy: HTTPProxy, to origin: HTTPOrigin,
    within timeout: Duration,
    _ install: @escaping @Sendable (ChannelPipeline.SynchronousOperations) throws -> HTTPExchange
  ) async throws -> NIOLoopBound<HTTPExchange> {
    let opened = channel.eventLoop.makePromise(of: Void.self)
    let installed = channel.eventLoop.flatSubmit {
      let pipeline = channel.pipeline.syncOperations
      let encoder = HTTPRequestEncoder()
      let decoder = ByteToMessageHandler(HTTPResponseDecoder(leftOverBytesStrategy: .dropBytes))
      let tunnel = ProxyTunnel(proxy, to: origin, opened)
      do {
        try pipeline.addHandlers([encoder, decoder, tunnel] as [any ChannelHandler])
      } catch {
        opened.fail(error)
      }
      let timer = channel.eventLoop.scheduleTask(in: .nanoseconds(timeout.wholeNanoseconds)) {
        opened.fail(ChannelError.connectTimeout(.nanoseconds(timeout.wholeNanoseconds)))
      }
      let parts = NIOLoopBound((encoder, decoder, tunnel), eventLoop: channel.eventLoop)
      return opened.futureResult.flatMap {
        timer.cancel()
        let (encoder, decoder, tunnel) = parts.value
        let pipeline = channel.pipeline.syncOperations
        return pipeline.removeHandler(tunnel).and(pipeline.removeHandler(decoder))
          .and(pipeline.removeHandler(encoder)).flatMapThrowing { _ in
            NIOLoopBound(
              try install(channel.pipeline.syncOperations), eventLoop: channel.eventLoop)
          }
      }
    }
    return try await withTaskCancellationHandler {
      do {
        return try await installed.get()
      } catch {
        channel.close(promise: nil)
        throw error
      }
    } onCancel: {
      channel.close(promise: nil)
    }
  }

  private static func install(
    on pipeline: ChannelPipeline.SynchronousOperations, _ origin: HTTPOrigin, _ access: HTTPAccess,
    _ tls: NIOSSLContext?, via proxy: HTTPProxy?
  ) throws -> HTTPExchange {
    if let tls {
      try pipeline.addHandler(
        NIOSSLClientHandler(context: tls, serverHostname: access.shownName(of: origin.host)))
      if let name = access.wantedName(of: origin.host) {
        try pipeline.addHandler(ServerCertificateCheck(name))
      }
    }
    let opening = ConnectionOpening()
    try pipeline.addHandler(opening)
    try pipeline.addHandler(HTTPRequestEncoder())
    try pipeline.addHandler(
      ByteToMessageHandler(
        HTTPResponseDecoder(leftOverBytesStrategy: .dropBytes, informationalResponseStrategy: .drop)
      ))
    try pipeline.addHandler(NIOHTTPResponseDecompressor(limit: .size(HTTPFetcher.bodyLimit)))
    let exchange = HTTPExchange(opening, via: proxy)
    try pipeline.addHandler(exchange)
    return exchange
  }

  /// Sends a request and waits for its answer; a cancelled task ends the connection.
  func send(_ request: HTTPRequest, within left: Duration) async throws -> HTTPAnswer {
    let promise = channel.eventLoop.makePromise(of: HTTPAnswer.self)
    if channel.eventLoop.inEventLoop {
      exchange.value.send(request, within: left, promise)
    } else {
      let exchange = exchange
      channel.eventLoop.execute { exchange.value.send(request, within: left, promise) }
    }
    return try await withTaskCancellationHandler {
      try await promise.futureResult.get()
    } onCancel: {
      close()
    }
  }

  func close() { channel.close(promise: nil) }

  func whenClosed(_ done: @escaping @Sendable () -> Void) {
    channel.closeFuture.whenComplete { _ in done() }
  }
}

extension EventLoopFuture<any Channel> {
  /// The channel, or at once the error of a cancelled task; a channel that comes too late is
  /// closed.
  fileprivate func orCancelled() async throws -> any Channel {
    let first = eventLoop.makePromise(of: (any Channel).self)
    cascade(to: first)
    whenSuccess { channel in
      first.futureResult.whenFailure { _ in channel.close(promise: nil) }
    }
    return try await withTaskCancellationHandler {
      try await first.futureResult.get()
    } onCancel: {
      first.fail(CancellationError())
    }
  }
}
