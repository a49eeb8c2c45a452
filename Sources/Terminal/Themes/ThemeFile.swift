internal import TerminalKit

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// A file that contains a theme or a scheme, whatever the path really leads to.
enum ThemeFile {
  /// The longest file that is read, in bytes.
  private static let limit = 1 << 18

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  static func read(_ path: String) throws(ThemeError) -> String {
    // Without O_NONBLOCK a FIFO would hang.
    let file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard file >= 0 else {
      throw ThemeError("\(path) cannot be read: \(String(cString: strerror(errno)))")
    }
    defer { close(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16384)
    while true {
      let count = systemRead(file, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw ThemeError("\(path) cannot be read: \(String(cString: strerror(errno)))")
      }
      if count == 0 { break }
      bytes += chunk.prefix(count)
      guard bytes.count <= limit else {
        throw ThemeError("\(path) is longer than 256 KiB")
      }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ThemeError("\(path) is not UTF-8")
    }
    return text
  }
}

/// `read` of the C library, since the type has a function of that name.
private func systemRead(_ file: Int32, _ bytes: UnsafeMutableRawPointer, _ count: Int) -> Int {
  read(file, bytes, count)
}
