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
    in folder: String, _ observations: [Observation] = [], isMasked: Bool = false,
    clock: RunClock = RunClock(), _ body: (MemoryScreen) async throws -> Void
  ) async throws {
    let screen = MemoryScreen(Size(columns: 100, rows: 24))
    var settings = Model.Settings(
      title: "test", interval: .seconds(1), permission: .never(because: "--read-only"))
    settings.isMasked = isMasked
    settings.opensFailovers = false
    let session = Session(
      settings: settings, screen: screen, feed: Backlog(observations), now: { clock.now },
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

  /// A failover that began and ended between two polls of a vtgate.
  private static func failover(at now: Instant) -> [Observation] {
    let shard = ShardName(keyspace: "commerce", shard: "0")
    var reading = VtgateReading()
    reading.processStart = 1
    reading.buffers[shard] = BufferCounters()
    return (0...1).map { poll in
      if poll == 1 {
        reading.buffers[shard]?.starts = 1
        reading.buffers[shard]?.stops[.newPrimarySeen] = 1
        reading.buffers[shard]?.buffered = 7
        reading.buffers[shard]?.drained = 7
        reading.buffers[shard]?.lastFailoverDuration = .milliseconds(300)
      }
      let at = now + .milliseconds(poll)
      return Observation(
        of: "test", at: at,
        .outcome(
          ScrapeOutcome(
            target: Target(.vtgate, Address(host: "gate1", port: 15001)), at: at, took: .zero,
            result: .gate(reading))))
    }
  }

  @Test(arguments: [true, false]) func onAFailoverItsReportIsWrittenBeside(
    _ isMasked: Bool
  ) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let clock = RunClock()
    try await withSession(
      in: folder.path, Self.failover(at: clock.now), isMasked: isMasked, clock: clock
    ) { screen in
      try await wait(for: "the shard") { screen.shows("commerce/0") }
      screen.press(.character("f"))
      try await wait(for: "the list") { screen.shows("failovers of this run") }
      screen.press(.enter)
      try await wait(for: "the failover") { screen.shows("phases, from") }
      for key in "N" + "pager" { screen.press(.character(key)) }
      try await wait(for: "the line") { screen.shows(":note pager") }
      screen.press(.enter)
      try await wait(for: "its end") { !screen.shows(":note") }
      screen.press(.character("w"))
      try await wait(for: "the names") { screen.shows("written: sluice-") }
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      #expect(names.count == 4, "\(names)")
      for ending in ["-report.html", "-report.md"] {
        let name = try #require(names.first { $0.hasSuffix(ending) })
        let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
        #expect(text.contains("Failovers of test") && text.contains("of commerce/0"))
        #expect(text.contains(isMasked ? "vtgate-1" : "gate1:15001"))
        #expect(text.contains("gate1") != isMasked)
        #expect(text.contains("pager"))
      }
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
