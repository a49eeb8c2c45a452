package import Cutover
package import NIOCore
internal import NIOSSL
internal import PostgresWire
internal import Synchronization
package import Terms

/// Postgres' side of the proxy: sessions for its clients, and a look at its servers.
package final class PostgresFront: ProtocolFront {
  /// What decides which settings a session is told when it begins.
  struct GreetingKey: Hashable {
    let backend: BackendName?
    let database: String
    let settings: [[String]]
  }

  /// What a configuration's secrets and certificates come to.
  private struct Secrets: Sendable {
    let verifiers: [String: ScramVerifier]
    let ports: [String: NIOSSLContext]
    let backends: [BackendName: NIOSSLContext]

    init(_ configuration: ProxyConfiguration) throws {
      var verifiers: [String: ScramVerifier] = [:]
      for user in configuration.users {
        switch user.secret {
        // As with a server, nobody logs in with an empty one.
        case .password(""): continue
        case .password(let password): verifiers[user.name] = ScramVerifier(password: password)
        // Users of MySQL have verifiers of another kind.
        case .verifier(let text): verifiers[user.name] = ScramVerifier(text)
        }
      }
      self.verifiers = verifiers
      ports = try TransportSecurity.ofListeners(configuration, .postgres)
      backends = try TransportSecurity.ofBackends(configuration, .postgres)
    }
  }

  /// How often sessions try whether a full server has room again.
  static let roomInterval = TimeAmount.milliseconds(20)

  /// So many ways to begin a session are remembered.
  private static let mostGreetings = 1_000

  let gate: Gate
  /// Where servers are asked how they stand.
  let loops: any EventLoopGroup
  let sessions = SessionRegistry<PostgresSession>()
  private let secrets: Mutex<Secrets>
  private let keyring = ScramKeyring()
  private let mockSecret = Scram.randomBytes(32)
  private let greetings = Mutex<[GreetingKey: [String: String]]>([:])

  /// Throws what is wrong with a certificate.
  package init(_ gate: Gate, on loops: any EventLoopGroup) throws {
    self.gate = gate
    self.loops = loops
    secrets = Mutex(try Secrets(gate.configuration))
    sessions.limit(gate.configuration.backends)
  }

  package func adopting(
    _ configuration: ProxyConfiguration
  ) throws -> @Sendable () -> Void {
    let changed = try Secrets(configuration)
    return { [self] in
      secrets.withLock { $0 = changed }
      sessions.limit(configuration.backends)
    }
  }

  package func welcome(
    _ client: any Channel, _ listener: ProxyConfiguration.Listener
  ) throws {
    guard gate.traffic.enter(atMost: gate.limits.connections) else {
      gate.noteRefusal(of: client.remoteAddress?.ipAddress, "too many connections")
      let error = PostgresError(.fatal, .tooManyConnections, "sorry, too many clients already")
      client.writeAndFlush(error.bytes).whenComplete { _ in client.close(promise: nil) }
      return
    }
    client.closeFuture.whenComplete { [gate] _ in gate.traffic.leave() }
    try client.pipeline.syncOperations.addHandler(PostgresSession(self, listener, client))
  }

  func tls(of listener: ProxyConfiguration.Listener) -> NIOSSLContext? {
    secrets.withLock { $0.ports[listener.address.description] }
  }

  func login(for listener: ProxyConfiguration.Listener) -> ClientLogin {
    let tls: ClientLogin.TLS =
      listener.certificate == nil ? .off : listener.requiresTLS ? .required : .offered
    return ClientLogin(tls: tls, mockSecret: mockSecret) { [self] user in
      secrets.withLock { $0.verifiers[user] }
    }
  }

  func door(
    to backend: ProxyConfiguration.Backend, within limit: Duration? = nil
  ) -> PostgresDoor {
    PostgresDoor(
      backend: backend, tls: secrets.withLock { $0.backends[backend.name] },
      keyring: keyring,
      limit: limit ?? gate.limits.connect)
  }

  // MARK: Sessions

  /// Gives a session a key for cancelling; nil: the proxy stops.
  func remember(_ session: PostgresSession) -> CancelKey? {
    guard let process = sessions.takeNumber({ .random(in: 1...0x7FFF_FFFF) }) else { return nil }
    sessions.enter(session, as: process, on: session.loop)
    return CancelKey(process: process, secret: .random(in: 0...UInt32.max))
  }

  /// Cancels what runs or waits in the session of this key, if there is one.
  func cancel(_ key: CancelKey) {
    _ = sessions.ask(key.process) { session in
      if session.key == key { session.cancel() }
    }
  }

  /// Sessions that are tied to a route's old server hear of it at once: one that listens would
  /// otherwise be silent for ever.
  package func switched(_ route: ShardName) {
    sessions.tellAll { session in
      if session.route?.name == route { session.routeSwitched() }
    }
  }

  /// A server takes no more connections: sessions that are silent give theirs back.
  func makeRoom() { sessions.makeRoom(at: gate.instant) }

  package func breakOff(
    _ works: Set<Gate.WorkID>, of route: ShardName
  ) async -> [(backend: BackendName, why: String)] {
    _ = await sessions.askAll { $0.breakOff(works, of: route) }
    // Servers are asked to cancel until they let go, and the work ends with that.
    return []
  }

  package func stop(within limit: Duration) async { await sessions.stop(within: limit) }

  package var connections: [BackendName: Int] { sessions.pool.inUse }

  // MARK: Greetings

  func greeting(of key: GreetingKey) -> [String: String]? {
    greetings.withLock { $0[key] }
  }

  func remember(_ greeting: [String: String], of key: GreetingKey) {
    greetings.withLock { greetings in
      if greetings.count >= Self.mostGreetings { greetings = [:] }
      greetings[key] = greeting
    }
  }

  // MARK: What sessions say

  /// ReadyForQuery, outside of a transaction.
  let ready = Frame<BackendKind>(.readyForQuery) { body in
    body.writeInteger(TransactionStatus.idle.rawValue)
  }.bytes

  let stopping = PostgresError(
    .fatal, .adminShutdown, "terminating connection: the proxy is being stopped")

  func unknownDatabase(_ startup: Startup) -> PostgresError {
    PostgresError(
      .fatal, .invalidCatalogName, "database \"\(startup.database ?? "")\" does not exist")
  }

  func brokenOff(_ route: ShardName) -> PostgresError {
    PostgresError(
      .fatal, .adminShutdown,
      "terminating connection: an operator has ended what was in flight on \(route)",
      hint: "Whether its last statement ran is not known.")
  }

  func pinned(_ pins: Set<Pin>, to backend: ProxyConfiguration.Backend) -> PostgresError {
    let names = pins.map(\.rawValue).sorted().joined(separator: ", ")
    return PostgresError(
      .fatal, .adminShutdown, "terminating connection: its route has left \(backend.name)",
      detail: "The session has state that no other server can take over: \(names).",
      hint: "Connect again.")
  }
}

extension PostgresError {
  /// What vtgate would say, of a class that clients take for a reason to try again.
  init(_ refusal: Refusal) {
    self.init(.error, .adminShutdown, refusal.description)
  }
}
