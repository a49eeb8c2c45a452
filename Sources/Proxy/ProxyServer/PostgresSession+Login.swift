internal import Cutover
internal import NIOCore
internal import NIOSSL
internal import PostgresWire

/// The beginning of a session.
extension PostgresSession {
  func proceedWithLogin() {
    while case .login(var login) = phase, let action = login.next() {
      phase = .login(login)
      switch action {
      case .send(let bytes): channel.writeAndFlush(bytes, promise: nil)
      case .beginTLS(let bytes): beginTLS(bytes)
      case .cancel(let key):
        front.cancel(key)
        close()
      case .refuse(_, let why):
        noteRefusal(why.message)
        end(with: why)
      case .loggedIn(let startup, let bytes):
        write(bytes)
        var rest = login.drain()
        frames.take(&rest)
        begin(startup)
      }
    }
  }

  private func beginTLS(_ bytes: ByteBuffer) {
    guard let tls = front.tls(of: listener) else { return close() }
    channel.writeAndFlush(bytes, promise: nil)
    do {
      try channel.pipeline.syncOperations.addHandler(
        NIOSSLServerHandler(context: tls), position: .first)
    } catch {
      close()
    }
  }

  private func begin(_ startup: Startup) {
    self.startup = startup
    guard let route = gate.route(ofDatabase: startup.database, .postgres) else {
      noteRefusal(.noRoute(to: startup.database ?? ""))
      return end(with: front.unknownDatabase(startup))
    }
    self.route = route
    guard let key = front.remember(self) else { return end(with: front.stopping) }
    self.key = key
    guard let known = front.greeting(of: greetingKey) else { return askForGreeting() }
    for (name, value) in known.sorted(by: { $0.key < $1.key }) { tell(name, value) }
    greet()
  }

  /// Sessions that begin alike are told the same by the server that serves their route.
  var greetingKey: PostgresFront.GreetingKey {
    .init(
      backend: gate.standing(of: routeName)?.backend,
      database: startup.database ?? "",
      settings: startup.settings.map { [$0.name, $0.value] })
  }

  /// The session can be used.
  func greet() {
    phase = .idle
    since = gate.instant
    if let key { write(key.message) }
    sayReady()
    rest()
    proceed()
  }
}
