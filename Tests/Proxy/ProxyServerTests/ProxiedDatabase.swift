import Buffering
import Cutover
import Foundation
import MySQLWire
import NIOCore
import NIOPosix
import ProxyServer
import TestSupport
import Terms
import Testing

/// Two MariaDB servers and a proxy in front of them, whose route `commerce/-` the old one serves.
final class ProxiedDatabase: ProxiedServers, Sendable {
  static let route = ShardName(keyspace: "commerce", shard: "-")

  let old: MariaDBServer
  let new: MariaDBServer
  let server: ProxyServer
  let address: Address
  let log = ProxyLog()

  /// `serversSpeakTLS`: and the proxy to them, by the authority of the fixtures.
  init(
    serversSpeakTLS: Bool = false, _ adjust: (inout ProxyConfiguration) -> Void = { _ in }
  ) async throws {
    old = try await MariaDBServer(serverID: 1, speaksTLS: serversSpeakTLS)
    new = try await MariaDBServer(serverID: 2, speaksTLS: serversSpeakTLS)
    var configuration = ProxyConfiguration()
    configuration.listeners = [
      .init(engine: .mysql, address: Address(host: "127.0.0.1", port: 0))
    ]
    for (name, server) in [("old", old), ("new", new)] {
      configuration.backends.append(
        .init(
          name: BackendName(name), engine: .mysql,
          address: Address(host: "127.0.0.1", port: server.port), user: MariaDBServer.user,
          password: MariaDBServer.password))
      if serversSpeakTLS {
        configuration.backends[configuration.backends.count - 1].transport = .verified(
          authority: Fixtures.root.appending(path: "tls/ca.pem").path)
      }
    }
    configuration.routes = [
      .init(name: Self.route, engine: .mysql, backend: "old", candidates: ["old", "new"])
    ]
    configuration.pages = Address(host: "127.0.0.1", port: 0)
    configuration.users = [.init(name: "shop", secret: .password("open sesame"))]
    configuration.buffering.minTimeBetweenFailovers = .zero
    configuration.limits.healthInterval = .milliseconds(100)
    adjust(&configuration)
    server = try ProxyServer(forTestsOf: configuration, log: log)
    address = try await server.start()[0]
  }

  /// A client of the proxy.
  func client(
    user: String = "shop", password: String = "open sesame", database: String? = "commerce"
  ) async throws -> MySQLClient {
    try await MySQLClient(
      to: .init(name: "proxy", engine: .mysql, address: address, user: user, password: password),
      on: MultiThreadedEventLoopGroup.singleton.any(), database: database, within: .seconds(20))
  }

  /// Does so once as many statements wait.
  func cutOver(to backend: BackendName, whenHeld count: Int) async throws {
    try await wait(for: "\(count) statements that wait") {
      gate.board.buffer.waiting(for: Self.route) == count
    }
    try await cutOver(to: backend)
  }

  /// A table on both servers, each with its own rows.
  func createOnBoth(_ sql: String) throws {
    for server in [old, new] { try server.run("USE commerce; \(sql)") }
  }

  func end() async {
    await server.stop()
    old.end()
    new.end()
  }
}
