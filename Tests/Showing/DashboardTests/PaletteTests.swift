import Actions
import FleetModel
import TerminalKit
import Terms
import TestSupport
import Testing

@testable import Dashboard

/// Commands by their names.
@Suite struct PaletteTests {
  private static func scene(
    _ permission: Permission = .fromStart, _ size: Size = Size(columns: 100, rows: 30)
  ) -> Scene {
    ActionTests.scene(permission, hasVtctld: true, size)
  }

  /// Opens the palette and types into it.
  private static func type(_ line: String, into scene: inout Scene) {
    ActionTests.type(":" + line, into: &scene)
  }

  /// What comes of a line that is typed and run.
  private static func run(_ line: String, on scene: inout Scene) -> [Effect] {
    type(line, into: &scene)
    return scene.press(.enter)
  }

  private static func acts(_ effects: [Effect]) -> Int {
    effects.count { if case .act = $0 { true } else { false } }
  }

  @Test func whatTheChosenCommandDoesIsReadInFull() {
    let words = "show all events, warnings and worse, or critical ones only"
    var scene = Self.scene(.fromStart, Size(columns: 80, rows: 24))
    Self.type("sev", into: &scene)
    #expect(!scene.text.contains(words))
    _ = scene.press(.down)
    #expect(scene.text.contains(words))
  }

  // MARK: Running

  /// By name a command does what its key does.
  @Test func everyCommandWithAKeyIsTheSameByName() throws {
    for way in [[], [Key.enter], [.character("f")], [.character("e")]] {
      for command in TypedCommand.table where command.id != .palette {
        guard let key = command.keys.first(where: { $0 != .escape }) else { continue }
        var (byKey, byName) = (Self.scene(), Self.scene())
        for key in way {
          _ = byKey.press(key)
          _ = byName.press(key)
        }
        guard byKey.model.objection(to: command) == nil else { continue }
        let effects = byKey.press(key)
        #expect(Self.run(command.id.rawValue, on: &byName) == effects, "\(command.id)")
        #expect(byName.text == byKey.text, "\(command.id)")
      }
    }
  }

  @Test func aShardIsOpenedByItsName() {
    var scene = Self.scene()
    _ = Self.run("shard customer/1", on: &scene)
    #expect(scene.shows(ShardScreen()) && scene.model.selection == Scene.shards[3])
  }

  @Test func theFleetIsSortedAndFilteredByName() {
    var scene = Self.scene()
    _ = Self.run("sort lag", on: &scene)
    #expect(scene.model.sort == .lag)
    _ = Self.run("filter customer/", on: &scene)
    #expect(scene.model.visibleShards.map(\.name.keyspace) == ["customer", "customer"])
    #expect(scene.model.layers.over.isEmpty)
    _ = scene.press(.character("e"))
    _ = Self.run("severity critical", on: &scene)
    #expect(scene.model.leastSeverity == .critical)
  }

  /// The form is filled in, and confirmed as ever.
  @Test func aThrottleOpensItsFormFilledIn() throws {
    var scene = Self.scene()
    let effects = Self.run("throttle my-job 1h30m ratio 0.25", on: &scene)
    #expect(Self.acts(effects) == 0)
    let form = try #require(scene.model.layers.last(AppRuleForm.self))
    #expect(!form.isReviewed && form.app.text == "my-job" && form.ratio.text == "0.25")
    #expect(Self.acts(scene.press(.enter)) == 0)
    #expect(scene.text.contains("throttle my-job for 1h30m at ratio 0.25"))
    #expect(Self.acts(scene.press(.character("y"))) == 1)
  }

  @Test func aThrottleAsksForPermissionFirstAndForgetsNothing() throws {
    var scene = Self.scene(.onRequest)
    #expect(Self.run("throttle my-job exempt", on: &scene) == [])
    ActionTests.type("yes", into: &scene)
    let wanted = Wanted.throttle(Filling(app: "my-job", isExempt: true))
    #expect(scene.press(.enter) == [.probeAudit(wanted)])
    scene.send(.audited(failure: nil, wanted))
    let form = try #require(scene.model.layers.last(AppRuleForm.self))
    #expect(form.app.text == "my-job" && form.isExempt && form.duration.text == "10m")
  }

