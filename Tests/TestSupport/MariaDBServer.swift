internal import Foundation
internal import Synchronization
internal import Testing

/// A MariaDB of a test's own on loopback, with a binary log and a user `app` whose password is
/// `secret`.
package final class MariaDBServer: Sendable {
  package static let user = "app"
  package static let password = "secret"

  package let port: Int
  private let folder: URL
  private let process = Mutex<Process?>(nil)
  private let serverID: Int
  private let speaksTLS: Bool

  /// `speaksTLS`: with the certificate of the fixtures, for those who want it.
  package init(serverID: Int = 1, speaksTLS: Bool = false) async throws {
    self.serverID = serverID
    self.speaksTLS = speaksTLS
    port = try await DatabaseProgram.freePort()
    folder = try Self.newFolder()
    try await Self.system.copied(to: folder.appending(path: "data"))
    try start()
    try await waitUntilItAnswers()
  }

  private var socket: String { folder.appending(path: "socket").path }

  /// Starts it again where it was; `options`: beside its own.
  package func start(_ options: [String] = []) throws {
    let statements = folder.appending(path: "init.sql")
    try """
    CREATE DATABASE IF NOT EXISTS commerce;
    CREATE OR REPLACE USER '\(Self.user)'@'127.0.0.1' IDENTIFIED BY '\(Self.password)';
    GRANT ALL ON *.* TO '\(Self.user)'@'127.0.0.1';

    """.write(
      to: statements, atomically: true, encoding: .utf8)
    let process = Process()
    process.executableURL = URL(filePath: PeerProgram.path("mariadbd") ?? "/usr/sbin/mariadbd")
    process.arguments =
      [
        "--no-defaults", "--datadir=\(folder.path)/data", "--socket=\(socket)", "--port=\(port)",
        "--tmpdir=\(folder.path)", "--bind-address=127.0.0.1", "--pid-file=\(folder.path)/pid",
        "--server-id=\(serverID)",
        "--log-bin=\(folder.path)/data/log", "--init-file=\(statements.path)",
        "--skip-name-resolve", "--innodb-buffer-pool-size=32M",
        "--innodb-flush-log-at-trx-commit=2",
        "--sync-binlog=0", "--gtid-domain-id=0", "--max-connections=2000",
      ] + options + certificate + Self.asWhom
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle(forWritingAtPath: log()) ?? FileHandle.nullDevice
    process.currentDirectoryURL = folder
    try process.run()
    self.process.withLock { $0 = process }
  }

  private var certificate: [String] {
    guard speaksTLS else { return [] }
    let files = Fixtures.root.appending(path: "tls").path
    return ["--ssl-cert=\(files)/server.pem", "--ssl-key=\(files)/server.key"]
  }

  private func log() -> String {
    let path = folder.appending(path: "log").path
    if !FileManager.default.fileExists(atPath: path) {
      _ = FileManager.default.createFile(atPath: path, contents: nil)
    }
    return path
  }

  package func waitUntilItAnswers() async throws {
    try await wait(for: "MariaDB on port \(port)", upTo: .seconds(60)) {
      (try? Self.output("mariadb", self.client + ["-e", "SELECT 1"])) != nil
    }
  }

  private var client: [String] {
    [
      "--no-defaults", "-h127.0.0.1", "-P\(port)", "-u\(Self.user)", "-p\(Self.password)", "-N",
      "-B",
    ]
  }

  /// Runs statements past everything else, and returns the rows as lines of tabbed text.
  @discardableResult
  package func run(_ sql: String, asRoot: Bool = false) throws -> String {
    try Self.output("mariadb", (asRoot ? root : client) + ["-e", sql])
  }

  private var root: [String] { ["--no-defaults", "--socket=\(socket)", "-uroot", "-N", "-B"] }

  /// Makes it a replica of another from here on, from the other's beginning.
  package func replicate(from other: MariaDBServer) throws {
    try run(
      """
      CHANGE MASTER TO master_host='127.0.0.1', master_port=\(other.port),
        master_user='\(Self.user)', master_password='\(Self.password)', master_use_gtid=slave_pos;
      START SLAVE
      """)
  }

  /// Ends it without a word to anyone.
  package func kill() {
    process.withLock { process in
      guard let old = process else { return }
      Foundation.kill(old.processIdentifier, SIGKILL)
      old.waitUntilExit()
      process = nil
    }
  }

  /// A test that fails midway leaves none behind.
  deinit { end() }

  package func end() {
    kill()
    try? FileManager.default.removeItem(at: folder)
  }

  // MARK: Data

  /// A fresh installation, made once and copied for each server.
  private actor Installation {
    private var folder: URL?

    func copied(to target: URL) throws {
      let source = try folder ?? made()
      folder = source
      _ = try MariaDBServer.output("cp", ["-a", source.path, target.path])
    }

    private func made() throws -> URL {
      let folder = try MariaDBServer.newFolder()
      let data = folder.appending(path: "data")
      _ = try MariaDBServer.output(
        "mariadb-install-db",
        [
          "--no-defaults", "--datadir=\(data.path)", "--skip-test-db",
          // A server that starts removes what it takes for an old one's files.
          "--tmpdir=\(folder.path)",
          "--auth-root-authentication-method=normal", "--innodb-log-file-size=8M",
        ] + MariaDBServer.asWhom)
      return data
    }
  }

  private static let system = Installation()

  /// The server refuses to run as root.
  private static var asWhom: [String] { getuid() == 0 ? ["--user=mysql"] : [] }

  private static func newFolder() throws -> URL { try DatabaseProgram.newFolder(of: "mysql") }

  private static func output(_ program: String, _ arguments: [String]) throws -> String {
    try DatabaseProgram.output([program] + arguments)
  }
}
