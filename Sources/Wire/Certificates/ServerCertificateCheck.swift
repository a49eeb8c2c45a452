package import NIOCore
internal import NIOSSL
internal import NIOTLS

/// Ends a connection whose server's certificate does not carry the name that the operator gave, and says
/// what is wrong with one that does not pass.
///
/// The TLS library also accepts a certificate for the address that is connected to, and never
/// accepts an address as a name; here, the name that was given decides alone. Chain and validity
/// are still the library's own check, which does not say which of them failed. This sits behind the TLS
/// handler, so that nothing passes before it has decided.
package final class ServerCertificateCheck: ChannelInboundHandler {
  package typealias InboundIn = ByteBuffer

  /// What is wrong with a server's certificate.
  package enum Fault: Error {
    /// `found`: the names in it.
    case otherName(than: String, found: [String])
    /// It was valid until then, in seconds since 1970.
    case expired(at: Int)
  }

  private let name: String
  private let refuse: @Sendable (Fault) -> Void

  /// `refuse`: is told why, for where the library above keeps no error from here.
  package init(_ name: String, refuse: @escaping @Sendable (Fault) -> Void = { _ in }) {
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
    let names = Self.certificate(of: context)?.names ?? []
    guard names.contains(where: { $0.matches(name) }) else {
      tell(.otherName(than: name, found: names.map(\.description)), context)
      return context.close(promise: nil)
    }
    context.fireUserInboundEventTriggered(event)
  }

  package func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let end = Self.certificate(of: context)?.expiry,
      case .untrusted? = HandshakeFault(String(describing: error))
    else { return context.fireErrorCaught(error) }
    tell(.expired(at: end), context)
  }

  private func tell(_ fault: Fault, _ context: ChannelHandlerContext) {
    refuse(fault)
    context.fireErrorCaught(fault)
  }

  private static func certificate(of context: ChannelHandlerContext) -> NIOSSLCertificate? {
    try? context.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self).peerCertificate
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
