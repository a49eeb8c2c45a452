import FleetModel
import TerminalKit
import Terms
import TestSupport
import Testing

@testable import Dashboard

/// A fleet of which Prometheus tells.
@Suite struct RelayedFleetTests {
  private static let prometheus = Address(host: "prom.example", port: 9090)

  private static func relayed(
    _ scene: Scene, _ change: (inout Relay) -> Void = { _ in }
  ) -> Scene {
    var scene = scene
    var pace = Pace()
    var relay = Relay(prometheus)
    relay.interval = .seconds(15)
    relay.hasTold = true
    change(&relay)
    (pace.vtgateInterval, pace.tabletInterval, pace.relay) = (.seconds(15), .seconds(15), relay)
    scene.send(Scene.observed(.pace(pace), at: scene.now))
    return scene
  }

  @Test(arguments: ViewGoldenTests.sizes) func everyScreenSaysHowPreciseItIs(
    _ size: Size
  ) throws {
    let scene = Self.relayed(.busy(size))
    try expectGolden(scene.canvas, named: "\(size.columns)x\(size.rows)/fleet-relayed")
    for key in [Key.enter, .character("e"), .character("f"), .character("p")] {
      var other = scene
      _ = other.press(key)
      #expect(other.text.contains("PROMETHEUS ±15.0 s"), "\(key)")
    }
  }

  @Test func whatItDoesNotTellIsSaid() throws {
    let size = Size(columns: 120, rows: 40)
    let scene = Self.relayed(.busy(size)) { relay in
      relay.fault = .failed(.refused(path: "/api/v1/query", .wantsCredentials(status: 401)))
      relay.failingSince = Scene.start
      relay.unplaced = 12
      relay.unreached = Relay.Unreached(
        2, first: Target(.vtgate, Scene.vtgates[0]), .noConnection(within: .seconds(2)))
    }
    try expectGolden(scene.canvas, named: "120x40/fleet-relay-fails")
    var masked = scene
    masked.model.toggleMask()
    masked.showFrame()
    #expect(!masked.text.contains("example") && !masked.text.contains("gate1"))
  }

  @Test func tabletsOfWhichNobodyTellsAreNotDenied() {
    var scene = Scene()
    scene.hideTablets()
    scene.poll()
    _ = scene.press(.enter)
    #expect(scene.text.contains("not known: nobody's list of tablets has been read"))
    #expect(
      Self.relayed(scene).text.contains("Prometheus has scraped no tablet of this shard"))
    let failing = Self.relayed(scene) { $0.tabletFault = .refused(words: "too many samples") }
    #expect(failing.text.contains("not known: nobody's list of tablets has been read"))
  }

  @Test func nothingIsKnownBeforeItTells() {
    let scene = Self.relayed(Scene(Size(columns: 120, rows: 40))) { relay in
      relay.interval = nil
      relay.fault = .failed(.unreachable(.refused))
    }
    #expect(scene.text.contains("nothing is known of any server"))
    #expect(scene.text.contains("Prometheus at prom.example:9090: connection refused"))
  }
}
