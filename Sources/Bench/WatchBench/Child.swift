internal import Dispatch
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Musl
#endif

/// A program on a terminal of its own, which is ended with the last reference to it.
final class Child: Sendable {
  /// What it has written.
  private struct Written {
    var bytes = 0
    /// The first letter, digit or line that can be seen.
    var firstGlyph: ContinuousClock.Instant?
    /// The last of it, without control sequences.
    var text = ""
    /// The words that are waited for, and when each was last written.
    var awaited: [String: ContinuousClock.Instant?] = [:]
  }

  let pid: pid_t
  let started: ContinuousClock.Instant
  private let master: Int32
  /// Touched where it is made and where it is cancelled.
  private nonisolated(unsafe) let reader: any DispatchSourceRead
  private let written = Mutex(Written())

  init(_ arguments: [String], columns: Int = 160, rows: Int = 50) throws {
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    var (number, isLocked): (Int32, Int32) = (0, 0)
    // TIOCSPTLCK and TIOCGPTN: the C library's module shows neither them nor what is made of them.
    guard ioctl(master, 0x4004_5431, &isLocked) == 0, ioctl(master, 0x8004_5430, &number) == 0
    else { throw Trouble("no terminal can be had: \(String(cString: strerror(errno)))") }
    let name = "/dev/pts/\(number)"
    var size = winsize()
    (size.ws_col, size.ws_row) = (UInt16(columns), UInt16(rows))
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
    _ = fcntl(master, F_SETFL, O_NONBLOCK)
    _ = fcntl(master, F_SETFD, FD_CLOEXEC)
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // The leader of a session gets the first terminal that it opens.
    posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
    for descriptor in [1, 2] as [Int32] {
      posix_spawn_file_actions_adddup2(&actions, 0, descriptor)
    }
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // POSIX_SPAWN_SETSID, which the C library's module does not show.
    posix_spawnattr_setflags(&attributes, 0x80)
    let environment = [
      "PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "HOME=/nonexistent", "TZ=UTC",
      "TERM=xterm-256color", "COLORTERM=truecolor",
    ]
    let argv = arguments.map { strdup($0) } + [nil]
    let envp = environment.map { strdup($0) } + [nil]
    defer { for pointer in argv + envp { free(pointer) } }
    var pid = pid_t()
    started = .now
    let failure = posix_spawn(&pid, arguments[0], &actions, &attributes, argv, envp)
    guard failure == 0 else {
      throw Trouble("\(arguments[0]): \(String(cString: strerror(failure)))")
    }
    self.pid = pid
    reader = DispatchSource.makeReadSource(
      fileDescriptor: master, queue: DispatchQueue(label: "terminal"))
    reader.setEventHandler { [weak self] in self?.take() }
    reader.activate()
  }

  deinit {
    reader.cancel()
    kill(pid, SIGKILL)
    var status: Int32 = 0
    waitpid(pid, &status, 0)
    close(master)
  }

  private func take() {
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    let count = read(master, &chunk, chunk.count)
    guard count > 0 else { return }
    let now = ContinuousClock.now
    let text = String(decoding: chunk.prefix(count), as: UTF8.self).withoutSequences
    written.withLock { written in
      written.bytes += count
      if written.firstGlyph == nil, text.contains(where: { !$0.isWhitespace }) {
        written.firstGlyph = now
      }
      written.text = String((written.text + text).suffix(1 << 16))
      for word in written.awaited.keys where text.contains(word) { written.awaited[word] = now }
    }
  }

  var bytesWritten: Int { written.withLock(\.bytes) }
  var firstGlyph: ContinuousClock.Instant? { written.withLock(\.firstGlyph) }
  var text: String { written.withLock(\.text) }

  func type(_ keys: String) {
    let bytes = Array(keys.utf8)
    _ = write(master, bytes, bytes.count)
  }

  /// Notes from now on when a word is written.
  func await(_ word: String) { written.withLock { $0.awaited[word] = .some(nil) } }

  /// When a word was last written since it was awaited.
  func lastWritten(_ word: String) -> ContinuousClock.Instant? {
    written.withLock { $0.awaited[word] ?? nil }
  }

  /// Waits until something is so, and no longer than a minute.
  func until(_ what: String, _ isSo: @Sendable (Child) -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(60)
    while !isSo(self) {
      guard ContinuousClock.now < end else { throw Trouble("waited in vain for \(what)") }
      try await Task.sleep(for: .milliseconds(5))
    }
  }
}

extension String {
  /// Without the sequences that move the cursor and choose colours; blanks take the place of moves.
  fileprivate var withoutSequences: String {
    var text = ""
    var rest = unicodeScalars[...]
    while let scalar = rest.popFirst() {
      guard scalar == "\u{1B}" else {
        if scalar.value >= 0x20 { text.unicodeScalars.append(scalar) }
        continue
      }
      guard let kind = rest.popFirst(), kind == "[" || kind == "]" else { continue }
      var final: Unicode.Scalar?
      while let part = rest.popFirst() {
        if kind == "[", (0x40...0x7E).contains(part.value) {
          final = part
          break
        }
        if kind == "]", part.value == 7 || part == "\\" { break }
      }
      if final != "m", kind == "[" { text += " " }
    }
    return text
  }
}
