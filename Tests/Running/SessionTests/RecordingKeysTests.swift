import Dashboard
import FleetModel
import Foundation
import Recording
import Session
import TerminalKit
import Terms
import TestSupport
import Testing
import Timing
import Watching

/// Recordings that are begun, ended and made after the fact with keys.
@MainActor
@Suite(.timeLimit(.minutes(1))) struct RecordingKeysTests {
  private static let gate = Target(.vtgate, Address(host: "gate1", port: 15001))

  private static func answer(at instant: Instant) -> Observation {
    var reading = VtgateReading()
    reading.buffers[ShardName(keyspace: "commerce", shard: "0")] = BufferCounters()
    return Observation(
      of: "test", at: instant,
      .outcome(ScrapeOutcome(target: gate, at: instant, took: .zero, result: .gate(reading))))
  }

  /// Runs a session that has watched for a minute, and returns its recordings in their order.
  private func recordings(
    in folder: URL, at now: Instant, _ body: (MemoryScreen) async throws -> Void
  ) async throws -> [RecordingReader] {
    let clock = RunClock()
    let screen = MemoryScreen(Size(columns: 160, rows: 24))
    let settings = Model.Settings(
      title: "test", interval: .seconds(1), permission: .never(because: "--read-only"))
    let past = Observation(of: "test", at: now - .seconds(60), .watching(Self.gate))
    let session = Session(
      settings: settings, screen: screen,
      feed: Backlog([past, Self.answer(at: now - .seconds(60)), Self.answer(at: now)]),
      now: { clock.now },
      recordings: Recordings(in: RecordingFolder(folder.path, cluster: "test")) { began in
        RecordingInfo(
          cluster: "test", began: began, interval: .seconds(1), utcOffset: 0, program: "test")
      })
    let running = Task { await session.run([]) }
    try await wait(for: "the shard") { screen.shows("commerce/0") }
    try await body(screen)
    screen.end(.signal(SIGTERM))
    #expect(await running.value == .signal(SIGTERM))
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    // Each is one file by the time the program ends.
    #expect(names.allSatisfy { $0.hasSuffix(".sluice") }, "\(names)")
    return try names.map { try RecordingReader(folder.appending(path: $0).path) }
  }

  private static func folder() -> URL {
    FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID())")
  }

  @Test func aRecordingIsDatedByItsKeyAndKnowsWhatWasKnown() async throws {
    let (folder, now) = (Self.folder(), RunClock().now)
    defer { try? FileManager.default.removeItem(at: folder) }
    var readers = try await recordings(in: folder, at: now) { screen in
      screen.press(.character("r"))
      try await wait(for: "the badge") { screen.shows("REC") }
    }
    #expect(readers.count == 1)
    let began = try #require(readers.first?.info.began)
    #expect(began >= now)
    var steps: [RecordedStep] = []
    while let more = readers[0].next() { steps += more }
    let targets = steps.compactMap { step -> Target? in
      guard case .observed(let observation) = step, case .outcome(let outcome) = observation.news
      else { return nil }
      return outcome.target
    }
    #expect(targets.first == Self.gate)
  }

  /// What the operator does that shows is in it, and a replay shows it: the baseline, and on the
  /// presenter's screen what keys asked for.
  @Test func whatTheOperatorDoesIsRecorded() async throws {
    let (folder, now) = (Self.folder(), RunClock().now)
    defer { try? FileManager.default.removeItem(at: folder) }
    var readers = try await recordings(in: folder, at: now) { screen in
      screen.press(.character("r"))
      try await wait(for: "the badge") { screen.shows("REC") }
      screen.press(.character("b"))
      try await wait(for: "the baseline") { screen.shows("since ") }
      screen.press(.character("p"))
      try await wait(for: "the presenter's screen") { screen.shows("follows the worst shard") }
      screen.press(.character("e"))
      try await wait(for: "the events") { !screen.shows("follows the worst shard") }
    }
    let info = readers[0].info
    var model = Model(
      settings: Model.Settings(
        title: "test", interval: .seconds(1), permission: .never(because: "it is a recording")),
      size: Size(columns: 160, rows: 24), now: info.began)
    _ = model.update(.keys([KeyPress(.character("p"))], at: info.began))
    var done: [OperatorStep] = []
    while let steps = readers[0].next() {
      for step in steps {
        guard case .operated(let deed, let instant) = step else { continue }
        done.append(deed)
        _ = model.update(.operated(deed, at: instant))
        guard case .asked(let words) = deed else { continue }
        var canvas = Canvas(size: Size(columns: 160, rows: 24))
        model.render(into: &canvas)
        #expect(canvas.lines.contains { $0.contains(words) }, "\(words)")
      }
    }
    #expect(done.contains(.baselineSet))
    #expect(done.contains { if case .asked = $0 { true } else { false } }, "\(done)")
    #expect(model.watch.fleet.baselineAt != nil)
  }

  @Test func twoPressesEndWhatTheFirstBegan() async throws {
    let folder = Self.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let readers = try await recordings(in: folder, at: RunClock().now) { screen in
      screen.press(.character("r"))
      screen.press(.character("r"))
      try await wait(for: "its end") { screen.shows("recorded into") && !screen.shows("REC ") }
    }
    #expect(readers.count == 1 && readers.first?.ended != nil)
  }

  @Test func theLastMinutesAreSavedWholeThoughOneLeavesAtOnce() async throws {
    let folder = Self.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let readers = try await recordings(in: folder, at: RunClock().now) { screen in
      for key in ":save-recent" { screen.press(.character(key)) }
      // With its cursor: among the candidates it stands from the first letter on.
      try await wait(for: "the line") { screen.shows(":save-recent_") }
      screen.press(.enter)
      try await wait(for: "its end") { !screen.shows(":save-recent") }
    }
    #expect(readers.count == 1 && readers.first?.ended != nil)
  }
}
