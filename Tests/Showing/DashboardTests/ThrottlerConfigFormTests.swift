import Actions
import FleetModel
import TerminalKit
import Terms
import TestSupport
import Testing

@testable import Dashboard

/// A keyspace's throttler, set as `vtctldclient UpdateThrottlerConfig` does.
@Suite struct ThrottlerConfigFormTests {
  private static let query = "show global status like 'threads_running'"

  /// The form over the second shard, whose primary runs `release`; nil while that is asked.
  private static func form(
    _ release: Release? = .withoutThrottlerStatus, topo: TopoKeyspace.ThrottlerConfig? = nil,
    _ size: Size = Size(columns: 96, rows: 30)
  ) -> Scene {
    var scene = Scene(size, permission: .fromStart, hasVtctld: true)
    for _ in 0..<3 { scene.poll() }
    if let topo {
      var keyspace = TopoKeyspace(name: "commerce")
      keyspace.throttler = topo
      scene.send(Scene.observed(.topo([keyspace])))
    }
    let effects = scene.press(.down, .character("T"))
    #expect(
      effects.contains(
        .lookUpThrottler(Scene.shards[1], TabletAlias(cell: "zone1", uid: 201))))
    if let release {
      scene.send(.lookedUpThrottler(Scene.shards[1], release, recentApps: nil))
    }
    return scene
  }

  private static func type(_ text: String, into scene: inout Scene) {
    for character in text { _ = scene.press(.character(character)) }
  }

  /// The box, whose lines are broken anywhere, in one.
  private func words(of scene: Scene) -> String {
    scene.canvas.lines.flatMap { $0.split(separator: " ").filter { $0 != "│" } }
      .joined(separator: " ")
  }

  private static func orders(_ effects: [Effect]) -> [ThrottlerConfigOrder.Change] {
    effects.compactMap { effect in
      guard case .act(_, let report) = effect, case .configure(let order) = report.action else {
        return nil
      }
      #expect(order.keyspace == "commerce")
      return order.change
    }
  }

  @Test func aThresholdIsSetForAKeyspace() {
    var scene = Self.form()
    _ = scene.press(.right, .right, .down)
    Self.type("2.5", into: &scene)
    _ = scene.press(.enter)
    #expect(
      scene.text.contains(
        "set the throttler's threshold to 2.5 on every tablet of keyspace commerce, in topo"))
    #expect(Self.orders(scene.press(.character("y"))) == [.threshold(2.5)])
  }

  @Test func aCustomQueryIsSetWithItsThreshold() {
    var scene = Self.form()
    _ = scene.press(.right, .right, .right, .down)
    Self.type(Self.query, into: &scene)
    _ = scene.press(.down)
    Self.type("0", into: &scene)
    _ = scene.press(.enter)
    #expect(
      words(of: scene).contains(
        "set the throttler's custom query to \"\(Self.query)\" and its threshold to 0 on every "
          + "tablet of keyspace commerce, in topo"))
    #expect(
      Self.orders(scene.press(.character("y")))
        == [.metric(query: Self.query, threshold: 0, checks: nil)])
  }

  @Test func lagIsSetAgainAndWhoseValueChecksLookAt() {
    var scene = Self.form(
      .withoutRecentlyCheckedInChecks,
      topo: .init(
        isEnabled: true, threshold: 50, customQuery: Self.query, checkAsCheckSelf: true,
        throttledApps: []))
    #expect(scene.text.contains("on, threshold 50"))
    // A query's threshold is none for lag.
    _ = scene.press(.right, .right, .down)
    #expect(scene.text.contains("5_"))
    _ = scene.press(.down, .right, .right, .enter)
    #expect(
      words(of: scene).contains(
        "set the throttler back to lag and its threshold to 5 s, of the shard's value "
          + "(check_as_check_shard), on every tablet"))
    #expect(
      Self.orders(scene.press(.character("y")))
        == [.metric(query: nil, threshold: 5, checks: .shard)])
    // By itself the other of the two comes first.
    _ = scene.press(.escape, .character("T"))
    scene.send(
      .lookedUpThrottler(Scene.shards[1], .withoutRecentlyCheckedInChecks, recentApps: nil))
    _ = scene.press(.left, .left, .left, .enter)
    #expect(
      words(of: scene).contains("make checks look at the shard's value (check_as_check_shard) on"))
    #expect(Self.orders(scene.press(.character("y"))) == [.checks(.shard)])
  }

  @Test(arguments: [
    (nil, "still asking what its tablets run"),
    (Release.unknown, "a release that is not known may not take this from topo: v16 to v20 do"),
    (.withoutThrottlerStatus, "v22 or later does not take this from topo: v16 to v20 do"),
    (.withoutListOfApps, "v13 or older does not take this from topo: v16 to v20 do"),
  ])
  func whatAReleaseDoesNotLookAtIsNotOffered(_ release: Release?, _ reason: String) {
    var scene = Self.form(release)
    for _ in 0..<8 {
      _ = scene.press(.right)
      #expect(!scene.text.contains("change    check as"))
    }
    #expect(scene.text.contains(reason), "\(scene.text)")
    _ = scene.press(.down, .down, .down, .right)
    #expect(!scene.text.contains("check-self"))
  }

  @Test(arguments: [
    ("", "50", "no query is given"), ("  ", "50", "no query is given"),
    ("update t set a = 1", "50", "begin with select or show global only"),
    ("select 1", "", "a query's threshold is a number of 0 or more"),
    ("select 1", "-1", "a query's threshold is a number of 0 or more"),
    ("select 1", "nan", "a query's threshold is a number of 0 or more"),
    ("select 1", "inf", "a query's threshold is a number of 0 or more"),
    ("select 1", "many", "a query's threshold is a number of 0 or more"),
    (
      "select " + String(repeating: "1", count: 1100), "50", "a query of more than 1024 characters"
    ),
  ])
  func whatNoThrottlerCanBeSetToIsNamed(
    _ query: String, _ threshold: String, _ complaint: String
  ) {
    var scene = Self.form()
    _ = scene.press(.right, .right, .right, .down)
    scene.send(.pasted(query, at: scene.now))
    _ = scene.press(.down, .control("u"))
    Self.type(threshold, into: &scene)
    _ = scene.press(.enter)
    #expect(scene.text.contains(complaint), "\(scene.text)")
    #expect(Self.orders(scene.press(.character("y"))).isEmpty)
  }

  @Test(arguments: ["0", "-1", "nan", "inf", "soon", ""])
  func lagsThresholdIsAboveZero(_ threshold: String) {
    for steps in [2, 4] {
      var scene = Self.form()
      for _ in 0..<steps { _ = scene.press(.right) }
      _ = scene.press(.down, .control("u"))
      Self.type(threshold, into: &scene)
      _ = scene.press(.enter)
      #expect(scene.text.contains("! a threshold is a number above 0"), "\(scene.text)")
      #expect(Self.orders(scene.press(.character("y"))).isEmpty)
    }
  }

  /// Whoever sends an order himself is told the same.
  @Test func whatCannotBeSeenIsNotSent() {
    for hidden in ["select\u{200B} 1", "select\n1", "select \u{1B}[2J1"] {
      #expect(ThrottlerConfigOrder.objection(toQuery: hidden) != nil)
    }
    #expect(ThrottlerConfigOrder.objection(toQuery: "SELECT é FROM t") == nil)
  }

  @Test func whichMetricAndWhoseValueDecidesIsSaid() {
    let lag = TopoKeyspace.ThrottlerConfig(isEnabled: true, threshold: 5, throttledApps: [])
    var own = lag
    own.checkAsCheckSelf = true
    #expect(Self.form(topo: lag, checkAs: .topo).contains("decides   lag, the shard's maximum"))
    // v16 and v17 cannot always be told apart, and one looks at a flag.
    #expect(
      Self.form(topo: own, checkAs: .topoOrFlag(false)).contains(
        "decides   lag; whose value is not known"))
    let seen = Self.form(topo: own, checkAs: .topo)
    #expect(seen.contains("decides   lag, the primary's own"))
    #expect(seen.contains("leader, on, check_as_check_self: its own decides"))
    #expect(Self.form(topo: own, checkAs: .release).contains("decides   lag, the shard's maximum"))
  }

  private static func form(
    topo: TopoKeyspace.ThrottlerConfig, checkAs: ThrottlerReading.CheckAs
  ) -> String {
    var scene = Scene(
      Size(columns: 140, rows: 40), permission: .fromStart, hasVtctld: true)
    scene.checkAs = checkAs
    for _ in 0..<3 { scene.poll() }
    var keyspace = TopoKeyspace(name: "commerce")
    keyspace.throttler = topo
    scene.send(Scene.observed(.topo([keyspace])))
    _ = scene.press(.down, .enter)
    let shard = scene.text
    _ = scene.press(.character("T"))
    return scene.text + shard
  }

  @Test(arguments: [Size(columns: 80, rows: 24), Size(columns: 120, rows: 40)])
  func theFormWithAQuery(_ size: Size) throws {
    var scene = Self.form(
      .withExemptRules,
      topo: .init(isEnabled: true, threshold: 5, throttledApps: []), size)
    _ = scene.press(.right, .down, .right, .down, .right, .right, .down)
    try expectGolden(scene.canvas, named: "\(size.columns)x\(size.rows)/throttler")
  }
}
