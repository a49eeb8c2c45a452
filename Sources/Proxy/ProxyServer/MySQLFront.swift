package import Cutover
internal import MySQLWire
package import NIOCore
internal import NIOSSL
internal import Synchronization
internal import Terms

/// MySQL's protocol, to clients and to backends.
package final class MySQLFront: ProtocolFront {
  let gate: Gate
  let users: [String: PasswordVerifier]
  private let group: any EventLoopGroup
  private let serverTLS: [String: NIOSSLContext]
  private let clientTLS: [BackendName: NIOSSLContext]
  private let state = Mutex(State())

  private struct State {
    /// As a backend greeted last; drivers decide by it what they may ask for.
    var version = "8.0.36"
    var nextID: UInt32 = 1
    var sessions: [UInt32: any Channel] = [:]
  }

  /// Throws what is wrong with a certificate.
  package init(_ gate: Gate, on group: any EventLoopGroup) throws {
    self.gate = gate
    self.group = group
    let configuration = gate.configuration
    users = Dictionary(
      uniqueKeysWithValues: configuration.users.compactMap { user in
        switch user.secret {
        case .password(let password): (user.name, .password(password))
        case .verifier(let text): PasswordVerifier(stored: text).map { (user.name, $0) }
        }
      })
    serverTLS = try TransportSecurity.ofListeners(configuration, .mysql)
    clientTLS = try TransportSecurity.ofBackends(configuration, .mysql)
  }

  var version: String { state.withLock { $0.version } }

  func tls(of listener: ProxyConfiguration.Listener) -> NIOSSLContext? {
    serverTLS[listener.address.description]
  }

  func tls(to backend: ProxyConfiguration.Backend) -> NIOSSLContext? { clientTLS[backend.name] }

  // MARK: Clients

  package func welcome(
    _ client: any Channel, _ listener: ProxyConfiguration.Listener
  ) throws {
    guard gate.traffic.enter(atMost: gate.configuration.limits.connections) else {
      var frames = ByteBuffer()
      frames.writePacket(
        ServerError(1040, state: "08004", "Too many connections").payload, sequence: 0)
      client.writeAndFlush(frames).whenComplete { _ in client.close(promise: nil) }
      return
    }
    let id = state.withLock { state in
      defer { state.nextID &+= 1 }
      state.sessions[state.nextID] = client
      return state.nextID
    }
    client.closeFuture.whenComplete { [self] _ in
      state.withLock { $0.sessions[id] = nil }
      gate.traffic.leave()
    }
    try client.pipeline.syncOperations.addHandler(
      MySQLSession(self, listener, id: id, on: client))
  }

  /// Closes all clients' connections; what their backends are at is waited for by the gate's work.
  package func stop() async {
    for client in state.withLock({ Array($0.sessions.values) }) { client.close(promise: nil) }
  }

  // MARK: Backends

  package func examine(
    _ backend: ProxyConfiguration.Backend, within limit: Duration
  ) async -> Examination {
    do {
      let client = try await connect(to: backend, within: limit)
      defer { client.close() }
      state.withLock { $0.version = client.greeting }
      var examination = Examination(isUp: true)
      let first = try await client.query("SELECT @@version AS v, @@global.read_only AS r")
      examination.version = first["v"]
      examination.isReadOnly = first["r"].map { $0 != "0" }
      examination.lag = try? await client.replication(of: first["v"])?.lag
      return examination
    } catch let error as ServerError {
      return Examination(isUp: !error.isOfShutdown, fault: error.description)
    } catch let error as MySQLConnection.Unreachable {
      return Examination(isUp: false, fault: error.reason)
    } catch {
      return Examination(isUp: false, fault: "\(error)")
    }
  }

  package func catchUp(
    from old: ProxyConfiguration.Backend, to new: ProxyConfiguration.Backend,
    within limit: Duration
  ) async throws(Refusal) {
    func refusal(_ text: String) -> Refusal { Refusal(.failedPrecondition, text) }
    let isThere: Bool
    do {
      let (source, replica) = (
        try await connect(to: old, within: limit), try await connect(to: new, within: limit)
      )
      defer {
        source.close()
        replica.close()
      }
      let version = try await source.query("SELECT @@version AS v")["v"]
      guard let replication = try await replica.replication(of: version) else {
        throw refusal("\(new.name) does not replicate; a switch without a check must be asked for")
      }
      guard replication.isRunning else {
        throw refusal("replication of \(new.name) is stopped")
      }
      isThere = try await replica.wait(for: source.position(version), limit)
    } catch let error as Refusal {
      throw error
    } catch {
      throw refusal("whether \(new.name) has caught up cannot be found out: \(error)")
    }
    guard isThere else {
      throw refusal("\(new.name) did not catch up within \(limit.seconds) s")
    }
  }

  /// Ends a statement that runs on a backend, over a connection of its own.
  func killQuery(_ thread: UInt32, on backend: ProxyConfiguration.Backend) {
    Task {
      let client = try? await connect(to: backend, within: gate.configuration.limits.connect)
      _ = try? await client?.query("KILL QUERY \(thread)")
      client?.close()
    }
  }

  private func connect(
    to backend: ProxyConfiguration.Backend, within limit: Duration
  ) async throws -> MySQLClient {
    try await MySQLClient(to: backend, tls(to: backend), on: group.next(), within: limit)
  }
}
