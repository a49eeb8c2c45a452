internal import Dispatch
internal import FoundationEssentials

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Runs a shell command for each event, one after the other, the event on its standard input.
///
/// Its output goes nowhere: the terminal is the dashboard's.
final class Hook: Sendable {
  /// A command that takes longer is killed.
  private static let deadline: Duration = .seconds(10)

  private let command: String
  private let queue = DispatchQueue(label: "hook")

  init(_ command: String) {
    self.command = command
    // A command that does not read its input must not end the dashboard.
    signal(SIGPIPE, SIG_IGN)
  }

  func run(_ input: String) { queue.async { self.runNow(input) } }

  private func runNow(_ input: String) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { return }
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
    #else
      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
    posix_spawn_file_actions_addclose(&actions, ends[1])
    for output: Int32 in [1, 2] {
      posix_spawn_file_actions_addopen(&actions, output, "/dev/null", O_WRONLY, 0)
    }
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // The dashboard ignores and blocks signals; its children must not.
    var none = sigset_t()
    var all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
    var child: pid_t = 0
    let words: [String] = ["/bin/sh", "-c", command]
    let arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    let failed = posix_spawn(&child, "/bin/sh", &actions, &attributes, arguments, environ)
    close(ends[0])
    guard failed == 0 else {
      close(ends[1])
      return
    }
    // An event is smaller than a pipe's buffer, so this never waits.
    _ = (input + "\n").utf8.withContiguousStorageIfAvailable {
      write(ends[1], $0.baseAddress, $0.count)
    }
    close(ends[1])
    let end = ContinuousClock.now + Self.deadline
    var status: Int32 = 0
    while waitpid(child, &status, WNOHANG) == 0 {
      if ContinuousClock.now > end {
        kill(-child, SIGKILL)
        waitpid(child, &status, 0)
        return
      }
      usleep(20_000)
    }
  }
}
