internal import Dispatch
internal import Operations
internal import Synchronization
internal import Terms

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// A file, FIFO or device that takes lines; what is already there stays.
///
/// Lines are written one after the other on a queue of their own, so a slow disk holds nobody up.
/// What cannot be written is lost and counted, and the program carries on.
final class LineFile: Sendable {
  /// How many lines may wait; more are lost.
  private static let capacity = 10_000
  /// How long the end of the program waits for them.
  private static let timeToFinish: DispatchTimeInterval = .milliseconds(100)

  private struct State {
    /// Below 0 while nobody is reading the FIFO.
    var descriptor: Int32 = -1
    var lost = 0
    /// A line was cut off, so the next one begins on a new line.
    var isTorn = false
  }

  private let file: OwnFile
  private let queue = DispatchQueue(label: "events")
  /// Belongs to the queue alone.
  private let state: Mutex<State>
  private let waiting = Atomic(0)

  /// Those to finish when the program ends.
  private static let all = Mutex<[LineFile]>([])

  init(appendingTo path: String) throws(OwnFile.Failure) {
    file = OwnFile(path, for: .lines)
    var state = State()
    do throws(OwnFile.Failure) {
      state.descriptor = try file.open()
    } catch {
      guard error.isUnread else { throw error }
      warn("\(path): \(error) yet; events are written once somebody does")
    }
    self.state = Mutex(state)
    Self.all.withLock { $0.append(self) }
    atexit { LineFile.all.withLock { $0 }.forEach { $0.finish() } }
  }

  /// Takes a line, to be written once the earlier ones have been.
  ///
  /// `say`: called once when lines begin to be lost, and once when they are written again.
  func append(_ line: String, say: @escaping @Sendable (String) -> Void) {
    let hasRoom = waiting.add(1, ordering: .relaxed).newValue <= Self.capacity
    queue.async {
      defer { self.waiting.subtract(1, ordering: .relaxed) }
      let remark = self.state.withLock { state in
        self.note(hasRoom ? self.failure(of: line, &state) : "lines come too fast", in: &state)
      }
      if let remark { say(remark) }
    }
  }

  private func finish() {
    let group = DispatchGroup()
    queue.async(group: group) {}
    _ = group.wait(timeout: .now() + Self.timeToFinish)
  }

  private func note(_ failure: String?, in state: inout State) -> String? {
    if let failure {
      state.lost += 1
      return state.lost == 1 ? "events are not written to \(file.path): \(failure)" : nil
    }
    guard state.lost > 0 else { return nil }
    defer { state.lost = 0 }
    return "events are written to \(file.path) again; \(state.lost.grouped) are missing there"
  }

  private func failure(of line: String, _ state: inout State) -> String? {
    if state.descriptor < 0 {
      do throws(OwnFile.Failure) {
        state.descriptor = try file.open()
      } catch {
        return error.description
      }
    }
    let bytes = Array(((state.isTorn ? "\n" : "") + line + "\n").utf8)
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes {
        write(state.descriptor, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let code = errno
        state.isTorn = state.isTorn || written > 0
        if code == EPIPE {
          close(state.descriptor)
          state.descriptor = -1
        }
        return code == EAGAIN ? "its reader does not read" : String(cString: strerror(code))
      }
      written += count
    }
    state.isTorn = false
    return nil
  }
}
