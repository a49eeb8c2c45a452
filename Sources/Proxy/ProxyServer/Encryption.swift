internal import Certificates
package import Cutover
package import NIOCore
package import NIOSSL
internal import Terms

/// How connections are encrypted: what each port shows to clients, and whom the proxy trusts.
///
/// Made once, because it reads files.
package struct Encryption: Sendable {
  private var ports: [Address: NIOSSLContext] = [:]
  private var backends: [BackendName: NIOSSLContext] = [:]

  package init(_ configuration: ProxyConfiguration) throws {
    for listener in configuration.listeners {
      ports[listener.address] = try listener.certificate.map { chain, key in
        try NIOSSLContext(
          configuration: .makeServerConfiguration(
            certificateChain: NIOSSLCertificate.fromPEMFile(chain).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))))
      }
    }
    for backend in configuration.backends {
      backends[backend.name] = try Self.context(backend.transport)
    }
  }

  private static func context(
    _ transport: ProxyConfiguration.Backend.Transport
  ) throws -> NIOSSLContext? {
    var configuration = TLSConfiguration.makeClientConfiguration()
    switch transport {
    case .plain: return nil
    case .encrypted: configuration.certificateVerification = .none
    case .verified(let authority):
      // The name is checked by ``ServerNameCheck``.
      configuration.certificateVerification = .noHostnameVerification
      if let authority { configuration.trustRoots = .file(authority) }
    }
    return try NIOSSLContext(configuration: configuration)
  }

  /// What a client that wants TLS meets; nil where the port offers none.
  package func handler(for listener: ProxyConfiguration.Listener) -> NIOSSLServerHandler? {
    ports[listener.address].map { NIOSSLServerHandler(context: $0) }
  }

  package func isWanted(by backend: ProxyConfiguration.Backend) -> Bool {
    backends[backend.name] != nil
  }

  /// Encrypts a connection to a backend, in front of all its handlers; they hear of the handshake
  /// once the certificate is known to be for the backend's host.
  package func secure(
    _ channel: any Channel, to backend: ProxyConfiguration.Backend
  ) throws {
    guard let context = backends[backend.name] else { return }
    let host = backend.address.host
    let pipeline = channel.pipeline.syncOperations
    if case .verified = backend.transport {
      try pipeline.addHandler(ServerNameCheck(host), position: .first)
    }
    let shown = IPAddress(host) == nil ? host : nil
    try pipeline.addHandler(
      NIOSSLClientHandler(context: context, serverHostname: shown), position: .first)
  }
}
