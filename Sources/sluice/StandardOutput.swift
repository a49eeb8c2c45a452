internal import ArgumentParser

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Standard output, for commands whose purpose is what they print.
enum StandardOutput {
  /// The exit status when it could not be printed: EX_IOERR of sysexits.h.
  static let failure: Int32 = 74

  /// Prints a line at once, even into a pipe; ends the program if it cannot be printed.
  ///
  /// If there is no reader it ends by SIGPIPE, as programs do.
  static func say(_ line: String) {
    guard let code = write(line) else { return }
    if code == EPIPE { endBySignal(SIGPIPE) }
    warn("standard output: \(String(cString: strerror(code)))")
    exit(failure)
  }

  /// Prints a line about something that the exit status reports as well, so a failure to print it
  /// only causes a warning.
  static func report(_ line: String) {
    guard let code = write(line) else { return }
    warn("standard output: \(String(cString: strerror(code))): \(line)")
  }

  /// Refuses to start if nothing can be printed.
  static func require() {
    if fcntl(STDOUT_FILENO, F_GETFL) & O_ACCMODE == O_RDONLY {
      warn("standard output is closed")
      exit(failure)
    }
  }

  /// The number of the error; nil when everything was written.
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

/// `write` of the C library, since the type has a function of that name.
private func systemWrite(_ file: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(file, bytes, count)
}
