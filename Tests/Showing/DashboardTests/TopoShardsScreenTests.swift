import FleetModel
import TerminalKit
import Terms
import TestSupport
import Testing

@testable import Dashboard

/// Shards that topo has, and that no vtgate and no tablet names.
@Suite struct TopoShardsScreenTests {
  static let sizes = [Size(columns: 80, rows: 24), Size(columns: 160, rows: 50)]

  /// One that has a primary by its record, and one that never had any, beside those of a fleet.
  private static func scene(_ size: Size) -> Scene {
    var scene = Scene(size, hasVtctld: true)
    scene.isLagging = false
    scene.poll()
    var shards = Scene.shards.enumerated().reduce(into: [:]) { shards, shard in
      shards[shard.element] = TopoShard(
        primary: TabletAlias(cell: "zone1", uid: UInt32(100 * (shard.offset + 1) + 1)))
    }
    shards[ShardName(keyspace: "archive", shard: "0")] = TopoShard(
      primary: TabletAlias(cell: "zone2", uid: 900))
    shards[ShardName(keyspace: "orders", shard: "-")] = TopoShard(primary: nil)
    scene.send(Scene.observed(.shards(shards), at: scene.now))
    for _ in 0..<2 { scene.poll() }
    return scene
  }

  @Test(arguments: sizes) func theyHaveRows(_ size: Size) throws {
    let scene = Self.scene(size)
    #expect(scene.text.contains("archive/0") && scene.text.contains("orders/-"))
    try expectGolden(scene.canvas, named: "\(size.columns)x\(size.rows)/fleet-only-in-topo")
  }

  @Test(arguments: sizes) func oneWithAPrimary(_ size: Size) throws {
    var scene = Self.scene(size)
    _ = scene.press(.home, .enter)
    try expectGolden(scene.canvas, named: "\(size.columns)x\(size.rows)/shard-only-in-topo")
  }

  @Test(arguments: sizes) func oneThatNeverHadAPrimary(_ size: Size) throws {
    var scene = Self.scene(size)
    _ = scene.press(.character("G"), .enter)
    #expect(scene.text.contains("orders/-"))
    try expectGolden(scene.canvas, named: "\(size.columns)x\(size.rows)/shard-uninitialized")
  }
}
