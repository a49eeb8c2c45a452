internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// How many connections there may be, so that the program keeps descriptors for itself.
///
/// Without any, libraries fail where nobody can handle it: libdispatch ends the process when it cannot
/// read how its threads fare.
enum DescriptorRoom {
  /// For event loops, terminal, files and libraries.
  private static let reserve = 40
  private static let least = 4

  private static let taken = Mutex(0)

  /// Takes room for one connection, if there is any.
  static func take() -> Bool {
    let most = most
    return taken.withLock { taken in
      guard taken < most else { return false }
      taken += 1
      return true
    }
  }

  static func giveBack() { taken.withLock { $0 -= 1 } }

  private static var most: Int {
    var limit = rlimit()
    #if canImport(Glibc)
      let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
      let resource = RLIMIT_NOFILE
    #endif
    guard getrlimit(resource, &limit) == 0 else { return .max }
    return max(least, Int(clamping: limit.rlim_cur) - reserve)
  }
}
