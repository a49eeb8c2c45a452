#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// What a process must settle before any of its threads runs.
enum ProcessStart {
  /// Makes sure that descriptors 0 to 2 are open, so that no other file gets their numbers.
  ///
  /// A closed one is opened the wrong way round, so that using it fails, as it would have before.
  static func holdStandardDescriptors() {
    for (number, mode) in [
      (STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY),
    ]
    where fcntl(number, F_GETFD) < 0 && errno == EBADF {
      _ = open("/dev/null", mode)
    }
  }

  /// Makes a write to a closed pipe, or beyond the largest size a file may have, fail instead of
  /// ending the program: each writer reports what that means.
  static func takeBrokenPipes() {
    for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
    // A parent that blocked signals must not make the program deaf to them.
    var none = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, nil)
  }

  /// Makes the allocator give large blocks back to the system as soon as they are free.
  ///
  /// glibc does so above a size that it raises to that of each such block (mallopt(3),
  /// `M_MMAP_THRESHOLD`), so that the bodies of a large fleet's vtgates, megabytes each, would stay
  /// scattered over its arenas. Swift's module of glibc lacks the call.
  static func freeLargeBlocks() {
    typealias Mallopt = @convention(c) (_ parameter: CInt, _ value: CInt) -> CInt
    let mmapThreshold: CInt = -3
    guard let symbol = dlsym(nil, "mallopt") else { return }
    _ = unsafeBitCast(symbol, to: Mallopt.self)(mmapThreshold, 1 << 20)
  }
}
