import Dashboard
import FleetModel
import Foundation
import Session
import TerminalKit
import Terms
import TestSupport
import Testing
import Timing
import Watching

/// What the terminal is handed, and what is written to files.
@MainActor
@Suite(.timeLimit(.minutes(1))) struct HandsSessionTests {
  private func withSession(
    in folder: String, _ body: (MemoryScreen) async throws -> Void
  ) async throws {
    let clock = RunClock()
    let screen = MemoryScreen(Size(columns: 100, rows: 24))
    let settings = Model.Settings(
      title: "test", interval: .seconds(1), permission: .never(because: "--read-only"))
    let session = Session(
      settings: settings, screen: screen, feed: Backlog([]), now: { clock.now },
      screenshots: Screenshots(in: folder))
    let running = Task { await session.run([]) }
    try await wait(for: "the first frame") { screen.frames > 0 }
    try await body(screen)
    screen.end(.signal(SIGTERM))
    #expect(await running.value == .signal(SIGTERM))
  }

  @Test func theScreenIsWrittenAsTextAndAsAPage() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await withSession(in: folder.path) { screen in
      let lines = screen.lines
      screen.press(.character("w"))
      try await wait(for: "the names") { screen.shows("written: sluice-", folder.path) }
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      #expect(names.count == 2)
      #expect(names.allSatisfy { $0.contains(/^sluice-\d{8}-\d{6}\.(html|txt)$/) }, "\(names)")
      let text = try String(contentsOf: folder.appending(path: names[1]), encoding: .utf8)
      // The clock in the first line goes on.
      #expect(text.components(separatedBy: "\n").dropFirst().dropLast() == lines.dropFirst())
      let page = try String(contentsOf: folder.appending(path: names[0]), encoding: .utf8)
      #expect(page.contains("<title>sluice: test, ") && page.contains("waiting for the first"))
    }
  }

  /// A notification is on the desktop for all to see, as the screen is.
  @Test(arguments: [true, false]) func whatTheDesktopIsToldIsMasked(_ isMasked: Bool) async throws {
    let clock = RunClock()
    let screen = MemoryScreen(Size(columns: 100, rows: 24))
    var settings = Model.Settings(
      title: "test", interval: .seconds(1), permission: .never(because: "--read-only"))
    settings.isMasked = isMasked
    var attention = Attention()
    attention.means = [.bell]
    let event = FleetEvent(at: clock.now, .remark(.critical, "dial gate9:15001: refused"))
    let session = Session(
      settings: settings, screen: screen,
      feed: Backlog([Observation(of: "test", at: clock.now, .event(event))]),
      now: { clock.now }, attention: attention)
    let running = Task {
      await session.run([Target(.vtgate, Address(host: "gate9", port: 15001))])
    }
    try await wait(for: "the notification") { !screen.attractions.isEmpty }
    #expect(
      screen.attractions == [isMasked ? "dial vtgate-1: refused" : "dial gate9:15001: refused"])
    screen.end(.signal(SIGTERM))
    _ = await running.value
  }

  @Test func aFolderThatCannotTakeItIsSaid() async throws {
    try await withSession(in: "/nonexistent/folder") { screen in
      screen.press(.character("w"))
      try await wait(for: "the reason") {
        screen.shows("the screen was not written: /nonexistent/folder: No such file or directory")
      }
    }
  }
}
