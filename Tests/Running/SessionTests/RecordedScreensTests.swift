import Dashboard
import FleetModel
import Foundation
import Lab
import LabServer
import Recording
import Scrape
import Session
import TerminalKit
import Terms
import TestSupport
import Testing
import Timing
import Watching

/// What a recording shows is what was shown while it was made, cell by cell.
@MainActor @Suite(.timeLimit(.minutes(3)), .serialized) struct RecordedScreensTests {
  private static let settings = Model.Settings(
    title: "case", interval: .seconds(1), permission: .never(because: "it is a test"))

  /// Each screen by the keys that lead to it from the fleet.
  private static let ways: [[Key]] = [
    [], [.enter], [.enter, .character("f")], [.down, .enter], [.character("e")],
    [.character("f")], [.character("p")],
  ]

  private static func pictures(_ model: Model, at moment: Instant) -> [Canvas] {
    [Size(columns: 160, rows: 50), Size(columns: 80, rows: 24)].flatMap { size in
      ways.map { way in
        var model = model
        _ = model.update(.resized(size))
        for key in way { _ = model.update(.keys([KeyPress(key)], at: moment)) }
        _ = model.update(.moment(moment))
        var canvas = Canvas(size: size)
        model.render(into: &canvas)
        return canvas
      }
    }
  }

  /// Watches servers for some seconds, drawing every screen twice a second, and compares with what the
  /// recording of it draws.
  private func compare(
    _ targets: [Target], seconds: Int, _ clock: RunClock,
    doing act: (Int) async throws -> Void = { _ in }
  ) async throws -> Model {
    let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "a.sluice").path
    let began = clock.now
    let recorder = try Recorder(
      path,
      RecordingInfo(
        cluster: "case", began: began, interval: .seconds(1), utcOffset: 0, program: "test"))
    var live = Model(settings: Self.settings, size: Size(columns: 160, rows: 50), now: began)
    func follow(_ step: RecordedStep) {
      recorder.take(step)
      _ = live.update(step.message)
    }
    let scraper = Scraper(of: "case") { clock.now }
    var drawn: [Instant: [Canvas]] = [:]
    let watching = Task {
      for await observation in scraper.observations { follow(.observed(observation)) }
    }
    await scraper.start(targets)
    for half in 1...seconds * 2 {
      let due = began + .milliseconds(500) * half
      try await Task.sleep(for: max(.zero, due - clock.now))
      let moment = clock.now
      follow(.moment(moment))
      drawn[moment] = Self.pictures(live, at: moment)
      if half % 2 == 0 {
        follow(.tick(clock.now))
        try await act(half / 2)
      }
    }
    await scraper.stop()
    await watching.value
    await recorder.finish()
    #expect(recorder.fault == nil)

    var reader = try RecordingReader(path)
    var replayed = Model(settings: Self.settings, size: Size(columns: 160, rows: 50), now: began)
    var compared = 0
    while let steps = reader.next() {
      for step in steps {
        _ = replayed.update(step.message)
        guard case .moment(let moment) = step, let pictures = drawn[moment] else { continue }
        for (number, pair) in zip(Self.pictures(replayed, at: moment), pictures).enumerated()
        where pair.0 != pair.1 {
          let lines = zip(pair.0.lines, pair.1.lines).filter { $0.0 != $0.1 }
          Issue.record("screen \(number) at \(moment.rfc3339): \(lines)")
        }
        compared += 1
      }
    }
    #expect(reader.damage == nil)
    #expect(compared == drawn.count)
    return live
  }

  @Test func aFailoverOfTheLabComesBackCellByCell() async throws {
    let clock = RunClock()
    var configuration = LabCluster.Configuration()
    configuration.promotion = .seconds(1)
    configuration.traffic = configuration.keyspaces.flatMap { keyspace in
      keyspace.shards.map { Traffic(.steady, to: ShardName(keyspace: keyspace.name, shard: $0)) }
    }
    let host = LabHost(configuration) { clock.now }
    let vtgates = try await host.start(.free).vtgates
    let model = try await compare(vtgates.map { Target(.vtgate, $0) }, seconds: 12, clock) {
      guard $0 == 3 else { return }
      _ = await host.plannedReparent(ShardName(keyspace: "commerce", shard: "-80"))
    }
    await host.stop()
    #expect(!model.watch.fleet.failovers.all.isEmpty)
  }

  @Test(arguments: [
    ("stale-view-of-one-vtgate", [21001, 21002, 21003]),
    ("deregistered-backup-pods", [22001]), ("no-primary-on-purpose", [23601]),
  ])
  func aReportedCaseComesBackCellByCell(_ name: String, _ ports: [Int]) async throws {
    let served = try await ServedCase(name)
    let vtgates = ports.compactMap { served.ports[$0] }
    let model = try await compare(
      vtgates.map { Target(.vtgate, Address(host: "127.0.0.1", port: $0)) }, seconds: 4,
      RunClock())
    await served.stop()
    #expect(!model.watch.fleet.summaries.isEmpty)
  }
}

extension RecordedStep {
  fileprivate var message: Message {
    switch self {
    case .observed(let observation): .observed(observation)
    case .tick(let instant): .tick(instant)
    case .moment(let instant): .moment(instant)
    case .operated(let step, let instant): .operated(step, at: instant)
    }
  }
}
