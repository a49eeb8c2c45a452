internal import NIOCore
internal import Synchronization
internal import Terms

extension String {
  /// Why a client is refused that has not logged in in time.
  static func tooLate(_ limit: Duration) -> String {
    "it did not log in within \(limit.seconds) s"
  }

  /// Why a client is refused that hears what a server would say: there is no such database.
  static func noRoute(to database: String) -> String {
    "no route leads to the database \"\(database)\""
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

  enum Note {
    case told(ProxyEvent)
    /// `isFirst`: since the last were told of by their number.
    case counted(isFirst: Bool)
  }

  /// How long after the first that is only counted the log is told how many they are.
  static let pause = TimeAmount.seconds(1)

  /// So many are told of in a second.
  private static let most = 5
  /// Clients choose their names, in characters.
  private static let longest = 200

  private let state = Mutex(State())

  func note(client: String, why: String, at now: Instant) -> Note {
    state.withLock { state in
      if state.since.map({ now - $0 >= .seconds(1) }) ?? true {
        (state.since, state.told) = (now, 0)
      }
      guard state.told < Self.most else {
        state.untold += 1
        return .counted(isFirst: state.untold == 1)
      }
      state.told += 1
      return .told(.refused(client: client, why: String(why.prefix(Self.longest))))
    }
  }

  /// How many were only counted.
  func takeCount() -> ProxyEvent {
    state.withLock { state in
      defer { state.untold = 0 }
      return .refusedBesides(state.untold)
    }
  }
}
