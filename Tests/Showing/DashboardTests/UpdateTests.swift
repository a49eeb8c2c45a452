import FleetModel
import TerminalKit
import Terms
import Testing
import Watching

@testable import Dashboard

@Suite struct UpdateTests {
  @Test(arguments: [true, false]) func anAssumedNumberOfAttemptsIsSaid(_ isHidden: Bool) {
    var scene = Scene(opensFailovers: true)
    if isHidden { scene.hideFlags() }
    for _ in 0..<3 { scene.poll() }
    scene.changeOne(0, 0) { $0.starts = 1 }
    scene.losePrimary(0)
    scene.poll()
    scene.changeOne(0, 1) { $0.skipped[.lastFailoverTooRecent] = 17 }
    scene.poll()
    #expect(scene.text.contains("at least 6 failed: by the shard's own counters"))
    #expect(scene.text.contains("3 attempts a query assumed (Vitess' default)") == isHidden)
  }

  @Test func theSelectionStaysOnItsShardWhateverTheOrder() {
    var scene = Scene.busy()
    _ = scene.press(.down, .down)
    #expect(scene.model.selection == Scene.shards[2])
    for _ in SortOrder.allCases {
      _ = scene.press(.character("s"))
      #expect(scene.model.selection == Scene.shards[2])
    }
    scene.poll()
    #expect(scene.model.selection == Scene.shards[2])
  }

