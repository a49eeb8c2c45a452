import FleetModel
import TerminalKit
import Terms
import TestSupport
import Testing

@testable import Dashboard

@Suite struct ViewGoldenTests {
  static let sizes = [
    Size(columns: 80, rows: 24), Size(columns: 120, rows: 40), Size(columns: 200, rows: 60),
  ]
  static let hostile = [
    Size(columns: 0, rows: 0), Size(columns: 1, rows: 1), Size(columns: 10, rows: 3),
    Size(columns: 79, rows: 5), Size(columns: 20, rows: 24), Size(columns: 300, rows: 4),
  ]

  @Test func theReadmeShowsTheFleet() throws {
    var scene = Scene.busy(Size(columns: 120, rows: 40))
    scene.model.sort = .trouble
    let lines = scene.canvas.lines.map { line in
      String(line.reversed().drop { $0 == " " }.reversed())
    }
    try expectTable(
      "```\n\(lines.joined(separator: "\n"))\n```\n", of: "picture", in: "README.md")
  }

  @Test(arguments: sizes) func theFleet(_ size: Size) throws {
    var scene = Scene.busy(size)
    scene.model.sort = .trouble
    try expectGolden(scene.canvas, named: "\(size.columns)x\(size.rows)/fleet")
  }

  @Test(arguments: sizes) func aBufferingShard(_ size: Size) throws {
    var scene = Scene.busy(size)
    _ = scene.press(.down, .enter)
    try expectGolden(scene.canvas, named: "\(size.columns)x\(size.rows)/shard-buffering")
  }

  @Test(arguments: sizes) func aShardThatLostRequests(_ size: Size) throws {
    var scene = Scene.busy(size)
    _ = scene.press(.down, .down, .enter)
    try expectGolden(scene.canvas, named: "\(size.columns)x\(size.rows)/shard-draining")
  }

  @Test(arguments: sizes) func aFailoverGoingOn(_ size: Size) throws {
    try expectGolden(
      Scene.failover(size, isOver: false).canvas,
      named: "\(size.columns)x\(size.rows)/failover-buffering")
  }

  @Test(arguments: sizes) func aFailoverThatIsOver(_ size: Size) throws {
    try expectGolden(
      Scene.failover(size, isOver: true).canvas,
      named: "\(size.columns)x\(size.rows)/failover-over")
  }

  @Test(arguments: sizes) func aFailoverThatNoPollFellInto(_ size: Size) throws {
    var scene = Scene(size)
    for _ in 0..<3 { scene.poll() }
    scene.change(0) {
      $0.starts = 1; $0.stops[.newPrimarySeen] = 1; $0.buffered = 40; $0.drained = 40
      $0.lastRequestsInFlightMax = 40; $0.lastFailoverDuration = .milliseconds(96)
    }
    scene.promote(0)
    for _ in 0..<3 { scene.poll() }
    #expect(scene.text.contains("▒"))
    _ = scene.press(.character("f"), .enter)
    try expectGolden(scene.canvas, named: "\(size.columns)x\(size.rows)/failover-unseen")
  }

  /// A MoveTables of commerce, as vtctld tells of it.
  private static func workflow(_ state: String, isFrozen: Bool) -> TrafficWorkflow {
    TrafficWorkflow(
      name: "m1", source: "commerce", sourceShards: ["-80", "80-"], target: "customer",
      tables: ["t1"], trafficState: state, isFrozen: isFrozen,
      streams: .init(states: [isFrozen ? "Stopped" : "Running"], lag: .seconds(1)))
  }

  private static func told(
    _ scene: Scene, _ workflow: TrafficWorkflow, denied: Set<String> = []
  ) -> Message {
    Scene.observed(
      .routings([
        Scene.shards[0]: ShardRouting(
          readAt: scene.now, deniedTables: denied, isPrimaryServing: true, workflows: [workflow])
      ]), at: scene.now)
  }

