#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Files that are made together and were not there before: nothing is written over, no link is followed,
/// and nobody else can read them.
package struct NewFiles: Sendable {
  package struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String
  }

  /// As many files of one name as can stand beside each other.
  private static let most = 9

  private let folder: String

  /// `folder`: where they are made; it must be there.
  package init(in folder: String) { self.folder = folder }

  /// Makes one file for each ending, all with the same name before it: `name`, or `name-2` and so on where
  /// one of them is taken.
  ///
  /// Either all of them are whole afterwards or none is there.
  /// - Returns: what stands before the endings.
  @concurrent package func write(
    _ contents: KeyValuePairs<String, [UInt8]>, named name: String
  ) async throws(Failure) -> String {
    let inside = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard inside >= 0 else { throw failure(errno) }
    defer { close(inside) }
    for number in 1...Self.most {
      let stem = number == 1 ? name : "\(name)-\(number)"
      let names = contents.map { "\(stem)\($0.key)" }
      guard let files = try make(names, inside) else { continue }
      defer { for file in files { close(file) } }
      for (file, content) in zip(files, contents.map(\.value)) {
        if let code = Self.write(content, to: file) {
          for name in names { unlinkat(inside, name, 0) }
          throw failure(code)
        }
      }
      return stem
    }
    throw Failure(description: "\(folder): \(name) is there \(Self.most) times already")
  }

  /// Opens new files; nil, and none of them is there, where one of the names is taken.
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

  /// Returns why not all of it could be written; nil when it was.
  private static func write(_ bytes: [UInt8], to file: Int32) -> Int32? {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { systemWrite(file, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return count < 0 ? errno : ENOSPC }
      rest = rest.dropFirst(count)
    }
    // Some file systems say only now that there was no room.
    return fsync(file) == 0 || errno == EINVAL ? nil : errno
  }

  private func failure(_ code: Int32) -> Failure {
    Failure(description: "\(folder): \(String(cString: strerror(code)))")
  }
}

/// `write` of the C library: the type has a method of that name.
private func systemWrite(_ file: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(file, bytes, count)
}
