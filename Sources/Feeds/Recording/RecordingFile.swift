internal import GRDB
internal import Terms

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// The file of a recording: an SQLite database, described in docs/recording.md.
package enum RecordingFile {
  /// `Slui`, where SQLite and file(1) look for whose a database is.
  static let applicationID = 0x536C_7569
  /// Of the schema; see docs/recording.md for what each has brought.
  package static let version = 1

  /// Bytes: a day of a small cluster is two levels deep with these, so that a file that was cut off can
  /// be read up to there.
  private static let pageSize = 8192
  /// Pages after which the write-ahead log goes into the file.
  private static let logLength = 200

  /// A file that is held against other recorders until it is closed.
  struct Held: Sendable {
    let database: DatabaseQueue
    let lock: Int32

    /// Leaves one file; what cannot be done of that leaves two, which can be read as well.
    func close() {
      try? database.writeWithoutTransaction { database in
        try database.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        try database.execute(sql: "PRAGMA journal_mode = DELETE")
      }
      try? database.close()
      // Only now: closing any descriptor of a file gives up SQLite's own locks on it.
      systemClose(lock)
    }
  }

  /// Makes a new one, which nobody else may read.
  static func create(_ path: String) throws(RecordingFault) -> Held {
    let lock = systemOpen(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard lock >= 0 else {
      let code = errno
      guard code == EEXIST || code == ELOOP else {
        throw .failed(String(cString: strerror(code)))
      }
      throw isHeld(path) ? .isBeingWritten : .exists
    }
    _ = flock(lock, LOCK_EX | LOCK_NB)
    do {
      var configuration = Configuration()
      configuration.foreignKeysEnabled = false
      configuration.label = "recording"
      configuration.prepareDatabase { database in
        try database.execute(
          sql: """
            PRAGMA page_size = \(pageSize);
            PRAGMA auto_vacuum = NONE;
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = NORMAL;
            PRAGMA wal_autocheckpoint = \(logLength);
            """)
      }
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.write { database in
        try database.execute(
          sql: """
            PRAGMA application_id = \(applicationID);
            PRAGMA user_version = \(version);
            """)
        try database.execute(sql: RecordingSchema.statements)
      }
      return Held(database: queue, lock: lock)
    } catch {
      systemClose(lock)
      throw RecordingFault(error)
    }
  }

  /// Opens one for reading, also while it is being written, and one that was cut off.
  static func open(_ path: String) throws(RecordingFault) -> DatabaseQueue {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw errno == ENOENT ? .missing : .failed(String(cString: strerror(errno)))
    }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .foreign }
    guard access(path, R_OK) == 0 else { throw .failed(String(cString: strerror(errno))) }
    do {
      return try opened(path)
    } catch let error as DatabaseError where error.resultCode == .SQLITE_CANTOPEN {
      // A log that was left behind wants a file beside it, which a read-only folder does not allow.
      do { return try opened("file:\(uriPath(path))?immutable=1") } catch {
        throw RecordingFault(error)
      }
    } catch {
      throw RecordingFault(error)
    }
  }

  private static func opened(_ path: String) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.foreignKeysEnabled = false
    configuration.label = "recording"
    configuration.busyMode = .timeout(2)
    configuration.prepareDatabase { database in
      // A file that ends too early would not be opened at all.
      try database.execute(sql: "PRAGMA writable_schema = ON")
    }
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    try queue.read { database in
      let application = try Int.fetchOne(database, sql: "PRAGMA application_id")
      let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
      guard application == applicationID else { throw RecordingFault.foreign }
      guard version <= Self.version else { throw RecordingFault.newer(version) }
    }
    return queue
  }

  private static func uriPath(_ path: String) -> String {
    path.replacing("%", with: "%25").replacing("?", with: "%3f").replacing("#", with: "%23")
  }

  /// Whether a recorder has the file.
  static func isHeld(_ path: String) -> Bool {
    let file = systemOpen(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC, 0)
    guard file >= 0 else { return false }
    defer { systemClose(file) }
    guard flock(file, LOCK_SH | LOCK_NB) == 0 else { return errno == EWOULDBLOCK }
    return false
  }
}

/// `open` and `close` of the C library: the type has functions of those names.
private func systemOpen(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 {
  open(path, flags, mode)
}

private func systemClose(_ file: Int32) { _ = close(file) }
