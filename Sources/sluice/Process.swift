#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Prints one line without waiting for a buffer to fill, also when standard output is a pipe.
func sayAtOnce(_ line: String) {
  print(line)
  fflush(nil)
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
