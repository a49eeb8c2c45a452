internal import NIOCore
internal import NIOSSL
internal import NIOTLS

/// Ends a connection whose server's certificate does not carry the name that the operator gave.
///
/// The TLS library takes a certificate for good as well when it carries the address that is connected
/// to; a name that was given says that the address is not enough. Chain and validity stay its own check.
/// Sits behind the TLS handler, so that nothing passes before.
final class ServerNameCheck: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  struct Mismatch: Error, CustomStringConvertible {
    let name: String
    let found: [String]

    var description: String {
      let names = found.isEmpty ? "no name" : found.joined(separator: ", ")
      return "the server's certificate is for \(names), not for \(name)"
    }
  }

  private let name: String
  private let refuse: @Sendable (Mismatch) -> Void

  /// `refuse`: told why, as the library above keeps no error of this place.
  init(_ name: String, refuse: @escaping @Sendable (Mismatch) -> Void) {
    self.name = name
    self.refuse = refuse
  }

  /// Puts itself behind the TLS handler of a connection that is being made.
  func join(_ channel: any Channel) -> EventLoopFuture<Void> {
    channel.eventLoop.makeCompletedFuture {
      let pipeline = channel.pipeline.syncOperations
      let tls = try pipeline.handler(type: NIOSSLClientHandler.self)
      try pipeline.addHandler(self, position: .after(tls))
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case .handshakeCompleted? = event as? TLSUserEvent else {
      return context.fireUserInboundEventTriggered(event)
    }
    let handler = try? context.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self)
    let names = handler?.peerCertificate?.names ?? []
    guard names.contains(where: { Self.matches(name, $0) }) else {
      let mismatch = Mismatch(name: name, found: names)
      refuse(mismatch)
      context.fireErrorCaught(mismatch)
      return context.close(promise: nil)
    }
    context.fireUserInboundEventTriggered(event)
  }

  /// Whether a certificate's name stands for a host: a leading `*.` for exactly one label, as RFC 6125
  /// has it.
  static func matches(_ host: String, _ name: String) -> Bool {
    func labels(_ text: String) -> [Substring] {
      (text.hasSuffix(".") ? text.dropLast() : text[...]).lowercased()[...]
        .split(separator: ".", omittingEmptySubsequences: false)
    }
    let (wanted, given) = (labels(host), labels(name))
    guard wanted.count == given.count, !wanted.contains("") else { return false }
    guard given.first == "*", given.count > 2 else { return wanted == given }
    return wanted.dropFirst() == given.dropFirst()
  }
}

extension NIOSSLCertificate {
  /// The names and IPv4 addresses that it is for; a subject's common name no longer counts anywhere.
  fileprivate var names: [String] {
    _subjectAlternativeNames().compactMap { entry in
      let bytes = Array(entry.contents)
      switch entry.nameType {
      case .dnsName: return String(validating: bytes, as: UTF8.self)
      case .ipAddress where bytes.count == 4: return bytes.map(String.init).joined(separator: ".")
      default: return nil
      }
    }
  }
}
