import FleetModel
import TerminalKit
import Terms
import TestSupport
import Testing

@testable import Dashboard

/// A failover read off moment by moment.
@Suite struct FailoverCursorTests {
  private static func scene(
    _ size: Size = Size(columns: 100, rows: 40), isOver: Bool = true
  ) -> Scene {
    var scene = Scene.failover(size, isOver: isOver)
    scene.wait(.seconds(1))
    return scene
  }

  /// The words of a vtgate's row in the table at the cursor.
  private func row(_ vtgate: String, of scene: Scene) throws -> [String] {
    let lines = scene.canvas.lines
    let title = try #require(lines.firstIndex { $0.contains("── at ") })
    let line = try #require(lines.dropFirst(title).first { $0.hasPrefix(" \(vtgate)") })
    return line.split(separator: " ").map(String.init)
  }

  private func facts(of scene: Scene) throws -> String {
    let lines = scene.canvas.lines
    return lines[try #require(lines.firstIndex { $0.contains("── at ") }) + 1]
  }

  @Test func itComesInFromTheEndItIsMovedTo() throws {
    var scene = Self.scene()
    #expect(!scene.text.contains("── at "))
    _ = scene.press(.left)
    #expect(
      try row("gate1:15001", of: scene) == [
        "gate1:15001", "lost", "some", "0", "504", "500", "4", "0", "0",
      ])
    #expect(try facts(of: scene).hasPrefix(" primary zone1-102 · 0 held"))
    _ = scene.press(.escape)
    #expect(!scene.text.contains("── at ") && scene.model.screen.place == .failover)
    _ = scene.press(.right)
    #expect(scene.text.contains("── at 0"))
    let first = try row("gate1:15001", of: scene)
    #expect(first == ["gate1:15001", "between", "two", "polls", "-", "-", "-", "-", "-", "-"])
    #expect(try facts(of: scene).contains("held unknown"))
    _ = scene.press(.escape, .escape)
    #expect(scene.model.screen.place == .shard)
  }

  /// A vtgate that gave up is not done.
  @Test func whatCameOfItIsReadOffAtTheEnd() throws {
    var scene = Scene(Size(columns: 100, rows: 40), opensFailovers: true)
    for _ in 0..<3 { scene.poll() }
    scene.changeOne(0, 0) {
      $0.starts = 1; $0.buffered = 40
    }
    scene.losePrimary(0)
    scene.poll()
    scene.changeOne(0, 0) {
      $0.stops[.maxDurationExceeded] = 1; $0.drained = 40
    }
    scene.poll()
    scene.promote(0)
    for _ in 0..<6 { scene.poll() }
    _ = scene.press(.left)
    #expect(try row("gate1:15001", of: scene).prefix(3) == ["gate1:15001", "gave", "up"])
  }

  /// What stood on the screen while it went on is what is read off afterwards.
  @Test func everyMomentIsReadAsItWas() throws {
    var scene = Self.scene()
    _ = scene.press(.right)
    var seen: [[String]] = []
    var primaries: [String] = []
    for _ in 0..<200 {
      let row = Array(try row("gate1:15001", of: scene).dropFirst())
      if row != seen.last { seen.append(row) }
      let primary = try facts(of: scene).split(separator: "·")[0].split(separator: " ")[1]
      if String(primary) != primaries.last { primaries.append(String(primary)) }
      _ = scene.press(.right)
    }
    #expect(primaries == ["zone1-101", "none", "zone1-102"])
    #expect(seen.contains(["BUFFERING", "260", "260", "0", "0", "0", "0"]))
    #expect(seen.contains(["BUFFERING", "500", "504", "0", "4", "0", "0"]))
    #expect(seen.contains { $0.first == "DRAINING" && $0[1] == "500" })
    #expect(seen.last == ["lost", "some", "0", "504", "500", "4", "0", "0"])
    let late = try row("gate2:15001", of: scene)
    #expect(late == ["gate2:15001", "NOT", "BUFFERED", "0", "0", "0", "0", "17", "0"])
  }

  @Test func whatIsNoLongerKeptIsSaidToBeUnknown() throws {
    var scene = Self.scene()
    for _ in 0..<620 {
      scene.now = scene.now + .seconds(1)
      _ = scene.model.update(.moment(scene.now))
    }
    _ = scene.press(.left, .left)
    #expect(scene.text.contains("what each vtgate had counted by then is no longer known"))
    let last = try row("gate1:15001", of: scene)
    #expect(last == ["gate1:15001", "DRAINING", "500", "-", "-", "-", "-", "-"])
  }

  @Test func elsewhereLeftGoesBack() {
    var scene = Scene.busy()
    _ = scene.press(.enter)
    #expect(scene.shows(ShardScreen()))
    _ = scene.press(.left)
    #expect(scene.shows(FleetScreen()))
  }

  @Test func theScreenStaysWhereItIsScrolledTo() {
    var scene = Self.scene(Size(columns: 80, rows: 24))
    _ = scene.press(.down, .down, .left, .left, .right)
    #expect(scene.model.scroll == 2)
  }

  @Test(arguments: [
    Size(columns: 80, rows: 24), Size(columns: 120, rows: 40), Size(columns: 200, rows: 60),
  ])
  func theCursor(_ size: Size) throws {
    var scene = Self.scene(size)
    _ = scene.press(.right)
    for _ in 0..<size.columns / 4 { _ = scene.press(.right) }
    try expectGolden(scene.canvas, named: "\(size.columns)x\(size.rows)/failover-cursor")
  }

  @Test func atHostileSizesNothingIsInItsWay() {
    for size in ViewGoldenTests.hostile {
      var scene = Self.scene()
      scene.send(.resized(size))
      _ = scene.press(.left, .left, .right, .right)
      #expect(scene.canvas.size == size)
    }
  }
}
