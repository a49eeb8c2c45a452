import Foundation
import TestSupport
import Testing

/// A program on a terminal of its own, whose bytes a test sends and reads as they are.
final class Pty {
  static var isPossible: Bool {
    access("/dev/ptmx", R_OK | W_OK) == 0 && access("/dev/pts", X_OK) == 0
  }

  /// Everything the program has written so far.
  private(set) var output: [UInt8] = []
  let pid: pid_t
  private let master: Int32
  private var status: Int32?

  /// `state`: the folder of what the program keeps for its user, if it may keep anything;
  /// `variables`: what its environment has besides.
  init(
    _ arguments: [String], term: String? = "xterm-256color", state: String? = nil,
    variables: [String: String] = [:], columns: Int = 100, rows: Int = 30
  ) throws {
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    var number: Int32 = 0
    var isLocked: Int32 = 0
    // TIOCSPTLCK and TIOCGPTN: Glibc's module shows neither them nor what is made of them.
    try #require(ioctl(master, 0x4004_5431, &isLocked) == 0)
    try #require(ioctl(master, 0x8004_5430, &number) == 0)
    let name = "/dev/pts/\(number)"
    var size = winsize()
    (size.ws_col, size.ws_row) = (UInt16(columns), UInt16(rows))
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
    _ = fcntl(master, F_SETFL, O_NONBLOCK)
    _ = fcntl(master, F_SETFD, FD_CLOEXEC)

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // The leader of a session gets the first terminal that it opens.
    posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
    for descriptor in [1, 2] as [Int32] {
      posix_spawn_file_actions_adddup2(&actions, 0, descriptor)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // Signals as a shell leaves them: Foundation's Process and its tests block some.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(0x80 | POSIX_SPAWN_SETSIGMASK))

    var environment = ["PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "HOME=/nonexistent", "TZ=UTC"]
    if let term { environment.append("TERM=\(term)") }
    if let state { environment.append("XDG_STATE_HOME=\(state)") }
    environment += variables.map { "\($0)=\($1)" }
    var pid = pid_t()
    let argv = arguments.map { strdup($0) } + [nil]
    let envp = environment.map { strdup($0) } + [nil]
    defer { for pointer in argv + envp { free(pointer) } }
    let failure = posix_spawn(&pid, arguments[0], &actions, &attributes, argv, envp)
    try #require(failure == 0, "\(arguments[0]): \(String(cString: strerror(failure)))")
    self.pid = pid
  }

  deinit {
    if status == nil {
      kill(pid, SIGKILL)
      var status: Int32 = 0
      waitpid(pid, &status, 0)
    }
    close(master)
  }

  /// Reads what the program has written; its text with all sequences in it.
  @discardableResult
  func read() -> String {
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Foundation.read(master, &chunk, chunk.count)
      guard count > 0 else { break }
      output += chunk.prefix(count)
    }
    return String(decoding: output, as: UTF8.self)
  }

  /// Sends bytes as fast as the program takes them.
  func send(_ bytes: some Collection<UInt8>) async throws {
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
      if count > 0 { rest = rest.dropFirst(count) }
      read()
      if count <= 0 { try await Task.sleep(for: .milliseconds(1)) }
      try #require(!hasEnded, "it ended with status \(status ?? 0)")
    }
  }

  func send(_ text: String) async throws { try await send(Array(text.utf8)) }

  /// Presses a key by itself, as a person would.
  func press(_ text: String) async throws {
    try await pause(.milliseconds(160))
    try await send(text)
    try await pause(.milliseconds(60))
  }

  func pause(_ time: Duration) async throws {
    try await Task.sleep(for: time)
    read()
  }

  /// Waits until the program has written a text after what it has written so far.
  func wait(for text: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let wanted = Array(text.utf8)
    try await TestSupport.wait(
      for: text, upTo: .seconds(20), sourceLocation: sourceLocation
    ) {
      read()
      return output.firstRange(of: wanted) != nil
    }
  }

  func forget() {
    read()
    output = []
  }

  /// Gives the window another size, as its user dragging a corner.
  func resize(columns: Int, rows: Int) {
    var size = winsize()
    (size.ws_col, size.ws_row) = (UInt16(columns), UInt16(rows))
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
  }

  /// What the program takes of the machine's memory now, in MiB.
  var residentMemory: Int {
    let status = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
    return status.firstMatch(of: /VmRSS:\s+(\d+)/).flatMap { Int($0.1) }.map { $0 / 1024 } ?? 0
  }

  /// How often its threads have waited and were woken so far.
  var wakes: Int {
    let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
    return tasks.reduce(0) { sum, task in
      let status =
        (try? String(contentsOfFile: "/proc/\(pid)/task/\(task)/status", encoding: .utf8)) ?? ""
      let found = status.firstMatch(of: /\nvoluntary_ctxt_switches:\s+(\d+)/)
      return sum + (found.flatMap { Int($0.1) } ?? 0)
    }
  }

  var hasEnded: Bool {
    if status != nil { return true }
    var now: Int32 = 0
    guard waitpid(pid, &now, WNOHANG) == pid else { return false }
    status = now
    return true
  }

  var isStopped: Bool {
    var now: Int32 = 0
    return waitpid(pid, &now, WNOHANG | WUNTRACED) == pid && now & 0xFF == 0x7F
  }

  /// Lets the program write until there is no room for more, and reads none of it.
  func fill() async throws {
    var waiting: [Int32] = []
    try await TestSupport.wait(for: "no more room", upTo: .seconds(20)) {
      resize(columns: 100 + waiting.count % 2, rows: 30)
      var count: Int32 = 0
      _ = ioctl(master, UInt(FIONREAD), &count)
      waiting.append(count)
      return count > 0 && waiting.suffix(50).allSatisfy { $0 == count } && waiting.count > 50
    }
  }

  /// How long the program takes to end from now on.
  ///
  /// `reading`: what it writes is taken meanwhile.
  func timeToEnd(
    reading: Bool = true, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> Duration {
    let start = ContinuousClock.now
    while !hasEnded {
      if reading { read() }
      let took = ContinuousClock.now - start
      guard took < .seconds(20) else {
        Issue.record("it does not end", sourceLocation: sourceLocation)
        return took
      }
      try await Task.sleep(for: .milliseconds(2))
    }
    read()
    return ContinuousClock.now - start
  }
}
