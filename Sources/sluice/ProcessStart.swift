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

  /// Makes the allocator keep little that is free.
  ///
  /// glibc gives large blocks back to the system as soon as they are free, but only above a size that
  /// it raises to that of each such block (mallopt(3), `M_MMAP_THRESHOLD`), so that the bodies of a
  /// large fleet's vtgates, megabytes each, would stay scattered over its arenas; and it has eight of
  /// those for each processor (`M_ARENA_MAX`), where a few threads do nearly all of the work. Swift's
  /// module of glibc lacks the call.
  static func keepLittleFreeMemory() {
    typealias Mallopt = @convention(c) (_ parameter: CInt, _ value: CInt) -> CInt
    guard let symbol = dlsym(nil, "mallopt") else { return }
    let mallopt = unsafeBitCast(symbol, to: Mallopt.self)
    let (trimThreshold, mmapThreshold, arenaMax): (CInt, CInt, CInt) = (-1, -3, -8)
    _ = mallopt(mmapThreshold, 1 << 20)
    _ = mallopt(arenaMax, 2)
    // What one second's answers take is kept for the next ones.
    _ = mallopt(trimThreshold, 1 << 20)
  }
}
