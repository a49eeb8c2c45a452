import FleetModel
import TerminalKit
import Terms
import Testing

@testable import Dashboard

/// The line that says what is going on, as it stands on the screen.
@Suite struct SituationTests {
  private func line(_ scene: Scene, columns: Int = 160) -> String {
    let line = scene.canvas(Size(columns: columns, rows: 40)).lines[1]
    return line.trimmingPrefix { $0 == " " }.description
  }

  private func calm() -> Scene {
    var scene = Scene()
    for _ in 0..<3 { scene.poll() }
    return scene
  }

  @Test func theLagOfAnIgnoredShardIsNoTrouble() {
    var scene = Scene(ignored: [NamePattern("customer")])
    for _ in 0..<3 { scene.poll() }
    let line = line(scene)
    #expect(line.hasPrefix("● all 3 shards serve · "), "\(line)")
    #expect(line.hasSuffix("1 set aside"), "\(line)")
  }

  @Test func nothingIsSaidBeforeAnybodyHasAnswered() {
    var scene = Scene()
    scene.send()
    #expect(line(scene) == "○ no shard is known yet")
  }

  /// Whoever has failed to answer is silent, also if he never has answered.
  @Test func aVtgateThatHasNeverAnsweredIsSilent() {
    func refuse(_ vtgate: Int, _ scene: inout Scene) {
      let outcome = ScrapeOutcome(
        target: Target(.vtgate, Scene.vtgates[vtgate]), at: scene.now, took: .zero,
        result: .failed(.unreachable(.refused)))
      scene.send(Scene.observed(.outcome(outcome), at: scene.now))
    }
    var scene = Scene()
    for vtgate in Scene.vtgates.indices { refuse(vtgate, &scene) }
    #expect(line(scene) == "✖ no vtgate answers")
    // By then it is no beginning any more.
    for _ in 0..<20 {
      scene.now = scene.now + .seconds(1)
      for vtgate in Scene.vtgates.indices { refuse(vtgate, &scene) }
      scene.send(.tick(scene.now))
    }
    #expect(line(scene).hasPrefix("✖ the fleet BLIND · "), "\(line(scene))")
    scene = Scene()
    for _ in 0..<3 { scene.poll(only: 0) }
    #expect(!line(scene).contains("answer"), "\(line(scene))")
    refuse(1, &scene)
    #expect(
      line(scene).hasPrefix("▲ all 4 shards serve · 1 of 2 vtgates silent"),
      "\(line(scene))")
  }

  /// What is held is the same number in the line, the row and the presenter's figure.
  @Test func whatASilentVtgateHeldIsNotCountedAsHeld() {
    var scene = Scene(Size(columns: 200, rows: 40))
    for _ in 0..<3 { scene.poll() }
    scene.change(0) {
      $0.starts = 1; $0.buffered = 40
    }
    scene.losePrimary(0)
    scene.poll()
    #expect(line(scene, columns: 200).contains("80 of 1 000 held"), "\(line(scene, columns: 200))")
    for _ in 0..<4 { scene.poll(only: 0) }
    #expect(line(scene, columns: 200).contains("40 of 1 000 held"), "\(line(scene, columns: 200))")
    #expect(scene.model.fleet.shard(Scene.shards[0]).held == 40)
    // Nor is it said what it does.
    _ = scene.press(.character("f"), .enter)
    #expect(!scene.text.contains("no vtgate tells"), "\(scene.text)")
    let rows = scene.canvas.lines.filter { $0.hasPrefix(" gate2:15001") }
    #expect(rows.count == 2 && rows.allSatisfy { $0.contains("no answer") }, "\(scene.text)")
  }

  @Test func aFleetThatServesSaysWhatIsOverItsLimitAndSinceWhenNothingElseWas() {
    #expect(
      line(calm()).hasPrefix(
        "▲ all 4 shards serve · customer/0: lag is 7.3 s, over its threshold of 5 s · "
          + "no failover since "))
  }

  @Test func theWorstShardComesFirstAndTheOthersAreCounted() {
    let words = line(.busy())
    #expect(words.hasPrefix("✖ customer/1 NO PRIMARY · "), "\(words)")
    #expect(words.contains("2 more shards in trouble"), "\(words)")
  }

  @Test func aFailoverSaysHowLongWhatIsHeldWhatFailedAndWhatComes() {
    let scene = Scene.failover(Size(columns: 160, rows: 40), isOver: false)
    let words = line(scene)
    #expect(
      words.hasPrefix("◐ commerce/-80 BUFFERING · 1.0 s · at least 10 failed · 500 of 500 held · "),
      "\(words)")
    #expect(words.contains("17 not buffered"), "\(words)")
    #expect(words.contains("the window ends in"), "\(words)")
  }

  @Test func afterwardsItSaysWhatCameOfItAndWhenTheNextIsBuffered() {
    let words = line(Scene.failover(Size(columns: 160, rows: 40), isOver: true))
    #expect(words.contains("failed · in 2.3 s · 504 waited · "), "\(words)")
    #expect(words.contains("failed"), "\(words)")
    #expect(words.contains("the next failover is buffered again in "), "\(words)")
  }

  /// Requests go through to a shard without a primary: what comes next is that they are held again.
  @Test func aFailoverThatIsNotBufferedSaysWhenTheNextOneIs() {
    var scene = Scene.failover(Size(columns: 200, rows: 40), isOver: true)
    scene.losePrimary(0)
    scene.change(0) { $0.skipped[.lastFailoverTooRecent] = 70 }
    for _ in 0..<2 { scene.poll() }
    let words = line(scene, columns: 200)
    #expect(words.hasPrefix("✖ commerce/-80 NO PRIMARY · "), "\(words)")
    #expect(words.contains("the next failover is buffered again in "), "\(words)")
  }

  /// What is over can wait for what is wrong now.
  @Test func aSilentVtgateComesBeforeTheNewsOfAFailover() {
    var scene = Scene.failover(Size(columns: 200, rows: 40), isOver: true)
    for _ in 0..<8 { scene.poll(only: 0) }
    _ = scene.press(.escape, .escape)
    let words = line(scene, columns: 200)
    #expect(
      words.contains("▲ commerce/-80 recovered · 1 of 2 vtgates silent · "), "\(words)")
  }

  /// However narrow the line: a loss, and who might know of more of them.
  @Test(arguments: [true, false])
  func whatFailedAndWhoIsSilentAreSaidInEightyColumns(_ isOver: Bool) {
    var scene = Scene.failover(Size(columns: 80, rows: 24), isOver: isOver)
    for _ in 0..<4 { scene.poll(only: 0) }
    _ = scene.press(.escape, .escape)
    let words = line(scene, columns: 80)
    #expect(words.contains("failed"), "\(words)")
    #expect(words.contains("1 of 2 vtgates silent"), "\(words)")
  }

  /// The new primary's name stands before its moment where there is no room behind it.
  @Test func thatThereIsNoPrimaryIsNeverCut() {
    var scene = Scene(Size(columns: 80, rows: 40), opensFailovers: true)
    for _ in 0..<3 { scene.poll() }
    scene.change(0) {
      $0.starts = 1; $0.buffered = 12; $0.lastRequestsInFlightMax = 6
    }
    for _ in 0..<3 { scene.poll() }
    scene.losePrimary(0)
    scene.poll()
    scene.change(0) {
      $0.stops[.newPrimarySeen] = 1; $0.drained = 12
    }
    scene.promote(0)
    for _ in 0..<5 { scene.poll() }
    #expect(scene.text.contains(" primary"))
    for columns in 60...200 {
      let rows = scene.canvas(Size(columns: columns, rows: 40)).lines
      let row = rows.first { $0.hasPrefix(" primary") } ?? ""
      #expect(!row.contains(/✖ (n|no|non)(?![a-z])/), "\(columns): \(row)")
    }
  }

  /// A limit that nobody could read is said to be Vitess' default.
  @Test func whatRestsOnAnAssumedFlagSaysSo() {
    var scene = Scene(Size(columns: 200, rows: 40))
    scene.hideFlags()
    for _ in 0..<3 { scene.poll() }
    scene.change(0) {
      $0.starts = 1
      $0.buffered = 4
    }
    scene.losePrimary(0)
    scene.poll()
    #expect(line(scene, columns: 200).contains("(Vitess' default)"))
    #expect(!line(Scene.failover(Size(columns: 200, rows: 40), isOver: false)).contains("default"))
  }

  /// Counters that a vtgate does not export are not 0.
  @Test func whatIsNotCountedIsNotSaid() {
    var scene = Scene.failover(Size(columns: 200, rows: 40), isOver: false)
    for vtgate in 0...1 { scene.changeOne(0, vtgate) { $0.unreported = .buffered } }
    scene.changeOne(0, 0) { $0.stops[.newPrimarySeen] = 1 }
    scene.promote(0)
    for _ in 0..<3 { scene.poll() }
    #expect(line(scene, columns: 200).contains("failed"))
    #expect(!line(scene, columns: 200).contains("waited"))
  }

  @Test func aFactIsLeftOutAndNeverCut() {
    let scene = Scene.failover(Size(columns: 160, rows: 40), isOver: false)
    let all = Set(
      line(scene, columns: 200).split(separator: "·").map { $0.trimmingSuffix { $0 == " " } })
    for columns in 40...160 {
      let words = line(scene, columns: columns)
      #expect(!words.contains("…"))
      #expect(
        Set(words.split(separator: "·").map { $0.trimmingSuffix { $0 == " " } }).isSubset(of: all))
    }
  }

  @Test func aFleetThatNobodySeesIsNotSaidShardByShard() {
    var scene = calm()
    scene.now = scene.now + .seconds(20)
    scene.send(.tick(scene.now))
    let words = line(scene)
    #expect(words.hasPrefix("✖ all 4 shards BLIND · "), "\(words)")
    #expect(words.contains("no vtgate answers"), "\(words)")
    // What waited before is not what waits now.
    _ = scene.press(.character("p"))
    #expect(scene.text.contains("ALL 4 SHARDS BLIND") && !scene.text.contains("BUFFER "))
  }

  @Test func oneOfSeveralSilentVtgatesIsSaidOfItsShardToo() {
    var scene = calm()
    for _ in 0..<8 { scene.poll(only: 0) }
    #expect(line(scene).contains("1 of 2 vtgates silent"), "\(line(scene))")
    _ = scene.press(.enter)
    #expect(
      line(scene).hasPrefix("▲ commerce/-80 serves · 1 of 2 vtgates silent"),
      "\(line(scene))")
  }

  @Test func aLongNameLeavesRoomForWhatIsGoingOn() {
    let name = ShardName(keyspace: String(repeating: "long_", count: 12), shard: "-80")
    let canvas = Canvas(size: Size(columns: 10, rows: 1))
    #expect(canvas.fit(name, to: 20) == "long_long_long_…/-80")
    #expect(canvas.fit(name, to: 80) == "\(name)")
  }

  @Test func aShardHasItsOwnLine() {
    var scene = calm()
    _ = scene.press(.enter)
    #expect(line(scene).hasPrefix("● commerce/-80 serves · no failover since "))
  }

  /// What matters in a failover has a column from a terminal of 64 columns on.
  @Test func theColumnsThatMatterAreNeverLeftOut() {
    let scene = Scene.busy()
    for columns in 64...240 {
      let lines = scene.canvas(Size(columns: columns, rows: 40)).lines
      let header = lines.first { $0.contains("STATE") && $0.contains("PRIMARY") } ?? ""
      for title in ["SHARD", "STATE", "PRIMARY", "HELD", "FAILED", "LAG"] {
        #expect(header.contains(title), "\(title) at \(columns)")
      }
    }
  }
}

extension Substring {
  fileprivate func trimmingSuffix(while isTrimmed: (Character) -> Bool) -> Substring {
    var rest = self
    while let last = rest.last, isTrimmed(last) { rest.removeLast() }
    return rest
  }
}
