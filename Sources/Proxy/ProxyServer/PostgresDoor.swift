internal import Cutover
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import NIOTLS
internal import PostgresWire
internal import Terms

/// The way to a Postgres server: a connection on which the startup packet can be sent, over TLS
/// where the backend is configured so.
struct PostgresDoor: Sendable {
  let backend: ProxyConfiguration.Backend
  /// Nil where it is not encrypted.
  let tls: NIOSSLContext?
  /// What follows from passwords, once worked out.
  let keyring: ScramKeyring
  /// How long all of it may take.
  let limit: Duration

  func open(on loop: any EventLoop) -> EventLoopFuture<any Channel> {
    ClientBootstrap.toBackend(on: loop, within: limit)
      .connect(host: backend.address.host, port: backend.address.port)
      .flatMap { channel in
        guard let tls else { return loop.makeSucceededFuture(channel) }
        return encrypt(channel, tls)
      }
  }

  private func encrypt(
    _ channel: any Channel, _ tls: NIOSSLContext
  ) -> EventLoopFuture<any Channel> {
    let promise = channel.eventLoop.makePromise(of: (any Channel).self)
    let patience = Patience(of: limit, on: channel.eventLoop) { channel.close(promise: nil) }
    promise.futureResult.assumeIsolated().whenComplete { _ in patience.end() }
    do {
      try channel.pipeline.syncOperations.addHandler(TLSRequest(tls, backend.address, promise))
      channel.writeAndFlush(StartupPacket.encryption(.tls).bytes, promise: nil)
    } catch {
      promise.fail(error)
    }
    return promise.futureResult
  }

  /// Has a running statement cancelled, as a client would: over a connection of its own, on which
  /// nothing is answered.
  ///
  /// The server closes that once it has passed the request on. Until then, the future says, the
  /// request may hit whatever runs in its session.
  @discardableResult
  func cancel(_ key: CancelKey, on loop: any EventLoop) -> EventLoopFuture<Void> {
    open(on: loop).flatMap { channel in
      channel.writeAndFlush(StartupPacket.cancel(key).bytes, promise: nil)
      let patience = Patience(of: limit, on: loop) { channel.close(promise: nil) }
      channel.closeFuture.assumeIsolated().whenComplete { _ in patience.end() }
      return channel.closeFuture
    }
  }
}

/// A server does not speak TLS, or does not speak Postgres.
struct TLSRefused: Error {}

/// Asks a server for TLS and waits until the connection is encrypted.
private final class TLSRequest: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer

  private let context: NIOSSLContext
  private let address: Address
  private let promise: EventLoopPromise<any Channel>

  init(_ context: NIOSSLContext, _ address: Address, _ promise: EventLoopPromise<any Channel>) {
    self.context = context
    self.address = address
    self.promise = promise
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    // Somebody in between could have put more behind the answer.
    guard Self.unwrapInboundIn(data) == ByteBuffer(string: "S") else {
      return fail(context, TLSRefused())
    }
    do {
      let host = address.isNumeric ? nil : address.host
      try context.pipeline.syncOperations.addHandler(
        NIOSSLClientHandler(context: self.context, serverHostname: host), position: .first)
    } catch {
      fail(context, error)
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case .handshakeCompleted? = event as? TLSUserEvent else {
      return context.fireUserInboundEventTriggered(event)
    }
    let channel = context.channel
    context.pipeline.syncOperations.removeHandler(self).assumeIsolated().whenComplete { _ in
      self.promise.succeed(channel)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { fail(context, error) }

  func channelInactive(context: ChannelHandlerContext) {
    promise.fail(ChannelError.eof)
    context.fireChannelInactive()
  }

  private func fail(_ context: ChannelHandlerContext, _ error: any Error) {
    promise.fail(error)
    context.close(promise: nil)
  }
}

extension TimeAmount {
  init(_ duration: Duration) { self = .nanoseconds(duration.wholeNanoseconds) }
}
