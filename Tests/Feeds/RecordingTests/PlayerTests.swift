import FleetModel
import Foundation
import Recording
import Terms
import TestSupport
import Testing
import Watching

@Suite(.timeLimit(.minutes(1))) struct PlayerTests {
  private static let settings = Watch.Settings(
    cluster: InventedCluster.name, interval: .seconds(1))

  private static func player(_ files: RecordingFiles, seconds: Int, from start: Instant? = nil)
    async throws -> (player: Player, steps: [RecordedStep])
  {
    var cluster = InventedCluster(seed: 21)
    let steps = cluster.steps(seconds: seconds)
    let reader = try RecordingReader(try await files.record(steps))
    return (Player(reader, settings, from: start), steps)
  }

  @Test func everythingIsToldInItsOrderAtItsPace() async throws {
    let files = try RecordingFiles()
    let (player, steps) = try await Self.player(files, seconds: 30)
    await player.set(speed: 100, isLooping: false)
    let start = ContinuousClock.now
    await player.start([])
    var told: [RecordedStep] = []
    loop: for await news in player.news {
      switch news {
      case .step(let step): told.append(step)
      case .playback(let playback): if playback.isAtEnd { break loop }
      case .sought: Issue.record("nobody has sought anything")
      }
    }
    #expect(told == steps)
    // Thirty seconds at a hundred times their pace.
    #expect(ContinuousClock.now - start >= .milliseconds(250))
    #expect(player.now >= steps.map(\.at).max() ?? player.now)
    await player.stop()
  }

  @Test func itStandsStillWhereItIsAskedTo() async throws {
    let files = try RecordingFiles()
    let moment = InventedCluster.began + .seconds(10)
    let (player, steps) = try await Self.player(files, seconds: 20, from: moment)
    await player.grant(Playback.Wish.playOrPause)
    await player.start([])
    var live = Watch(Self.settings, at: InventedCluster.began)
    for step in steps where step.at <= moment { _ = live.follow(step) }
    _ = live.settle(at: moment)
    for await news in player.news {
      guard case .sought(let watch) = news else { continue }
      #expect(watch == live)
      break
    }
    await player.grant(Playback.Wish.observation)
    let next = try #require(
      steps.first { if case .observed = $0 { $0.at > moment } else { false } })
    #expect(player.now == next.at)
    await player.grant(Playback.Wish.second)
    #expect(player.now == next.at + .seconds(1))
    await player.grant(Playback.Wish.secondBefore)
    #expect(player.now == next.at)
    await player.grant(Playback.Wish.seek(InventedCluster.began - .seconds(100)))
    #expect(player.now == InventedCluster.began)
    await player.stop()
  }
}
