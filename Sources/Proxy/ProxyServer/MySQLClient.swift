package import Cutover
package import MySQLWire
package import NIOCore
package import NIOSSL
internal import Terms

/// The proxy as a client that asks a server short questions.
package struct MySQLClient: Sendable {
  private let connection: NIOLoopBound<MySQLConnection>
  private let loop: any EventLoop
  /// How long an answer may take.
  private let limit: Duration
  /// The version that the server greeted with.
  let greeting: String
  /// What the server calls the connection.
  package let number: UInt32

  package init(
    to backend: ProxyConfiguration.Backend, _ tls: NIOSSLContext? = nil, on loop: any EventLoop,
    database: String? = nil, within limit: Duration
  ) async throws {
    self.loop = loop
    self.limit = limit
    let opened = loop.makePromise(of: (NIOLoopBound<MySQLConnection>, String, UInt32).self)
    let identity = BackendLogin.Identity(
      user: backend.user, password: backend.password, database: database, collation: 45,
      capabilities: [], wantsTLS: backend.transport != .plain)
    loop.execute {
      MySQLConnection.open(backend, as: identity, tls, on: loop, within: limit) { result in
        opened.completeWith(
          result.map { (NIOLoopBound($0, eventLoop: loop), $0.serverVersion, $0.threadID ?? 0) })
      }
    }
    (connection, greeting, number) = try await opened.futureResult.get()
  }

  /// Closes the connection where the answer takes longer than the limit, and `more`.
  package func query(_ sql: String, waiting more: Duration = .zero) async throws -> TextResult {
    let answered = loop.makePromise(of: ByteBuffer.self)
    loop.execute {
      let patience = Patience(of: limit + more, on: loop) { connection.value.abort() }
      answered.futureResult.assumeIsolated().whenComplete { _ in patience.end() }
      var payload = ByteBuffer(bytes: [Command.query.rawValue])
      payload.writeString(sql)
      var frames = ByteBuffer()
      frames.writePacket(payload, sequence: 0)
      connection.value.ask(frames, .results, deprecatesEOF: false) { result in
        answered.completeWith(result.map(\.bytes))
      }
    }
    return try TextResult(try await answered.futureResult.get())
  }

  package func close() {
    loop.execute { connection.value.close() }
  }

  // MARK: Replication

  struct Replication: Sendable {
    /// Nil where the server does not know it.
    let lag: Duration?
    let isRunning: Bool
  }

  /// How the server replicates; nil where it does not.
  ///
  /// MySQL renamed the statement in 8.0.22 and dropped the old one in 8.4; MariaDB has both from
  /// 10.5 on, with the old names of columns.
  func replication(of version: String?) async throws -> Replication? {
    var status: TextResult
    do {
      status = try await query("SHOW REPLICA STATUS")
    } catch let error as ServerError where error.code == 1064 {
      status = try await query("SHOW SLAVE STATUS")
    }
    guard !status.rows.isEmpty else { return nil }
    let lag = status["Seconds_Behind_Source"] ?? status["Seconds_Behind_Master"]
    let threads = [
      status["Replica_IO_Running"] ?? status["Slave_IO_Running"],
      status["Replica_SQL_Running"] ?? status["Slave_SQL_Running"],
    ]
    return Replication(
      lag: lag.flatMap(Int.init).map(Duration.seconds), isRunning: threads == ["Yes", "Yes"])
  }

  /// What a server has written, for the other to reach.
  enum Position: Sendable {
    case mariaDB(String)
    case mySQL(String)
    case file(String, Int)
  }

  /// Throws where the server writes no binary log.
  func position(_ version: String?) async throws -> Position {
    if version?.contains("MariaDB") == true {
      if let position = try await query("SELECT @@global.gtid_binlog_pos AS p")["p"],
        !position.isEmpty
      {
        return .mariaDB(position)
      }
    } else if let executed = try await query("SELECT @@global.gtid_executed AS p")["p"],
      !executed.isEmpty
    {
      return .mySQL(executed)
    }
    let status: TextResult
    do {
      status = try await query("SHOW MASTER STATUS")
    } catch let error as ServerError where error.code == 1064 {
      status = try await query("SHOW BINARY LOG STATUS")
    }
    guard let file = status["File"], let position = status["Position"].flatMap(Int.init) else {
      throw ProtocolViolation("it writes no binary log")
    }
    return .file(file, position)
  }

  /// Whether this server reaches a position within the time given.
  func wait(for position: Position, _ limit: Duration) async throws -> Bool {
    let seconds = max(1, limit.components.seconds)
    let sql =
      switch position {
      case .mariaDB(let position): "SELECT MASTER_GTID_WAIT('\(position)', \(seconds)) AS w"
      case .mySQL(let set): "SELECT WAIT_FOR_EXECUTED_GTID_SET('\(set)', \(seconds)) AS w"
      case .file(let file, let offset):
        "SELECT MASTER_POS_WAIT('\(file)', \(offset), \(seconds)) >= 0 AS w"
      }
    let result = try await query(sql, waiting: .seconds(seconds))["w"]
    if case .file = position { return result == "1" }
    return result == "0"
  }
}
