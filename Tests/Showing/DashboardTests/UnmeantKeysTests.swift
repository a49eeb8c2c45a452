import Actions
import FleetModel
import TerminalKit
import Terms
import TestSupport
import Testing
import Watching

@testable import Dashboard

/// Nothing is done that no finger meant: pastes, keys that come together, keys for another screen.
@Suite struct UnmeantKeysTests {
  private static let mail = "thanks for looking, quick question\nRe: can you R the shard?\nyes\nq\n"

  /// A way to a screen or a form, by keys that are pressed.
  private static let ways: [[Key]] =
    [
      [], [.enter], [.enter, .character("e")], [.character("f")], [.character("?")],
      [.character("/")], [.character(":")],
    ]
    + ["t", "u", "T", "R", "A", "v", "q", " "].map { [.character($0)] }
    + [
      [.character("t"), .enter], [.character("u"), .enter],
      [.character("T"), .right, .right, .enter], [.character("R"), .up],
      [.character("R"), .up, .up], [.character("R"), .up, .up, .up],
    ]

  private static func scene(_ way: [Key], _ permission: Permission = .fromStart) -> Scene {
    var scene = Scene(
      Size(columns: 100, rows: 30), isLab: true, permission: permission, hasVtctld: true)
    for _ in 0..<3 { scene.poll() }
    _ = scene.press(.down)
    for key in way { _ = scene.press(key) }
    if scene.model.layers.last(ReparentForm.self) != nil {
      var facts = ReparentPreflight.Facts()
      facts.topo = TopoShard(primary: TabletAlias(cell: "zone1", uid: 201))
      facts.release = Release("22.0.3") ?? .unknown
      facts.checksExpectedPrimary = true
      scene.send(.facts(Scene.shards[1], facts))
    }
    return scene
  }

  private static func isGrave(_ effect: Effect) -> Bool {
    switch effect {
    case .quit, .act, .breakOff, .probeAudit, .lookUp, .lookUpThrottler, .copy, .writeScreen,
      .lab, .record, .saveRecent:
      true
    case .redraw, .news, .theme, .play, .showCluster: false
    }
  }

  @Test(arguments: [Permission.fromStart, .onRequest])
  func pastedTextDoesNothingAnywhere(_ permission: Permission) {
    for way in Self.ways {
      var scene = Self.scene(way, permission)
      let place = scene.model.screen.place
      let question = scene.model.layers.top.question
      let effects = scene.model.update(.pasted(Self.mail, at: scene.now))
      scene.send(.moment(scene.now))
      #expect(effects.isEmpty, "\(way)")
      #expect(scene.model.screen.place == place, "\(way)")
      // What is asked in the palette is what stands in its line.
      let isTyped = scene.model.layers.top.place == .palette
      #expect(isTyped || scene.model.layers.top.question == question, "\(way)")
      let isInAField =
        scene.text.contains("thanks for looking") || scene.text.contains("Re: can")
      #expect(isInAField != scene.text.contains("pasted text ignored"), "\(way)")
    }
  }

  @Test func pastedTextGoesIntoTheFieldWithTheCursorAndConfirmsNothing() {
    var scene = Self.scene([.character("R")])
    let effects = scene.model.update(.pasted("commerce/80-\u{1B}\u{202E}\r\n", at: scene.now))
    #expect(effects.isEmpty)
    scene.send(.moment(scene.now))
    #expect(scene.text.contains("type commerce/80-: commerce/80-_"))
    #expect(scene.press(.enter).contains { if case .act = $0 { true } else { false } })

    // A line of choices has no cursor.
    scene = Self.scene([.character("R"), .up, .up])
    scene.send(.pasted("commerce/80-\n", at: scene.now))
    #expect(scene.text.contains("pasted text ignored"))
    #expect(scene.text.contains("type commerce/80-:") && !scene.text.contains("commerce/80-_"))

    scene = Self.scene([.character("t")])
    scene.send(.pasted("my-job\n", at: scene.now))
    #expect(scene.text.contains("▶app       my-job_"))

    scene = Self.scene([.character("/")])
    scene.send(.pasted("customer\n", at: scene.now))
    #expect(scene.text.contains("filter: customer_"))
    #expect(scene.model.visibleShards.map(\.name.keyspace) == ["customer", "customer"])
  }

  /// Keys that came together may move and type, and nothing else.
  @Test func keysThatCameTogetherLeadToNoActionAndNoEnd() {
    var dice = Dice(39)
    let keys =
      Command.table.flatMap(\.keys) + "yxcommerce/80-1q".map { Key.character($0) }
      + [.enter, .enter, .enter]
    for way in Self.ways {
      var scene = Self.scene(way)
      for _ in 0..<60 {
        let burst = (0..<8).map { _ in keys.randomElement(using: &dice) ?? .enter }
        let effects = scene.burst(burst).filter(Self.isGrave)
        #expect(effects.isEmpty, "\(way), then \(burst)")
      }
    }
    var scene = Self.scene([])
    _ = scene.burst([.character("t"), .enter, .character("y")])
    #expect(scene.model.layers.over.isEmpty)
    #expect(scene.text.contains("y came together with other keys: press it by itself"))
  }