  @Test func aReadOnlyRunReadsOnly() {
    var scene = Self.scene(.never(because: "--read-only"))
    #expect(Self.run("reparent", on: &scene) == [])
    #expect(scene.text.contains("this run only reads: --read-only"))
  }

  /// Whoever goes through the themes sees each, and the chosen one stays; without a choice the old one.
  @Test func themesAreSeenWhileOneChooses() {
    var scene = Self.scene()
    Self.type("theme ", into: &scene)
    #expect(scene.press(.down) == [])
    #expect(scene.press(.down) == [.theme("harbor")])
    #expect(scene.press(.down) == [.theme("daylight")])
    #expect(scene.press(.escape) == [.theme("default")])
    Self.type("theme harbo", into: &scene)
    #expect(scene.press(.character("r")) == [.theme("harbor")])
    #expect(scene.press(.enter) == [])
    #expect(scene.model.theme == "harbor")
    #expect(Self.run("theme nord", on: &scene) == [])
    #expect(scene.text.contains("there is no theme nord: default, harbor, daylight"))
    #expect(scene.press(.escape) == [])
  }

  // MARK: What is wrong

  @Test(arguments: [
    ("throtle", "there is no command throtle; did you mean throttle, throttler?"),
    ("shard", "shard takes SHARD, such as commerce/-80"),
    ("shard customer/7", "no shard is called customer/7; did you mean customer/0, customer/1?"),
    ("sort size", "there is no order size: trouble, name, held, failed, lag"),
    ("sort lag held", "held is one word too many: sort [ORDER]"),
    ("events now", "events takes no arguments"),
    ("throttle my-job soon", "soon is no duration: one is like 30s, 10m or 1h30m"),
    ("throttle vitess", "blinds them"), ("throttle a 10m ratio 2", "a ratio is 0 to 1"),
    ("throttle a ratio", "ratio needs a value: throttle [APP] [DURATION]"),
    ("later", "later works while the screen stands still: stop first"),
    ("rehearse", "rehearse works in the demo only"),
    ("compare", "compare works on a failover and the list of failovers"),
    ("send", "there is no command send"), ("confirm-leaving", "there is no command"),
  ])
  func whatIsWrongIsSaidWithWhatWouldBeRight(_ line: String, _ complaint: String) {
    var scene = Self.scene()
    #expect(Self.run(line, on: &scene) == [])
    #expect(scene.canvas.lines.last?.contains(complaint) == true, "\(scene.text)")
    // The line is there to be mended, and what was wrong with it is forgotten.
    #expect(scene.text.contains(" :\(line)_"))
    _ = scene.press(.backspace)
    #expect(scene.canvas.lines.last?.contains(complaint) == false)
  }

  // MARK: Completing

  @Test(arguments: [
    ("thr", "throttle "), ("shard cu", "shard customer/0"), ("sort l", "sort lag"),
    ("throttle vrep", "throttle vreplication "),
    ("throttle vreplication 10m ra", "throttle vreplication 10m ratio "),
    ("throttle vreplication 10m ratio 0.2", "throttle vreplication 10m ratio 0.25 "),
    ("throttle vreplication 10m ratio 0.25 exempt", "throttle vreplication 10m ratio 0.25 exempt"),
    ("ev", "events"), ("zzz", "zzz"), ("sort lag x", "sort lag x"),
  ])
  func tabCompletesTheWord(_ line: String, _ completed: String) {
    var scene = Self.scene()
    Self.type(line, into: &scene)
    _ = scene.press(.tab)
    #expect(scene.model.layers.last(Palette.self)?.line.text == completed)
  }

  @Test func whatIsChosenIsRunOrCompleted() {
    var scene = Self.scene()
    Self.type("sort ", into: &scene)
    _ = scene.press(.down, .down, .down, .up, .enter)
    #expect(scene.model.sort == .name && scene.model.layers.over.isEmpty)
    // A shard's name is still to come.
    Self.type("shar", into: &scene)
    _ = scene.press(.down, .enter)
    #expect(scene.model.layers.last(Palette.self)?.line.text == "shard ")
    #expect(scene.canvas.lines.last?.contains("shard takes") == false)
  }

