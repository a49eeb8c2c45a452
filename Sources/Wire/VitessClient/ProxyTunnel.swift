internal import NIOCore
internal import NIOHTTP1

/// Asks a proxy to connect to a server, and says when what is sent reaches the server.
///
/// Its pipeline has nothing but an HTTP/1 codec before it, which makes room for the server's handlers
/// afterwards.
final class ProxyTunnel: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundOut = HTTPClientRequestPart

  /// The proxy answered something else than that it has connected.
  struct Refused: Error {
    let status: Int
  }

  /// The connection ended before the proxy had answered.
  struct Closed: Error {}

  private let head: HTTPRequestHead
  /// Succeeds once the proxy has connected.
  private let opened: EventLoopPromise<Void>
  private var isAccepted = false

  init(_ proxy: HTTPProxy, to origin: HTTPOrigin, _ opened: EventLoopPromise<Void>) {
    var headers = HTTPHeaders([("Host", origin.authority), ("User-Agent", "sluice")])
    if let authorization = proxy.authorization {
      headers.add(name: "Proxy-Authorization", value: authorization)
    }
    head = HTTPRequestHead(
      version: .http1_1, method: .CONNECT, uri: origin.authority, headers: headers)
    self.opened = opened
  }

  /// The connection to the proxy must be there.
  func handlerAdded(context: ChannelHandlerContext) {
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let answer) where (200..<300).contains(answer.status.code): isAccepted = true
    case .head(let answer): opened.fail(Refused(status: Int(answer.status.code)))
    case .body: break
    case .end: if isAccepted { opened.succeed() }
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    opened.fail(Closed())
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { opened.fail(error) }

  func handlerRemoved(context: ChannelHandlerContext) { opened.fail(Closed()) }
}
