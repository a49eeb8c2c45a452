internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization
internal import Terms

/// The port of the proxy's pages.
enum PagePort {
  /// Who watches a proxy needs a connection or two.
  static let mostConnections = 100
  /// How long a request may take to come, from its first byte or from the connection's beginning.
  private static let requestLimit = TimeAmount.seconds(10)
  /// How long a connection may be silent between two requests.
  private static let silenceLimit = TimeAmount.seconds(120)

  /// Opens it and returns its channel; throws where it cannot listen.
  static func open(
    _ address: Address, on group: any EventLoopGroup, _ control: ProxyControl
  ) async throws -> any Channel {
    let connections = Count()
    return try await ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 64)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try welcome(channel, connections, control) }
      }
      .open(address, for: "its pages")
  }

  private final class Count: Sendable {
    let value = Mutex(0)
  }

  private static func welcome(
    _ channel: any Channel, _ connections: Count, _ control: ProxyControl
  ) throws {
    let count = connections.value.withLock { count in
      count += 1
      return count
    }
    channel.closeFuture.whenComplete { _ in connections.value.withLock { $0 -= 1 } }
    guard count <= mostConnections else { return channel.close(promise: nil) }
    let pipeline = channel.pipeline.syncOperations
    try pipeline.addHandler(WriteTimeout { .seconds(10) })
    // NIO would frame a response to HEAD as if it had a body.
    var encoder = HTTPResponseEncoder.Configuration()
    encoder.automaticallySetFramingHeaders = false
    try pipeline.configureHTTPServerPipeline(
      withErrorHandling: true, withEncoderConfiguration: encoder)
    try pipeline.addHandler(PageHandler(control))
  }

  /// Answers one request after the other, and hangs up on whoever takes too long to ask.
  private final class PageHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let control: ProxyControl
    private var head: HTTPRequestHead?
    private var timer: Scheduled<Void>?

    init(_ control: ProxyControl) { self.control = control }

    func channelActive(context: ChannelHandlerContext) {
      wait(for: requestLimit, context.channel)
      context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
      timer?.cancel()
      context.fireChannelInactive()
    }

    private func wait(for limit: TimeAmount, _ channel: any Channel) {
      timer?.cancel()
      timer = channel.eventLoop.assumeIsolated().scheduleTask(in: limit) {
        channel.close(promise: nil)
      }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      switch unwrapInboundIn(data) {
      case .head(let head):
        self.head = head
        wait(for: requestLimit, context.channel)
      case .body: break
      case .end:
        guard let head else { return }
        self.head = nil
        timer?.cancel()
        answer(head, on: context.channel)
      }
    }

    private func answer(_ head: HTTPRequestHead, on channel: any Channel) {
      let bound = NIOLoopBound(self, eventLoop: channel.eventLoop)
      Task { [control] in
        let page = await control.answer(ProxyRequest(head))
        channel.eventLoop.execute { bound.value.send(page, head, on: channel) }
      }
    }

    private func send(_ page: ProxyPage, _ request: HTTPRequestHead, on channel: any Channel) {
      // Of one that is gone nothing would end the timer.
      guard channel.isActive else { return }
      let isKept = request.isKeepAlive
      var headers: HTTPHeaders = [
        "Content-Type": page.type, "Content-Length": "\(page.body.count)",
      ]
      if !isKept { headers.add(name: "Connection", value: "close") }
      let head = HTTPResponseHead(
        version: .http1_1, status: .init(statusCode: page.status), headers: headers)
      channel.write(HTTPServerResponsePart.head(head), promise: nil)
      if request.method != .HEAD {
        channel.write(
          HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: page.body))), promise: nil)
      }
      wait(for: silenceLimit, channel)
      channel.writeAndFlush(HTTPServerResponsePart.end(nil)).whenComplete { _ in
        if !isKept { channel.close(promise: nil) }
      }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      context.close(promise: nil)
    }
  }
}

extension ProxyRequest {
  fileprivate init(_ head: HTTPRequestHead) {
    let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    var query: [String: String] = [:]
    for pair in parts.count > 1 ? parts[1].split(separator: "&") : [] {
      let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      query[Self.decoded(halves[0])] = halves.count > 1 ? Self.decoded(halves[1]) : ""
    }
    self.init(
      method: head.method.rawValue, path: parts.first.map(String.init) ?? "/", query: query,
      host: head.headers.first(name: "Host"), origin: head.headers.first(name: "Origin"),
      authorization: head.headers.first(name: "Authorization"))
  }

  private static func decoded(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2,
        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
