internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPCompression
internal import Terms

/// Keeps the first bytes a server sends, by which anything that is not HTTP can be identified.
final class ConnectionOpening: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private static let length = 16
  private(set) var bytes: [UInt8] = []

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if bytes.count < Self.length {
      bytes += unwrapInboundIn(data).readableBytesView.prefix(Self.length - bytes.count)
    }
    context.fireChannelRead(data)
  }
}

/// Carries out the requests on a connection, one at a time.
final class HTTPExchange: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundOut = HTTPClientRequestPart

  private struct Pending {
    let promise: EventLoopPromise<HTTPAnswer>
    let limit: Int
    let reader: (any BodyReader)?
    let deadline: Duration
    /// How long the answer may take that keeps coming, and when it must be complete then.
    let longest: Duration
    let end: NIODeadline
    /// When it was asked for, or last sent something.
    var heardAt = NIODeadline.now()
    /// Its time was up once already.
    var isOverdue = false
    var head: HTTPResponseHead?
    var body = ByteBuffer()
    /// How long the body is so far.
    var length = 0

    mutating func take(_ chunk: ByteBuffer) {
      guard let reader, head?.status == .ok else {
        body.writeImmutableBuffer(chunk)
        return
      }
      chunk.withUnsafeReadableBytes { reader.read($0) }
      let room = Front.pageLimit - body.readableBytes
      if room > 0 { body.writeBytes(chunk.readableBytesView.prefix(room)) }
    }
  }

  private let opening: ConnectionOpening
  /// The proxy that passes on what is asked here in plaintext; nil where the server itself is asked.
  private let proxy: HTTPProxy?
  private var context: ChannelHandlerContext?
  private var pending: Pending?
  private var limits: TimeLimits?
  /// The time limit that is in force, by its number; nil while nothing is asked.
  private(set) var timeLimit: Int?
  /// Why the connection can no longer be used.
  private var failure: HTTPFailure?

  init(_ opening: ConnectionOpening, via proxy: HTTPProxy?) {
    self.opening = opening
    self.proxy = proxy
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    limits = TimeLimits.of(context.eventLoop)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    fail(.closed(hasBegun: pending?.head != nil))
    self.context = nil
  }

  func send(
    _ request: HTTPRequest, within left: Duration, _ promise: EventLoopPromise<HTTPAnswer>
  ) {
    guard let context, failure == nil, pending == nil else {
      promise.fail(failure ?? .closed(hasBegun: false))
      return
    }
    let whole = left + request.deadline * (request.patience - 1)
    pending = Pending(
      promise: promise, limit: request.limit, reader: request.reader, deadline: request.deadline,
      longest: whole, end: .now() + .nanoseconds(max(0, whole.wholeNanoseconds)))
    watchTime(for: left)
    var headers = HTTPHeaders([
      ("Host", request.origin.authority), ("User-Agent", "sluice"),
      ("Accept-Encoding", request.takesGzip ? "gzip" : "identity"),
    ])
    for header in request.headers { headers.replaceOrAdd(name: header.name, value: header.value) }
    if let authorization = proxy?.authorization {
      headers.replaceOrAdd(name: "Proxy-Authorization", value: authorization)
    }
    if let body = request.body {
      headers.add(name: "Content-Length", value: "\(body.utf8.count)")
      if !body.isEmpty { headers.add(name: "Content-Type", value: "application/json") }
    }
    let head = HTTPRequestHead(
      version: .http1_1, method: request.body == nil ? .GET : .POST,
      uri: proxy == nil ? request.path : request.origin.address.url(request.path),
      headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if let body = request.body, !body.isEmpty {
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
    }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  /// Ends the exchange after a time, unless the server is sending by then.
  private func watchTime(for time: Duration) {
    timeLimit = limits?.set(.now() + .nanoseconds(max(0, time.wholeNanoseconds)), for: self)
  }

  /// How long a busy loop has to read what has come before it is said that nothing has: what is due is
  /// done before its sockets are looked at.
  private static let grace: Duration = .milliseconds(10)

  func timeHasPassed() {
    timeLimit = nil
    guard let pending else { return }
    let now = NIODeadline.now()
    guard now < pending.end else {
      return fail(pending.head == nil ? .timedOut : .unfinished(after: pending.longest))
    }
    let silence = Duration.nanoseconds((now - pending.heardAt).nanoseconds)
    guard pending.head == nil || silence >= pending.deadline else {
      let left = Duration.nanoseconds((pending.end - now).nanoseconds)
      return watchTime(for: min(pending.deadline - silence, left))
    }
    guard !pending.isOverdue else { return fail(.timedOut) }
    self.pending?.isOverdue = true
    watchTime(for: Self.grace)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard var pending else { return }
    pending.heardAt = .now()
    pending.isOverdue = false
    switch unwrapInboundIn(data) {
    case .head(let head):
      guard (200...999).contains(head.status.code) else {
        fail(.badStatus(Int(head.status.code)))
        return
      }
      pending.head = head
      self.pending = pending
    case .body(let chunk):
      pending.length += chunk.readableBytes
      guard pending.length <= pending.limit else {
        fail(.tooLong)
        return
      }
      // A single owner, or the body would be copied for each chunk.
      self.pending = nil
      pending.take(chunk)
      self.pending = pending
    case .end:
      guard let head = pending.head else { return }
      timeLimit = nil
      self.pending = nil
      pending.promise.succeed(
        HTTPAnswer(status: Int(head.status.code), headers: head.headers, body: pending.body))
      if !head.isKeepAlive { context.close(promise: nil) }
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    fail(.closed(hasBegun: !opening.bytes.isEmpty && pending?.head != nil))
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch error {
    case HTTPParserError.invalidEOFState: fail(.closed(hasBegun: true))
    case NIOHTTPDecompression.DecompressionError.limit: fail(.tooLong)
    case is HTTPParserError, is NIOHTTPDecoderError: fail(.notHTTP(opening.bytes))
    default: fail(.broken(error))
    }
  }

  /// Ends the connection and fails whatever waits on it.
  private func fail(_ failure: HTTPFailure) {
    if self.failure == nil { self.failure = failure }
    if let pending {
      self.pending = nil
      timeLimit = nil
      pending.promise.fail(failure)
    }
    context?.close(promise: nil)
  }
}