  @Test(arguments: sizes) func aShardWithASwitchAhead(_ size: Size) throws {
    var scene = Scene(size)
    for _ in 0..<3 { scene.poll() }
    let workflow = Self.workflow("Reads Not Switched. Writes Not Switched", isFrozen: false)
    scene.send(Self.told(scene, workflow))
    for _ in 0..<12 { scene.poll() }
    _ = scene.press(.enter)
    try expectGolden(scene.canvas, named: "\(size.columns)x\(size.rows)/shard-switch-ahead")
  }

  @Test(arguments: sizes) func aCutoverThatGoesOn(_ size: Size) throws {
    var scene = Scene(size)
    let ahead = Self.workflow("Reads Not Switched. Writes Not Switched", isFrozen: false)
    let halfWay = Self.workflow("All Reads Switched. Writes Not Switched", isFrozen: false)
    scene.poll()
    scene.send(Self.told(scene, ahead))
    for _ in 0..<4 { scene.poll() }
    scene.change(0) {
      $0.starts = 1; $0.buffered = 24; $0.lastRequestsInFlightMax = 12
    }
    scene.poll()
    scene.send(Self.told(scene, halfWay, denied: ["t1"]))
    scene.poll()
    _ = scene.press(.character("f"), .enter)
    try expectGolden(
      scene.canvas, named: "\(size.columns)x\(size.rows)/failover-cutover-going-on")
  }

  @Test(arguments: sizes) func aCutoverThatIsOver(_ size: Size) throws {
    var scene = Scene(size)
    let ahead = Self.workflow("Reads Not Switched. Writes Not Switched", isFrozen: false)
    let over = Self.workflow("All Reads Switched. Writes Switched", isFrozen: true)
    scene.poll()
    scene.send(Self.told(scene, ahead))
    for _ in 0..<4 { scene.poll() }
    scene.change(0) {
      $0.starts = 1; $0.buffered = 24; $0.lastRequestsInFlightMax = 12
    }
    for _ in 0..<3 { scene.poll() }
    scene.change(0) {
      $0.stops[.moveTablesSwitchedTraffic] = 1; $0.drained = 24
      $0.lastFailoverDuration = .milliseconds(3400)
    }
    scene.poll()
    scene.send(Self.told(scene, over, denied: ["t1"]))
    for _ in 0..<30 { scene.poll() }
    _ = scene.press(.character("f"))
    try expectGolden(scene.canvas, named: "\(size.columns)x\(size.rows)/failovers-cutover")
    _ = scene.press(.enter)
    try expectGolden(scene.canvas, named: "\(size.columns)x\(size.rows)/failover-cutover")
  }

  @Test func theFailoversOfTheRun() throws {
    var scene = Scene.failover(Size(columns: 120, rows: 40), isOver: true)
    _ = scene.press(.character("f"))
    try expectGolden(scene.canvas, named: "120x40/failovers")
  }

  @Test func theHelp() throws {
    var scene = Scene.busy(Size(columns: 80, rows: 24))
    _ = scene.press(.character("?"))
    try expectGolden(scene.canvas, named: "80x24/help")
  }

  @Test(arguments: [Size(columns: 80, rows: 24), Size(columns: 120, rows: 40)])
  func theEvents(_ size: Size) throws {
    var scene = Scene.failover(size, isOver: true)
    _ = scene.press(.escape, .escape, .character("e"))
    try expectGolden(scene.canvas, named: "\(size.columns)x\(size.rows)/events")
  }

  @Test func theFirstFrame() throws {
    var scene = Scene(Size(columns: 80, rows: 24))
    scene.send(Scene.observed(.watching(Target(.vtgate, Scene.vtgates[0]))))
    try expectGolden(scene.canvas, named: "80x24/first-frame")
  }

  @Test func inASCII() throws {
    let canvas = Scene.busy().canvas(Size(columns: 100, rows: 30), .ascii)
    #expect(canvas.lines.joined().utf8.allSatisfy { $0 < 0x80 })
    try expectGolden(canvas, named: "100x30/fleet-ascii")
  }

