import FleetModel
import TerminalKit
import Terms
import Testing
import Watching

@testable import Dashboard

/// A recording on the screens.
@Suite struct PlaybackTests {
  private static func scene() -> Scene {
    var scene = Scene()
    scene.send(
      .playing(Playback(from: scene.now, began: scene.now, ended: scene.now + .seconds(60))))
    return scene
  }

  private static func effects(_ key: Key, _ scene: Scene) -> [Effect] {
    var scene = scene
    return scene.press(key)
  }

  @Test func keysThatLookBackMoveTheRecording() {
    let scene = Self.scene()
    let wishes: [(Character, Playback.Wish)] = [
      (" ", .playOrPause), (",", .secondBefore), (".", .second), ("<", .eventBefore),
      (">", .event), (";", .observation), ("(", .failoverBefore), (")", .failover),
      ("+", .faster), ("-", .slower), ("o", .loop),
    ]
    for (key, wish) in wishes {
      #expect(Self.effects(.character(key), scene) == [.play(wish)], "\(key)")
    }
  }

  @Test func withoutARecordingTheyDoNot() {
    for key in ";()+-o," { #expect(Self.effects(.character(key), Scene()) == [], "\(key)") }
  }

  @Test func aTimeIsSoughtByName() {
    var scene = Self.scene()
    let time = UTCTime(scene.now + .seconds(30)).time
    for key in ":seek \(time)" { _ = scene.press(.character(key)) }
    scene.send(.moment(scene.now))
    let effects = scene.press(.enter)
    #expect(effects == [.play(.seek(scene.now + .seconds(30)))], "\(effects)")
  }

  @Test func anotherMomentTakesThePlaceOfWhatWasKnown() {
    var scene = Self.scene()
    let watch = Watch(
      Watch.Settings(cluster: "other", interval: .seconds(1)), at: scene.now + .seconds(9))
    scene.send(.sought(watch))
    #expect(scene.model.watch.began == watch.began)
    #expect(scene.model.visibleShards.isEmpty)
  }
}
