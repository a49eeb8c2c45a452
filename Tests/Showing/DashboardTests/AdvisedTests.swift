import FleetModel
import TerminalKit
import Terms
import Testing

@testable import Dashboard

/// What the advised flags would have come to, on a failover that is over.
@Suite struct AdvisedTests {
  private static let size = Size(columns: 160, rows: 50)

  /// A buffer of 500 slots turned four requests out; another vtgate may have refused some as too soon.
  private func scene(tooSoon: Int) -> Scene {
    var scene = Scene(Self.size, opensFailovers: true)
    for _ in 0..<3 { scene.poll() }
    scene.changeOne(0, 0) {
      $0.starts = 1; $0.buffered = 260; $0.lastRequestsInFlightMax = 260
    }
    scene.losePrimary(0)
    scene.poll()
    scene.changeOne(0, 0) {
      $0.buffered = 504; $0.evicted[.bufferFull] = 4; $0.lastRequestsInFlightMax = 500
    }
    if tooSoon > 0 { scene.changeOne(0, 1) { $0.skipped[.lastFailoverTooRecent] = tooSoon } }
    scene.poll()
    scene.changeOne(0, 0) {
      $0.stops[.newPrimarySeen] = 1; $0.lastFailoverDuration = .milliseconds(2345)
    }
    scene.promote(0)
    scene.poll()
    scene.changeOne(0, 0) { $0.drained = 500 }
    for _ in 0..<8 { scene.poll() }
    return scene
  }

  private func words(_ scene: Scene) -> String {
    scene.canvas(Self.size).lines.joined(separator: "\n")
  }

  @Test func itIsToldWhereNobodyWouldHaveBeenLetDown() {
    #expect(
      words(scene(tooSoon: 0)).contains(
        "with --buffer_size 630 every request would have waited for the new primary, 504 at most"))
  }

  @Test func itIsNotToldWhereTheFlagsDoNotHelpEverybody() {
    let words = words(scene(tooSoon: 17))
    #expect(words.contains("raise --buffer_size to 630"))
    #expect(!words.contains("every request would have waited"))
  }

  @Test func framesOnlyLookItUp() {
    var scene = scene(tooSoon: 0)
    let known = scene.model.advised
    #expect(known?.outcome != nil)
    scene.model.advised = nil
    scene.wait(.milliseconds(100))
    #expect(scene.model.advised == nil)
    scene.poll()
    #expect(scene.model.advised == known)
  }
}
