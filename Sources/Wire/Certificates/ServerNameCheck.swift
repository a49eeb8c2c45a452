#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif
package import NIOCore
internal import NIOSSL
internal import NIOTLS

/// Ends a connection whose server's certificate does not carry the name that the operator gave.
///
/// The TLS library also accepts a certificate for the address that is connected to, and never
/// accepts an address as a name; here, the name that was given decides alone. Chain and validity
/// are still the library's own check. This sits behind the TLS handler, so that nothing passes
/// before it has decided.
package final class ServerNameCheck: ChannelInboundHandler {
  package typealias InboundIn = ByteBuffer

  package struct Mismatch: Error {
    package let name: String
    package let found: [String]
  }

  /// The server's certificate was valid until then, in seconds since 1970.
  package struct Expired: Error { package let at: Int }

  private let name: String
  private let refuse: @Sendable (Mismatch) -> Void

  /// `refuse`: is told why, for where the library above keeps no error from here.
  package init(_ name: String, refuse: @escaping @Sendable (Mismatch) -> Void = { _ in }) {
    self.name = name
    self.refuse = refuse
  }

  /// Adds itself behind the TLS handler of a connection that is being made.
  package func join(_ channel: any Channel) -> EventLoopFuture<Void> {
    channel.eventLoop.makeCompletedFuture {
      let pipeline = channel.pipeline.syncOperations
      let tls = try pipeline.handler(type: NIOSSLClientHandler.self)
      try pipeline.addHandler(self, position: .after(tls))
    }
  }

  package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case .handshakeCompleted? = event as? TLSUserEvent else {
      return context.fireUserInboundEventTriggered(event)
    }
    let handler = try? context.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self)
    let names = handler?.peerCertificate?.names ?? []
    guard names.contains(where: { $0.matches(name) }) else {
      let mismatch = Mismatch(name: name, found: names.map(\.description))
      refuse(mismatch)
      context.fireErrorCaught(mismatch)
      return context.close(promise: nil)
    }
    context.fireUserInboundEventTriggered(event)
  }
}

extension ServerNameCheck {
  /// The library does not say why a certificate does not pass; one that is past its end does not for that.
  package func errorCaught(context: ChannelHandlerContext, error: any Error) {
    let handler = try? context.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self)
    guard let end = handler?.peerCertificate?.notValidAfter, end < time(nil),
      case .untrusted? = HandshakeFault(String(describing: error))
    else { return context.fireErrorCaught(error) }
    context.fireErrorCaught(Expired(at: Int(end)))
  }
}

extension NIOSSLCertificate {
  fileprivate var names: [CertificateName] {
    _subjectAlternativeNames().compactMap { entry in
      let bytes = Array(entry.contents)
      switch entry.nameType {
      case .dnsName: return String(validating: bytes, as: UTF8.self).map { .host($0) }
      case .ipAddress: return IPAddress(bytes: bytes).map { .address($0) }
      default: return nil
      }
    }
  }
}
