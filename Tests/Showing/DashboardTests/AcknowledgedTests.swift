import FleetModel
import TerminalKit
import Terms
import Testing
import Watching

@testable import Dashboard

/// What an operator knows of already.
@Suite struct AcknowledgedTests {
  @Test func aKeyAcknowledgesAShardUntilItChanges() {
    var scene = Scene.busy()
    scene.model.selection = Scene.shards[1]
    scene.showFrame()
    _ = scene.press(.character("i"))
    #expect(
      scene.model.takeNoted().contains(
        .operated(.acknowledged(.shard(Scene.shards[1])), at: scene.now)))
    scene.poll()
    let row = scene.row(of: Scene.shards[1])
    #expect(row.contains("known") && !row.contains("BUFFERING"), "\(row)")
    #expect(scene.text.contains("1 set aside"))
    _ = scene.press(.character("i"))
    scene.poll()
    #expect(scene.row(of: Scene.shards[1]).contains("BUFFERING"))
  }

  /// What nobody need look at is known all the same.
  @Test func lagOfWhatIsSetAsideIsNoMissingData() {
    let scene = Scene.busy()
    func summary(_ shards: [ShardSummary]) -> String {
      var canvas = Canvas(size: Size(columns: 160, rows: 2))
      FleetSummary(shards: [], setAside: shards, vtgates: []).render(
        into: &canvas, in: canvas.bounds)
      return canvas.lines.joined(separator: "\n")
    }
    #expect(summary([]).contains("no data"))
    let aside = summary(scene.model.live.summaries)
    #expect(aside.contains("set aside") && !aside.contains("no data"), "\(aside)")
    #expect(aside.contains(/\d s set aside/), "\(aside)")
  }

  @Test func whereNothingIsWrongThatIsSaid() {
    var scene = Scene()
    scene.isLagging = false
    for _ in 0..<3 { scene.poll() }
    scene.model.selection = Scene.shards[0]
    scene.showFrame()
    _ = scene.press(.character("i"))
    #expect(scene.model.watch.acknowledged.isEmpty)
    #expect(scene.text.contains("nothing is wrong with commerce/-80"))
  }

  @Test func byNameAllOfItIsAcknowledgedAndListed() {
    var scene = Scene.busy()
    scene.showFrame()
    _ = scene.press(.character(":"))
    scene.type("acknowledge all")
    scene.showFrame()
    _ = scene.press(.enter)
    #expect(scene.model.watch.check(scene.model.live).problems.isEmpty)
    scene.poll()
    _ = scene.press(.character(":"))
    scene.type("set-aside")
    scene.showFrame()
    _ = scene.press(.enter)
    #expect(scene.text.contains("acknowledged: no vtgate sees a serving primary"))
    _ = scene.press(.escape)
    #expect(!scene.text.contains("acknowledged: no vtgate sees a serving primary"))
  }
}

extension Scene {
  /// The line of the table that is a shard's.
  fileprivate func row(of shard: ShardName) -> String {
    canvas.lines.first { $0.contains(shard.description) && !$0.contains(":") } ?? ""
  }

  fileprivate mutating func type(_ text: String) {
    for character in text { _ = press(.character(character)) }
  }
}
