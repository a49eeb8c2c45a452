internal import ArgumentParser
internal import TerminalKit

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// A file that an operator named and that cannot be read.
enum UnreadableFile {
  /// Refuses it; `flag`: what names it, where that is not clear.
  static func refuse(_ path: String, for flag: String? = nil) throws {
    if let reason = reason(path) { throw error(path, for: flag, reason) }
  }

  /// What is said of one that could not be read.
  static func error(_ path: String) -> ValidationError {
    error(path, for: nil, reason(path) ?? "it cannot be read")
  }

  private static func error(
    _ path: String, for flag: String?, _ reason: String
  ) -> ValidationError {
    let flag = flag.map { "\($0): " } ?? ""
    return ValidationError("\(flag)cannot read \(path): \(reason)".safe(limit: 400))
  }

  /// Nil where it can be read.
  private static func reason(_ path: String) -> String? {
    guard access(path, R_OK) == 0 else {
      return errno == ENOENT
        ? "there is no such file" : String(cString: strerror(errno)).lowercased()
    }
    guard let folder = opendir(path) else { return nil }
    closedir(folder)
    return "that is a folder"
  }
}
