internal import FoundationEssentials

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Opens a file that the program appends to: never through a link, never somebody else's, and for
/// nobody else to read or write.
package struct OwnFile: Sendable {
  package struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String
    /// It is a FIFO that nobody is reading yet.
    package var isUnread = false
  }

  package enum Purpose: Sendable {
    /// A record that must be reliable: a file in a folder that nobody else can change.
    case record
    /// Lines for whoever wants them: also a FIFO, a device, or a descriptor that is already open.
    case lines
  }

  package let path: String
  private let purpose: Purpose

  package init(_ path: String, for purpose: Purpose) {
    self.path = path
    self.purpose = purpose
  }

  /// Opens it for appending, creating it and its folder if they are missing; the caller closes it.
  package func open() throws(Failure) -> Int32 {
    if purpose == .lines, let open = Self.descriptor(named: path) {
      let copy = fcntl(open, F_DUPFD_CLOEXEC, 3)
      guard copy >= 0 else { throw failure(errno) }
      return copy
    }
    let slash = path.lastIndex(of: "/")
    let name = String(slash.map { path[path.index(after: $0)...] } ?? path[...])
    var folder = String(slash.map { path[...$0] } ?? "./")
    while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
    guard !name.isEmpty, name != ".", name != ".." else {
      throw Failure(description: "it is a folder")
    }
    let inside = try openFolder(folder)
    defer { close(inside) }
    // Without O_NONBLOCK a FIFO would hang; with O_RDWR it would have a reader: ourselves.
    let access = purpose == .record ? O_RDWR : O_WRONLY
    let file = openat(
      inside, name, access | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw failure(errno) }
    do throws(Failure) {
      try check(file)
      return file
    } catch {
      close(file)
      throw error
    }
  }

  private func failure(_ code: Int32) -> Failure {
    switch code {
    case ELOOP: Failure(description: "it is a symbolic link: name the file itself")
    case ENXIO: Failure(description: "nobody reads this FIFO", isUnread: true)
    default: Failure(description: String(cString: strerror(code)))
    }
  }

  private func openFolder(_ folder: String) throws(Failure) -> Int32 {
    if purpose == .record {
      try? FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
      var link = stat()
      if lstat(folder, &link) == 0, link.st_mode & S_IFMT == S_IFLNK, !Self.isTrusted(link.st_uid) {
        throw Failure(description: "\(folder) is another user's symbolic link")
      }
    }
    let opened = systemOpen(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard opened >= 0 else {
      throw Failure(description: "\(folder): \(String(cString: strerror(errno)))")
    }
    guard purpose == .record else { return opened }
    var status = stat()
    let isKnown = fstat(opened, &status) == 0
    let isOpenToOthers = status.st_mode & (S_IWGRP | S_IWOTH) != 0
    let words: String? =
      if !isKnown || !Self.isTrusted(status.st_uid) {
        "\(folder) belongs to another user"
      } else if isOpenToOthers, status.st_mode & S_ISVTX == 0 {
        "\(folder) can be changed by others: chmod go-w it"
      } else { nil }
    guard let words else { return opened }
    close(opened)
    throw Failure(description: words)
  }

  private func check(_ file: Int32) throws(Failure) {
    var status = stat()
    guard fstat(file, &status) == 0 else { throw failure(errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      if purpose == .lines { return }
      throw Failure(description: "it is not a file")
    }
    guard status.st_uid == geteuid() else {
      throw Failure(description: "it belongs to another user")
    }
    guard status.st_nlink == 1 else {
      throw Failure(description: "it has another name elsewhere (a hard link)")
    }
    let mode = status.st_mode & 0o7777
    // Letting others read the events is the operator's choice; a record is only for its owner.
    let wanted = mode & ~(purpose == .record ? 0o077 : 0o022)
    if wanted != mode, fchmod(file, wanted) != 0 { throw failure(errno) }
  }

  /// Whether anybody but its owner may read a file that holds a secret.
  package static func isReadableByOthers(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & (S_IRGRP | S_IROTH) != 0
  }

  /// Whether anybody but its owner may change it.
  package static func isWritableByOthers(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & (S_IWGRP | S_IWOTH) != 0
  }

  /// Whether anything has that name, even a link to nothing.
  static func isThere(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 || errno != ENOENT
  }

  /// Who owns an open file, and whether everybody may change it; nil when it is not a regular file.
  static func owner(of file: Int32) -> (owner: uid_t, isOpenToOthers: Bool)? {
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return (status.st_uid, status.st_mode & S_IWOTH != 0)
  }

  /// Root can change everything anyway.
  private static func isTrusted(_ user: uid_t) -> Bool { user == geteuid() || user == 0 }

  /// The descriptor that `/dev/stderr` or `/dev/fd/3` stands for: those are links by nature.
  private static func descriptor(named path: String) -> Int32? {
    if path == "/dev/stderr" { return STDERR_FILENO }
    for prefix in ["/dev/fd/", "/proc/self/fd/"] where path.hasPrefix(prefix) {
      return Int32(path.dropFirst(prefix.count))
    }
    return nil
  }
}

/// `open` of the C library, since the type has a method of that name.
private func systemOpen(_ path: String, _ flags: Int32) -> Int32 { open(path, flags) }
