internal import TerminalKit

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Prints a line to standard error, with text from a server made safe.
func warn(_ line: String) {
  let bytes = Array("\(line.safe(limit: 4000))\n".utf8)
  _ = write(STDERR_FILENO, bytes, bytes.count)
}

/// Whether somebody is sitting at standard input.
var isAskable: Bool { isatty(STDIN_FILENO) == 1 }

/// Lets the program have as many open files as the system allows: each server of a large lab
/// listens, and each client that reads from it holds a connection.
func raiseFileLimit() {
  var limit = rlimit()
  #if canImport(Glibc)
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
  #else
    let resource = RLIMIT_NOFILE
  #endif
  guard getrlimit(resource, &limit) == 0 else { return }
  limit.rlim_cur = min(limit.rlim_max, 1 << 20)
  _ = setrlimit(resource, &limit)
}

/// Whether a file exists and can be read.
func isReadable(_ path: String) -> Bool { access(path, R_OK) == 0 }
