internal import Dispatch
internal import TerminalKit

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Prints one line without waiting for a buffer to fill, also when standard output is a pipe; ends the
/// program when nobody reads the pipe any more.
func sayAtOnce(_ line: String) {
  print(line)
  if fflush(nil) != 0, errno == EPIPE { exit(0) }
}

/// Prints a line to standard error; what came from a server is made safe.
func warn(_ line: String) {
  let bytes = Array("\(line.safe(limit: 4000))\n".utf8)
  _ = write(STDERR_FILENO, bytes, bytes.count)
}

/// Somebody sits at standard input.
var isAskable: Bool { isatty(STDIN_FILENO) == 1 }

/// Acts once on an interrupt from the terminal; the next one ends the program.
func onInterrupt(_ act: @escaping @Sendable () -> Void) -> any DispatchSourceSignal {
  signal(SIGINT, SIG_IGN)
  let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
  source.setEventHandler {
    signal(SIGINT, SIG_DFL)
    act()
  }
  source.activate()
  return source
}

/// Ends the program by the signal that asked it to, so that its parent sees how it ended.
func endBySignal(_ number: Int32) {
  signal(number, SIG_DFL)
  // Dispatch blocks the signals it watches.
  var set = sigset_t()
  sigemptyset(&set)
  sigaddset(&set, number)
  pthread_sigmask(SIG_UNBLOCK, &set, nil)
  raise(number)
}

/// Lets the program have as many open files as the system allows: each server of a large lab listens,
/// and each of its readers holds a connection.
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

/// Whether a file is there and can be read.
func isReadable(_ path: String) -> Bool { access(path, R_OK) == 0 }
