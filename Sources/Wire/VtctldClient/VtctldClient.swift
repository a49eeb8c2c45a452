internal import Certificates
package import FleetModel
internal import GRPCCore
internal import GRPCNIOTransportHTTP2Posix
internal import Synchronization
internal import Terms
internal import VtctldProtobuf

/// Calls vtctld over gRPC.
///
///     VtctldClient ─ one connection a piece of work ─> VtctldConnection ─ calls ─> vtctld
///          └── VtctldAccess: servers, TLS, credentials       └─ AnswerGuard: no answer traps
///
/// A connection is made for each piece of work and proves itself with a read. A call that changes
/// the cluster is then sent on it once: no other server and no other connection is tried after
/// that.
package struct VtctldClient: Sendable {
  private let access: VtctldAccess

  package init(_ access: VtctldAccess) { self.access = access }

  /// Connects to the first server that answers, and closes the connection when the work is done.
  ///
  /// Another server is tried only before the work begins.
  package func withConnection<Result: Sendable>(
    _ work: @Sendable (VtctldConnection) async throws(CallFailure) -> Result
  ) async throws(CallFailure) -> Result {
    var failures: [CallFailure] = []
    for server in access.servers {
      let progress = Mutex(Progress<Result>.connecting)
      do {
        try await connect(to: server) { connection throws(CallFailure) in
          progress.withLock { $0 = .working }
          let result = try await work(connection)
          progress.withLock { $0 = .done(result) }
        }
      } catch {
        let failure =
          error as? CallFailure
          ?? CallFailure(.unreachable, .vtctld(server), .reported("\(error)"))
        switch progress.withLock({ $0 }) {
        case .connecting where failure.kind == .unreachable:
          failures.append(failure)
          continue
        case .connecting, .working: throw failure
        // A failure to close the connection changes nothing.
        case .done: break
        }
      }
      if case .done(let result) = progress.withLock({ $0 }) { return result }
    }
    throw failures.count == 1 ? failures[0] : CallFailure(.unreachable, nil, .each(failures))
  }

  /// How far the work on a connection has come: once begun, it is never begun again.
  private enum Progress<Result: Sendable>: Sendable {
    case connecting, working
    case done(Result)
  }

  /// All keyspaces, with their throttlers' configuration.
  package func keyspaces() async throws(CallFailure) -> [TopoKeyspace] {
    try await withConnection { connection throws(CallFailure) in connection.keyspaces }
  }

  private func connect(
    to server: Address, _ work: @Sendable (VtctldConnection) async throws(CallFailure) -> Void
  ) async throws {
    let transport: HTTP2ClientTransport.Posix
    // The transport keeps no error from behind the TLS handler.
    let fault = Mutex<CallFailure.ConnectionFault?>(nil)
    do {
      transport = try self.transport(to: server) { found in fault.withLock { $0 = found } }
    } catch {
      throw CallFailure(.refused, .vtctld(server), .reported("\(error)"))
    }
    do {
      try await withGRPCClient(transport: transport) { client in
        try await work(
          try await VtctldConnection(
            client, server, access.metadata, hiding: access.secrets,
            overTLS: access.security != nil, as: access.security?.identity?.certificate,
            placing: access.place))
      }
    } catch {
      guard let fault = fault.withLock({ $0 }) else { throw error }
      throw CallFailure(.unreachable, .vtctld(server), .connection(fault))
    }
  }

  private func transport(
    to server: Address, refuse: @escaping @Sendable (CallFailure.ConnectionFault) -> Void
  ) throws -> HTTP2ClientTransport.Posix {
    var config = HTTP2ClientTransport.Posix.Config.defaults
    config.channelDebuggingCallbacks.onCreateHTTP2Stream = AnswerGuard.join
    if let security = access.security {
      // An address is not a name for SNI (RFC 6066, section 3), so the TLS library refuses it
      // there.
      if let name = security.serverName, IPAddress(name) == nil { config.http2.authority = name }
      let name = security.serverName ?? server.host
      config.channelDebuggingCallbacks.onCreateTCPConnection = { channel in
        ServerCertificateCheck(name) { refuse(.init($0)) }.join(channel)
      }
    } else {
      config.channelDebuggingCallbacks.onCreateTCPConnection = { channel in
        OpeningCheck(refuse).join(channel)
      }
    }
    // Servers end connections that ping more often than every 10 s.
    config.connection.keepalive = .init(
      time: .seconds(20), timeout: .seconds(10), allowWithoutCalls: false)
    return try .http2NIOPosix(
      target: server.target, transportSecurity: access.security?.transport ?? .plaintext,
      config: config)
  }
}

extension Address {
  fileprivate var target: any ResolvableTarget {
    if host.contains(":") { return .ipv6(address: host, port: port) }
    let isIPv4 =
      host.split(separator: ".").count == 4 && host.allSatisfy { $0.isNumber || $0 == "." }
    return isIPv4 ? .ipv4(address: host, port: port) : .dns(host: host, port: port)
  }
}

extension VtctldAccess {
  /// As go/vt/grpcclient/client_auth_static.go sends them.
  fileprivate var metadata: Metadata {
    guard let credentials else { return [:] }
    return ["username": "\(credentials.username)", "password": "\(credentials.password)"]
  }

  fileprivate var secrets: Secrets { Secrets(credentials.map { [$0.password] } ?? []) }
}

extension CallFailure.ConnectionFault {
  fileprivate init(_ fault: ServerCertificateCheck.Fault) {
    self =
      switch fault {
      case .otherName(let name, let found): .otherName(than: name, found: found)
      case .expired(let end): .expired(at: Instant(secondsSinceEpoch: Double(end)))
      }
  }
}

extension VtctldAccess.Security {
  fileprivate var transport: HTTP2ClientTransport.Posix.TransportSecurity {
    .tls { config in
      if let identity {
        config.certificateChain = [.file(path: identity.certificate, format: .pem)]
        config.privateKey = .file(path: identity.key, format: .pem)
      }
      if let authority {
        config.trustRoots = .certificates([.file(path: authority, format: .pem)])
      }
      // The name is checked by ``ServerCertificateCheck``.
      config.serverCertificateVerification = .noHostnameVerification
    }
  }
}
