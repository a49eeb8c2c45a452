internal import Cutover
internal import NIOSSL
internal import Terms

/// The contexts of TLS that a configuration asks for.
enum TransportSecurity {
  /// By the listeners' addresses.
  static func ofListeners(
    _ configuration: ProxyConfiguration, _ engine: Engine
  ) throws -> [String: NIOSSLContext] {
    var contexts: [String: NIOSSLContext] = [:]
    for listener in configuration.listeners where listener.engine == engine {
      guard let (chain, key) = listener.certificate else { continue }
      var tls = TLSConfiguration.makeServerConfiguration(
        certificateChain: try NIOSSLCertificate.fromPEMFile(chain).map { .certificate($0) },
        privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
      tls.minimumTLSVersion = .tlsv12
      contexts[listener.address.description] = try NIOSSLContext(configuration: tls)
    }
    return contexts
  }

  static func ofBackends(
    _ configuration: ProxyConfiguration, _ engine: Engine
  ) throws -> [BackendName: NIOSSLContext] {
    var contexts: [BackendName: NIOSSLContext] = [:]
    for backend in configuration.backends where backend.engine == engine {
      var tls = TLSConfiguration.makeClientConfiguration()
      tls.minimumTLSVersion = .tlsv12
      switch backend.transport {
      case .plain: continue
      case .encrypted: tls.certificateVerification = .none
      case .verified(let authority):
        if let authority { tls.trustRoots = .file(authority) }
      }
      contexts[backend.name] = try NIOSSLContext(configuration: tls)
    }
    return contexts
  }
}
