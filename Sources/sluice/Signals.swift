internal import Dispatch
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Signals that would end the program in the middle of an action, taken as a wish to cancel it.
///
/// A lost ssh session sends SIGHUP, and often more than once.
final class Interruption {
  /// All signals that end a program by default and can be sent deliberately.
  private static let signals: [Int32] = {
    let common = [
      SIGINT, SIGHUP, SIGTERM, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGXCPU,
    ]
    #if canImport(Darwin)
      return common
    #else
      return common + [SIGPOLL, SIGPWR, SIGSTKFLT]
    #endif
  }()

  private let taken: [Int32]
  private let source: any DispatchSourceRead

  /// Listens until ``end()``; a second Ctrl-C ends the program at once.
  ///
  /// `sparesHangup`: SIGHUP means something else here; `act`: called once, with the first signal.
  init(sparesHangup: Bool = false, _ act: @escaping @Sendable (Int32) -> Void) {
    var ends: [Int32] = [-1, -1]
    _ = pipe(&ends)
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    wakingEnd = ends[1]
    // Signals ignored from the start, as by nohup, stay ignored.
    taken = Self.signals.filter { number in
      !(sparesHangup && number == SIGHUP)
        && unsafeBitCast(signal(number, SIG_IGN), to: Int.self)
          != unsafeBitCast(SIG_IGN, to: Int.self)
    }
    for number in taken {
      signal(number) { number in
        let code = errno
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(wakingEnd, &byte, 1)
        errno = code
      }
    }
    let end = ends[0]
    let seen = Mutex<[UInt8]>([])
    source = DispatchSource.makeReadSource(fileDescriptor: end, queue: .global())
    source.setEventHandler {
      var bytes = [UInt8](repeating: 0, count: 64)
      let count = read(end, &bytes, bytes.count)
      guard count > 0 else { return }
      let (isFirst, interrupts) = seen.withLock { seen in
        defer { seen += bytes.prefix(count) }
        return (seen.isEmpty, (seen + bytes.prefix(count)).count { $0 == UInt8(SIGINT) })
      }
      if isFirst { act(Int32(bytes[0])) }
      if interrupts > 1 { endBySignal(SIGINT) }
    }
    source.activate()
  }

  /// From here on, signals end the program again.
  func end() {
    for number in taken { signal(number, SIG_DFL) }
    source.cancel()
  }
}

/// SIGHUP where it means that a program that goes on is to read its files again.
final class Hangup {
  private let source: any DispatchSourceSignal

  /// `act`: called for each signal, or once for several that come at the same time.
  init(_ act: @escaping @Sendable () -> Void) {
    signal(SIGHUP, SIG_IGN)
    source = DispatchSource.makeSignalSource(signal: SIGHUP, queue: .global())
    source.setEventHandler(handler: act)
    source.activate()
  }
}

/// Where the signal handler writes, since it can reach nothing but globals.
private nonisolated(unsafe) var wakingEnd: Int32 = -1

/// Ends the program with the signal that asked it to end, so that its parent sees why.
func endBySignal(_ number: Int32) {
  signal(number, SIG_DFL)
  // Dispatch blocks the signals it watches.
  var set = sigset_t()
  sigemptyset(&set)
  sigaddset(&set, number)
  pthread_sigmask(SIG_UNBLOCK, &set, nil)
  raise(number)
}
