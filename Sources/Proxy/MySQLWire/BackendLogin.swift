package import NIOCore

/// The proxy's own login to a server.
package struct BackendLogin: Sendable {
  package enum Step: Sendable, Equatable {
    /// Sends a payload and waits for the next packet.
    case send(ByteBuffer)
    /// Sends the first payload, starts TLS and sends the second one over it.
    case startTLS(ByteBuffer, then: ByteBuffer)
    case wait
    case done
  }

  package struct Identity: Sendable {
    package let user: String
    package let password: String
    package var database: String?
    package let collation: UInt8
    package let capabilities: Capabilities
    package let wantsTLS: Bool

    package init(
      user: String, password: String, database: String?, collation: UInt8,
      capabilities: Capabilities, wantsTLS: Bool
    ) {
      self.user = user
      self.password = password
      self.database = database
      self.collation = collation
      self.capabilities = capabilities
      self.wantsTLS = wantsTLS
    }
  }

  private let identity: Identity
  private var plugin = AuthenticationPlugin.native
  /// Nil until the server has greeted.
  package private(set) var greeting: Greeting?

  package init(_ identity: Identity) { self.identity = identity }

  /// Takes the server's next packet; throws its refusal, or what is wrong with it.
  package mutating func take(_ payload: ByteBuffer) throws -> Step {
    if let error = ServerError(reading: payload) { throw error }
    guard greeting != nil else { return try begin(try Greeting(reading: payload)) }
    switch payload.getInteger(at: payload.readerIndex, as: UInt8.self) {
    case 0x00: return .done
    case 0xFE: return try switchPlugin(payload)
    case 0x01: return try goOn(payload.getInteger(at: payload.readerIndex + 1, as: UInt8.self))
    default: throw ProtocolViolation("the server answers the login with something else")
    }
  }

  private mutating func begin(_ greeting: Greeting) throws -> Step {
    self.greeting = greeting
    let missing = identity.capabilities.intersection(.shaping).subtracting(greeting.capabilities)
    guard missing.isEmpty else {
      throw ProtocolViolation("the server cannot do what the client was promised")
    }
    plugin = AuthenticationPlugin(rawValue: greeting.plugin) ?? .native
    var response = HandshakeResponse(
      capabilities: identity.capabilities.union([
        .longPassword, .longFlag, .protocol41, .transactions, .secureConnection,
        .pluginAuthentication,
      ]), collation: identity.collation)
    response.user = identity.user
    response.proof = Scramble.proof(of: identity.password, plugin, nonce: greeting.nonce)
    response.plugin = plugin.rawValue
    response.database = identity.database
    if identity.database != nil { response.capabilities.insert(.connectWithDatabase) }
    guard identity.wantsTLS else { return .send(response.payload) }
    guard greeting.capabilities.contains(.tls) else {
      throw ProtocolViolation("the server offers no TLS")
    }
    response.capabilities.insert(.tls)
    return .startTLS(response.tlsRequest, then: response.payload)
  }

  private mutating func switchPlugin(_ payload: ByteBuffer) throws -> Step {
    var buffer = payload
    buffer.moveReaderIndex(forwardBy: 1)
    let name = buffer.readZeroTerminated() ?? ""
    guard let plugin = AuthenticationPlugin(rawValue: name) else {
      throw ProtocolViolation("the server wants \(name), which the proxy does not speak")
    }
    self.plugin = plugin
    let nonce = Array(buffer.readableBytesView.prefix(20))
    greeting?.nonce = nonce
    return .send(ByteBuffer(bytes: Scramble.proof(of: identity.password, plugin, nonce: nonce)))
  }

  private func goOn(_ byte: UInt8?) throws -> Step {
    switch (plugin, byte) {
    case (.cachingSHA2, 3): return .wait
    case (.cachingSHA2, 4):
      guard identity.wantsTLS else {
        throw ProtocolViolation(
          "the server wants the password itself (caching_sha2_password), which the proxy sends over "
            + "TLS only")
      }
      return .send(ByteBuffer(bytes: Array(identity.password.utf8) + [0]))
    default: throw ProtocolViolation("the server answers the login with something else")
    }
  }
}
