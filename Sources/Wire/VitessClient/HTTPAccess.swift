internal import Certificates
internal import FleetModel
internal import FoundationEssentials
internal import NIOSSL
internal import Synchronization
package import Terms

/// How servers are reached over HTTP, beside their addresses: whom to trust, as whom, with which
/// headers, and what stands in for addresses that cannot be reached from here.
///
///     address of a server ─ AddressMap ─> address that is asked ─┬─ TLS by `security`
///                                                                └─ secrets, if the operator named it
///
/// Credentials and headers are for the servers that the operator named and for those that the map
/// leads to: whoever else a vtgate may list learns none of them.
package final class HTTPAccess: Sendable {
  /// Nobody's secrets, and the system's authorities.
  package static let open = HTTPAccess()

  private let security: HTTPSecurity
  private let credentials: HTTPCredentials?
  private let headers: [(name: String, value: String)]
  /// All that requests may carry of them.
  let secrets: Secrets
  let takesGzip: Bool
  private let map: [AddressRule]
  private let named: Set<Address>
  let proxies: HTTPProxies
  /// Servers to which a redirect is followed.
  private let redirects: Set<Address>

  private struct State {
    /// What has been mapped so far; a fleet lists the same addresses again and again.
    var mapped: [Address: Address] = [:]
    var context: NIOSSLContext?
  }

  private let state = Mutex(State())

  /// More addresses than any fleet has.
  private static let mappedLimit = 50_000

  /// `named`: by the operator; `headers`: of each request to them; `redirects`: servers, without
  /// prefixes, to which a redirect is followed.
  package init(
    named: some Sequence<Address> = [], security: HTTPSecurity = HTTPSecurity(),
    credentials: HTTPCredentials? = nil, headers: [(name: String, value: String)] = [],
    map: [AddressRule] = [], takesGzip: Bool = false, proxies: HTTPProxies = .none,
    redirects: some Sequence<Address> = []
  ) {
    self.proxies = proxies
    self.redirects = Set(redirects)
    self.security = security
    self.credentials = credentials
    self.headers = headers
    let sent =
      headers.map(\.value)
      + [
        credentials?.authorization, proxies.plaintext?.authorization, proxies.tls?.authorization,
      ].compactMap(\.self)
    secrets = Secrets(sent.flatMap { HTTPCredentials.secrets(in: $0) })
    self.map = map
    self.takesGzip = takesGzip
    self.named = Set(named)
  }

  /// The same way, with other credentials, and for one server only.
  package func bringing(_ credentials: HTTPCredentials, to server: Address) -> HTTPAccess {
    HTTPAccess(
      named: [server], security: security, credentials: credentials,
      headers: mayKnow(server) ? headers : [], takesGzip: takesGzip, proxies: proxies)
  }

  /// Where a server is reached of which others say that it listens at an address.
  package func place(_ address: Address) -> Address {
    guard !map.isEmpty else { return address }
    if let known = state.withLock({ $0.mapped[address] }) { return known }
    let place = map.lazy.compactMap { $0.place(address) }.first
    state.withLock { state in
      if state.mapped.count >= Self.mappedLimit { state.mapped = [:] }
      state.mapped[address] = place ?? address
    }
    return place ?? address
  }

  /// What else a request to a server carries.
  func headers(for address: Address) -> [(name: String, value: String)] {
    guard credentials != nil || !headers.isEmpty, mayKnow(address) else { return [] }
    return headers + (credentials.map { [("Authorization", $0.authorization)] } ?? [])
  }

  private func mayKnow(_ address: Address) -> Bool {
    named.contains(address) || map.contains { $0.leads(to: address) }
      || redirects.contains(address.withoutPrefix)
  }

  /// Whether the operator wants a redirect to a server to be followed.
  func mayFollow(to address: Address) -> Bool { redirects.contains(address.withoutPrefix) }

  /// What it means that a server wants a certificate of the client.
  var wantsCertificate: ScrapeFailure.TLSFault {
    guard let identity = security.identity else { return .wantsCertificate }
    return .ownRefused(
      expired: CertificateFile.expiry(identity.certificate).map {
        Instant(secondsSinceEpoch: Double($0))
      })
  }

  /// What a server's certificate must be for, a name or an address; nil where any is taken.
  func wantedName(of host: String) -> String? {
    security.isVerified ? security.serverName ?? host : nil
  }

  /// What a handshake names (RFC 6066, section 3): never an address.
  func shownName(of host: String) -> String? {
    let name = security.serverName ?? host
    return IPAddress(name) == nil ? name : nil
  }

  /// What a connection over TLS starts from; made once, because it reads files.
  func context() throws(HTTPSecurity.Unusable) -> NIOSSLContext {
    try state.withLock { state throws(HTTPSecurity.Unusable) in
      if let context = state.context { return context }
      let context = try security.context
      state.context = context
      return context
    }
  }

  /// Whether the files that are to be used can be used, found out before anybody is asked.
  package func check() throws(HTTPSecurity.Unusable) { _ = try context() }
}

