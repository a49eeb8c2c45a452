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
