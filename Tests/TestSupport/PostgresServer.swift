internal import Foundation
internal import Synchronization
internal import Testing

/// A Postgres of a test's own on loopback, with the user `postgres` whose password is `secret`, and
/// a database `commerce`.
package final class PostgresServer: Sendable {
  package static let user = "postgres"
  package static let password = "secret"

  package let port: Int
  private let folder: URL
  private let process = Mutex<Process?>(nil)
  private let settings: [String]

  /// `settings`: of postgresql.conf, as `name=value`; `speaksTLS`: with the certificate of
  /// `Tests/Fixtures/tls`; `isCopy`: it has the system identifier of all others, and takes less time.
  package init(
    _ settings: [String] = [], speaksTLS: Bool = false, isCopy: Bool = true
  ) async throws {
    port = try await DatabaseProgram.freePort()
    folder = try Self.newFolder()
    if isCopy {
      try await Self.installation.copied(to: folder.appending(path: "data"))
    } else {
      try Installation.make(in: folder)
    }
    self.settings = settings + (speaksTLS ? try Self.certificate(in: folder) : [])
    try await start()
  }

  /// Postgres takes a key only if nobody else may read it.
  private static func certificate(in folder: URL) throws -> [String] {
    let files = Fixtures.root.appending(path: "tls")
    let (chain, key) = (folder.appending(path: "server.pem"), folder.appending(path: "server.key"))
    for file in [chain, key] {
      let source = files.appending(path: file.lastPathComponent)
      let mode = file == key ? "600" : "644"
      let owner = getuid() == 0 ? ["-o", "postgres"] : []
      _ = try output(
        "install", ["-m", mode] + owner + [source.path, file.path], isRoot: getuid() == 0)
    }
    return ["ssl=on", "ssl_cert_file=\(chain.path)", "ssl_key_file=\(key.path)"]
  }

  /// A standby that follows another from here on.
  package init(following other: PostgresServer) async throws {
    settings = [
      "primary_conninfo=host=127.0.0.1 port=\(other.port) user=\(Self.user) password=\(Self.password)"
    ]
    port = try await DatabaseProgram.freePort()
    folder = try Self.newFolder()
    let data = folder.appending(path: "data").path
    _ = try Self.output(
      "pg_basebackup",
      ["-h", "127.0.0.1", "-p", "\(other.port)", "-U", Self.user, "-D", data, "-c", "fast", "-R"])
    try await start()
  }

  /// Starts it, again where it was.
  package func start() async throws {
    let process = Process()
    let options = [
      "listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "shared_buffers=16MB",
      "min_wal_size=2MB",
    ]
    (process.executableURL, process.arguments) = Self.command(
      "postgres",
      ["-D", folder.appending(path: "data").path, "-p", "\(port)"]
        + (options + ["max_connections=200"] + settings).flatMap { ["-c", $0] })
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    process.currentDirectoryURL = folder
    try process.run()
    self.process.withLock { $0 = process }
    try await wait(for: "Postgres on port \(port)", upTo: .seconds(60)) {
      (try? run("select 1", in: "postgres")) != nil
    }
  }

  /// Runs statements past everything else, and returns the rows as lines of tabbed text.
  @discardableResult
  package func run(_ sql: String, in database: String = "commerce") throws -> String {
    try Self.psql(
      "host=127.0.0.1 port=\(port) user=\(Self.user) password=\(Self.password) dbname=\(database)",
      sql)
  }

  /// Runs statements by psql, wherever `connection` leads.
  package static func psql(_ connection: String, _ sql: String) throws -> String {
    try output(
      "psql",
      ["-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d", connection, "-c", sql])
  }

  /// Ends it without a word to anyone, as a crash does: its clients' processes end at once.
  package func kill() {
    process.withLock { process in
      guard let old = process else { return }
      Foundation.kill(old.processIdentifier, SIGQUIT)
      old.waitUntilExit()
      process = nil
    }
  }

  package func end() {
    kill()
    try? FileManager.default.removeItem(at: folder)
  }

  // MARK: Data

  /// A fresh installation, made once and copied for each server.
  private actor Installation {
    private var folder: URL?

    func copied(to target: URL) throws {
      let source = try folder ?? Self.made()
      folder = source
      let data = source.appending(path: "data")
      _ = try PostgresServer.output("cp", ["-a", data.path, target.path])
    }

    private static func made() throws -> URL {
      let folder = try PostgresServer.newFolder()
      try make(in: folder)
      return folder
    }

    static func make(in folder: URL) throws {
      let (data, password) = (folder.appending(path: "data"), folder.appending(path: "password"))
      try PostgresServer.password.write(to: password, atomically: true, encoding: .utf8)
      _ = try PostgresServer.output(
        "initdb",
        [
          "-D", data.path, "-U", PostgresServer.user, "--auth=scram-sha-256",
          "--pwfile=\(password.path)", "-E", "UTF8", "--locale=C", "--no-sync",
          // Less to copy.
          "--wal-segsize=1",
        ])
      try PostgresServer.createDatabase(in: data)
    }
  }

  private static let installation = Installation()

  /// In single-user mode, which needs no port.
  private static func createDatabase(in data: URL) throws {
    _ = try output(
      "postgres", ["--single", "-D", data.path, "postgres"], input: "create database commerce\n")
  }

  private static func newFolder() throws -> URL { try DatabaseProgram.newFolder(of: "postgres") }

  // MARK: Programs

  /// Postgres refuses to run as root.
  private static func command(
    _ program: String, _ arguments: [String], isRoot: Bool = false
  ) -> (URL, [String]) {
    let whole = [PeerProgram.path(program) ?? program] + arguments
    let asWhom = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    return (
      URL(filePath: "/usr/bin/env"),
      // Whatever the user of the tests keeps for psql is not for these.
      ["PGPASSWORD=\(password)", "HOME=/nonexistent"] + (getuid() == 0 && !isRoot ? asWhom : [])
        + whole
    )
  }

  private static func output(
    _ program: String, _ arguments: [String], input: String = "", isRoot: Bool = false
  ) throws -> String {
    try DatabaseProgram.output(command(program, arguments, isRoot: isRoot).1, input: input)
  }
}
