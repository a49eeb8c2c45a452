package import NIOCore

/// The beginning of a client's connection, up to the proof that the user is who it says.
///
/// Bytes go in with ``take(_:)``; ``next()`` says what to do, until it wants more bytes. Nothing
/// but the exchange below leads to ``Action/loggedIn(_:)``.
///
///     [SSLRequest ─> TLS] ─> startup ─> SCRAM: challenge ─> proof ─> logged in
package struct ClientLogin: Sendable {
  package enum Action: Sendable, Equatable {
    case send(ByteBuffer)
    /// Send what is given, in the clear, and begin with TLS.
    case beginTLS(ByteBuffer)
    /// Let the session of this key's statement be cancelled, and close.
    case cancel(CancelKey)
    /// Send what is given; the session begins.
    case loggedIn(Startup, ByteBuffer)
    /// Send what is given, and close.
    case refuse(ByteBuffer, why: PostgresError)
  }

  package enum TLS: Sendable { case off, offered, required }

  private enum State: Sendable {
    case startup
    case clientFirst(Startup, ScramServer)
    case clientFinal(Startup, ScramServer)
    case over
  }

  /// What a server takes of an answer, in bytes (`PG_MAX_SASL_MESSAGE_LENGTH`).
  private static let answerLimit = 1024

  private let verifier: @Sendable (_ user: String) -> ScramVerifier?
  private let mockSecret: [UInt8]
  private let tls: TLS
  private var isEncrypted = false
  /// Each may be asked for once, as with a server.
  private var asked: Set<StartupPacket.Encryption> = []
  private var buffer = ByteBuffer()
  private var frames = Frames<FrontendKind>(limit: answerLimit)
  private var state = State.startup

  /// `mockSecret`: what nobody else knows; the same in the whole process.
  package init(
    tls: TLS, mockSecret: [UInt8], verifier: @escaping @Sendable (_ user: String) -> ScramVerifier?
  ) {
    self.tls = tls
    self.mockSecret = mockSecret
    self.verifier = verifier
  }

  package mutating func take(_ bytes: inout ByteBuffer) {
    switch state {
    case .startup: buffer.writeBuffer(&bytes)
    case .clientFirst, .clientFinal: frames.take(&bytes)
    case .over: break
    }
  }

  /// Bytes that came behind the proof.
  package mutating func drain() -> ByteBuffer { frames.drain() }

  /// Nil: more has to come first.
  package mutating func next() -> Action? {
    do throws(PostgresError) {
      switch state {
      case .startup: return try readStartup()
      case .clientFirst(let startup, let server): return try readFirst(startup, server)
      case .clientFinal(let startup, let server): return try readFinal(startup, server)
      case .over: return nil
      }
    } catch {
      state = .over
      return .refuse(error.bytes, why: error)
    }
  }

  // MARK: Startup

  private mutating func readStartup() throws(PostgresError) -> Action? {
    let packet: StartupPacket?
    do throws(ProtocolViolation) {
      packet = try StartupPacket.read(from: &buffer)
    } catch {
      throw error.response
    }
    switch packet {
    case nil: return nil
    case .encryption(let encryption): return try answer(encryption)
    case .cancel(let key):
      state = .over
      return .cancel(key)
    case .startup(let startup): return try begin(startup)
    }
  }

  private mutating func answer(_ encryption: StartupPacket.Encryption) throws(PostgresError)
    -> Action
  {
    guard !isEncrypted else {
      throw ProtocolViolation("the connection is encrypted already").response
    }
    guard asked.insert(encryption).inserted else {
      throw ProtocolViolation("encryption was asked for twice").response
    }
    guard encryption == .tls, tls != .off else { return .send(ByteBuffer(string: "N")) }
    // Somebody in between could have put it there, to be taken for the client's own.
    guard buffer.readableBytes == 0 else {
      throw ProtocolViolation("the client sent data in the clear after it asked for TLS").response
    }
    isEncrypted = true
    return .beginTLS(ByteBuffer(string: "S"))
  }

  private mutating func begin(_ startup: Startup) throws(PostgresError) -> Action {
    guard tls != .required || isEncrypted else {
      throw PostgresError(.fatal, .invalidAuthorization, "connections without TLS are refused here")
    }
    guard let user = startup.user else {
      throw PostgresError(.fatal, .invalidAuthorization, "the startup packet names no user")
    }
    guard !startup.isForReplication else {
      throw PostgresError(
        .fatal, .featureNotSupported, "replication does not pass through this proxy")
    }
    let server = ScramServer(verifier(user) ?? ScramVerifier(mockFor: user, secret: mockSecret))
    state = .clientFirst(startup, server)
    frames.take(&buffer)
    buffer = ByteBuffer()
    var answer = startup.negotiation ?? ByteBuffer()
    answer.writeAuthentication(.sasl) { body in
      body.writeTerminated(Scram.mechanism)
      body.writeInteger(UInt8(0))
    }
    return .send(answer)
  }

  // MARK: SCRAM

  private mutating func readFirst(
    _ startup: Startup, _ server: ScramServer
  ) throws(PostgresError) -> Action? {
    guard var body = try readAnswer() else { return nil }
    var server = server
    do {
      guard try body.readTerminated() == Scram.mechanism,
        let length: Int32 = body.readInteger(), length == body.readableBytes
      else { throw ScramFailure.malformed }
      let challenge = try server.challenge(for: body.readString(length: Int(length)) ?? "")
      state = .clientFinal(startup, server)
      var answer = ByteBuffer()
      answer.writeAuthentication(.saslContinue) { $0.writeString(challenge) }
      return .send(answer)
    } catch {
      throw Self.refusal(startup, error)
    }
  }

  private mutating func readFinal(
    _ startup: Startup, _ server: ScramServer
  ) throws(PostgresError) -> Action? {
    guard let body = try readAnswer() else { return nil }
    do {
      let proof = try server.proof(for: String(buffer: body))
      state = .over
      var answer = ByteBuffer()
      answer.writeAuthentication(.saslFinal) { $0.writeString(proof) }
      answer.writeAuthentication(.ok)
      return .loggedIn(startup, answer)
    } catch {
      throw Self.refusal(startup, error)
    }
  }

  private mutating func readAnswer() throws(PostgresError) -> ByteBuffer? {
    do throws(ProtocolViolation) {
      switch try frames.next() {
      case nil: return nil
      case .frame(let frame) where frame.kind == .password: return frame.body
      default: throw ProtocolViolation("the client sent something else than its authentication")
      }
    } catch {
      throw error.response
    }
  }

  /// Unknown users and wrong passwords are told the same.
  private static func refusal(_ startup: Startup, _ error: any Error) -> PostgresError {
    switch error {
    case ScramFailure.wrongPassword:
      PostgresError(
        .fatal, .invalidPassword,
        "password authentication failed for user \"\(startup.user ?? "")\"")
    case ScramFailure.channelBinding:
      PostgresError(
        .fatal, .protocolViolation, "channel binding is not possible through this proxy")
    default:
      ProtocolViolation("the client's authentication is malformed").response
    }
  }
}

/// The requests for authentication (the Postgres manual, "Message Formats").
enum Authentication: UInt32 {
  case ok = 0
  case cleartextPassword = 3
  case md5Password = 5
  case sasl = 10
  case saslContinue = 11
  case saslFinal = 12
}

extension ByteBuffer {
  mutating func writeAuthentication(
    _ request: Authentication, _ rest: (inout ByteBuffer) -> Void = { _ in }
  ) {
    write(BackendKind.authentication) { body in
      body.writeInteger(request.rawValue)
      rest(&body)
    }
  }
}
