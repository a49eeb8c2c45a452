import FleetModel
import TerminalKit
import Terms
import Testing

@testable import Dashboard

/// How far tablets serve by their own word, which their vtgates may not know yet.
@Suite struct TabletTierTests {
  /// A primary in its grace period, which the vtgates still list as serving.
  private static func lameDuck(_ size: Size) -> Scene {
    var scene = Scene(size)
    scene.tabletsSay = [101: .serving, 102: .serving]
    for _ in 0..<3 { scene.poll() }
    scene.tabletsSay[101] = .shuttingDown
    scene.poll()
    return scene
  }

  @Test(arguments: ViewGoldenTests.sizes) func theShardsHeadlineAndRowNameALameDuck(_ size: Size) {
    var scene = Self.lameDuck(size)
    _ = scene.press(.enter)
    let lines = scene.canvas.lines
    let headline = lines.first { $0.contains("primary zone1-101") }
    #expect(headline?.contains("primary zone1-101  shutting down") == true)
    let rows = lines.filter { $0.contains("primary ") || $0.contains("replica ") }
    let primary = rows.first { $0.contains("zone1-101") && $0.contains("yes") }
    #expect(primary?.contains("yes     shutting down") == true)
    let replica = rows.first { $0.contains("zone1-102") && $0.contains("yes") }
    #expect(replica?.contains("yes     serving") == true)
  }

  @Test func aTabletThatDoesNotTellIsAQuestionMark() {
    var scene = Scene()
    scene.poll()
    _ = scene.press(.enter)
    #expect(scene.canvas.lines.contains { $0.contains("zone1-101") && $0.contains("yes     ?") })
    #expect(!scene.text.contains("shutting down"))
  }

  @Test func theFailoverScreenSaysWhatTabletsSayUntilItIsOver() {
    var scene = Scene(opensFailovers: true)
    scene.tabletsSay = [101: .serving, 102: .serving]
    for _ in 0..<3 { scene.poll() }
    scene.tabletsSay[101] = .shuttingDown
    scene.changeOne(0, 0) {
      $0.starts = 1
      $0.buffered = 4
      $0.lastRequestsInFlightMax = 4
    }
    scene.poll()
    #expect(scene.text.contains("tablets say: zone1-101 shutting down, zone1-102 serving"))
    scene.tabletsSay[101] = .notServing
    scene.poll()
    #expect(scene.text.contains("tablets say: zone1-101 not serving, zone1-102 serving"))
    scene.changeOne(0, 0) {
      $0.stops[.newPrimarySeen] = 1
      $0.drained = 4
    }
    scene.promote(0)
    scene.tabletsSay[101] = .serving
    for _ in 0..<6 { scene.poll() }
    #expect(scene.text.contains("failover 1 of commerce/-80"))
    #expect(!scene.text.contains("tablets say"))
  }

  @Test func amongManyTabletsTheOneThatDoesNotServeComesFirst() {
    var scene = Scene(opensFailovers: true)
    scene.addReplicas(8, to: 0)
    scene.tabletsSay = [101: .serving, 102: .serving]
    for uid in 110..<118 as Range<UInt32> { scene.tabletsSay[uid] = .serving }
    for _ in 0..<3 { scene.poll() }
    scene.tabletsSay[117] = .shuttingDown
    scene.changeOne(0, 0) { $0.starts = 1 }
    scene.poll()
    let line = scene.canvas(Size(columns: 200, rows: 60)).lines.first {
      $0.contains("tablets say")
    }
    #expect(line?.contains("tablets say: zone1-117 shutting down, zone1-101 serving") == true)
    #expect(line?.contains(", 4 more") == true)
  }

  @Test func itIsAnEventWhenItBeginsAndWhenItEnds() {
    var scene = Self.lameDuck(Size(columns: 120, rows: 40))
    scene.tabletsSay[101] = .serving
    scene.poll()
    let primary = TabletName.alias(TabletAlias(cell: "zone1", uid: 101))
    let told = scene.model.fleet.log.events.map(\.kind).filter {
      [.primaryServesLess, .primaryServesFully].contains($0.name)
    }
    #expect(told == [.primaryServesLess(primary, .shuttingDown), .primaryServesFully(primary)])
  }
}
