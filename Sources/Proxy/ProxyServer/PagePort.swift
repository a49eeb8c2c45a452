internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Terms

/// The port of the proxy's pages.
enum PagePort {
  /// Opens it and returns its channel; throws where it cannot listen.
  static func open(
    _ address: Address, on group: any EventLoopGroup, _ control: ProxyControl
  ) async throws -> any Channel {
    try await ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 64)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
          try channel.pipeline.syncOperations.addHandler(PageHandler(control))
        }
      }
      .bind(host: address.host, port: address.port).get()
  }

  fileprivate static func answer(
    _ head: HTTPRequestHead, _ control: ProxyControl, on channel: any Channel
  ) async {
    let page = await control.answer(ProxyRequest(head))
    let response = HTTPResponseHead(
      version: .http1_1, status: .init(statusCode: page.status),
      headers: ["Content-Type": page.type, "Content-Length": "\(page.body.count)"])
    channel.write(HTTPServerResponsePart.head(response), promise: nil)
    channel.write(
      HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: page.body))), promise: nil)
    let isKept = head.isKeepAlive
    channel.writeAndFlush(HTTPServerResponsePart.end(nil)).whenComplete { _ in
      if !isKept { channel.close(promise: nil) }
    }
  }
}

/// Answers one request after the other.
private final class PageHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let control: ProxyControl
  private var head: HTTPRequestHead?

  init(_ control: ProxyControl) { self.control = control }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): self.head = head
    case .body: break
    case .end:
      guard let head else { return }
      self.head = nil
      let (control, channel) = (control, context.channel)
      Task { await PagePort.answer(head, control, on: channel) }
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
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
      origin: head.headers.first(name: "Origin"),
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
