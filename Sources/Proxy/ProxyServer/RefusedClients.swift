internal import Synchronization
internal import Terms

extension String {
  /// Why a client is refused that has not logged in in time.
  static func tooLate(_ limit: Duration) -> String {
    "it did not log in within \(limit.seconds) s"
  }
}

/// Clients that were not let in, on their way to the log: a few of each second by name, and the others
/// by their number.
final class RefusedClients: Sendable {
  private struct State {
    var since: Instant?
    var told = 0
    var untold = 0
  }

  /// So many are told of in a second.
  private static let most = 5
  /// Clients choose their names, in characters.
  private static let longest = 200

  private let state = Mutex(State())

  /// Nil where it is only counted.
  func event(client: String, why: String, at now: Instant) -> ProxyEvent? {
    state.withLock { state in
      if state.since.map({ now - $0 >= .seconds(1) }) ?? true {
        (state.since, state.told) = (now, 0)
      }
      guard state.told < Self.most else {
        state.untold += 1
        return nil
      }
      defer { state.untold = 0 }
      state.told += 1
      return .refused(client: client, why: String(why.prefix(Self.longest)), more: state.untold)
    }
  }
}