  @Test(arguments: hostile) func atHostileSizesSomethingSensibleIsDrawn(_ size: Size) throws {
    func expect(_ scene: Scene, _ name: String) throws {
      try expectGolden(scene.canvas, named: "hostile/\(name)-\(size.columns)x\(size.rows)")
    }
    var scene = Scene.busy(size)
    try expect(scene, "fleet")
    _ = scene.press(.down, .enter)
    try expect(scene, "shard")
    _ = scene.press(.character("?"))
    try expect(scene, "help")
    _ = scene.press(.escape, .escape, .character("/"), .character("x"))
    try expect(scene, "filter")
    _ = scene.press(.escape, .character(":"), .character("s"))
    try expect(scene, "palette")
    _ = scene.press(.escape)
    scene = Scene.failover(size, isOver: true)
    try expect(scene, "failover")
    _ = scene.press(.character("f"))
    try expect(scene, "failovers")
    _ = scene.press(.character("e"))
    try expect(scene, "events")
    try expect(.comparison(size), "comparison")
  }

  @Test(arguments: [Size(columns: 80, rows: 24), Size(columns: 120, rows: 40)])
  func twoFailoversSideBySide(_ size: Size) throws {
    try expectGolden(
      Scene.comparison(size).canvas, named: "\(size.columns)x\(size.rows)/comparison")
  }

  @Test func theFailoversOfTheRunWithoutRoomForAll() throws {
    var scene = Scene.failover(Size(columns: 80, rows: 24), isOver: true)
    _ = scene.press(.character("f"))
    try expectGolden(scene.canvas, named: "80x24/failovers")
  }

  @Test func everySizeDraws() {
    let scene = Scene.busy()
    for columns in stride(from: 0, through: 210, by: 7) {
      for rows in stride(from: 0, through: 40, by: 3) {
        #expect(scene.canvas(Size(columns: columns, rows: rows)).lines.count == rows)
      }
    }
  }

  @Test func everyStateHasItsWordInEveryUsableWidth() {
    let scene = Scene.busy()
    for columns in [40, 60, 80, 100, 120, 160, 200] {
      let text = scene.canvas(Size(columns: columns, rows: 24)).lines.joined(separator: "\n")
      for word in ["BUFFERING", "DRAINING", "NO PRIMARY", "serving"] {
        #expect(text.contains(word), "\(word) at \(columns) columns")
      }
    }
  }

  @Test func columnsDoNotMoveWhenNumbersGrow() {
    var scene = Scene(Size(columns: 120, rows: 24))
    scene.poll()
    let before = scene.canvas.lines[1]
    scene.change(0) {
      $0.buffered = 987_654; $0.drained = 987_654
    }
    scene.poll()
    #expect(scene.canvas.lines[1] == before)
  }

  @Test func textFromAServerStaysInItsCell() {
    var scene = Scene(Size(columns: 120, rows: 24))
    let evil = "\u{1B}]0;owned\u{7}\u{1B}[2J\u{202E}x\n"
    var reading = VtgateReading()
    reading.bufferSize = 1
    reading.buffers[ShardName(keyspace: evil, shard: "\u{9B}31m")] = BufferCounters()
    scene.send(
      Scene.observed(
        .outcome(
          ScrapeOutcome(
            target: Target(.vtgate, Scene.vtgates[0]), at: scene.now, took: .zero,
            result: .gate(reading))), at: scene.now),
      Scene.observed(
        .outcome(
          ScrapeOutcome(
            target: Target(.vtgate, Scene.vtgates[1]), at: scene.now, took: .zero,
            result: .failed(ScrapeFailure.notUnderstood(path: "/metrics", .malformed(reason: evil)))
          )), at: scene.now))
    for cell in scene.canvas.cells {
      for scalar in cell.character?.unicodeScalars ?? "".unicodeScalars {
        #expect(
          scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value) && scalar != "\u{202E}")
      }
    }
  }
}
