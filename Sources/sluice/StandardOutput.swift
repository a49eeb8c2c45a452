internal import ArgumentParser

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Standard output, where what is printed is what the program is for.
enum StandardOutput {
  /// The exit status where it could not be printed: EX_IOERR of sysexits.h.
  static let failure: Int32 = 74

  /// Prints a line at once, also into a pipe; ends the program where it cannot be printed.
  ///
  /// Without a reader it ends by SIGPIPE, as programs do.
  static func say(_ line: String) {
    guard let code = write(line) else { return }
    if code == EPIPE { endBySignal(SIGPIPE) }
    warn("standard output: \(String(cString: strerror(code)))")
    exit(failure)
  }

  /// Prints a line where something was done that its exit status tells as well: then that it cannot be
  /// printed is only said.
  static func report(_ line: String) {
    guard let code = write(line) else { return }
    warn("standard output: \(String(cString: strerror(code))): \(line)")
  }

  /// Refuses to begin where nothing can be printed.
  static func require() {
    if fcntl(STDOUT_FILENO, F_GETFL) & O_ACCMODE == O_RDONLY {
      warn("standard output is closed")
      exit(failure)
    }
  }

  /// The error's number; nil when all was written.
  private static func write(_ line: String) -> Int32? {
    let bytes = Array("\(line)\n".utf8)
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes {
        systemWrite(STDOUT_FILENO, $0.baseAddress, $0.count)
      }
      if count > 0 {
        written += count
      } else if count < 0, errno == EAGAIN {
        // Somebody made it non-blocking.
        var room = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
        poll(&room, 1, -1)
      } else if count == 0 || errno != EINTR {
        return count == 0 ? ENOSPC : errno
      }
    }
    return nil
  }
}

/// `write` of the C library: the type has a function of that name.
private func systemWrite(_ file: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(file, bytes, count)
}
