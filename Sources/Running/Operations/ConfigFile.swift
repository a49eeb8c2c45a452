internal import FoundationEssentials

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Where the configuration file is, and its text.
package struct ConfigFile: Sendable {
  /// Why it cannot be known what the file says.
  package struct Doubt: Error, Sendable {
    package let reason: String

    package init(_ reason: String) { self.reason = reason }
  }

  package let path: String

  package init(path: String) { self.path = path }

  /// `$XDG_CONFIG_HOME/sluice/config.toml`, or the same below `~/.config`.
  package init(_ environment: (String) -> String?) throws(Doubt) {
    if let folder = environment("XDG_CONFIG_HOME"), !folder.isEmpty {
      guard folder.hasPrefix("/") else {
        throw Doubt("XDG_CONFIG_HOME is not an absolute path: the configuration cannot be found")
      }
      path = "\(folder)/sluice/config.toml"
      return
    }
    guard let home = environment("HOME"), home.hasPrefix("/") else {
      throw Doubt("neither XDG_CONFIG_HOME nor HOME says where the configuration is")
    }
    path = "\(home)/.config/sluice/config.toml"
  }

  /// Whether anything is there, though it be a link to nothing.
  package var isThere: Bool { OwnFile.isThere(path) }

  /// The longest file that is read, in bytes.
  private static let limit = 1 << 20

  /// Nil when there is no file, but not when it cannot be read or is a link to nothing.
  package func text() throws(Doubt) -> String? {
    // Without O_NONBLOCK a FIFO would hang.
    let file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard file >= 0 else {
      let code = errno
      if code == ENOENT, !isThere { return nil }
      throw Doubt("cannot read \(path): \(String(cString: strerror(code)))")
    }
    defer { close(file) }
    guard let (owner, isOpenToOthers) = OwnFile.owner(of: file) else {
      throw Doubt("\(path) is not a file")
    }
    guard owner == getuid() || owner == 0, !isOpenToOthers else {
      throw Doubt("\(path) can be changed by others: its owner must be you, and chmod o-w it")
    }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = read(file, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw Doubt("cannot read \(path): \(String(cString: strerror(errno)))")
      }
      if count == 0 { break }
      bytes += chunk.prefix(count)
      guard bytes.count <= Self.limit else { throw Doubt("\(path) is longer than 1 MiB") }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Doubt("\(path) is not UTF-8")
    }
    return text
  }
}
