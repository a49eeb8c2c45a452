import Actions
import FleetModel
import TerminalKit
import Terms
import TestSupport
import Testing

@testable import Dashboard

/// Hosts and addresses, which nobody who only looks on is to see.
@Suite struct MaskTests {
  private static let scenes: [Scene] = {
    let size = Size(columns: 160, rows: 50)
    var scenes = [Scene.busy(size), Scene.failover(size, isOver: true), Scene.comparison(size)]
    for way in [[Key.enter], [.character("f")], [.character("e")]] {
      var scene = Scene.failover(size, isOver: false)
      scene.wait(.seconds(1))
      for key in [.escape, .escape] + way { _ = scene.press(key) }
      scenes.append(scene)
    }
    for way in [[Key.character("t"), .enter], [.character("u")], [.character("R")]] {
      var scene = ActionTests.scene()
      for key in way { _ = scene.press(key) }
      scenes.append(scene)
    }
    var failing = Scene.busy(size)
    failing.send(
      Scene.observed(
        .outcome(
          ScrapeOutcome(
            target: Target(.vtgate, Scene.vtgates[1]), at: failing.now, took: .zero,
            result: .failed(.unreachable(.broken(reason: "dial db99.example.com:80: refused"))))),
        at: failing.now))
    failing.send(
      Scene.observed(
        .topoFailed(
          CallFailure(
            .unreachable, .vtctld(Address(host: "db", port: 15999)), .connection(.refused)))))
    scenes.append(failing)
    return scenes
  }()

  @Test(arguments: [20, 40, 60, 80, 100, 130, 160, 250])
  func noScreenNamesAHost(_ columns: Int) {
    for var scene in Self.scenes {
      scene.model.toggleMask()
      for rows in [2, 5, 24, 50] {
        let size = Size(columns: columns, rows: rows)
        scene.send(.resized(size))
        let text = scene.text
        #expect(!text.contains(/gate[12]|db\d|example|15[019]/), "\(text)")
      }
    }
  }

  /// What has no name in it is drawn as ever, cell by cell.
  @Test func whatIsNoHostStaysWhereItIs() {
    for scene in Self.scenes {
      var masked = scene
      masked.model.toggleMask()
      masked.showFrame()
      masked.wait(.seconds(4))
      var plain = scene
      plain.wait(.seconds(4))
      for (left, right) in zip(plain.canvas.lines, masked.canvas.lines)
      where !left.contains(/gate[12]|db\d|db:|example/) {
        #expect(left == right)
      }
    }
  }

  @Test func theMaskIsPutOnByItsNameAndTakenOff() {
    var scene = Scene.busy(Size(columns: 120, rows: 40))
    ActionTests.type(":mask", into: &scene)
    _ = scene.press(.enter)
    #expect(scene.text.contains("hosts and addresses are masked"))
    #expect(scene.text.contains("buffering started on vtgate-1, vtgate-2"))
    // A server that is found later has a name of its own, and none that was is called otherwise.
    let late = Target(.vtgate, Address(host: "gate0", port: 15001))
    scene.send(Scene.observed(.watching(late)))
    #expect(scene.text.contains("buffering started on vtgate-1, vtgate-2"))
    ActionTests.type(":mask", into: &scene)
    _ = scene.press(.enter)
    #expect(scene.text.contains("buffering started on gate1:15001, gate2:15001"))
  }

  @Test func aRunCanBeMaskedFromItsStart() {
    var settings = Scene().model.settings
    settings.isMasked = true
    var model = Model(
      settings: settings, size: Size(columns: 120, rows: 40), now: Scene.start)
    let failure = ScrapeFailure.unreachable(.refused)
    for message in [
      Scene.observed(.watching(Target(.vtgate, Scene.vtgates[0]))),
      Scene.observed(
        .outcome(
          ScrapeOutcome(
            target: Target(.vtgate, Scene.vtgates[0]), at: Scene.start, took: .zero,
            result: .failed(failure)))), .moment(Scene.start),
    ] { _ = model.update(message) }
    var canvas = Canvas(size: model.size)
    model.render(into: &canvas)
    let text = canvas.lines.joined(separator: "\n")
    #expect(text.contains(" vtgate-1: connection refused") && !text.contains("gate1"))
    #expect(!text.contains("vtgate vtgate-1"))
    // And so can what was seen in one look.
    let busy = Scene.busy()
    model = Model(settings: settings, watch: busy.model.watch, size: Size(columns: 120, rows: 40))
    canvas = Canvas(size: model.size)
    model.render(into: &canvas)
    #expect(!canvas.lines.joined().contains(/gate[12]/))
  }

  @Test func aMaskedShard() throws {
    var scene = Scene.failover(Size(columns: 100, rows: 30), isOver: true)
    _ = scene.press(.escape)
    scene.model.toggleMask()
    scene.wait(.seconds(4))
    try expectGolden(scene.canvas, named: "100x30/shard-masked")
  }
}
