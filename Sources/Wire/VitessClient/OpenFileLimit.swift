#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// How many files, connections among them, the process may have open (getrlimit(2), `RLIMIT_NOFILE`).
package enum OpenFileLimit {
  #if canImport(Glibc)
    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
  #else
    private static let resource = RLIMIT_NOFILE
  #endif

  /// Nil where the system does not say.
  static var current: Int? { limit.map { Int(clamping: $0.rlim_cur) } }

  /// Raises it as far as the system allows: each server that is polled, and each client of a lab,
  /// holds a connection.
  package static func raise() {
    guard var limit else { return }
    limit.rlim_cur = min(limit.rlim_max, 1 << 20)
    _ = setrlimit(resource, &limit)
  }

  private static var limit: rlimit? {
    var limit = rlimit()
    return getrlimit(resource, &limit) == 0 ? limit : nil
  }
}
