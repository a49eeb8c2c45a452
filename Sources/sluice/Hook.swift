internal import Dispatch
internal import Terms
internal import FoundationEssentials
internal import Synchronization
internal import TerminalKit

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Runs a shell command for each event, one after the other, with the event on its standard input.
///
/// Its output is discarded, because the terminal belongs to the dashboard. A run that takes too
/// long is killed with all its children, as is one still going when the program ends.
final class Hook: Sendable {
  private struct State {
    /// Events that no run has completed yet, including the one being run.
    var waiting = 0
    /// Events for which there was no room since the last run began.
    var dropped = 0
    /// Events that have found no room since there last was any.
    var lost = 0
    /// The process group of the current run.
    var group: pid_t?
    var isOver = false
  }

  private let command: String
  private let cluster: String
  private let deadline: Duration
  private let capacity: Int
  private let queue = DispatchQueue(label: "hook")
  private let state = Mutex(State())

  /// Those to stop when the program ends.
  private static let all = Mutex<[Hook]>([])

  /// Tells a run how many events were dropped before it.
  static let droppedVariable = "SLUICE_EVENTS_DROPPED"
  /// Tells a run what the cluster is called that the event is of.
  static let clusterVariable = "SLUICE_EVENTS_CLUSTER"

  /// Runs a command with `/bin/sh -c`.
  ///
  /// `deadline`: how long a run may take. `capacity`: how many events may wait for their run; more
  /// are dropped, and the next run is told how many.
  ///
  /// `cluster`: the operator's name for the fleet.
  init(
    _ command: String, of cluster: String = "", deadline: Duration = .seconds(10),
    capacity: Int = 100
  ) {
    self.command = command
    self.cluster = cluster
    self.deadline = deadline
    self.capacity = capacity
    // A command that does not read its input must not end the dashboard.
    signal(SIGPIPE, SIG_IGN)
    Self.all.withLock { $0.append(self) }
    atexit { Hook.all.withLock { $0 }.forEach { $0.stop() } }
  }

  /// Runs the command with an event, once the earlier ones are done.
  ///
  /// ``droppedVariable`` in the run's environment counts the events before it for which there
  /// was no room. Returns what to tell the operator: once when there is no more room, and once when
  /// there is room again.
  func run(_ input: String) -> String? {
    let (hasRoom, remark): (Bool, String?) = state.withLock { state in
      guard !state.isOver else { return (false, nil) }
      guard state.waiting < capacity else {
        state.dropped += 1
        state.lost += 1
        let words = "the hook is slower than events come: \(capacity) wait, more are dropped"
        return (false, state.lost == 1 ? words : nil)
      }
      state.waiting += 1
      defer { state.lost = 0 }
      let words = "the hook takes events again; it has not run for \(state.lost.grouped)"
      return (true, state.lost > 0 ? words : nil)
    }
    guard hasRoom else { return remark }
    queue.async {
      let dropped = self.state.withLock { state in
        defer { state.dropped = 0 }
        return state.isOver ? nil : state.dropped
      }
      if let dropped { self.runNow(input, dropped) }
      self.state.withLock { $0.waiting -= 1 }
    }
    return remark
  }

  /// Kills the current run, and starts no other.
  func stop() {
    state.withLock { state in
      state.isOver = true
      if let group = state.group { kill(-group, SIGKILL) }
    }
  }

  private func runNow(_ input: String, _ dropped: Int) {
    guard let (child, pipe) = spawn(dropped) else { return }
    state.withLock { state in
      state.group = child
      if state.isOver { kill(-child, SIGKILL) }
    }
    defer { state.withLock { $0.group = nil } }
    let end = ContinuousClock.now + deadline
    var rest = Array((input + "\n").utf8)[...]
    var status: Int32 = 0
    while true {
      // A command that does not read must not block this, so the pipe takes what it has room for.
      if !rest.isEmpty {
        let written = rest.withUnsafeBytes { write(pipe, $0.baseAddress, $0.count) }
        if written > 0 { rest.removeFirst(written) }
        if rest.isEmpty || (written < 0 && errno != EAGAIN && errno != EINTR) {
          rest = []
          close(pipe)
        }
      }
      if waitpid(child, &status, WNOHANG) != 0 { break }
      if ContinuousClock.now > end {
        kill(-child, SIGKILL)
        waitpid(child, &status, 0)
        break
      }
      usleep(20_000)
    }
    if !rest.isEmpty { close(pipe) }
    endLeftovers(of: child, at: end)
  }

  /// Kills what a run has left in the background, when the run's time is up.
  ///
  /// While a group has members, no other process gets its number.
  private func endLeftovers(of group: pid_t, at end: ContinuousClock.Instant) {
    guard kill(-group, 0) == 0 else { return }
    let left = max(.zero, end - .now)
    DispatchQueue.global().asyncAfter(
      deadline: .now() + .nanoseconds(Int(left.wholeNanoseconds))
    ) { _ = kill(-group, SIGKILL) }
  }

  /// Starts the command; returns it and the writing end of its input.
  private func spawn(_ dropped: Int) -> (child: pid_t, pipe: Int32)? {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { return nil }
    _ = fcntl(ends[1], F_SETFD, FD_CLOEXEC)
    _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
    let words =
      ["\(Self.clusterVariable)=\(cluster.safe(limit: 400))"]
      + (dropped == 0 ? [] : ["\(Self.droppedVariable)=\(dropped)"])
    let child = ShellCommand(command, with: words).start(input: ends[0])
    close(ends[0])
    guard let child else {
      close(ends[1])
      return nil
    }
    return (child, ends[1])
  }
}
