internal import Cutover
internal import NIOSSL
internal import Terms

/// A file of certificates or keys that cannot be used.
package struct CertificateProblem: Error, Sendable, CustomStringConvertible {
  package let description: String
}

/// The contexts of TLS that a configuration asks for.
enum TransportSecurity {
  /// By the listeners' addresses.
  static func ofListeners(
    _ configuration: ProxyConfiguration, _ engine: Engine
  ) throws -> [String: NIOSSLContext] {
    var contexts: [String: NIOSSLContext] = [:]
    for listener in configuration.listeners where listener.engine == engine {
      guard let (chain, key) = listener.certificate else { continue }
      let whose = "listener \(listener.address)"
      let certificates = try using("certificate \(chain)", of: whose) {
        try NIOSSLCertificate.fromPEMFile(chain).map { NIOSSLCertificateSource.certificate($0) }
      }
      let privateKey = try using("key \(key)", of: whose) {
        NIOSSLPrivateKeySource.privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
      }
      var tls = TLSConfiguration.makeServerConfiguration(
        certificateChain: certificates, privateKey: privateKey)
      tls.minimumTLSVersion = .tlsv12
      contexts[listener.address.description] = try using(
        "certificate \(chain) with key \(key)", of: whose
      ) { try NIOSSLContext(configuration: tls) }
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
      var file: String?
      switch backend.transport {
      case .plain: continue
      case .encrypted: tls.certificateVerification = .none
      case .verified(let authority):
        file = authority
        if let authority { tls.trustRoots = .file(authority) }
      }
      contexts[backend.name] = try using(
        file.map { "tls_authority \($0)" } ?? "the system's authorities",
        of: "backend \(backend.name)"
      ) { try NIOSSLContext(configuration: tls) }
    }
    return contexts
  }

  private static func using<Value>(
    _ what: String, of whose: String, _ body: () throws -> Value
  ) throws -> Value {
    do {
      return try body()
    } catch {
      throw CertificateProblem(description: "\(whose): \(what) cannot be used: \(error)")
    }
  }
}
