import Dashboard
import FleetModel
import Foundation
import Recording
import Session
import TerminalKit
import Terms
import TestSupport
import Testing
import Watching

@MainActor @Suite(.timeLimit(.minutes(2))) struct ReplayPaceTests {
  /// While a frame is drawn the player goes on; what is concluded from its steps stays the same.
  @Test func aSlowScreenSeesTheSameFailovers() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "a.sluice").path
    var cluster = ReparentedCluster(failingAt: [70, 160])
    var recorder = try PastRecorder(path, ReparentedCluster.info)
    while cluster.second < 240 { for step in cluster.nextSecond() { try recorder.take(step) } }
    try recorder.finish()

    let settings = Watch.Settings(cluster: ReparentedCluster.name, interval: .seconds(1))
    var reader = try RecordingReader(path)
    let end = reader.end()
    var watch = Watch(settings, at: ReparentedCluster.began)
    while let steps = reader.next() { for step in steps { _ = watch.follow(step) } }
    let player = Player(try RecordingReader(path), settings)
    await player.set(speed: 100, isLooping: false)
    let screen = MemoryScreen(Size(columns: 120, rows: 40))
    // Each frame takes as long as the player needs for some fifteen seconds of the recording.
    screen.whileShowing = {
      let (start, limit) = (player.now, ContinuousClock.now + .milliseconds(200))
      while player.now < min(end, start + .seconds(15)), .now < limit {}
    }
    let session = Session(
      settings: Model.Settings(
        title: ReparentedCluster.name, interval: .seconds(1),
        permission: .never(because: "it is a test")),
      screen: screen, feed: player, now: { player.now })
    let run = Task { await session.run([]) }
    try await wait(for: "the recording's end", upTo: .seconds(60)) { screen.shows("its end") }
    screen.end(.signal(15))
    _ = await run.value
    await player.stop()

    func told(_ watch: Watch) -> [String] {
      watch.fleet.failovers.all.map { "\($0.shard) \($0.verdict) \($0.counts)" }
    }
    #expect(told(session.model.watch) == told(watch))
    #expect(told(watch).count == 2)
    let blind = session.model.watch.fleet.log.events.filter { "\($0.kind)".contains("blind") }
    #expect(blind.isEmpty)
  }
}
