internal import ArgumentParser
internal import Dispatch
internal import Synchronization
internal import TerminalKit
internal import TerminalNcurses
internal import Terms
internal import Timing

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// A new file that takes what is on the terminal, as asciinema plays it.
///
/// Each event is a line that is appended at once on a queue of its own: a program that is killed leaves a
/// file that can be played, and a slow disk holds nobody up.
final class AsciicastFile: Sendable {
  /// Events that may wait to be written; what would be missing later makes the rest worthless.
  private static let capacity = 2000
  /// What a terminal does not show that draws a screen by itself.
  private static let hiddenCursor = Array("\u{1B}[?25l".utf8)

  private let path: String
  private let descriptor: Int32
  private let queue = DispatchQueue(label: "asciicast")
  private let waiting = Atomic(0)
  private let began = ContinuousClock.now
  /// Nothing more is written, because something could not be.
  private let isBroken = Atomic(false)

  /// Makes the file and begins it; it must not exist yet.
  @MainActor
  init(_ path: String, of screen: NcursesScreen) throws {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      let reason =
        errno == EEXIST
        ? "it is there already: name another file" : String(cString: strerror(errno))
      throw ValidationError("--asciicast \(path): \(reason)".safe(limit: 400))
    }
    let second = Int64(RunClock().now.secondsSinceEpoch)
    append(
      AsciicastText.header(
        screen.size, second: second, term: getenv("TERM").map { String(cString: $0) } ?? ""))
    append(AsciicastText.output(Self.hiddenCursor, after: .zero))
  }

  func take(_ shown: NcursesScreen.Shown) {
    let time = ContinuousClock.now - began
    switch shown {
    case .output(let bytes): append(AsciicastText.output(bytes, after: time))
    case .resized(let size): append(AsciicastText.resize(size, after: time))
    // The program may end by a signal, which waits for no queue.
    case .closed: queue.sync {}
    }
  }

  private func append(_ line: String) {
    guard waiting.add(1, ordering: .relaxed).newValue <= Self.capacity else {
      end("the disk is too slow")
      return
    }
    queue.async {
      defer { self.waiting.subtract(1, ordering: .relaxed) }
      guard !self.isBroken.load(ordering: .relaxed) else { return }
      if let reason = self.write(line) { self.end(reason) }
    }
  }

  private func end(_ reason: String) {
    guard !isBroken.exchange(true, ordering: .relaxed) else { return }
    warn("--asciicast \(path): nothing more is written: \(reason)".safe(limit: 400))
  }

  /// Why a line cannot be written; nil when it was.
  private func write(_ line: String) -> String? {
    var rest = Array("\(line)\n".utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return String(cString: strerror(count < 0 ? errno : ENOSPC)) }
      rest = rest.dropFirst(count)
    }
    return nil
  }
}

/// `write` of the C library, since the type has a method of that name.
private func systemWrite(_ file: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(file, bytes, count)
}
