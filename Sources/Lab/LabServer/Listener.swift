internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPCompression
internal import NIOPosix
internal import Synchronization
internal import Terms

/// One server's port on loopback, and how it behaves.
///
/// HTTP/1.1 through NIO's own pipeline. A listener can be closed and reopened on the same port, and
/// made to answer late, wrongly or not at all.
final class Listener: Sendable {
  typealias Answer = @Sendable (_ method: String, _ uri: String) async -> Page

  /// Refuses a request by its `Host` and `Origin` alone; nil lets it pass.
  typealias Refusal = @Sendable (_ host: String?, _ origin: String?) -> Page?

  /// How requests are treated.
  enum Manner: Sendable, Equatable {
    case normal
    /// The answer is delayed by this much.
    case slow(Duration)
    /// Bytes that are not HTTP.
    case garbage
    /// The connection is accepted, but nothing is ever sent on it.
    case silent
    /// Nothing listens.
    case closed
  }

  private struct State {
    var port: Int
    var manner = Manner.normal
    var channel: (any Channel)?
    var connections: [ObjectIdentifier: any Channel] = [:]
  }

  private let state: Mutex<State>
  private let group: any EventLoopGroup
  private let now: @Sendable () -> Instant
  private let refusal: Refusal
  private let answer: Answer

  init(
    port: Int, group: any EventLoopGroup, now: @escaping @Sendable () -> Instant,
    refusal: @escaping Refusal = { _, _ in nil }, _ answer: @escaping Answer
  ) {
    state = Mutex(State(port: port))
    self.group = group
    self.now = now
    self.refusal = refusal
    self.answer = answer
  }

  var port: Int { state.withLock { $0.port } }

  /// Starts listening; port 0 means any free one.
  func open() async throws(PortUnavailable) {
    guard state.withLock({ $0.channel == nil }) else { return }
    let wanted = port
    do {
      let channel = try await ServerBootstrap(group: group)
        .serverChannelOption(.backlog, value: 256)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        .childChannelInitializer { [self] channel in
          channel.eventLoop.makeCompletedFuture { try self.welcome(channel) }
        }
        .bind(host: "127.0.0.1", port: wanted).get()
      state.withLock {
        $0.channel = channel
        $0.port = channel.localAddress?.port ?? wanted
      }
    } catch {
      throw PortUnavailable(port: wanted, reason: "\(error)")
    }
  }

  /// Stops listening and closes all connections; the port is kept for ``open()``.
  func close() async {
    let (channel, connections) = state.withLock { state in
      defer { (state.channel, state.connections) = (nil, [:]) }
      return (state.channel, state.connections.values)
    }
    for connection in connections { connection.close(promise: nil) }
    try? await channel?.close()
  }

  /// Changes the manner; returns once the port is closed or open accordingly.
  func behave(_ manner: Manner) async throws(PortUnavailable) {
    let old = state.withLock { state in
      defer { state.manner = manner }
      return state.manner
    }
    guard old != manner else { return }
    if manner == .closed { await close() }
    if old == .closed { try await open() }
  }

  private func welcome(_ channel: any Channel) throws {
    let id = ObjectIdentifier(channel)
    state.withLock { $0.connections[id] = channel }
    channel.closeFuture.whenComplete { [self] _ in
      self.state.withLock { $0.connections[id] = nil }
    }
    if state.withLock({ $0.manner }) == .garbage {
      try channel.pipeline.syncOperations.addHandler(GarbageHandler())
      return
    }
    // NIO would frame a response to HEAD as if it had a body.
    var encoder = HTTPResponseEncoder.Configuration()
    encoder.automaticallySetFramingHeaders = false
    try channel.pipeline.syncOperations.configureHTTPServerPipeline(
      withErrorHandling: true, withEncoderConfiguration: encoder)
    // Prometheus's handler compresses; vtgate's and vttablet's other pages do not.
    try channel.pipeline.syncOperations.addHandler(
      HTTPResponseCompressor(
        initialByteBufferCapacity: 1024,
        responseCompressionPredicate: { head, _ in
          head.headers.first(name: "Content-Type")?.hasPrefix("text/plain; version") == true
            ? .compressIfPossible : .doNotCompress
        }))
    try channel.pipeline.syncOperations.addHandler(
      RequestHandler(self))
  }

  /// Gets the page for a request and sends it in the current manner.
  fileprivate func respond(to head: HTTPRequestHead, on channel: any Channel) async {
    let method = head.method.rawValue
    switch manner {
    case .normal: break
    case .slow(let delay): try? await Task.sleep(for: delay)
    case .silent, .closed: return
    case .garbage: return channel.close(promise: nil)
    }
    let page: Page
    if let refused = refusal(head.headers.first(name: "Host"), head.headers.first(name: "Origin")) {
      page = refused
    } else {
      page = await answer(method, head.uri).asked(by: method)
    }
    guard manner != .silent else { return }
    send(page, head, on: channel)
  }

  private var manner: Manner { state.withLock { $0.manner } }

  private func send(_ page: Page, _ request: HTTPRequestHead, on channel: any Channel) {
    var headers = HTTPHeaders(page.headers.map { ($0.name, $0.value) })
    headers.add(name: "Date", value: httpTime(now()))
    // Go's net/http knows the length of whatever fits its 2 kB buffer; all else is chunked.
    if request.method != .HEAD {
      page.body.count <= 2048
        ? headers.add(name: "Content-Length", value: "\(page.body.count)")
        : headers.add(name: "Transfer-Encoding", value: "chunked")
    }
    if !request.isKeepAlive { headers.add(name: "Connection", value: "close") }
    let head = HTTPResponseHead(
      version: .http1_1, status: .init(statusCode: page.status), headers: headers)
    channel.write(HTTPServerResponsePart.head(head), promise: nil)
    if request.method != .HEAD, !page.body.isEmpty {
      channel.write(
        HTTPServerResponsePart.body(.byteBuffer(channel.allocator.buffer(bytes: page.body))),
        promise: nil)
    }
    let isKept = request.isKeepAlive
    channel.writeAndFlush(HTTPServerResponsePart.end(nil)).whenComplete { _ in
      if !isKept { channel.close(promise: nil) }
    }
  }
}

/// Why a server of the lab cannot listen.
package struct PortUnavailable: Error, CustomStringConvertible {
  let port: Int
  let reason: String

  package var description: String {
    "the lab cannot listen on 127.0.0.1:\(port): \(reason). Choose other ports, or 0 for free ones"
  }
}

/// Passes each request on to its listener.
private final class RequestHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let listener: Listener
  private var head: HTTPRequestHead?

  init(_ listener: Listener) { self.listener = listener }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): self.head = head
    case .body: break
    case .end:
      guard let head else { return }
      self.head = nil
      let (listener, channel) = (listener, context.channel)
      Task { await listener.respond(to: head, on: channel) }
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}

/// Answers anything with bytes that are not HTTP, control characters included, and hangs up.
private final class GarbageHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes: [UInt8] = Array("\u{1b}]0;boo\u{7}\u{1b}[2J".utf8) + [0xFF, 0xFE, 0x00, 0x80, 0x0A]
    let channel = context.channel
    channel.writeAndFlush(context.channel.allocator.buffer(bytes: bytes)).whenComplete { _ in
      channel.close(promise: nil)
    }
  }
}
