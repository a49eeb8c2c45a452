#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Files that are created together and did not exist before: nothing is overwritten, no link is
/// followed, and nobody else can read them.
package struct NewFiles: Sendable {
  package struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String
  }

  /// The most sets of files of one name that can exist side by side.
  private static let most = 9

  private let folder: String

  /// `folder`: where they are created; it must exist.
  package init(in folder: String) { self.folder = folder }

  /// Creates one file for each ending, all with the same name before it: `name`, or `name-2` and so
  /// on if one of them is taken.
  ///
  /// Afterwards either all of them are complete or none exists.
  /// - Returns: what precedes the endings.
  @concurrent package func write(
    _ contents: [(ending: String, bytes: [UInt8])], named name: String
  ) async throws(Failure) -> String {
    let inside = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard inside >= 0 else { throw failure(errno) }
    defer { close(inside) }
    for number in 1...Self.most {
      let stem = number == 1 ? name : "\(name)-\(number)"
      let names = contents.map { "\(stem)\($0.ending)" }
      guard let files = try make(names, inside) else { continue }
      defer { for file in files { close(file) } }
      for (file, content) in zip(files, contents.map(\.bytes)) {
        if let code = Self.write(content, to: file) {
          for name in names { unlinkat(inside, name, 0) }
          throw failure(code)
        }
      }
      return stem
    }
    throw Failure(description: "\(folder): \(name) is there \(Self.most) times already")
  }

  /// Creates a single file of exactly this name; afterwards it is complete or does not exist.
  @concurrent package static func write(_ bytes: [UInt8], to path: String) async throws(Failure) {
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard file >= 0 else {
      let reason = errno == EEXIST ? "it is there already" : String(cString: strerror(errno))
      throw Failure(description: "\(path): \(reason)")
    }
    defer { close(file) }
    guard let code = write(bytes, to: file) else { return }
    unlink(path)
    throw Failure(description: "\(path): \(String(cString: strerror(code)))")
  }

  /// Opens new files; nil, leaving none behind, when one of the names is taken.
  private func make(_ names: [String], _ inside: Int32) throws(Failure) -> [Int32]? {
    var files: [Int32] = []
    for name in names {
      let file = openat(
        inside, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
      guard file < 0 else {
        files.append(file)
        continue
      }
      let code = errno
      for (file, name) in zip(files, names) {
        close(file)
        unlinkat(inside, name, 0)
      }
      guard code == EEXIST else { throw failure(code) }
      return nil
    }
    return files
  }

  /// Returns why it could not all be written; nil when it was.
  private static func write(_ bytes: [UInt8], to file: Int32) -> Int32? {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { systemWrite(file, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return count < 0 ? errno : ENOSPC }
      rest = rest.dropFirst(count)
    }
    // Some file systems report only now that there was no room.
    return fsync(file) == 0 || errno == EINVAL ? nil : errno
  }

  private func failure(_ code: Int32) -> Failure {
    Failure(description: "\(folder): \(String(cString: strerror(code)))")
  }
}

/// `write` of the C library, since the type has a method of that name.
private func systemWrite(_ file: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(file, bytes, count)
}
