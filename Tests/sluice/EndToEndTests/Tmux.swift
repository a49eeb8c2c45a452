import Foundation
import TestSupport
import Testing

/// A private tmux server with one window, in an environment that does not depend on who runs it.
struct Tmux {
  static var isInstalled: Bool { run(["-V"]) != nil }

  private let name = "sluice-\(UUID().uuidString.prefix(8))"
  private let server = Process()

  /// Starts a shell command, which must not contain a single quote, in a window of a size.
  init(_ command: String, columns: Int = 100, rows: Int = 30) async throws {
    // In the foreground: a server that makes itself a daemon keeps what Process waits for.
    server.executableURL = URL(filePath: "/usr/bin/env")
    server.arguments = ["tmux", "-f", "/dev/null", "-L", name, "-D"]
    server.standardOutput = FileHandle.nullDevice
    server.standardError = FileHandle.nullDevice
    server.standardInput = FileHandle.nullDevice
    try server.run()
    let environment =
      "env -u NO_COLOR -u COLORTERM LC_ALL=C.UTF-8 TZ=UTC HOME=/nonexistent TERM=tmux-256color"
    let session = [
      "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)", "\(environment) sh -c '\(command)'",
    ]
    for _ in 0..<100 {
      if Self.run(["-N", "-L", name] + session) != nil { return }
      try await Task.sleep(for: .milliseconds(50))
    }
    try #require(Bool(false), "tmux does not start")
  }

  var screen: String { Self.run(["-L", name, "capture-pane", "-p", "-t", "0"]) ?? "" }

  func type(_ keys: String...) { _ = Self.run(["-L", name, "send-keys", "-t", "0"] + keys) }

  /// Presses a key that must come alone, again if need be, until a text is there.
  func press(
    _ key: String, until texts: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    for _ in 0..<40 {
      type(key)
      for _ in 0..<10 {
        if texts.allSatisfy(screen.contains) { return }
        try await Task.sleep(for: .milliseconds(50))
      }
    }
    Issue.record("pressed \(key) in vain for \(texts)", sourceLocation: sourceLocation)
  }

  func resize(columns: Int, rows: Int) {
    _ = Self.run(["-L", name, "resize-window", "-t", "0", "-x", "\(columns)", "-y", "\(rows)"])
  }

  /// Ends the server, and by hanging up its terminal what runs in it.
  ///
  /// Not by `kill-server`: children of Foundation's Process are born with that signal blocked.
  func end() {
    kill(server.processIdentifier, SIGKILL)
    server.waitUntilExit()
    try? FileManager.default.removeItem(atPath: "/tmp/tmux-\(getuid())/\(name)")
  }

  /// Waits until texts are on the screen, and others, of the screen before it, are not.
  func wait(
    for texts: String..., without others: String...,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    try await wait(for: texts, without: others, sourceLocation: sourceLocation)
  }

  func wait(
    for texts: [String], without others: [String] = [], upTo limit: Duration = .seconds(20),
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let end = ContinuousClock.now + limit
    var last = ""
    while ContinuousClock.now < end {
      last = screen
      if texts.allSatisfy({ last.contains($0) }), !others.contains(where: last.contains) { return }
      try await Task.sleep(for: .milliseconds(50))
    }
    Issue.record(
      "waited in vain for \(texts)\(others.isEmpty ? "" : " without \(others)"); the screen:\n\(last)",
      sourceLocation: sourceLocation)
  }

  private static func run(_ arguments: [String]) -> String? {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["tmux"] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardInput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let data = try? output.fileHandleForReading.readToEnd()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { return nil }
    return String(decoding: data ?? Data(), as: UTF8.self)
  }
}

/// The program under test, built beside the tests.
let sluice: String = {
  let bundle = CommandLine.arguments[0]
  var directory = URL(filePath: bundle).deletingLastPathComponent()
  for _ in 0..<3 {
    let candidate = directory.appending(path: "sluice").path
    if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
    directory = directory.deletingLastPathComponent()
  }
  return Fixtures.checkout.appending(path: ".build/debug/sluice").path
}()
