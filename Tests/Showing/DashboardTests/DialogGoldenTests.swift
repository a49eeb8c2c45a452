import Actions
import FleetModel
import TerminalKit
import Terms
import TestSupport
import Testing

@testable import Dashboard

/// What the operator sees on the way to an action, and while it goes.
@Suite struct DialogGoldenTests {
  static let sizes = [Size(columns: 80, rows: 24), Size(columns: 120, rows: 40)]

  private static func scene(_ size: Size, _ permission: Permission = .fromStart) -> Scene {
    ActionTests.scene(permission, hasVtctld: true, size)
  }

  private static func expect(_ scene: Scene, _ name: String) throws {
    let size = scene.model.size
    try expectGolden(scene.canvas, named: "\(size.columns)x\(size.rows)/\(name)")
  }

  @Test(arguments: sizes) func allowingActions(_ size: Size) throws {
    var scene = Self.scene(size, .onRequest)
    _ = scene.press(.character("t"))
    ActionTests.type("ye", into: &scene)
    _ = scene.press(.enter)
    try Self.expect(scene, "allow")
  }

  @Test(arguments: sizes) func aThrottleBeforeItIsSent(_ size: Size) throws {
    var scene = Self.scene(size)
    _ = scene.press(.character("t"), .enter)
    try Self.expect(scene, "throttle-review")
  }

  @Test(arguments: sizes) func theRulesOfAShard(_ size: Size) throws {
    var scene = Self.scene(size)
    _ = scene.press(.character("u"))
    try Self.expect(scene, "rules")
    _ = scene.press(.enter)
    try Self.expect(scene, "rules-review")
  }

  @Test(arguments: sizes) func aThrottlerBeforeItIsSet(_ size: Size) throws {
    var scene = Self.scene(size)
    _ = scene.press(.character("T"))
    scene.send(.lookedUpThrottler(Scene.shards[1], .withoutThrottlerStatus, recentApps: nil))
    _ = scene.press(.right, .right, .down)
    ActionTests.type("2.5", into: &scene)
    _ = scene.press(.enter)
    try Self.expect(scene, "throttler-review")
  }

  @Test(arguments: sizes) func aReparentThatNothingSpeaksAgainst(_ size: Size) throws {
    var scene = Self.scene(size)
    _ = scene.press(.character("R"))
    scene.send(.facts(Scene.shards[1], ActionTests.goodFacts()))
    ActionTests.type("commerce/80-", into: &scene)
    try Self.expect(scene, "reparent-pass")
  }

  @Test(arguments: sizes) func aReparentThatTopoContradicts(_ size: Size) throws {
    var scene = Self.scene(size)
    _ = scene.press(.character("R"))
    scene.send(.facts(Scene.shards[1], ActionTests.goodFacts(202)))
    ActionTests.type("commerce/80-", into: &scene)
    _ = scene.press(.enter)
    try Self.expect(scene, "reparent-fail")
  }

  @Test(arguments: sizes) func aReparentOnItsWay(_ size: Size) throws {
    var scene = Self.scene(size)
    _ = scene.press(.character("R"))
    scene.send(.facts(Scene.shards[1], ActionTests.goodFacts()))
    ActionTests.type("commerce/80-", into: &scene)
    _ = scene.press(.enter)
    var report = try #require(scene.model.reports[1])
    report.sentAt = scene.now
    report.events = ["Starting PlannedReparentShard", "elected new primary zone1-0000000202"]
    scene.wait(.milliseconds(1_400))
    scene.send(.reported(1, report))
    try Self.expect(scene, "progress-running")
    _ = scene.press(.character("x"))
    try Self.expect(scene, "progress-break-off")
    _ = scene.press(.character("n"))
    report.end(
      .done,
      .promoted(TabletAlias(cell: "zone1", uid: 202), of: Scene.shards[1], others: nil),
      at: scene.now)
    scene.send(.reported(1, report))
    try Self.expect(scene, "progress-done")
  }

  @Test(arguments: sizes) func aThrottleThatATabletRefused(_ size: Size) throws {
    var scene = Self.scene(size)
    _ = scene.press(.character("t"), .enter, .character("y"))
    var report = try #require(scene.model.reports[1])
    report.sentAt = scene.now
    scene.wait(.milliseconds(63))
    let tablet = Target(.vttablet, Address(host: "db3", port: 15100))
    let failure = ActionReport.Finding.failed(
      CallFailure(
        .refused, .tablet(tablet),
        .answered(status: 500, words: "not ok: throttler is not enabled on this tablet")))
    report.note(.tablet("zone1-201"), .failed, failure)
    report.end(.failed, .nowhere(failure), at: scene.now)
    scene.send(.reported(1, report))
    try Self.expect(scene, "progress-failed")
  }

  @Test(arguments: sizes) func leavingWhileAnActionRuns(_ size: Size) throws {
    var scene = Self.scene(size)
    _ = scene.press(.character("t"), .enter, .character("y"), .escape, .character("q"))
    try Self.expect(scene, "leave")
  }

  @Test(arguments: sizes) func aNotice(_ size: Size) throws {
    var scene = Self.scene(size, .never(because: "--read-only"))
    _ = scene.press(.character("t"))
    try Self.expect(scene, "notice")
  }

  /// Where there is no room the end of a dialog, which says what the keys do, is what is left.
  @Test(arguments: ViewGoldenTests.hostile) func aDialogWithoutRoom(_ size: Size) throws {
    var scene = Self.scene(size)
    _ = scene.press(.character("R"))
    scene.send(.facts(Scene.shards[1], ActionTests.goodFacts()))
    try expectGolden(scene.canvas, named: "hostile/reparent-\(size.columns)x\(size.rows)")
  }
}
