internal import NIOCore
internal import NIOSSL
internal import NIOTLS

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Ends a connection whose server's certificate does not carry the name that the operator gave.
///
/// The TLS library also accepts a certificate for the address that is connected to, and never
/// accepts an address as a name; here, the name that was given decides alone. Chain and validity
/// are still the library's own check. This sits behind the TLS handler, so that nothing passes
/// before it has decided.
final class ServerNameCheck: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  struct Mismatch: Error {
    let name: String
    let found: [String]
  }

  private let name: String
  private let refuse: @Sendable (Mismatch) -> Void

  /// `refuse`: is told why, since the library above keeps no error from here.
  init(_ name: String, refuse: @escaping @Sendable (Mismatch) -> Void) {
    self.name = name
    self.refuse = refuse
  }

  /// Adds itself behind the TLS handler of a connection that is being made.
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
    guard names.contains(where: { $0.matches(name) }) else {
      let mismatch = Mismatch(name: name, found: names.map(\.description))
      refuse(mismatch)
      context.fireErrorCaught(mismatch)
      return context.close(promise: nil)
    }
    context.fireUserInboundEventTriggered(event)
  }
}

/// What a certificate says it is for; a subject's common name no longer counts anywhere.
enum CertificateName: Equatable, CustomStringConvertible {
  case host(String)
  case address(IPAddress)

  var description: String {
    switch self {
    case .host(let name): name
    case .address(let address): address.description
    }
  }

  /// Whether it matches what the operator gave: an address only the same address, however it is
  /// spelled, and a host name only a host.
  func matches(_ given: String) -> Bool {
    switch (self, IPAddress(given)) {
    case (.address(let own), let address?): own == address
    case (.host(let own), nil): Self.matches(given, own)
    default: false
    }
  }

  /// A leading `*.` stands for exactly one label, as in RFC 6125.
  private static func matches(_ host: String, _ name: String) -> Bool {
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

/// An IPv4 or IPv6 address, as bytes in network order, since one address has many spellings.
struct IPAddress: Equatable, CustomStringConvertible {
  /// 4 or 16.
  let bytes: [UInt8]

  /// `bytes`: as a certificate carries them; nil when there are neither 4 nor 16.
  init?(bytes: [UInt8]) {
    guard [4, 16].contains(bytes.count) else { return nil }
    self.bytes = bytes
  }

  /// `10.0.0.7`, `fd00::7` or `[fd00::7]`; nil for a host name.
  init?(_ text: String) {
    let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
    let text = isBracketed ? String(text.dropFirst().dropLast()) : text
    for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] where family == AF_INET6 || !isBracketed {
      var bytes = [UInt8](repeating: 0, count: count)
      if inet_pton(family, text, &bytes) == 1 {
        self.bytes = bytes
        return
      }
    }
    return nil
  }

  var description: String {
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    guard
      inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &text, socklen_t(text.count)) != nil
    else { return "?" }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
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
