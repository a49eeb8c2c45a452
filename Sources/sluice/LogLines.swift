internal import Dispatch
internal import Synchronization

/// Lines of a log on their way to a terminal, a pipe or a file.
///
/// Who logs waits for nobody: while a terminal is stopped, or a pipe is not read, lines wait up to a
/// number, and those beyond it are lost and counted.
final class LogLines: Sendable {
  private struct State {
    var waiting = 0
    var lost = 0
  }

  private static let capacity = 1_000
  /// How long the end of the program waits for them.
  private static let timeToFinish: DispatchTimeInterval = .seconds(1)

  private let queue = DispatchQueue(label: "log")
  private let state = Mutex(State())
  private let write: @Sendable (String) -> Void

  init(_ write: @escaping @Sendable (String) -> Void) { self.write = write }

  func add(_ line: String) {
    let lost = state.withLock { state -> Int? in
      guard state.waiting < Self.capacity else {
        state.lost += 1
        return nil
      }
      state.waiting += 1
      defer { state.lost = 0 }
      return state.lost
    }
    guard let lost else { return }
    queue.async { [self] in
      if lost > 0 { write("\(lost) lines are missing here: nobody took them") }
      write(line)
      state.withLock { $0.waiting -= 1 }
    }
  }

  /// Waits until all have been written, and a second at most.
  func finish() {
    let last = DispatchWorkItem {}
    queue.async(execute: last)
    _ = last.wait(timeout: .now() + Self.timeToFinish)
  }
}