/// Whom to trust over TLS, and as whom to come.
package struct HTTPSecurity: Sendable {
  /// Why TLS cannot be set up from what was given.
  package enum Unusable: Error {
    /// The file of authorities, or of the client's certificate, has none.
    case noAuthority, noCertificate
    case noKey
    /// The key is not that of the client's certificate.
    case otherKey
    /// TLS knows no keys of the kind that the client's certificate is for.
    case unfitCertificate
    /// Something else, in the words of the library.
    case other(String)
  }

  /// Who may have signed servers' certificates, a PEM file; nil trusts the system's authorities.
  package var authority: String?
  /// The client's certificate and its key, PEM files, for servers that want one.
  package var identity: (certificate: String, key: String)?
  /// The name that certificates must carry in place of the host's own.
  package var serverName: String?
  /// False accepts any certificate.
  package var isVerified = true

  package init() {}

  fileprivate var context: NIOSSLContext {
    get throws(Unusable) {
      let configuration = try configuration
      do { return try NIOSSLContext(configuration: configuration) } catch {
        switch error as? NIOSSLError {
        case .failedToLoadPrivateKey: throw .otherKey
        case .failedToLoadCertificate where identity != nil: throw .unfitCertificate
        default: throw .other("\(error)")
        }
      }
    }
  }

  private var configuration: TLSConfiguration {
    get throws(Unusable) {
      var configuration = TLSConfiguration.makeClientConfiguration()
      // The name is checked by ``ServerCertificateCheck``.
      configuration.certificateVerification = isVerified ? .noHostnameVerification : .none
      if let authority {
        configuration.trustRoots = .certificates(
          try Self.certificates(in: authority, else: .noAuthority))
      }
      if let identity {
        configuration.certificateChain = try Self.certificates(
          in: identity.certificate, else: .noCertificate
        ).map { .certificate($0) }
        guard let key = try? NIOSSLPrivateKey(file: identity.key, format: .pem) else {
          throw .noKey
        }
        configuration.privateKey = .privateKey(key)
      }
      return configuration
    }
  }

  private static func certificates(
    in path: String, else fault: Unusable
  ) throws(Unusable) -> [NIOSSLCertificate] {
    guard let found = try? NIOSSLCertificate.fromPEMFile(path), !found.isEmpty else { throw fault }
    return found
  }
}

/// A name and a password, or a token, for servers behind a front that wants one.
///
/// They are never printed, neither in a message nor in a crash report.
package struct HTTPCredentials: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// The value of the `Authorization` header.
  let authorization: String

  /// Reads `NAME:PASSWORD` (RFC 7617) or `Bearer TOKEN` (RFC 6750), on one line; nil when it is
  /// neither.
  package init?(_ text: String) {
    let line = text.trimmingCharacters
    guard !line.isEmpty, line.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
    if line.lowercased().hasPrefix("bearer ") {
      let token = line.dropFirst("bearer ".count)
      guard !token.isEmpty, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
      authorization = "Bearer \(token)"
    } else {
      guard let colon = line.firstIndex(of: ":"), colon != line.startIndex else { return nil }
      authorization = "Basic \(Data(line.utf8).base64EncodedString())"
    }
  }

  /// The value of a header, and what of it gives away as much: a token, or a name and a password as
  /// they are before they are encoded.
  static func secrets(in value: String) -> [String] {
    guard let space = value.firstIndex(of: " ") else { return [value] }
    let token = String(value[value.index(after: space)...])
    guard let data = Data(base64Encoded: token), let plain = String(data: data, encoding: .utf8),
      let colon = plain.firstIndex(of: ":")
    else { return [value, token] }
    return [value, token, plain, String(plain[plain.index(after: colon)...])]
  }

  package var description: String { "credentials" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: []) }
}

extension String {
  /// Without spaces and line breaks at its ends.
  fileprivate var trimmingCharacters: String {
    let start = drop(while: \.isWhitespace)
    return String(start.reversed().drop(while: \.isWhitespace).reversed())
  }
}
