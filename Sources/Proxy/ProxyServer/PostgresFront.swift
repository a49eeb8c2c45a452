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

  /// A session where another thread may find it.
  private struct Registered {
    let secret: UInt32
    let session: NIOLoopBound<PostgresSession>
  }

  private struct State {
    var sessions: [UInt32: Registered] = [:]
    var greetings: [GreetingKey: [String: String]] = [:]
    var isStopping = false
    var madeRoomAt: Instant?
  }

  /// How often sessions try whether a full server has room again.
  static let roomInterval = TimeAmount.milliseconds(20)

  /// So many ways to begin a session are remembered.
  private static let mostGreetings = 1_000

  let gate: Gate
  /// Where servers are asked how they stand.
  let loops: any EventLoopGroup
  private let verifiers: [String: ScramVerifier]
  private let ports: [String: NIOSSLContext]
  private let backends: [BackendName: NIOSSLContext]
  private let keyring = ScramKeyring()
  private let mockSecret = Scram.randomBytes(32)
  private let state = Mutex(State())

  /// Throws what is wrong with a certificate.
  package init(_ gate: Gate, on loops: any EventLoopGroup) throws {
    self.gate = gate
    self.loops = loops
    ports = try TransportSecurity.ofListeners(gate.configuration, .postgres)
    backends = try TransportSecurity.ofBackends(gate.configuration, .postgres)
    var verifiers: [String: ScramVerifier] = [:]
    for user in gate.configuration.users {
      switch user.secret {
      case .password(let password): verifiers[user.name] = ScramVerifier(password: password)
      // Users of MySQL have verifiers of another kind.
      case .verifier(let text): verifiers[user.name] = ScramVerifier(text)
      }
    }
    self.verifiers = verifiers
  }

  package func welcome(
    _ client: any Channel, _ listener: ProxyConfiguration.Listener
  ) throws {
    guard gate.traffic.enter(atMost: gate.configuration.limits.connections) else {
      let error = PostgresError(.fatal, .tooManyConnections, "sorry, too many clients already")
      client.writeAndFlush(error.bytes).whenComplete { _ in client.close(promise: nil) }
      return
    }
    client.closeFuture.whenComplete { [gate] _ in gate.traffic.leave() }
    try client.pipeline.syncOperations.addHandler(PostgresSession(self, listener, client))
  }

  func tls(of listener: ProxyConfiguration.Listener) -> NIOSSLContext? {
    ports[listener.address.description]
  }

  func login(for listener: ProxyConfiguration.Listener) -> ClientLogin {
    let tls: ClientLogin.TLS =
      listener.certificate == nil ? .off : listener.requiresTLS ? .required : .offered
    return ClientLogin(tls: tls, mockSecret: mockSecret) { [verifiers] user in verifiers[user] }
  }

  func door(
    to backend: ProxyConfiguration.Backend, within limit: Duration? = nil
  ) -> PostgresDoor {
    PostgresDoor(
      backend: backend, tls: backends[backend.name], keyring: keyring,
      limit: limit ?? gate.configuration.limits.connect)
  }

  // MARK: Sessions

  /// Gives a session a key for cancelling; nil: the proxy stops.
  func remember(_ session: PostgresSession) -> CancelKey? {
    let bound = NIOLoopBound(session, eventLoop: session.loop)
    return state.withLock { state in
      guard !state.isStopping else { return nil }
      var process = UInt32.random(in: 1...0x7FFF_FFFF)
      while state.sessions[process] != nil { process = .random(in: 1...0x7FFF_FFFF) }
      let secret = UInt32.random(in: 0...UInt32.max)
      state.sessions[process] = Registered(secret: secret, session: bound)
      return CancelKey(process: process, secret: secret)
    }
  }

  func forget(_ key: CancelKey) {
    state.withLock { state in state.sessions[key.process] = nil }
  }

  /// Cancels what runs or waits in the session of this key, if there is one.
  func cancel(_ key: CancelKey) {
    let known = state.withLock { $0.sessions[key.process] }
    guard let known, known.secret == key.secret else { return }
    Self.tell([known]) { $0.cancel() }
  }

  /// Sessions that are tied to a route's old server hear of it at once: one that listens would
  /// otherwise be silent for ever.
  package func switched(_ route: ShardName) {
    Self.tell(state.withLock { Array($0.sessions.values) }) { session in
      if session.route?.name == route { session.routeSwitched() }
    }
  }

  /// A server takes no more connections: sessions that are silent give theirs back.
  func makeRoom() {
    let now = gate.instant
    let sessions = state.withLock { state -> [Registered] in
      if let last = state.madeRoomAt, now - last < .milliseconds(50) { return [] }
      state.madeRoomAt = now
      return Array(state.sessions.values)
    }
    Self.tell(sessions) { $0.giveBack() }
  }

  /// Ends the sessions that have nothing under way, and the others once they have not, or when they
  /// take longer than a cutover would wait.
  package func stop() async {
    Self.tell(
      state.withLock { state in
        state.isStopping = true
        return Array(state.sessions.values)
      }
    ) { $0.leaveWhenIdle() }
    let end = ContinuousClock.now + gate.configuration.limits.inFlight
    while !state.withLock({ $0.sessions.isEmpty }), ContinuousClock.now < end {
      try? await Task.sleep(for: .milliseconds(20))
    }
    Self.tell(state.withLock { Array($0.sessions.values) }) { $0.end(with: $0.front.stopping) }
  }

  private static func tell(
    _ sessions: [Registered], _ what: @escaping @Sendable (PostgresSession) -> Void
  ) {
    for registered in sessions {
      registered.session.eventLoop.execute { what(registered.session.value) }
    }
  }

  // MARK: Greetings

  func greeting(of key: GreetingKey) -> [String: String]? {
    state.withLock { $0.greetings[key] }
  }

  func remember(_ greeting: [String: String], of key: GreetingKey) {
    state.withLock { state in
      if state.greetings.count >= Self.mostGreetings { state.greetings = [:] }
      state.greetings[key] = greeting
    }
  }

  // MARK: What sessions say

  /// ReadyForQuery, outside of a transaction.
  let ready = Frame<BackendKind>(.readyForQuery) { body in
    body.writeInteger(TransactionStatus.idle.rawValue)
  }.bytes

  let stopping = PostgresError(
    .fatal, .adminShutdown, "terminating connection: the proxy is being stopped")

  func noRoute(_ startup: Startup) -> PostgresError {
    PostgresError(
      .fatal, .invalidCatalogName, "no route leads to the database \"\(startup.database ?? "")\"")
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
