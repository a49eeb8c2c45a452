import Dashboard
import FleetModel
import Foundation
import Recording
import TerminalKit
import Terms
import Testing
import Watching

/// The screens at a moment that was sought are those of whoever has played the recording from its
/// beginning to there, cell by cell.
@MainActor @Suite(.timeLimit(.minutes(3))) struct SoughtScreensTests {
  private static let ways: [[Key]] = [
    [], [.enter], [.enter, .character("f")], [.character("e")], [.character("f")],
    [.character("f"), .enter], [.character("p")],
  ]

  private static func model(_ watch: Watch) -> Model {
    Model(
      settings: Model.Settings(
        title: ReparentedCluster.name, interval: .seconds(1),
        permission: .never(because: "it is a test")),
      watch: watch, size: Size(columns: 160, rows: 50))
  }

  private static func pictures(_ watch: Watch, at moment: Instant) -> [Canvas] {
    [Size(columns: 160, rows: 50), Size(columns: 80, rows: 24)].flatMap { size in
      ways.map { way in
        var model = model(watch)
        _ = model.update(.resized(size))
        _ = model.update(.moment(moment))
        for key in way { _ = model.update(.keys([KeyPress(key)], at: moment)) }
        var canvas = Canvas(size: size)
        model.render(into: &canvas)
        return canvas
      }
    }
  }

  @Test func theyAreThoseOfWhoeverHasPlayedItFromTheStart() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "a.sluice").path
    var cluster = ReparentedCluster(failingAt: [70, 400])
    var recorder = try PastRecorder(path, ReparentedCluster.info)
    while cluster.second < 4060 { for step in cluster.nextSecond() { try recorder.take(step) } }
    try recorder.finish()

    let settings = Watch.Settings(cluster: ReparentedCluster.name, interval: .seconds(1))
    // Before any, at its first sign, during it, right after it; between two; an hour after the last.
    let seconds = [60, 70, 72, 75, 90, 300, 401, 404, 4010]
    var played = try RecordingReader(path)
    var live = Watch(settings, at: ReparentedCluster.began)
    var rest: ArraySlice<RecordedStep> = []
    var sought = try RecordingReader(path)
    for second in seconds {
      let moment = ReparentedCluster.began + .seconds(second) + .milliseconds(600)
      while true {
        if rest.isEmpty { rest = (played.next() ?? [])[...] }
        guard let step = rest.first, step.at <= moment else { break }
        _ = live.follow(step)
        rest.removeFirst()
      }
      _ = live.settle(at: moment)
      let (watch, _) = sought.watch(at: moment, settings)
      let wanted = Self.pictures(live, at: moment)
      for (number, pair) in zip(Self.pictures(watch, at: moment), wanted).enumerated()
      where pair.0 != pair.1 {
        let lines = zip(pair.0.lines, pair.1.lines).filter { $0.0 != $0.1 }
        Issue.record("screen \(number) at second \(second): \(lines)")
      }
      #expect(live.fleet.failovers.all.count == (second < 70 ? 0 : second < 400 ? 1 : 2))
    }
    #expect(sought.damage == nil && played.damage == nil)
  }
}
