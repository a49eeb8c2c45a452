internal import Synchronization

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
    OpenFileLimit.current.map { max(least, $0 - reserve) } ?? .max
  }
}