  @Test func whatWasRunComesBack() {
    var scene = Self.scene()
    _ = Self.run("sort lag", on: &scene)
    _ = Self.run("sort  held", on: &scene)
    _ = Self.run("sort lag", on: &scene)
    func line() -> String? { scene.model.layers.last(Palette.self)?.line.text }
    Self.type("", into: &scene)
    _ = scene.press(.up)
    #expect(line() == "sort lag")
    _ = scene.press(.up, .up, .up)
    #expect(line() == "sort held")
    _ = scene.press(.down, .down)
    #expect(line() == "")
    // From there down is the list.
    _ = scene.press(.down)
    #expect(scene.model.layers.last(Palette.self)?.chosen == "shard")
  }

  @Test func theLineIsLeftByEscapeAndByDeletingIt() {
    for keys in [[Key.escape], [.backspace, .backspace]] {
      var scene = Self.scene()
      Self.type("s", into: &scene)
      for key in keys { _ = scene.press(key) }
      #expect(scene.model.layers.over.isEmpty && scene.shows(FleetScreen()))
    }
  }

  // MARK: What nobody meant

  @Test func aPasteGoesIntoTheLineAndRunsNothing() {
    var scene = Self.scene()
    Self.type("", into: &scene)
    #expect(scene.model.update(.pasted("throttle my-job\nquit\r", at: scene.now)).isEmpty)
    scene.showFrame()
    #expect(scene.text.contains(" :throttle my-jobquit_"))
    // A terminal that puts no brackets around it.
    scene = Self.scene()
    let keys = ":quit".map { Key.character($0) } + [.enter, .character(":")]
    #expect(scene.burst(keys).isEmpty)
    #expect(scene.text.contains(" :quit:_"))
  }

  @Test func onlyALineThatAFrameHasShownIsRun() {
    var scene = Self.scene()
    Self.type("qui", into: &scene)
    for key in [Key.character("t"), .enter] {
      #expect(scene.model.update(.keys([KeyPress(key)], at: scene.now)).isEmpty)
    }
    scene.showFrame()
    #expect(scene.press(.enter) == [.quit])
    // Nor one that has no room.
    scene = Self.scene()
    Self.type("quit                    ", into: &scene)
    scene.send(.resized(Size(columns: 20, rows: 24)))
    #expect(scene.press(.enter) == [])
    #expect(scene.model.layers.last(Palette.self) != nil)
  }

  @Test func everySizeDrawsThePalette() {
    for line in ["", "s", "shard ", "shard customer/7", String(repeating: "x", count: 250)] {
      var scene = Self.scene()
      Self.type(line, into: &scene)
      _ = scene.press(.down)
      for columns in [0, 1, 7, 20, 79, 300] {
        for rows in [0, 1, 2, 3, 4, 5, 9, 24] {
          let canvas = scene.canvas(Size(columns: columns, rows: rows))
          #expect(canvas.lines.count == rows)
        }
      }
    }
  }

  // MARK: Pictures

  @Test(arguments: [
    Size(columns: 160, rows: 50), Size(columns: 100, rows: 30), Size(columns: 80, rows: 24),
  ])
  func thePalette(_ size: Size) throws {
    let name = "\(size.columns)x\(size.rows)/palette"
    var scene = Self.scene(.fromStart, size)
    Self.type("", into: &scene)
    try expectGolden(scene.canvas, named: name)
    ActionTests.type("fail", into: &scene)
    _ = scene.press(.down)
    try expectGolden(scene.canvas, named: "\(name)-names")
    _ = scene.press(.escape)
    Self.type("throttle vreplication 10", into: &scene)
    try expectGolden(scene.canvas, named: "\(name)-values")
    _ = scene.press(.enter, .escape)
    _ = Self.run("shard customer/7", on: &scene)
    try expectGolden(scene.canvas, named: "\(name)-wrong")
  }
}
