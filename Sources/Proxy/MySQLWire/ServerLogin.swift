package import NIOCore

/// A client's login, from the server's side.
///
/// Source: MySQL's reference of its source code, "Connection Phase" and "Caching_sha2_password
/// information".
package struct ServerLogin: Sendable {
  package enum Step: Sendable, Equatable {
    /// Sends these payloads, one packet each, and waits for the next.
    case send([ByteBuffer])
    /// Starts TLS and waits for the login itself.
    case startTLS
    /// Sends these payloads and an OK packet.
    case accept([ByteBuffer])
    case refuse(ServerError)
  }

  private enum Stage: Sendable {
    case response
    case proof(AuthenticationPlugin)
    case password
  }

  /// Asked for a method that the proxy does not know, a client is told to use this one.
  package static let standardPlugin = AuthenticationPlugin.native

  private let users: [String: PasswordVerifier]
  private let nonce: [UInt8]
  /// Nobody's, so that an unknown name costs as many steps as a wrong password.
  private let nobody: PasswordVerifier
  private let host: String
  private let requiresTLS: Bool
  private let offersTLS: Bool
  private var isEncrypted = false
  private var stage = Stage.response
  private var verifier: PasswordVerifier
  package private(set) var response = HandshakeResponse(capabilities: [], collation: 0)

  /// `host`: where the client is, for the text of a refusal.
  package init(
    users: [String: PasswordVerifier], nonce: [UInt8], host: String, offersTLS: Bool,
    requiresTLS: Bool
  ) {
    self.users = users
    self.nonce = nonce
    self.host = host
    self.offersTLS = offersTLS
    self.requiresTLS = requiresTLS
    nobody = .password((0..<20).map { _ in "\(UInt8.random(in: 0...255))" }.joined())
    verifier = nobody
  }

  package mutating func take(_ payload: ByteBuffer) throws(ProtocolViolation) -> Step {
    switch stage {
    case .response:
      if offersTLS, !isEncrypted, HandshakeResponse.isTLSRequest(payload) {
        isEncrypted = true
        return .startTLS
      }
      response = try HandshakeResponse(reading: payload)
      // It was not offered, and what such a client sends from here on could not be told apart.
      guard response.capabilities.isDisjoint(with: .compressing) else {
        return .refuse(
          ServerError(1235, state: "42000", "compression is not offered: connect without it"))
      }
      return begin(response.user, response.proof, response.plugin)
    case .proof(let plugin): return judge(Array(payload.readableBytesView), plugin)
    case .password:
      var bytes = Array(payload.readableBytesView)
      if bytes.last == 0 { bytes.removeLast() }
      return verifier.check(password: bytes) ? .accept([]) : denied(true)
    }
  }

  /// Begins again for another user of the same connection.
  package mutating func take(_ change: ChangeUser) -> Step {
    response.user = change.user
    response.database = change.database
    response.collation = change.collation ?? response.collation
    return begin(change.user, change.proof, change.plugin)
  }

  private mutating func begin(_ user: String, _ proof: [UInt8], _ plugin: String?) -> Step {
    guard isEncrypted || !requiresTLS else {
      return .refuse(ServerError(3159, "Connections using insecure transport are prohibited"))
    }
    verifier = users[user] ?? nobody
    let name = plugin ?? AuthenticationPlugin.native.rawValue
    guard let plugin = AuthenticationPlugin(rawValue: name) else {
      stage = .proof(Self.standardPlugin)
      var buffer = ByteBuffer()
      buffer.writeInteger(UInt8(0xFE))
      buffer.writeZeroTerminated(Self.standardPlugin.rawValue)
      buffer.writeBytes(nonce + [0])
      return .send([buffer])
    }
    return judge(proof, plugin)
  }

  private mutating func judge(_ proof: [UInt8], _ plugin: AuthenticationPlugin) -> Step {
    // A client without a password sends nothing, or the zero that would end one.
    let proof = proof == [0] ? [] : proof
    switch verifier.check(proof, plugin, nonce: nonce) {
    case .accepted: return .accept(plugin == .cachingSHA2 && !proof.isEmpty ? [Self.more(3)] : [])
    case .refused: return denied(!proof.isEmpty)
    case .needsPassword:
      guard isEncrypted else {
        return .refuse(
          ServerError(
            1045, state: "28000",
            "caching_sha2_password needs the password itself here, which the proxy takes over TLS "
              + "only; connect with TLS or mysql_native_password"))
      }
      stage = .password
      return .send([Self.more(4)])
    }
  }

  private func denied(_ hasPassword: Bool) -> Step {
    .refuse(
      ServerError(
        1045, state: "28000",
        "Access denied for user '\(response.user)'@'\(host)' (using password: "
          + "\(hasPassword ? "YES" : "NO"))"))
  }

  private static func more(_ byte: UInt8) -> ByteBuffer { ByteBuffer(bytes: [1, byte]) }
}