  @Test func aFormIsConfirmedByAKeyThatCameAloneAfterAFrame() {
    // Enter and y at once, before anything was drawn.
    var scene = Self.scene([])
    let keys: [Key] = [.character("t"), .enter, .character("y"), .enter, .character("y")]
    var effects: [Effect] = []
    for key in keys { effects += scene.model.update(.keys([KeyPress(key)], at: scene.now)) }
    #expect(!effects.contains { if case .act = $0 { true } else { false } })
    scene.send(.moment(scene.now))
    // With others, on the sentence.
    scene = Self.scene([.character("t"), .enter])
    #expect(scene.burst([.character("y")]) == [])
    #expect(scene.text.contains("press it again"))
    #expect(scene.press(.character("y")).count == 1)
  }

  /// What is confirmed is what a frame has shown, not something else that asks likewise.
  @Test func oneQuestionIsNotAnsweredForAnother() {
    var scene = Self.scene([.character("t"), .enter])
    scene.model.layers.push(LeaveDialog())
    // Another question is what the last frame has shown.
    scene.showFrame()
    for key in [Key.escape, .character("y")] {
      #expect(scene.model.update(.keys([KeyPress(key)], at: scene.now)).isEmpty)
    }
    scene.showFrame()
    #expect(scene.press(.character("y")).count == 1)

    // Two forms, the second never shown.
    scene = Self.scene([.character("t")])
    for key in [Key.escape, .character("u"), .enter] {
      _ = scene.model.update(.keys([KeyPress(key)], at: scene.now))
    }
    #expect(scene.model.layers.last(RuleList.self)?.order == nil)
  }

  @Test func whoDoesNotLeaveFindsTheFormAsItWas() {
    var scene = Scene.failover(Size(columns: 120, rows: 40), isOver: false, .fromStart)
    scene.wait(.seconds(1))
    _ = scene.press(.character("t"), .control("u"), .character("m"))
    #expect(scene.press(.control("c")).isEmpty)
    #expect(scene.text.contains("The failover of commerce/-80 is still going on."))
    #expect(scene.press(.character("n")).isEmpty)
    #expect(scene.text.contains("▶app       m_"))
  }

  /// Whoever cannot read what would be sent sends nothing.
  @Test(arguments: [
    Size(columns: 80, rows: 4), Size(columns: 80, rows: 6), Size(columns: 12, rows: 40),
  ])
  func whatWasNotShownWholeIsNotConfirmed(_ size: Size) {
    var scene = Self.scene([.character("t"), .enter])
    scene.send(.resized(size))
    #expect(scene.press(.character("y")).isEmpty)
    scene.send(.resized(Size(columns: 80, rows: 24)))
    #expect(scene.press(.character("y")).count == 1)
  }

  @Test func theSameKeyAgainAndAgainSendsNothing() {
    for opening in "tuTRAvFaebfcs?/:" {
      let keys: [Key] = [.enter, .character("y"), .character("t"), .character(" "), .right, .tab]
      for key in keys {
        var scene = Self.scene([.character(opening)])
        for _ in 0..<12 {
          let effects = scene.press(key)
          #expect(!effects.contains { if case .act = $0 { true } else { false } })
        }
      }
    }
  }

  @Test func keysForTheScreenBeforeAreIgnored() {
    var scene = Scene(Size(columns: 120, rows: 40), opensFailovers: true, permission: .fromStart)
    for _ in 0..<3 { scene.poll() }
    scene.changeOne(0, 0) {
      $0.starts = 1; $0.buffered = 3
    }
    scene.losePrimary(0)
    scene.poll()
    #expect(scene.shows(FailoverScreen(id: 1)))
    for key in ["q", "f", "c", "/"] as [Character] {
      #expect(scene.press(.character(key)) == [])
      #expect(scene.shows(FailoverScreen(id: 1)) && scene.model.layers.over.isEmpty)
    }
    #expect(scene.text.contains("the screen has just changed by itself: the key was ignored"))
    scene.wait(.milliseconds(499))
    _ = scene.press(.escape)
    #expect(scene.shows(FailoverScreen(id: 1)))
    scene.wait(.milliseconds(1))
    _ = scene.press(.escape)
    #expect(scene.shows(ShardScreen()))
  }

  @Test func leavingAsksWhileAFailoverGoesOnAndControlCAnswersToo() {
    for key in [Key.character("q"), .control("c")] {
      var scene = Scene.failover(Size(columns: 120, rows: 40), isOver: false)
      scene.wait(.seconds(1))
      #expect(scene.press(key) == [])
      #expect(scene.text.contains("The failover of commerce/-80 is still going on."))
      #expect(scene.press(.character("n")) == [] && scene.model.layers.over.isEmpty)
      #expect(scene.press(key, key) == [.quit])
    }
    // Over is over.
    var scene = Scene.failover(Size(columns: 120, rows: 40), isOver: true)
    #expect(scene.press(.character("q")) == [.quit])
    // From a form, too.
    scene = Self.scene([.character("t"), .enter])
    #expect(scene.press(.control("c")) == [.quit])
  }

