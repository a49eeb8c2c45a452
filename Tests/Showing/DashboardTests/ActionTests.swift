import Actions
import FleetModel
import TerminalKit
import Terms
import TestSupport
import Testing
import Watching

@testable import Dashboard

@Suite struct ActionTests {
  static func scene(
    _ permission: Permission = .fromStart, hasVtctld: Bool = true,
    _ size: Size = Size(columns: 100, rows: 30)
  ) -> Scene {
    var scene = Scene(size, permission: permission, hasVtctld: hasVtctld)
    for _ in 0..<3 { scene.poll() }
    _ = scene.press(.down)
    return scene
  }

  static func type(_ text: String, into scene: inout Scene) {
    for character in text { _ = scene.press(.character(character)) }
  }

  private static func acts(_ effects: [Effect]) -> [Action] {
    effects.compactMap { if case .act(_, let report) = $0 { report.action } else { nil } }
  }

  // MARK: Permission

  @Test func noKeyActsByItself() {
    let keys = Command.table.flatMap(\.keys)
    for key in keys {
      var scene = Self.scene()
      let effects = scene.press(key)
      #expect(Self.acts(effects).isEmpty, "\(key)")
    }
    // Nor do two of any keys that move.
    for key in keys {
      var scene = Self.scene()
      #expect(Self.acts(scene.press(key, .down, .up, .tab, .left, .right, .pageDown)).isEmpty)
    }
  }

  @Test func aReadOnlyRunActsNever() {
    for key in "tuTRA" {
      var scene = Self.scene(.never(because: "--read-only"))
      let effects = scene.press(.character(key), .enter, .enter, .enter, .enter)
      #expect(Self.acts(effects).isEmpty && scene.model.layers.over.isEmpty)
    }
    var scene = Self.scene(.never(because: "--read-only"))
    _ = scene.press(.character("t"))
    #expect(scene.text.contains("this run only reads: --read-only"))
  }

  @Test func actionsAreAllowedByTypingYesOnceTheLogCanBeWritten() throws {
    var scene = Self.scene(.onRequest)
    _ = scene.press(.character("t"))
    Self.type("ye", into: &scene)
    #expect(scene.press(.enter) == [])
    #expect(scene.text.contains("type yes, or Esc"))
    let wanted = Wanted.throttle()
    #expect(scene.press(.character("s"), .enter) == [.probeAudit(wanted)])
    #expect(!scene.model.areActionsAllowed)
    scene.send(.audited(failure: "cannot open the audit log /x: denied", wanted))
    #expect(!scene.model.areActionsAllowed)
    #expect(scene.text.contains("cannot open the audit log /x: denied: no action is possible"))
    _ = scene.press(.escape)
    scene.send(.audited(failure: nil, wanted))
    #expect(scene.model.areActionsAllowed)
    #expect(scene.text.contains("throttle an app") && scene.text.contains("ACTIONS 15m"))
  }

  @Test func thePermissionRunsOutEvenInAnOpenForm() {
    var scene = Self.scene()
    _ = scene.press(.character("t"), .enter)
    scene.now = scene.now + .seconds(901)
    scene.send(.tick(scene.now))
    #expect(!scene.model.areActionsAllowed)
    #expect(Self.acts(scene.press(.character("y"))).isEmpty)
    #expect(scene.text.contains("nothing was sent"))
  }

  @Test func nothingIsActedOnFromThePast() {
    var scene = Self.scene()
    _ = scene.press(.character(" "), .character("R"))
    #expect(scene.text.contains("space goes on live"))
  }

  // MARK: Throttling

