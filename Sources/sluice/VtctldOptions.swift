internal import Actions
internal import ArgumentParser
internal import FleetModel
internal import FoundationEssentials
internal import Operations
internal import TerminalKit
internal import Terms
internal import VitessClient
internal import VtctldClient
internal import Wording

/// How vtctld is reached, and where actions are recorded.
struct VtctldOptions: ParsableArguments {
  /// What holds the credentials where no file is named.
  private static let variable = "SLUICE_GRPC_AUTH_STATIC_CLIENT_CREDS"

  private static var credentials: String? {
    ProcessInfo.processInfo.environment[variable].flatMap { $0.isEmpty ? nil : $0 }
  }

  @Option(
    name: .customLong("vtctld"),
    help: ArgumentHelp(
      "A vtctld's gRPC address. Repeatable: the first that answers is asked.",
      valueName: "host:port"), transform: Address.vtctld)
  var servers: [Address] = []

  @Option(
    help: ArgumentHelp("The client's certificate for vtctld, PEM.", valueName: "file"),
    completion: .file())
  var vtctldGrpcCert: String?

  @Option(
    help: ArgumentHelp("The key of --vtctld-grpc-cert, PEM.", valueName: "file"),
    completion: .file())
  var vtctldGrpcKey: String?

  @Option(
    help: ArgumentHelp("Who may have signed vtctld's certificate, PEM.", valueName: "file"),
    completion: .file())
  var vtctldGrpcCa: String?

  @Option(
    help: ArgumentHelp(
      "The name in vtctld's certificate, where it is not the host's.", valueName: "name"))
  var vtctldGrpcServerName: String?

  @Option(
    help: ArgumentHelp(
      "A file with the name and password for vtctld: {\"Username\": \"...\", \"Password\": \"...\"}. "
        + "The environment holds them itself.",
      valueName: "file"), completion: .file())
  var grpcAuthStaticClientCreds: String?

  @Option(
    help: ArgumentHelp(
      "vtadmin's API, to reparent through where no vtctld can be reached.",
      valueName: "http://host:port"), transform: Self.vtadmin)
  var vtadmin: Address?

  @Option(help: ArgumentHelp("What vtadmin calls the cluster.", valueName: "id"))
  var vtadminCluster: String?

  @Option(
    help: ArgumentHelp(
      "A file with the token with which proxies take commands, one line.", valueName: "file"),
    completion: .file())
  var proxyTokenFile: String?

  @Option(
    help: ArgumentHelp(
      "Where every action is recorded before it is sent (default: sluice/audit.jsonl below "
        + "$XDG_STATE_HOME or ~/.local/state).", valueName: "file"), completion: .file())
  var auditLog: String?

  func validate() throws {
    if let other = servers.first(where: { !$0.isBare }) {
      throw ValidationError(
        "--vtctld \(other): a gRPC address is HOST:PORT; --vtctld-grpc-ca makes it TLS".safe())
    }
    guard (vtctldGrpcCert == nil) == (vtctldGrpcKey == nil) else {
      throw ValidationError("--vtctld-grpc-cert and --vtctld-grpc-key go together")
    }
    guard (vtadmin == nil) == (vtadminCluster == nil) else {
      throw ValidationError("--vtadmin and --vtadmin-cluster go together")
    }
    for (flag, path) in [
      ("--vtctld-grpc-cert", vtctldGrpcCert), ("--vtctld-grpc-key", vtctldGrpcKey),
      ("--vtctld-grpc-ca", vtctldGrpcCa),
      ("--grpc-auth-static-client-creds", grpcAuthStaticClientCreds),
      ("--proxy-token-file", proxyTokenFile),
    ] {
      if let path { try UnreadableFile.refuse(path, for: flag) }
    }
  }

  private static func vtadmin(_ text: String) throws -> Address {
    guard ["http://", "https://"].contains(where: text.lowercased().hasPrefix) else {
      throw ValidationError("it must be http://HOST:PORT or https://HOST")
    }
    guard !text.contains("@"), !text.contains("?") else {
      throw ValidationError(
        "it takes neither a name and password nor a query: they would stand in the audit log")
    }
    return try Address.argument(text)
  }

  private var usesTLS: Bool {
    vtctldGrpcCert != nil || vtctldGrpcCa != nil || vtctldGrpcServerName != nil
  }

  /// What an operator should know about how secrets are kept.
  var remarks: [String] {
    var remarks = [
      ("--vtctld-grpc-key", vtctldGrpcKey),
      ("--grpc-auth-static-client-creds", grpcAuthStaticClientCreds),
      ("--proxy-token-file", proxyTokenFile),
    ].compactMap { SecretFile.doubt($0, $1) }
    if grpcAuthStaticClientCreds != nil || Self.credentials != nil, !servers.isEmpty, !usesTLS {
      remarks.append(
        "the password of --grpc-auth-static-client-creds goes to vtctld in plaintext: "
          + "--vtctld-grpc-ca FILE makes it TLS")
    }
    return remarks
  }

  /// Nil when no vtctld was named.
  ///
  /// `http`: how the tablets are reached that it names.
  func client(_ http: HTTPAccess) throws -> VtctldClient? {
    guard !servers.isEmpty else { return nil }
    var access = VtctldAccess(servers: servers, place: http.place)
    if usesTLS {
      let identity: (certificate: String, key: String)? =
        if let vtctldGrpcCert, let vtctldGrpcKey { (vtctldGrpcCert, vtctldGrpcKey) } else { nil }
      access.security = .init(
        identity: identity, authority: vtctldGrpcCa, serverName: vtctldGrpcServerName)
    }
    if let path = grpcAuthStaticClientCreds {
      do throws(CallFailure) {
        access.credentials = try .init(contentsOf: path)
      } catch {
        throw ValidationError(
          "--grpc-auth-static-client-creds: \(Wording().words(error))".safe(limit: 400))
      }
    } else if let text = Self.credentials {
      guard let credentials = VtctldAccess.Credentials(text) else {
        throw ValidationError(
          "\(Self.variable) must be {\"Username\": \"...\", \"Password\": \"...\"}")
      }
      access.credentials = credentials
    }
    return VtctldClient(access)
  }

  /// Nil when no file was named.
  var proxyToken: HTTPCredentials? {
    get throws {
      guard let proxyTokenFile else { return nil }
      return HTTPCredentials(
        "Bearer \(try ProxyFileOption.token(proxyTokenFile, named: "--proxy-token-file"))")
    }
  }

  /// Nil when no vtadmin was named.
  var vtadminClient: VtadminClient? {
    guard let vtadmin, let vtadminCluster else { return nil }
    return VtadminClient(vtadmin.url(""), cluster: vtadminCluster)
  }

  var canReparent: Bool { !servers.isEmpty || vtadmin != nil }

  /// `cluster`: the operator's name for the fleet.
  func audit(cluster: String) -> AuditLog {
    let environment = ProcessInfo.processInfo.environment
    return AuditLog(
      path: auditLog ?? AuditLog.defaultPath { environment[$0] }, cluster: cluster)
  }
}
