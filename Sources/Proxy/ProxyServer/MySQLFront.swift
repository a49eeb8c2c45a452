package import Cutover
internal import MySQLWire
package import NIOCore
internal import NIOSSL
internal import Synchronization
package import Terms

/// MySQL's protocol, to clients and to backends.
package final class MySQLFront: ProtocolFront {
  let gate: Gate
  let sessions = SessionRegistry<MySQLSession>()
  private let group: any EventLoopGroup
  private let secrets: Mutex<Secrets>
  private let state = Mutex(State())

  /// What a configuration's secrets and certificates come to.
  private struct Secrets: Sendable {
    let users: [String: PasswordVerifier]
    let ports: [String: NIOSSLContext]
    let backends: [BackendName: NIOSSLContext]

    init(_ configuration: ProxyConfiguration) throws {
      users = Dictionary(
        uniqueKeysWithValues: configuration.users.compactMap { user in
          switch user.secret {
          // It would let everybody in.
          case .password(""): nil
          case .password(let password): (user.name, .password(password))
          case .verifier(let text): PasswordVerifier(stored: text).map { (user.name, $0) }
          }
        })
      ports = try TransportSecurity.ofListeners(configuration, .mysql)
      backends = try TransportSecurity.ofBackends(configuration, .mysql)
    }
  }

  private struct State {
    /// As a backend greeted last; drivers decide by it what they may ask for.
    var version = "8.0.36"
    var lastNumber: UInt32 = 0
    /// What strings look like on a backend whose sessions have not said so yet.
    var status: ServerStatus = .autocommit
    /// Where work goes on whose client has left.
    var left: [Gate.WorkID: ServerThread] = [:]
    /// Statements that are to end, of each backend at which somebody is ending some.
    var unwanted: [BackendName: ArraySlice<UnwantedStatement>] = [:]
  }

  private struct UnwantedStatement: Sendable {
    let thread: UInt32
    /// Which of the connection's commands it is.
    let number: Int
    let connection: NIOLoopBound<MySQLConnection>

    var isStillAsked: Bool {
      get async {
        let answer = connection.eventLoop.submit { connection.value.isAsking(number) }
        return (try? await answer.get()) == true
      }
    }

    func isDealtWith() { connection.eventLoop.execute { connection.value.kills -= 1 } }
  }

  /// Throws what is wrong with a certificate.
  package init(_ gate: Gate, on group: any EventLoopGroup) throws {
    self.gate = gate
    self.group = group
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

  var version: String { state.withLock { $0.version } }

  /// Of a session that no server has told its own yet.
  var status: ServerStatus { state.withLock { $0.status } }

  var users: [String: PasswordVerifier] { secrets.withLock { $0.users } }

  func tls(of listener: ProxyConfiguration.Listener) -> NIOSSLContext? {
    secrets.withLock { $0.ports[listener.address.description] }
  }

  func tls(to backend: ProxyConfiguration.Backend) -> NIOSSLContext? {
    secrets.withLock { $0.backends[backend.name] }
  }

  // MARK: Clients

  package func welcome(
    _ client: any Channel, _ listener: ProxyConfiguration.Listener
  ) throws {
    guard gate.traffic.enter(atMost: gate.limits.connections) else {
      gate.noteRefusal(of: client.remoteAddress?.ipAddress, "too many connections")
      var frames = ByteBuffer()
      frames.writePacket(
        ServerError(1040, state: "08004", "Too many connections").payload, sequence: 0)
      client.writeAndFlush(frames).whenComplete { _ in client.close(promise: nil) }
      return
    }
    client.closeFuture.whenComplete { [gate] _ in gate.traffic.leave() }
    guard let number = sessions.takeNumber(nextNumber) else { return client.close(promise: nil) }
    let session = MySQLSession(self, listener, id: number, on: client)
    sessions.enter(session, as: number, on: client.eventLoop)
    try client.pipeline.syncOperations.addHandler(session)
  }

  private func nextNumber() -> UInt32 {
    state.withLock { state in
      state.lastNumber = state.lastNumber == .max ? 1 : state.lastNumber + 1
      return state.lastNumber
    }
  }

  package func breakOff(
    _ works: Set<Gate.WorkID>, of route: ShardName
  ) async -> [(backend: BackendName, why: String)] {
    let ended = await sessions.askAll { $0.breakOff(works, of: route) }.compactMap { $0 }
    let left = state.withLock { state in works.compactMap { state.left[$0] } }
    return await withTaskGroup { group in
      for (name, threads) in Dictionary(grouping: ended + left, by: \.backend.name) {
        group.addTask { await self.kill(threads).map { (name, $0) } }
      }
      return await group.reduce(into: []) { failures, failure in
        if let failure { failures.append(failure) }
      }
    }
  }

  /// A connection of a session at its server.
  struct ServerThread: Sendable {
    let number: UInt32
    let backend: ProxyConfiguration.Backend
  }

  /// Keeps in mind, or forgets, where work goes on whose client has left.
  func note(_ work: Gate.WorkID, at thread: ServerThread?) {
    state.withLock { $0.left[work] = thread }
  }

  package func stop(within limit: Duration) async { await sessions.stop(within: limit) }

  // MARK: Backends

  package func examine(
    _ backend: ProxyConfiguration.Backend, within limit: Duration
  ) async -> Examination {
    do {
      let client = try await connect(to: backend, within: limit)
      defer { client.close() }
      state.withLock { $0.version = client.greeting }
      var examination = Examination(isUp: true)
      let first = try await client.query(
        "SELECT @@version AS v, @@global.read_only AS r, @@global.sql_mode AS m")
      let escapes = first["m"]?.contains("NO_BACKSLASH_ESCAPES") != true
      state.withLock { $0.status = escapes ? .autocommit : [.autocommit, .noBackslashEscapes] }
      examination.version = first["v"]
      examination.isReadOnly = first["r"].map { $0 != "0" }
      do {
        let replication = try await client.replication(of: first["v"])
        (examination.replicates, examination.lag) = (replication != nil, replication?.lag)
      } catch {
        // Not everybody may ask; it answers all the same.
      }
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
    _ route: ShardName, from old: ProxyConfiguration.Backend, to new: ProxyConfiguration.Backend,
    within limit: Duration
  ) async throws(Refusal) {
    func refusal(_ text: String) -> Refusal { Refusal(.failedPrecondition, text) }
    let isThere: Bool
    do {
      let source = try await connect(to: old, within: limit)
      defer { source.close() }
      let replica = try await connect(to: new, within: limit)
      defer { replica.close() }
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

  package var connections: [BackendName: Int] { sessions.pool.inUse }

  /// Has a server end the statement that runs on a session's connection at the moment, and not one that
  /// has begun there since; on the connection's event loop.
  func killQuery(_ thread: UInt32, over connection: MySQLConnection) {
    let backend = connection.backend
    connection.kills += 1
    let statement = UnwantedStatement(
      thread: thread, number: connection.asked,
      connection: NIOLoopBound(connection, eventLoop: connection.channel.eventLoop))
    let isFirst = state.withLock { state in
      defer { state.unwanted[backend.name, default: []].append(statement) }
      return state.unwanted[backend.name] == nil
    }
    if isFirst { Task { await killQueries(at: backend) } }
  }

  /// Ends statements one after the other over one connection, however many clients leave at once.
  private func killQueries(at backend: ProxyConfiguration.Backend) async {
    var client: MySQLClient?
    while let statement = nextUnwanted(at: backend.name) {
      if await statement.isStillAsked {
        do {
          if client == nil { client = try await connect(to: backend, within: gate.limits.connect) }
          _ = try await client?.query("KILL QUERY \(statement.thread)")
        } catch is ServerError {
          // It has ended by itself.
        } catch {
          client?.close()
          client = nil
        }
      }
      statement.isDealtWith()
    }
    client?.close()
  }

  private func nextUnwanted(at backend: BackendName) -> UnwantedStatement? {
    state.withLock { state in
      guard let next = state.unwanted[backend]?.popFirst() else {
        state.unwanted[backend] = nil
        return nil
      }
      return next
    }
  }

  /// Ends connections at their server, which would not notice that they are gone before their
  /// statements have ended; returns why that failed.
  ///
  /// One that answers late is not waited for beyond `connect`, however many there are.
  private func kill(_ threads: [ServerThread]) async -> String? {
    guard let backend = threads.first?.backend else { return nil }
    let limit = gate.limits.connect
    do {
      let client = try await connect(to: backend, within: limit)
      defer { client.close() }
      let end = gate.instant + limit
      for (done, thread) in threads.enumerated() {
        guard gate.instant < end else {
          return "\(threads.count - done) of \(threads.count) were left after \(limit.seconds) s"
        }
        do {
          _ = try await client.query("KILL \(thread.number)")
        } catch let error as ServerError where error.code == 1094 {
          // It has ended by itself.
        }
      }
      return nil
    } catch {
      return "\(error)"
    }
  }

  private func connect(
    to backend: ProxyConfiguration.Backend, within limit: Duration
  ) async throws -> MySQLClient {
    try await MySQLClient(to: backend, tls(to: backend), on: group.next(), within: limit)
  }
}
