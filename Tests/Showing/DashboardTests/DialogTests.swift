import Actions
import FleetModel
import TerminalKit
import Terms
import TestSupport
import Testing

@testable import Dashboard

/// Where one is in a form, which choices there are, and what Enter will do next.
@Suite struct DialogTests {
  private static func reparent(_ primary: UInt32 = 201) -> Scene {
    var scene = ActionTests.scene()
    _ = scene.press(.character("R"))
    scene.send(.facts(Scene.shards[1], ActionTests.goodFacts(primary)))
    return scene
  }

  @Test func aFormSaysWhichStepItIsAt() {
    var scene = ActionTests.scene()
    _ = scene.press(.character("t"))
    #expect(scene.text.contains("step 1 of 2: throttle an app on commerce/80-"))
    #expect(scene.text.contains("⏎ shows what will be sent"))
    _ = scene.press(.enter)
    #expect(scene.text.contains("step 2 of 2: throttle an app on commerce/80-"))
    scene = ActionTests.scene()
    _ = scene.press(.character("u"))
    #expect(scene.text.contains("step 1 of 2: throttled apps of commerce/80-"))
    _ = scene.press(.enter)
    #expect(scene.text.contains("step 2 of 2"))
  }

  @Test func allThatCanBeChosenIsInSight() {
    var scene = Self.reparent()
    #expect(scene.text.contains("kind      ● planned  ○ emergency"))
    #expect(scene.text.contains("to        ● vtctld chooses  ○ zone1-202"))
    _ = scene.press(.up, .up, .right)
    #expect(scene.text.contains("to        ○ vtctld chooses  ● zone1-202"))
    scene = ActionTests.scene()
    _ = scene.press(.character("t"), .down, .down, .down, .right)
    #expect(scene.text.contains("exempt    ○ no  ● yes: never deny it"))
  }

  /// Where a line cannot hold them all it says how many there are.
  @Test func whatThereIsNoRoomForIsCounted() {
    let choices = (1...20).map { "zone1-\(100 + $0)" }
    let line = DialogLine.choices("to", choices, 2, isFocused: true, columns: 76, .unicode)
    #expect(line.spans.map(\.0).joined() == "▶to        zone1-103 (3 of 20)")
    let presets = DialogLine.presets(choices, "zone1-110", columns: 60, .unicode)
    let text = presets.spans.map(\.0).joined()
    #expect(text.hasPrefix("           … zone1-107 ") && text.contains("zone1-110"))
    #expect(text.hasSuffix("… ") && DisplayWidth.of(text) <= 60)
  }

  @Test func whatEnterWillDoIsSaid() {
    var scene = Self.reparent()
    #expect(scene.text.contains("⏎ sends, once the name is typed"))
    ActionTests.type("commerce/80-", into: &scene)
    #expect(scene.text.contains("⏎ sends it "))
    _ = scene.press(.up)
    #expect(scene.text.contains("⏎ sends, from the last line"))
    scene = Self.reparent(202)
    #expect(scene.text.contains("⏎ sends nothing: topo does not agree"))
  }

  @Test func whatFailsComesFirstAndWhatPassesLast() throws {
    let lines = Self.reparent(202).canvas.lines
    let statuses = lines.compactMap { line -> Substring? in
      line.split(separator: " ").dropFirst().first.flatMap { word in
        ["FAIL", "warn", "pass"].contains(word) ? word : nil
      }
    }
    #expect(statuses.first == "FAIL" && statuses.count > 5)
    let order = statuses.map { ["FAIL", "warn", "pass"].firstIndex(of: $0) ?? 9 }
    #expect(order == order.sorted(), "\(statuses)")
  }

  /// What is typed is seen where it is typed, however long it is.
  @Test func theEndOfALongTextIsInSight() {
    var scene = ActionTests.scene()
    _ = scene.press(.character("t"))
    ActionTests.type(String(repeating: "a", count: 120) + "-the-end", into: &scene)
    #expect(scene.text.contains("▶app       …aaa") && scene.text.contains("-the-end_"))
    let line = DialogLine.input("x", "short", isFocused: true, columns: 40, .unicode)
    #expect(line.spans.map(\.0).joined() == "▶x         short_")
  }

  @Test(arguments: [56, 76, 92]) func aLongNameIsBrokenAndNotCut(_ columns: Int) {
    let model = ActionTests.scene().model
    let shard = ShardName(keyspace: String(repeating: "k", count: 60), shard: "-80")
    let form = AppRuleForm(
      shard, ThrottleScopes(shard, in: model.live, hasVtctld: true, release: .unknown),
      throttled: [], release: .unknown)
    let lines = form.lines(in: model, Size(columns: columns, rows: 40), .unicode)
      .map { $0.spans.map(\.0).joined() }
    #expect(lines.allSatisfy { DisplayWidth.of($0) <= columns }, "\(lines)")
    #expect(lines.joined().replacing(" ", with: "").contains("\(shard)"))
  }

  /// No meaning of a key is cut, at any width that has room for words.
  @Test(arguments: [60, 80, 100, 129, 130, 160])
  func theHelpIsBrokenIntoLines(_ columns: Int) {
    var scene = Scene.busy(Size(columns: columns, rows: 200))
    _ = scene.press(.character("?"))
    let lines = scene.canvas.lines
      .map { $0.split(separator: "│", omittingEmptySubsequences: false) }
      .filter { $0.count > 2 }.map { $0[1] }
    #expect(lines.count > 40)
    #expect(lines.allSatisfy { !$0.contains("…") })
  }
}