  @Test func aFailoverOfAnotherShardIsAnnouncedWithAKeyToIt() {
    var scene = Scene.failover(Size(columns: 80, rows: 24), isOver: false)
    scene.wait(.seconds(1))
    #expect(!scene.text.contains("n  "))
    scene.change(2) {
      $0.starts = 1; $0.buffered = 3
    }
    scene.poll()
    #expect(scene.text.contains("n  customer/0 and 1 other: failover"))
    _ = scene.press(.character("n"))
    #expect(scene.shows(FailoverScreen(id: 2)) && scene.model.selection == Scene.shards[2])
    #expect(scene.text.contains("n  commerce/-80 and 1 other: failover"))
  }

  // MARK: Forms

  @Test func theFormArmsNothingAndWatchesWhileItIsOpen() {
    var scene = Self.scene([.character("R")])
    #expect(
      scene.model.watch.closelyWatched == [Scene.shards[1]] && scene.model.watch.armed.isEmpty)
    #expect(scene.canvas.lines[0].contains("FAST commerce/80-"))
    _ = scene.press(.escape)
    #expect(scene.model.watch.closelyWatched.isEmpty)
    // What was armed before stays so.
    _ = scene.press(.character("a"), .character("R"), .escape)
    #expect(scene.model.watch.closelyWatched == [Scene.shards[1]])
    #expect(scene.canvas.lines[0].contains("ARMED commerce/80-"))
    // And only that is counted as armed.
    scene.losePrimary(0)
    scene.losePrimary(2)
    scene.poll()
    #expect(
      scene.canvas(Size(columns: 160, rows: 30)).lines[0].contains(
        "ARMED commerce/80-  FAST 2 shards"))
  }

  @Test func lettersGoWhereTheNameIsAskedForFromEveryLine() {
    for steps in 0...3 {
      var scene = Self.scene([.character("R")] + Array(repeating: .up, count: steps))
      for character in "commerce/80-" { _ = scene.press(.character(character)) }
      #expect(scene.text.contains("type commerce/80-: commerce/80-_"), "\(steps)")
      #expect(scene.text.contains("timeout   15s"), "\(steps)")
    }
  }

  @Test func aTimeoutThatIsNoneIsNamed() {
    var scene = Self.scene([.character("R"), .up])
    scene.send(.pasted("commerce", at: scene.now))
    _ = scene.press(.down)
    for character in "commerce/80-" { _ = scene.press(.character(character)) }
    #expect(scene.press(.enter) == [])
    #expect(scene.text.contains("! a wait timeout is 1s to 1h") && scene.text.contains("▶timeout"))
  }

  @Test func anUnknownAppIsSaidToBeUnknown() {
    var scene = Self.scene([.character("t")])
    #expect(!scene.text.contains("unknown"))
    for character in "my-jbo" { _ = scene.press(.character(character)) }
    #expect(
      scene.text.contains(
        "my-jbo is unknown: Vitess has no such app, and who asks lately is not known"))
    scene.send(
      .lookedUpThrottler(Scene.shards[1], Release("22.0.3") ?? .unknown, recentApps: ["my-job"]))
    _ = scene.press(.enter)
    #expect(
      scene.text.contains("none of that name has asked lately") && scene.text.contains("y sends it")
    )
    _ = scene.press(.escape, .control("u"))
    for character in "my-job" { _ = scene.press(.character(character)) }
    _ = scene.press(.enter)
    #expect(!scene.text.contains("unknown"))
  }

  // MARK: The past, and lists

  @Test func beforeAFailoverBeganItsScreenSaysSo() {
    var scene = Scene.failover(Size(columns: 100, rows: 30), isOver: false)
    scene.wait(.seconds(1))
    _ = scene.press(.character(" "))
    for _ in 0..<6 { _ = scene.press(.character(",")) }
    #expect(
      scene.text.contains("failover 1 of commerce/-80 had not begun yet: its first sign came at"))
    for _ in 0..<6 { _ = scene.press(.character(".")) }
    #expect(!scene.text.contains("had not begun"))
  }

  @Test func aListOpenedEmptySelectsTheFirstThatComes() {
    var scene = Scene(Size(columns: 100, rows: 30))
    scene.poll()
    _ = scene.press(.character("f"))
    #expect(scene.text.contains("none so far"))
    for shard in [0, 2] {
      scene.change(shard) {
        $0.starts = 1; $0.buffered = 3
      }
      scene.poll()
      #expect(
        scene.canvas.lines.contains {
          $0.hasPrefix("▶") && $0.contains(Scene.shards[shard].description)
        })
    }
    _ = scene.press(.enter)
    #expect(scene.shows(FailoverScreen(id: 2)))
  }
}
