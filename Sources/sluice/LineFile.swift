internal import Terms
internal import Operations

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// A file, FIFO or device that takes lines; what is there already stays.
///
/// What cannot be written is lost and counted: the program's work goes on.
final class LineFile {
  private let file: OwnFile
  /// Below 0 while nobody reads the FIFO.
  private var descriptor: Int32 = -1
  private var lost = 0
  /// A line was cut off: the next one begins on a new line.
  private var isTorn = false

  init(appendingTo path: String) throws(OwnFile.Failure) {
    file = OwnFile(path, for: .lines)
    do throws(OwnFile.Failure) {
      descriptor = try file.open()
    } catch {
      guard error.isUnread else { throw error }
      warn("\(path): \(error) yet; events are written once somebody does")
    }
  }

  deinit { close(descriptor) }

  /// Returns what is to be said: once when lines begin to be lost, once when they are written again.
  func append(_ line: String) -> String? {
    if let reason = failure(of: line) {
      lost += 1
      return lost == 1 ? "events are not written to \(file.path): \(reason)" : nil
    }
    guard lost > 0 else { return nil }
    defer { lost = 0 }
    return "events are written to \(file.path) again; \(lost.grouped) are missing there"
  }

  private func failure(of line: String) -> String? {
    if descriptor < 0 {
      do throws(OwnFile.Failure) {
        descriptor = try file.open()
      } catch {
        return error.description
      }
    }
    let bytes = Array(((isTorn ? "\n" : "") + line + "\n").utf8)
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let code = errno
        isTorn = isTorn || written > 0
        if code == EPIPE {
          close(descriptor)
          descriptor = -1
        }
        return code == EAGAIN ? "its reader does not read" : String(cString: strerror(code))
      }
      written += count
    }
    isTorn = false
    return nil
  }
}
