import Buffering
import Cutover
import NIOPosix
import ProxyServer
import Terms
import Testing
import TestSupport

/// Two Postgres servers and a proxy in front of them, whose route `commerce/-` the old one serves.
final class ProxiedPostgres: ProxiedServers, Sendable {
  static let route = ShardName(keyspace: "commerce", shard: "-")

  let old: PostgresServer
  let new: PostgresServer
  let server: ProxyServer
  let address: Address
  let log = ProxyLog()

  /// `new`: one that follows the old one, or has been set up otherwise; nil is one of its own.
  init(
    new: (PostgresServer) async throws -> PostgresServer = { _ in try await PostgresServer() },
    oldSettings: [String] = [], oldSpeaksTLS: Bool = false,
    _ adjust: (inout ProxyConfiguration) throws -> Void = { _ in }
  ) async throws {
    old = try await PostgresServer(
      ["wal_level=logical"] + oldSettings, speaksTLS: oldSpeaksTLS)
    self.new = try await new(old)
    var configuration = ProxyConfiguration()
    configuration.listeners = [
      .init(engine: .postgres, address: Address(host: "127.0.0.1", port: 0))
    ]
    for (name, server) in [("old", old), ("new", self.new)] {
      configuration.backends.append(
        .init(
          name: BackendName(name), engine: .postgres,
          address: Address(host: "127.0.0.1", port: server.port), user: PostgresServer.user,
          password: PostgresServer.password))
    }
    configuration.routes = [
      .init(
        name: Self.route, engine: .postgres, databases: ["commerce"], backend: "old",
        candidates: ["old", "new"])
    ]
    configuration.users = [.init(name: "shop", secret: .password("open sesame"))]
    configuration.buffering.minTimeBetweenFailovers = .zero
    configuration.limits.healthInterval = .milliseconds(100)
    try adjust(&configuration)
    server = try ProxyServer(forTestsOf: configuration, log: log)
    address = try await server.start()[0]
  }

  func client(
    user: String = "shop", password: String = "open sesame", database: String = "commerce"
  ) async throws -> PostgresClient {
    try await PostgresClient(
      to: address.port, user: user, password: password, database: database)
  }

  var heldStatements: Int { gate.board.buffer.waiting(for: Self.route) }

  func waitForHeldStatement() async throws {
    try await wait(for: "a statement to be held") { heldStatements == 1 }
  }

  func runOnBoth(_ sql: String) throws {
    for server in [old, new] { try server.run(sql) }
  }

  func end() async {
    await server.stop()
    old.end()
    new.end()
  }

  /// Ends everything when `body` is done, however that ends.
  static func with(
    new: (PostgresServer) async throws -> PostgresServer = { _ in try await PostgresServer() },
    oldSettings: [String] = [], oldSpeaksTLS: Bool = false,
    _ adjust: (inout ProxyConfiguration) throws -> Void = { _ in },
    _ body: (ProxiedPostgres) async throws -> Void
  ) async throws {
    let database = try await ProxiedPostgres(
      new: new, oldSettings: oldSettings, oldSpeaksTLS: oldSpeaksTLS, adjust)
    do {
      try await body(database)
    } catch {
      await database.end()
      throw error
    }
    await database.end()
  }
}
