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
  /// `Slui`: the application ID by which SQLite and file(1) identify a database.
  static let applicationID = 0x536C_7569
  /// The version of the schema in docs/recording.md, counting from 1.
  package static let version = RecordingSchema.upgrades.count + 1

  /// The page size in bytes.
  ///
  /// With this size the trees of a small cluster's day are two levels deep, so a truncated file can be
  /// read up to where it ends.
  private static let pageSize = 8192
  /// A recorder's page cache in KiB: it only appends and reads nothing back.
  private static let cacheSize = 512
  /// The number of pages after which the write-ahead log is checkpointed.
  private static let logLength = 200

  /// A file locked against other recorders until it is closed.
  struct Held: Sendable {
    let database: DatabaseQueue
    let lock: Int32

    /// Leaves a single file; if the log cannot be merged, both files remain and can be read.
    func close() {
      try? database.writeWithoutTransaction { database in
        try database.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        try database.execute(sql: "PRAGMA journal_mode = DELETE")
      }
      try? database.close()
      // Not before: closing any descriptor of the file would drop SQLite's own locks on it.
      systemClose(lock)
    }
  }

  /// Creates a file that only its owner may read.
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
            PRAGMA cache_size = -\(cacheSize);
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

  /// Opens a file for reading, even one being written or one that is truncated.
  ///
  /// `upgrades`: those that let an older version be read as the current one.
  static func open(
    _ path: String, upgrades: [String] = RecordingSchema.upgrades
  ) throws(RecordingFault) -> DatabaseQueue {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw errno == ENOENT ? .missing : .failed(String(cString: strerror(errno)))
    }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .foreign }
    guard access(path, R_OK) == 0 else { throw .failed(String(cString: strerror(errno))) }
    do {
      return try opened(path, upgrades)
    } catch let error as DatabaseError where error.resultCode == .SQLITE_CANTOPEN {
      // A leftover log needs a file beside it, which a read-only folder does not allow.
      do { return try opened("file:\(uriPath(path))?immutable=1", upgrades) } catch {
        throw RecordingFault(error)
      }
    } catch {
      throw RecordingFault(error)
    }
  }

  /// Whether the file is as long as its header says: SQLite may take the missing part of a truncated
  /// file for empty pages.
  static func isWhole(_ path: String) -> Bool {
    guard hasAllPages(path) else { return false }
    var configuration = Configuration()
    configuration.readonly = true
    configuration.label = "recording"
    configuration.busyMode = .timeout(2)
    do {
      try DatabaseQueue(path: path, configuration: configuration).read { database in
        _ = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema")
      }
      return true
    } catch {
      return (error as? DatabaseError)?.resultCode != .SQLITE_CORRUPT
    }
  }

  /// Whether the file has the length that its header says.
  ///
  /// Not asked while there is a log: pages may be in that, and opening and closing the file here would
  /// drop the locks of a recorder in this process.
  private static func hasAllPages(_ path: String) -> Bool {
    var (file, log) = (stat(), stat())
    guard stat(path, &file) == 0 else { return true }
    if stat(path + "-wal", &log) == 0 { return true }
    let descriptor = systemOpen(path, O_RDONLY | O_CLOEXEC, 0)
    guard descriptor >= 0 else { return true }
    defer { systemClose(descriptor) }
    var header = [UInt8](repeating: 0, count: 32)
    guard pread(descriptor, &header, header.count, 0) == header.count else { return false }
    func number(_ bytes: Range<Int>) -> Int { header[bytes].reduce(0) { $0 << 8 | Int($1) } }
    let pages = number(28..<32)
    return pages == 0 || Int(file.st_size) >= pages * number(16..<18)
  }

  private static func opened(_ path: String, _ upgrades: [String]) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.foreignKeysEnabled = false
    configuration.label = "recording"
    configuration.busyMode = .timeout(2)
    configuration.prepareDatabase { database in
      // Otherwise a truncated file would not open at all.
      try database.execute(sql: "PRAGMA writable_schema = ON")
    }
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    try queue.writeWithoutTransaction { database in
      let application = try Int.fetchOne(database, sql: "PRAGMA application_id")
      let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
      guard application == applicationID, version > 0 else {
        // So is the file of a recorder that was killed as it began.
        let isBare = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") == 0
        throw isBare && application == 0 ? RecordingFault.blank : .foreign
      }
      guard version <= upgrades.count + 1 else { throw RecordingFault.newer(version) }
      for upgrade in upgrades.dropFirst(version - 1) { try database.execute(sql: upgrade) }
    }
    return queue
  }

  /// Removes a recording, with the files that remain beside one that was not closed.
  /// - Returns: whether the file is gone.
  @discardableResult
  static func remove(_ path: String) -> Bool {
    guard unlink(path) == 0 else { return false }
    for rest in ["-wal", "-shm"] { unlink(path + rest) }
    return true
  }

  private static func uriPath(_ path: String) -> String {
    path.replacing("%", with: "%25").replacing("?", with: "%3f").replacing("#", with: "%23")
  }

  /// Whether a recorder holds the file.
  static func isHeld(_ path: String) -> Bool {
    let file = systemOpen(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC, 0)
    guard file >= 0 else { return false }
    defer { systemClose(file) }
    guard flock(file, LOCK_SH | LOCK_NB) == 0 else { return errno == EWOULDBLOCK }
    return false
  }
}

/// The C library's `open` and `close`, which the type's own functions hide.
private func systemOpen(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 {
  open(path, flags, mode)
}

private func systemClose(_ file: Int32) { _ = close(file) }