  @Test func sortingByTroublePutsTheWorstFirst() {
    var scene = Scene.busy()
    scene.model.sort = .trouble
    // The one that drains has lost requests.
    #expect(
      scene.model.visibleShards.map(\.state) == [.draining, .noPrimary, .buffering, .serving])
  }

  @Test func theFilterHidesAndSaysSo() {
    var scene = Scene.busy()
    _ = scene.press(.character("/"), .character("-"), .character("8"), .character("0"), .enter)
    #expect(scene.model.visibleShards.map(\.name) == [Scene.shards[0]])
    let text = scene.canvas.lines.joined(separator: "\n")
    #expect(text.contains("filter \"-80\", which hides 3 shards in trouble; Esc removes it"))
    _ = scene.press(.escape)
    #expect(scene.model.visibleShards.count == 4)
  }

  @Test func aFilterTakesLettersThatAreKeysElsewhere() {
    var scene = Scene.busy()
    #expect(scene.press(.character("/"), .character("q"), .backspace, .character("F")) == [])
    #expect(scene.model.filter.text == "F")
    #expect(scene.press(.escape, .character("q")) == [])
    #expect(scene.text.contains("The failover of commerce/80- and of 2 other shards is still"))
    #expect(scene.press(.character("q")) == [.quit])
  }

  @Test func movingStopsAtTheEnds() {
    var scene = Scene.busy()
    _ = scene.press(.up, .up)
    #expect(scene.model.selection == Scene.shards[0])
    _ = scene.press(.end, .down)
    #expect(scene.model.selection == Scene.shards[3])
    _ = scene.press(.home)
    #expect(scene.model.selection == Scene.shards[0])
  }

  @Test func enterOpensAndEscapeReturns() {
    var scene = Scene.busy()
    _ = scene.press(.enter)
    #expect(scene.shows(ShardScreen()))
    _ = scene.press(.tab)
    #expect(scene.model.selection == Scene.shards[1])
    _ = scene.press(.escape)
    #expect(scene.shows(FleetScreen()))
  }

  @Test func aShardScreenScrollsToItsEndAndNoFurther() {
    var scene = Scene.busy(Size(columns: 80, rows: 16))
    _ = scene.press(.enter)
    for _ in 0..<100 { _ = scene.press(.down) }
    let end = scene.model.scroll
    #expect(end > 0)
    _ = scene.press(.down)
    #expect(scene.model.scroll == end)
    #expect(scene.canvas.lines.contains { $0.contains("lines above") })
    _ = scene.press(.home)
    #expect(scene.model.scroll == 0)
  }

  @Test func rowsOutOfSightAreReachable() {
    var scene = Scene.busy(Size(columns: 80, rows: 7))
    #expect(!scene.canvas.lines.joined().contains("customer/1"))
    _ = scene.press(.end)
    #expect(scene.canvas.lines.contains { $0.hasPrefix("▶customer/1") })
  }

  @Test func theBaselineCountsFromNow() {
    var scene = Scene.busy()
    _ = scene.press(.character("b"))
    #expect(scene.model.fleet.shard(Scene.shards[2]).counters.buffered == 0)
    scene.change(2) { $0.buffered += 7 }
    scene.poll()
    #expect(scene.model.fleet.shard(Scene.shards[2]).counters.buffered == 14)
    #expect(scene.canvas.lines[0].contains("since 11:06:45"))
    _ = scene.press(.character("B"))
    #expect(scene.model.fleet.shard(Scene.shards[2]).counters.buffered == 822)
  }

  @Test func anArmedShardIsPolledFastUntilItsFailoverIsOver() throws {
    var scene = Scene()
    for _ in 0..<3 { scene.poll() }
    let shard = Scene.shards[0]
    // What the key asks for is wished at once, not with the next frame.
    _ = scene.model.update(.keys([KeyPress(.character("a"))], at: scene.now))
    #expect(scene.model.watch.closelyWatched == [shard])
    #expect(scene.model.watch.wishes.closely.count == 4)
    scene.change(0) {
      $0.starts = 1; $0.buffered = 3
    }
    scene.poll()
    scene.change(0) {
      $0.stops[.newPrimarySeen] = 1; $0.drained = 3
    }
    scene.poll()
    #expect(scene.model.watch.closelyWatched == [shard])
    for _ in 0..<11 { scene.poll() }
    #expect(scene.model.watch.closelyWatched.isEmpty)
  }

  @Test func signsOfAFailoverAskForTheFastRateAndQuietEndsIt() throws {
    var scene = Scene()
    scene.poll()
    #expect(scene.model.watch.closelyWatched.isEmpty)
    scene.losePrimary(2)
    scene.poll()
    #expect(scene.model.watch.closelyWatched == [Scene.shards[2]])
    for _ in 0..<70 { scene.poll() }
    // A primary that stays away is no news after a minute.
    #expect(scene.model.watch.closelyWatched.isEmpty)
  }

  /// The worst first, and each stays where it came until all is quiet.
  @Test func rowsInTroubleStayWhereTheyAre() {
    var scene = Scene()
    scene.model.sort = .trouble
    for _ in 0..<3 { scene.poll() }
    scene.change(2) {
      $0.starts = 1; $0.buffered = 3
    }
    scene.poll()
    #expect(scene.model.visibleShards.first?.name == Scene.shards[2])
    scene.change(3) {
      $0.starts = 1; $0.buffered = 3; $0.evicted[.bufferFull] = 1
    }
    scene.poll()
    let order = scene.model.visibleShards.map(\.name)
    #expect(order == [3, 2, 0, 1].map { Scene.shards[$0] })
    for shard in [2, 3] {
      scene.change(shard) {
        $0.stops[.newPrimarySeen] = 1; $0.drained = 3 - $0.evictedTotal
      }
    }
    for _ in 0..<5 {
      scene.poll()
      #expect(scene.model.visibleShards.map(\.name) == order)
    }
    for _ in 0..<10 { scene.poll() }
    #expect(scene.model.visibleShards.map(\.name) == Scene.shards)
  }

  @Test func theSelectedShardsFailoverOpensByItselfOnce() {
    var scene = Scene.failover(Size(columns: 120, rows: 40), isOver: false)
    #expect(scene.shows(FailoverScreen(id: 1)))
    _ = scene.press(.escape)
    scene.poll()
    #expect(scene.shows(ShardScreen()))
    _ = scene.press(.character("f"))
    #expect(scene.shows(FailoverScreen(id: 1)))
    _ = scene.press(.character("f"))
    #expect(scene.shows(FailoversScreen()))
    _ = scene.press(.enter)
    #expect(scene.shows(FailoverScreen(id: 1)))
  }

  @Test func manyFailoversAtOnceKeepTheFleetOnTheScreen() {
    var scene = Scene(opensFailovers: true)
    for _ in 0..<3 { scene.poll() }
    for shard in 0...2 {
      scene.change(shard) {
        $0.starts = 1; $0.buffered = 3
      }
    }
    scene.poll()
    #expect(scene.shows(FleetScreen()))
    #expect(scene.model.fleet.failovers.going.count == 3)
  }

  @Test func twoFailoversAreCompared() {
    var scene = Scene.failover(Size(columns: 120, rows: 40), isOver: true)
    scene.changeOne(0, 0) {
      $0.starts = 2; $0.buffered = 510
    }
    scene.poll()
    scene.wait(Model.surpriseTime)
    _ = scene.press(.character("f"), .character("f"))
    #expect(scene.shows(FailoversScreen()))
    _ = scene.press(.character("c"), .down, .character("c"))
    #expect(scene.shows(ComparisonScreen(left: 2, right: 1)))
    let text = scene.canvas.lines.joined(separator: "\n")
    #expect(text.contains("FAILOVER 2") && text.contains("evicted, full"))
    _ = scene.press(.escape)
    #expect(scene.shows(FailoversScreen()))
  }

  @Test func theStoppedScreenShowsThePastAndSaysSo() {
    var scene = Scene()
    for _ in 0..<3 { scene.poll() }
    scene.change(0) {
      $0.starts = 1; $0.buffered = 7
    }
    scene.poll()
    scene.change(0) {
      $0.stops[.newPrimarySeen] = 1; $0.drained = 7
    }
    for _ in 0..<6 { scene.poll() }
    #expect(scene.model.fleet.shard(Scene.shards[0]).state == .serving)
    _ = scene.press(.character(" "))
    #expect(scene.canvas.lines[0].contains("NOT LIVE"))
    // Back to the end of buffering, then to its start.
    _ = scene.press(.character("<"), .character("<"))
    #expect(scene.model.fleet.shard(Scene.shards[0]).state == .buffering)
    #expect(scene.model.fleet.shard(Scene.shards[0]).held ?? 0 > 0)
    _ = scene.press(.character(","))
    #expect(scene.model.fleet.shard(Scene.shards[0]).state == .serving)
    // What happens meanwhile is not shown, and not lost.
    scene.change(1) {
      $0.starts = 1; $0.buffered = 1
    }
    scene.poll()
    #expect(scene.model.fleet.shard(Scene.shards[1]).state == .serving)
    _ = scene.press(.character(" "))
    #expect(scene.model.fleet.shard(Scene.shards[1]).state == .buffering)
    #expect(!scene.canvas.lines[0].contains("NOT LIVE"))
  }

  @Test func theStoppedScreenStaysWhereItIsHoweverLongItIs() {
    var scene = Scene.busy()
    _ = scene.press(.character(" "))
    let stopped = scene.canvas.lines.dropFirst()
    let moment = scene.model.now
    scene.change(0) { $0.buffered = 77 }
    for _ in 0..<FleetHistory.capacity + 5 {
      scene.now = scene.now + .seconds(1)
      scene.send(.tick(scene.now))
    }
    #expect(scene.model.now == moment)
    #expect(scene.canvas.lines.dropFirst() == stopped)
    // What was dropped meanwhile is behind all that is kept.
    _ = scene.press(.character(","))
    #expect(scene.model.now == moment)
    _ = scene.press(.character("."))
    #expect(scene.model.now > moment)
  }

  @Test func whileNobodyLooksQuietServersArePolledLessOften() {
    var scene = Scene()
    for _ in 0..<3 { scene.poll() }
    func interval(_ isFocused: Bool) -> Duration {
      _ = scene.model.update(.focused(isFocused))
      return scene.model.watch.wishes.interval
    }
    #expect(interval(false) == .seconds(3))
    #expect(interval(true) == .seconds(1))
    #expect(interval(false) == .seconds(3))
    // Whatever happens is worth the usual rate.
    scene.losePrimary(0)
    scene.poll()
    #expect(scene.model.watch.wishes.interval == .seconds(1))
  }

  @Test func helpSearchesAsItIsTypedAndDoesNothingElse() {
    var scene = Scene.busy(Size(columns: 80, rows: 24))
    #expect(scene.press(.character("?"), .character("q"), .character("u")) == [])
    #expect(scene.canvas.lines.contains { $0.contains("quit") })
    #expect(!scene.canvas.lines.contains { $0.contains("PgDn") })
    // A command is found by its name, too.
    _ = scene.press(.escape)
    for key in "last-action" { _ = scene.press(.character(key)) }
    #expect(scene.canvas.lines.contains { $0.contains("view the last action") })
    _ = scene.press(.escape)
    #expect(scene.canvas.lines.contains { $0.contains("PgDn") })
    _ = scene.press(.end)
    #expect(scene.canvas.lines.contains { $0.contains("not counted yet") })
    _ = scene.press(.escape)
    #expect(scene.model.layers.over.isEmpty)
  }

  @Test func helpTellsWhatIsAskedOfServersAndWhatSluiceTakes() {
    var scene = Scene.busy(Size(columns: 80, rows: 24))
    var pace = Pace()
    pace.requestsPerSecond = 24
    pace.budget = 2000
    pace.targetBudget = 50
    scene.send(
      Scene.observed(.pace(pace)),
      .measured(OwnCost(cpu: 0.0123, peakMemory: 40 << 20, terminalBytes: 120.4)))
    _ = scene.press(.character("?"), .end)
    let text = scene.canvas.lines.joined(separator: "\n")
    #expect(text.contains("24/s of at most 2 000; to one server at most 50/s"))
    #expect(text.contains("1.2 % of a core, at most 40 MiB, 120 B/s to the terminal"))
  }

  @Test func eventsAreFilteredByShardSeverityAndWords() {
    var scene = Scene.busy(Size(columns: 100, rows: 30))
    func shown() -> String { scene.canvas.lines.dropLast().joined(separator: "\n") }
    _ = scene.press(.character("e"))
    #expect(shown().contains("customer/0") && shown().contains("commerce/80-"))
    _ = scene.press(.character("s"), .character("s"))
    #expect(shown().contains("requests evicted (BufferFull)"))
    #expect(!shown().contains("buffering started"))
    _ = scene.press(.character("s"))
    for key in "/started 80-" { _ = scene.press(.character(key)) }
    _ = scene.press(.enter)
    #expect(shown().contains("buffering started") && !shown().contains("customer/0"))
    _ = scene.press(.escape, .down, .enter, .character("e"))
    #expect(shown().contains("events of commerce/80-"))
    #expect(!shown().contains("customer"))
    _ = scene.press(.escape)
    #expect(scene.shows(ShardScreen()))
  }

  @Test(
    arguments: zip(
      [0, 7, 999, 1000, 12_345, 999_999, 1_204_000, 123_456_789, 5_000_000_000, -1],
      ["0", "7", "999", "1 000", "12 345", "999 999", "1.2M", "123M", "5.0G", "?"]))
  func countsFitTheirColumns(_ number: Int, _ expected: String) {
    #expect(Phrases.count(number) == expected)
  }

  @Test(
    arguments: zip(
      [0, 0.234, 9.99, 12.345, 999.4, 12_000, 5e6, 1e300, -0.001],
      ["0.00", "0.23", "9.99", "12.3", "999.4", "12k", "5M", "huge", "0.00"]))
  func metricsFitTheirColumns(_ value: Double, _ expected: String) {
    #expect(Phrases.metric(value) == expected)
  }
}
