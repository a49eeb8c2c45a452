package import Stats
internal import Synchronization
package import Terms

/// What was asked and answered, by route, as vtgate counts it.
package final class Traffic: Sendable {
  package struct Counts: Sendable, Equatable {
    package internal(set) var times = LatencyHistogram()
    /// By the codes of `vtgate_api_error_counts`.
    package internal(set) var errors: [String: Int] = [:]
  }

  private struct State {
    var routes: [ShardName: Counts] = [:]
    var connections = 0
    var accepted = 0
  }

  private let state = Mutex(State())

  /// A statement has its answer; `error` is the code of one that failed.
  package func answered(_ route: ShardName, after time: Duration, error: String?) {
    state.withLock { state in
      state.routes[route, default: Counts()].times.add(time)
      if let error { state.routes[route, default: Counts()].errors[error, default: 0] += 1 }
    }
  }

  /// Takes a client in, unless there are as many as there may be.
  package func enter(atMost limit: Int) -> Bool {
    state.withLock { state in
      guard state.connections < limit else { return false }
      state.connections += 1
      state.accepted += 1
      return true
    }
  }

  package func leave() { state.withLock { $0.connections -= 1 } }

  package var counts: [ShardName: Counts] { state.withLock { $0.routes } }
  package var connections: (now: Int, accepted: Int) {
    state.withLock { ($0.connections, $0.accepted) }
  }
}
