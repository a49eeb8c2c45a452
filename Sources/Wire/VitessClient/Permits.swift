internal import Synchronization

/// Lets only a few at a time do what takes much memory meanwhile.
package final class Permits: Sendable {
  private struct State {
    var free: Int
    /// Who came first is first.
    var waiting: [(number: Int, continuation: CheckedContinuation<Bool, Never>)] = []
    var arrivals = 0
  }

  private let state: Mutex<State>
  private let patience: Duration

  /// `patience`: who has waited so long goes without, lest a few slow servers hold up all.
  package init(_ count: Int, patience: Duration = .seconds(1)) {
    state = Mutex(State(free: count))
    self.patience = patience
  }

  /// Waits for one; true if there is one, which must be given back.
  package func take() async -> Bool {
    await withCheckedContinuation { continuation in
      let number: Int? = state.withLock { state in
        guard state.free == 0 else {
          state.free -= 1
          return nil
        }
        state.arrivals += 1
        state.waiting.append((state.arrivals, continuation))
        return state.arrivals
      }
      guard let number else { return continuation.resume(returning: true) }
      Task {
        try? await Task.sleep(for: patience)
        giveUp(number)
      }
    }
  }

  package func giveBack() {
    let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
      guard state.waiting.isEmpty else { return state.waiting.removeFirst().continuation }
      state.free += 1
      return nil
    }
    next?.resume(returning: true)
  }

  private func giveUp(_ number: Int) {
    let waiting = state.withLock { state in
      state.waiting.firstIndex { $0.number == number }
        .map { state.waiting.remove(at: $0).continuation }
    }
    waiting?.resume(returning: false)
  }
}
