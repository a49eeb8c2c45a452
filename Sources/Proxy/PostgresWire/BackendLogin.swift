internal import Crypto
package import NIOCore

/// The beginning of a connection to a server, from the startup packet to its first
/// ReadyForQuery; TLS, if it is wanted, is there already.
///
/// Whoever claims to be the server learns the password only by a method that was asked for.
package struct BackendLogin: Sendable {
  package enum Method: String, Sendable, CaseIterable {
    case scram = "scram-sha-256"
    case md5
    case cleartext = "password"
  }

  package struct Credentials: Sendable {
    package let user: String
    package let password: String?
    /// How the password may be proved.
    package let methods: Set<Method>

    package init(user: String, password: String?, methods: Set<Method> = [.scram]) {
      self.user = user
      self.password = password
      self.methods = methods
    }
  }

  package enum Failure: Error, Sendable, Equatable {
    /// The server refused, in its words.
    case refused(PostgresError)
    /// The server wants a password in a way that was not asked for, or there is none.
    case method(String)
    /// The server does not know the password that it asks for.
    case impostor
    case violation(ProtocolViolation)

    /// Holds the server's words; nothing secret.
    package var message: String {
      switch self {
      case .refused(let error): error.message
      case .method(let name): "the server asks for a password by \(name), which is not allowed here"
      case .impostor: "the server could not prove that it knows the password"
      case .violation(let violation): violation.message
      }
    }
  }

  private enum State: Sendable {
    case authentication
    case challenge(ScramClient)
    case serverProof(ScramClient)
    /// The server's proof was right; only its word that all is well may follow.
    case proved
    case loggedIn
    case ready
  }

  private let credentials: Credentials
  private var state = State.authentication
  /// What the server reported of its settings.
  package private(set) var parameters: [String: String] = [:]
  package private(set) var key: CancelKey?

  private let nonce: String

  private let keyring: ScramKeyring

  package init(
    _ credentials: Credentials, nonce: String = Scram.nonce(),
    keyring: ScramKeyring = ScramKeyring()
  ) {
    self.credentials = credentials
    self.nonce = nonce
    self.keyring = keyring
  }

  package var isReady: Bool { if case .ready = state { true } else { false } }

  /// The first packet.
  package func startup(database: String, _ settings: [Startup.Parameter]) -> ByteBuffer {
    StartupPacket.startup(
      Startup([.init("user", credentials.user), .init("database", database)] + settings)
    ).bytes
  }

  /// Takes one message; what it returns is to be sent.
  package mutating func take(_ frame: Frame<BackendKind>) throws(Failure) -> ByteBuffer? {
    do {
      return try step(frame)
    } catch let failure as Failure {
      throw failure
    } catch {
      throw .violation(error as? ProtocolViolation ?? ProtocolViolation("\(error)"))
    }
  }

  private mutating func step(_ frame: Frame<BackendKind>) throws -> ByteBuffer? {
    var body = frame.body
    switch (frame.kind, state) {
    case (.errorResponse, _): throw Failure.refused(try PostgresError(reading: body))
    case (.negotiateProtocolVersion, .authentication): break
    case (.authentication, _): return try answer(&body)
    case (.parameterStatus, .loggedIn):
      let parameter = try Startup.Parameter(reading: &body)
      parameters[parameter.name] = parameter.value
    case (.backendKeyData, .loggedIn): key = try CancelKey(reading: &body)
    case (.readyForQuery, .loggedIn): state = .ready
    default: throw ProtocolViolation("the server sent something else than the startup has")
    }
    return nil
  }

  private mutating func answer(_ body: inout ByteBuffer) throws -> ByteBuffer? {
    guard let code: UInt32 = body.readInteger() else {
      throw ProtocolViolation("a request for authentication is too short")
    }
    switch (Authentication(rawValue: code), state) {
    case (.ok, .authentication), (.ok, .proved):
      state = .loggedIn
      return nil
    case (.cleartextPassword, .authentication):
      return Self.terminated(try password(by: .cleartext))
    case (.md5Password, .authentication):
      return Self.terminated(try hashed(by: body))
    case (.sasl, .authentication): return try begin(&body)
    case (.saslContinue, .challenge(var client)):
      let proof = try Self.checked { () throws(ScramFailure) in
        try client.proof(for: String(buffer: body))
      }
      state = .serverProof(client)
      return Self.answer { $0.writeString(proof) }
    case (.saslFinal, .serverProof(let client)):
      try Self.checked { () throws(ScramFailure) in try client.check(String(buffer: body)) }
      state = .proved
      return nil
    case (nil, _): throw Failure.method("method \(code)")
    default: throw ProtocolViolation("the server's authentication is out of order")
    }
  }

  private mutating func begin(_ body: inout ByteBuffer) throws -> ByteBuffer {
    var offered: [String] = []
    while case let name = try body.readTerminated(), !name.isEmpty { offered.append(name) }
    guard offered.contains(Scram.mechanism) else { throw Failure.method("SASL") }
    let client = ScramClient(
      password: try password(by: .scram), nonce: nonce, keyring: keyring)
    state = .challenge(client)
    return Self.answer { answer in
      answer.writeTerminated(Scram.mechanism)
      answer.writeInteger(UInt32(client.first.utf8.count))
      answer.writeString(client.first)
    }
  }

  private func password(by method: Method) throws -> String {
    guard credentials.methods.contains(method), let password = credentials.password else {
      throw Failure.method(method.rawValue)
    }
    return password
  }

  /// `md5` and the digest of the salt and the digest that the server stores.
  private func hashed(by body: ByteBuffer) throws -> String {
    func digest(_ bytes: some Sequence<UInt8>) -> String {
      Insecure.MD5.hash(data: Array(bytes)).map { byte in
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }.joined()
    }
    let stored = digest((try password(by: .md5) + credentials.user).utf8)
    return "md5" + digest(Array(stored.utf8) + Array(body.readableBytesView))
  }

  private static func checked<Value>(
    _ step: () throws(ScramFailure) -> Value
  ) throws -> Value {
    do throws(ScramFailure) {
      return try step()
    } catch {
      switch error {
      case .wrongPassword: throw Failure.impostor
      case .malformed, .channelBinding, .tooManyIterations:
        throw ProtocolViolation("the server's authentication is malformed")
      }
    }
  }

  private static func terminated(_ text: String) -> ByteBuffer {
    answer { $0.writeTerminated(text) }
  }

  private static func answer(_ body: (inout ByteBuffer) -> Void) -> ByteBuffer {
    var buffer = ByteBuffer()
    buffer.write(FrontendKind.password, body)
    return buffer
  }
}