  @Test func threeKeysThrottleAndTheSentenceSaysWhere() throws {
    var scene = Self.scene()
    _ = scene.press(.character("t"), .enter)
    #expect(
      scene.text.contains("throttle vreplication for 10m at ratio 1 in the memory of zone1-201"))
    let action = try #require(Self.acts(scene.press(.character("y"))).first)
    #expect(
      action
        == .throttle(
          AppRuleOrder(
            app: "vreplication",
            .throttle(for: .seconds(600), ratio: 1, isExempt: false),
            in: .tablets([
              .init(
                label: "zone1-201", alias: TabletAlias(cell: "zone1", uid: 201),
                shard: Scene.shards[1], address: Address(host: "db11", port: 15100))
            ]))))
    #expect(scene.model.layers.last(ProgressDialog.self) == ProgressDialog(1))
    // Once confirmed, the same key sends nothing more.
    #expect(
      Self.acts(scene.press(.character("y"), .enter, .character("y"), .enter)).isEmpty)
  }

  @Test func whatIsTypedReplacesWhatWasThere() throws {
    var scene = Self.scene()
    _ = scene.press(.character("t"))
    Self.type("online-ddl", into: &scene)
    _ = scene.press(.down)
    Self.type("1h30m", into: &scene)
    scene.send(.lookedUpThrottler(Scene.shards[1], .withExemptRules, recentApps: nil))
    _ = scene.press(.down, .left, .left, .down, .down, .right, .right, .enter)
    #expect(
      scene.text.contains(
        "throttle online-ddl for 1h30m at ratio 0.75 on every tablet of keyspace commerce, in topo")
    )
  }

  @Test(arguments: [
    ("", "10m", "1", "no app is named"), ("a", "soon", "1", "a duration is like 30s"),
    ("a", "0s", "1", "lasts a second at least"), ("a", "10m", "1.5", "a ratio is 0 to 1"),
    ("a", "10m", "nan", "a ratio is 0 to 1"), ("vitess", "10m", "1", "blinds them"),
    (String(repeating: "a", count: 300), "10m", "1", "a name of more than 256 characters"),
  ])
  func whatCannotBeMeantIsNamed(
    _ app: String, _ duration: String, _ ratio: String, _ complaint: String
  ) {
    var scene = Self.scene()
    _ = scene.press(.character("t"), .control("u"))
    Self.type(app, into: &scene)
    _ = scene.press(.down, .control("u"))
    Self.type(duration, into: &scene)
    _ = scene.press(.down, .control("u"))
    Self.type(ratio, into: &scene)
    #expect(Self.acts(scene.press(.enter, .enter)).isEmpty)
    #expect(scene.text.contains(complaint), "\(scene.text)")
  }

  @Test func appsThatAskedLatelyAreOfferedBeforeOthers() throws {
    var scene = Self.scene()
    #expect(
      scene.press(.character("t"))
        == [.lookUpThrottler(Scene.shards[1], TabletAlias(cell: "zone1", uid: 201))])
    scene.send(
      .lookedUpThrottler(
        Scene.shards[1], Release("17.0.7") ?? .unknown,
        recentApps: ["my-job", "vitess", "vreplication", "a\u{1B}b"]))
    #expect(scene.text.contains("keyspace commerce, in topo: 17.0.7 knows no rules in topo"))
    _ = scene.press(.right, .enter)
    #expect(scene.text.contains("throttle my-job for 10m"))
  }

  @Test func whereItCannotGoIsSaidWithTheReason() {
    var scene = Self.scene(hasVtctld: false)
    _ = scene.press(.character("t"))
    #expect(scene.text.contains("keyspace commerce, in topo: needs --vtctld HOST:PORT"))
    _ = scene.press(.up, .down, .down, .down, .down, .right, .right, .enter)
    #expect(scene.text.contains("! needs --vtctld HOST:PORT"))
  }

  /// vtctld takes a rule for any release, and the order would then be refused here.
  @Test(arguments: [
    (nil, "still asking what its tablets run"),
    (Release.unknown, "whether its tablets are v18 or later is not known"),
    (.withListOfApps, "v16 to v19 may know no rules in topo; v18 does"),
    (.withoutThresholdInStatus, "v14 to v15 knows no rules in topo; v18 does"),
  ])
  func topoIsOfferedOnlyWhereTheReleaseIsKnownToLookThere(
    _ release: Release?, _ reason: String
  ) {
    var scene = Self.scene(.fromStart, hasVtctld: true, Size(columns: 120, rows: 30))
    _ = scene.press(.character("t"))
    if let release {
      scene.send(.lookedUpThrottler(Scene.shards[1], release, recentApps: nil))
    }
    #expect(scene.text.contains("keyspace commerce, in topo: \(reason)"), "\(scene.text)")
    _ = scene.press(.down, .down, .down, .down, .right, .right)
    _ = scene.press(.enter)
    #expect(scene.text.contains("! \(reason)"))
    #expect(Self.acts(scene.press(.character("y"))).isEmpty)
    // As soon as it is known, it is offered.
    scene.send(.lookedUpThrottler(Scene.shards[1], .withExemptRules, recentApps: nil))
    _ = scene.press(.enter)
    #expect(scene.text.contains("on every tablet of keyspace commerce, in topo"))
    #expect(Self.acts(scene.press(.character("y"))).count == 1)
  }

  @Test func aRuleIsReleasedWhereItStandsAndRenewed() throws {
    var scene = Self.scene()
    _ = scene.press(.character("u"), .enter)
    #expect(scene.text.contains("release vreplication in the memory of zone1-201"))
    _ = scene.press(.escape, .character("r"))
    #expect(
      scene.text.contains("throttle vreplication for 1h at ratio 0.25 in the memory of zone1-201"))

    // What topo has is changed there, and what a tablet has besides stays a rule of its own.
    func inTopo(_ ratio: Double, until expiry: Instant) -> TopoKeyspace {
      var keyspace = TopoKeyspace(name: "commerce")
      keyspace.throttler = .init(
        isEnabled: true, threshold: 5,
        throttledApps: [ThrottledApp(name: "vreplication", expiresAt: expiry, ratio: ratio)])
      return keyspace
    }
    scene.send(Scene.observed(.topo([inTopo(0.5, until: scene.now + .seconds(60))])))
    _ = scene.press(.escape, .escape, .character("u"))
    #expect(scene.text.contains("ratio 0.5 denies 75 %   1m00s left  keyspace commerce, in topo"))
    #expect(scene.text.contains("ratio 0.25 denies 44 %  1h58m left  zone1-201, in memory"))
    // The very same is one rule.
    scene.send(Scene.observed(.topo([inTopo(0.25, until: Scene.start + .seconds(7100))])))
    _ = scene.press(.escape, .character("u"))
    #expect(!scene.text.contains("in memory"))
    _ = scene.press(.character("u"))
    #expect(
      scene.text.contains("release vreplication on every tablet of keyspace commerce, in topo"))
    #expect(Self.acts(scene.press(.enter)).isEmpty)
    #expect(Self.acts(scene.press(.character("y"))).count == 1)
  }

  @Test func aVtctldThatDoesNotAnswerIsSaidUntilItDoes() {
    var scene = Self.scene()
    scene.send(
      Scene.observed(
        .topoFailed(
          CallFailure(
            .unreachable, .vtctld(Address(host: "db", port: 15999)), .connection(.refused)))))
    let words = "vtctld db:15999: connection refused"
    func said() -> (standing: Bool, asEvent: Bool) {
      let lines = scene.text.split(separator: "\n").filter { $0.contains(words) }
      let events = lines.filter { $0.contains("topo cannot be read: \(words)") }
      return (lines.count > events.count, !events.isEmpty)
    }
    #expect(said() == (true, true))
    scene.send(Scene.observed(.topo([])))
    #expect(said() == (false, true))
  }

  @Test func rulesInTopoAreShownWhereTabletsListNone() {
    var scene = Self.scene()
    var keyspace = TopoKeyspace(name: "customer")
    keyspace.throttler = .init(
      isEnabled: true, threshold: 5,
      throttledApps: [
        ThrottledApp(name: "online-ddl", expiresAt: scene.now + .seconds(600), ratio: 1),
        ThrottledApp(name: "old", expiresAt: scene.now - .seconds(1), ratio: 1),
      ])
    scene.send(Scene.observed(.topo([keyspace])))
    let shard = scene.model.watch.fleet.shard(Scene.shards[2])
    #expect(shard.throttledApps.map(\.name) == ["online-ddl"])
    scene.now = scene.now + .seconds(601)
    scene.send(.tick(scene.now))
    #expect(scene.model.watch.fleet.shard(Scene.shards[2]).throttledApps.isEmpty)
  }

  // MARK: Reparents

  static func goodFacts(_ primary: UInt32 = 201) -> ReparentPreflight.Facts {
    var facts = ReparentPreflight.Facts()
    facts.topo = TopoShard(
      primary: TabletAlias(cell: "zone1", uid: primary))
    facts.durabilityPolicy = "none"
    facts.release = Release("22.0.3") ?? .unknown
    facts.checksExpectedPrimary = true
    for gate in Scene.vtgates { facts.rates[gate] = 10 }
    return facts
  }

  @Test func aReparentWantsTheShardsNameTyped() throws {
    var scene = Self.scene()
    let effects = scene.press(.character("R"))
    #expect(
      effects.contains(
        .lookUp(Scene.shards[1], TabletAlias(cell: "zone1", uid: 201), Scene.vtgates)))
    // It is watched at the fast rate from here on.
    #expect(scene.model.watch.closelyWatched == [Scene.shards[1]])
    // The cursor is where the name is typed; the candidate is two lines above.
    _ = scene.press(.up, .up, .right)
    Self.type("commerce/80-", into: &scene)
    #expect(Self.acts(scene.press(.enter)).isEmpty)
    #expect(scene.text.contains("still looking at topo"))
    scene.send(.facts(Scene.shards[1], Self.goodFacts()))
    _ = scene.press(.backspace)
    #expect(Self.acts(scene.press(.enter)).isEmpty)
    #expect(scene.text.contains("type commerce/80- to send it"))
    #expect(
      Self.acts(scene.press(.character("-"), .enter))
        == [
          .reparent(
            ReparentOrder(
              .planned, of: Scene.shards[1], to: TabletAlias(cell: "zone1", uid: 202),
              expecting: TabletAlias(cell: "zone1", uid: 201)))
        ])
    #expect(Self.acts(scene.press(.enter, .enter)).isEmpty)
  }

  /// In the demo a letter stands for the name; everything else is as with `R`.
  @Test func aRehearsalIsAReparentWithItsDefaults() throws {
    var scene = Self.scene()
    #expect(scene.press(.character("F")).isEmpty)
    var lab = Scene(isLab: true, permission: .onRequest, hasVtctld: true)
    for _ in 0..<3 { lab.poll() }
    _ = lab.press(.down, .character("F"))
    #expect(lab.text.contains("type yes"))
    for key in "yes" { _ = lab.press(.character(key)) }
    let wanted = lab.press(.enter).compactMap {
      if case .probeAudit(let wanted) = $0 { wanted } else { nil }
    }
    #expect(wanted == [.rehearsal])
    lab.send(.audited(failure: nil, try #require(wanted.first)))
    lab.send(.facts(Scene.shards[1], Self.goodFacts()))
    #expect(
      Self.acts(lab.press(.character("y"), .enter))
        == [
          .reparent(
            ReparentOrder(
              .planned, of: Scene.shards[1], to: nil,
              expecting: TabletAlias(cell: "zone1", uid: 201)))
        ])
  }

  @Test func aFailedPreflightWantsAnOverrideOfEachFailure() {
    var scene = Self.scene()
    _ = scene.press(.character("R"), .up, .up, .up, .right)
    scene.send(.facts(Scene.shards[1], Self.goodFacts()))
    #expect(scene.text.contains("zone1-201 serves: a planned reparent loses nothing"))
    Self.type("commerce/80-", into: &scene)
    #expect(Self.acts(scene.press(.enter)).isEmpty)
    #expect(scene.text.contains("! primary speaks against it: space overrides that"))
    // Only space overrides, and only what the cursor is on.
    _ = scene.press(.left, .right)
    #expect(!scene.text.contains("overridden"))
    _ = scene.press(.character(" "))
    #expect(scene.text.contains("overridden"))
    // Another order is another question.
    _ = scene.press(.up, .up, .right)
    #expect(!scene.text.contains("overridden"))
    _ = scene.press(.down, .down, .character(" "), .down)
    // And a failure that has come since was never overridden.
    scene.changeOne(1, 0) {
      $0.starts = 1; $0.stops[.newPrimarySeen] = 1
    }
    scene.poll()
    #expect(Self.acts(scene.press(.enter)).isEmpty)
    #expect(scene.text.contains("! cool-down speaks against it"))
    #expect(Self.acts(scene.press(.enter)).isEmpty)
    _ = scene.press(.character(" "), .down)
    #expect(Self.acts(scene.press(.enter)).count == 1)
  }

  @Test func whatTopoContradictsCannotBeOverridden() {
    var scene = Self.scene()
    _ = scene.press(.character("R"))
    scene.send(.facts(Scene.shards[1], Self.goodFacts(202)))
    #expect(scene.text.contains("FAIL  primary in topo  topo says zone1-202, not zone1-201"))
    Self.type("commerce/80-", into: &scene)
    #expect(Self.acts(scene.press(.enter)).isEmpty)
    #expect(scene.text.contains("topo does not agree: nothing would be sent"))
  }

  @Test func startedAfterThePrimaryDiedTopoTellsWhoItWas() throws {
    var scene = Scene(
      Size(columns: 100, rows: 30), permission: .fromStart, hasVtctld: true)
    scene.losePrimary(1)
    scene.poll()
    _ = scene.press(.down, .character("R"))
    #expect(scene.text.contains("looking at topo"))
    scene.send(.facts(Scene.shards[1], Self.goodFacts()))
    #expect(scene.text.contains("emergency reparent of commerce/80- from zone1-201"))
  }

  @Test func whatCameOfItIsToldInFullAndKept() throws {
    var scene = Self.scene()
    _ = scene.press(.character("t"), .enter, .character("y"))
    var report = try #require(scene.model.reports[1])
    report.sentAt = scene.now
    report.note(.tablet("zone1-201"), .pending, .readingBack)
    scene.send(.reported(1, report))
    #expect(scene.text.contains("pending  zone1-201"))
    let failure = CallFailure(
      .refused, nil, .said("not ok: \u{1B}[2Jtablet says \u{202E}no", to: nil))
    report.note(.tablet("zone1-201"), .failed, .failed(failure))
    report.end(.failed, .nowhere(.failed(failure)), at: scene.now)
    scene.send(.reported(1, report))
    #expect(scene.text.contains("failed: not ok"))
    let scalars = scene.text.unicodeScalars
    #expect(!scalars.contains("\u{1B}") && !scalars.contains("\u{202E}"))
    _ = scene.press(.escape)
    #expect(
      scene.model.watch.fleet.log.events.contains {
        guard case .actionEnded(.critical, outcome: "failed", let action, _) = $0.kind else {
          return false
        }
        return action.hasPrefix("throttle")
      })
  }

  @Test func aRunningReparentIsBrokenOffOnlyAfterAQuestion() throws {
    var scene = Self.scene()
    _ = scene.press(.character("R"))
    scene.send(.facts(Scene.shards[1], Self.goodFacts()))
    Self.type("commerce/80-", into: &scene)
    #expect(Self.acts(scene.press(.enter)).count == 1)
    #expect(scene.press(.character("x"), .character("y")) == [])
    var report = try #require(scene.model.reports[1])
    report.sentAt = scene.now
    scene.send(.reported(1, report))
    #expect(scene.press(.character("x"), .character("g")) == [])
    #expect(scene.press(.character("x"), .character("y")) == [.breakOff(1)])
    // The same shard is not reparented again while this one runs.
    _ = scene.press(.escape, .character("R"))
    scene.send(.facts(Scene.shards[1], Self.goodFacts()))
    #expect(scene.text.contains("one that was sent from here has not ended"))
    _ = scene.press(.escape)
    report.end(.unknown, .notKnown, at: scene.now)
    scene.send(.reported(1, report))
    _ = scene.press(.character("v"))
    #expect(scene.text.contains("unknown: whether it was carried out is not known"))
    #expect(scene.press(.character("x"), .character("y")) == [])
  }

  @Test(arguments: [Key.character("q"), .control("c")])
  func leavingAsksWhileAnActionRuns(_ key: Key) throws {
    var scene = Self.scene()
    _ = scene.press(.character("t"), .enter, .character("y"), .escape)
    #expect(scene.press(key) == [])
    #expect(scene.text.contains("An action is still running"))
    #expect(scene.press(.character("n")) == [])
    #expect(scene.press(key, key) == [.quit])
  }

  @Test func anExemptionCanBeReleasedAndAThrottlerThatIsOffIsSaid() throws {
    var scene = Self.scene()
    var keyspace = TopoKeyspace(name: "customer")
    keyspace.throttler = .init(
      isEnabled: false, threshold: 5,
      throttledApps: [
        ThrottledApp(
          name: "online-ddl", expiresAt: scene.now + .seconds(600), ratio: 0, isExempt: true)
      ])
    scene.send(Scene.observed(.topo([keyspace])))
    _ = scene.press(.down, .character("u"))
    #expect(scene.text.contains("online-ddl  exempt  10m00s left  keyspace customer, in topo"))
    _ = scene.press(.escape, .character("t"))
    #expect(scene.text.contains("the throttler is off: a rule has no effect"))
  }

  // MARK: Pictures

  @Test(arguments: [Size(columns: 80, rows: 24), Size(columns: 120, rows: 40)])
  func theForms(_ size: Size) throws {
    let name = "\(size.columns)x\(size.rows)"
    var scene = Self.scene(hasVtctld: false, size)
    _ = scene.press(.character("t"))
    try expectGolden(scene.canvas, named: "\(name)/throttle")
    scene = Self.scene(.fromStart, hasVtctld: true, size)
    _ = scene.press(.character("R"))
    scene.send(.facts(Scene.shards[1], Self.goodFacts()))
    _ = scene.press(.up, .up, .up, .right, .down, .down, .down)
    try expectGolden(scene.canvas, named: "\(name)/reparent")
  }

  @Test func anAppsNameStaysInItsCell() {
    let names = [
      "\u{1B}[31mred\u{1B}]0;title\u{7}", String(repeating: "long", count: 2500),
      "\u{202E}desrever\u{202C}", "zero\u{200B}\u{200D}width\u{FEFF}", "tab\tand\nnewline",
    ]
    var scene = Self.scene(.fromStart, hasVtctld: true, Size(columns: 160, rows: 50))
    var keyspace = TopoKeyspace(name: "commerce")
    keyspace.throttler = .init(
      isEnabled: true, threshold: 5,
      throttledApps: names.map {
        ThrottledApp(name: $0, expiresAt: scene.now + .seconds(600), ratio: 1)
      })
    scene.send(Scene.observed(.topo([keyspace])))
    for keys in [[], [Key.enter], [.character("u")], [.enter]] {
      for key in keys { _ = scene.press(key) }
      for line in scene.canvas.lines {
        #expect(DisplayWidth.of(line) <= 160)
        #expect(
          line.unicodeScalars.allSatisfy { scalar in
            scalar.value >= 0x20 && scalar.value != 0x7F
              && ![0x200B, 0x200D, 0x202C, 0x202E, 0xFEFF].contains(scalar.value)
          })
      }
    }
  }

  @Test func everySizeDrawsTheForms() {
    for columns in [0, 1, 7, 20, 79, 300] {
      for rows in [0, 1, 3, 4, 9, 24] {
        for key in "tuTRA" {
          var scene = Self.scene(
            .fromStart, hasVtctld: true, Size(columns: columns, rows: rows))
          _ = scene.press(.character(key))
          _ = scene.canvas
        }
      }
    }
  }
}
