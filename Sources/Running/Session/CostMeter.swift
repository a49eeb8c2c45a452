internal import Dashboard
internal import Terms

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Measures what the program itself uses, from one reading to the next.
struct CostMeter {
  private var last: (at: Instant, cpu: Duration, bytes: Int)?

  /// Returns nil the first time; `bytes`: written to the terminal so far.
  mutating func read(at now: Instant, bytes: Int) -> OwnCost? {
    var usage = rusage()
    guard getrusage(ofProcess, &usage) == 0 else { return nil }
    let cpu = usage.ru_utime.duration + usage.ru_stime.duration
    defer { last = (now, cpu, bytes) }
    guard let last, now > last.at else { return nil }
    let seconds = (now - last.at).seconds
    #if canImport(Darwin)
      let peak = usage.ru_maxrss
    #else
      let peak = usage.ru_maxrss * 1024
    #endif
    return OwnCost(
      cpu: (cpu - last.cpu).seconds / seconds, peakMemory: peak,
      terminalBytes: Double(bytes - last.bytes) / seconds)
  }
}

extension timeval {
  fileprivate var duration: Duration { .seconds(Int(tv_sec)) + .microseconds(Int(tv_usec)) }
}

#if canImport(Glibc)
  private let ofProcess = Int32(RUSAGE_SELF.rawValue)
#else
  private let ofProcess = RUSAGE_SELF
#endif
