import TerminalKit
import Terms
import TestSupport
import Testing

@testable import Dashboard

/// A scenario of the embedded cluster, on the dashboard.
@Suite struct RehearsalTests {
  static let sizes = [
    Size(columns: 80, rows: 24), Size(columns: 100, rows: 30), Size(columns: 160, rows: 50),
  ]

  private static var waiting: Rehearsal {
    var rehearsal = Rehearsal(
      title: "Scenario 5: too many connections",
      about: """
        Six connections, four slots. The newest pushes the oldest out, so exactly the size of the buffer is
        drained in the end; how many are pushed out depends on how soon those clients come again.
        """)
    rehearsal.steps = ["0s planned-reparent shard=commerce/0"]
    rehearsal.clients = .init(running: 6)
    rehearsal.sources = ["guide", "recording"]
    rehearsal.rows = rows(buffered: 0, drained: 0, evicted: 0)
    return rehearsal
  }

  private static func rows(buffered: Int, drained: Int, evicted: Int) -> [Rehearsal.Row] {
    [
      .init(
        counter: "requests_buffered", expected: [8, 8], came: buffered, isExact: false,
        agrees: buffered > 0),
      .init(
        counter: "requests_drained", expected: [4, 4], came: drained, isExact: true,
        agrees: drained == 4),
      .init(
        counter: "requests_evicted.BufferFull", expected: [4, 4], came: evicted, isExact: false,
        agrees: evicted > 0),
    ]
  }

  private static func over(drained: Int) -> Rehearsal {
    var rehearsal = waiting
    rehearsal.phase = .over(took: .milliseconds(1_240))
    rehearsal.rows = rows(buffered: 6, drained: drained, evicted: 2)
    rehearsal.clients = .init(
      running: 4,
      ended: [
        .init(
          words: "errno 1105: target: commerce.0.primary: failed to automatically buffer and retry "
            + "failed request during failover. original err (type=<nil>): <nil>: buffer full: "
            + "request evicted for newer request", count: 2)
      ])
    return rehearsal
  }

  static func scene(_ size: Size = Size(columns: 100, rows: 30)) -> Scene {
    var scene = Scene(
      size, isLab: true, opensFailovers: true, permission: .fromStart, hasVtctld: true,
      rehearsal: waiting)
    for _ in 0..<3 { scene.poll() }
    return scene
  }

  @Test(arguments: sizes) func itIsDrawnWhileItWaitsAndWhenItIsOver(_ size: Size) throws {
    let folder = "\(size.columns)x\(size.rows)"
    var scene = Self.scene(size)
    try expectGolden(scene.canvas, named: "\(folder)/scenario-waiting")
    _ = scene.press(.escape)
    try expectGolden(scene.canvas, named: "\(folder)/scenario-fleet")
    scene.send(.rehearsed(Self.over(drained: 3)))
    _ = scene.press(.character("S"))
    try expectGolden(scene.canvas, named: "\(folder)/scenario-over")
  }

  @Test func itStandsOnTheScreenFromTheBeginningAndFStartsIt() {
    var scene = Self.scene()
    #expect(scene.text.contains("Scenario 5: too many connections"))
    #expect(scene.text.contains("6 clients run"))
    #expect(scene.press(.character("F")) == [.lab("start")])
    // What it does is to be seen.
    #expect(scene.model.layers.over.isEmpty)
    var running = Self.waiting
    running.phase = .running(since: scene.now)
    scene.send(.rehearsed(running))
    #expect(scene.press(.character("F")) == [])
    #expect(scene.text.contains("the scenario is running"))
  }

  @Test func itIsStartedFromAnyScreenOnceTheTextIsClosed() {
    var scene = Self.scene()
    #expect(scene.press(.escape, .enter, .character("F")) == [.lab("start")])
  }

  @Test func keysThatCameTogetherStartNothing() {
    var scene = Self.scene()
    #expect(scene.burst([.character("F"), .character("F")]) == [])
  }

  @Test func clientsThatEndedBeginAgainOnWish() {
    var scene = Self.scene()
    scene.send(.rehearsed(Self.over(drained: 4)))
    #expect(scene.text.contains("4 of 6 clients run, 2 ended"))
    #expect(scene.text.contains("2 with errno 1105: target: commerce.0.primary: "))
    #expect(scene.text.contains("took 1.24 s, agrees with the recording"))
    #expect(scene.press(.character("c")) == [.lab("start-clients")])
  }

  @Test func aCounterThatIsNotAsTheGuideSaysIsNamed() throws {
    var scene = Self.scene(Size(columns: 80, rows: 24))
    scene.send(.rehearsed(Self.over(drained: 3)))
    let line = try #require(scene.canvas.lines.first { $0.contains("requests_drained") })
    #expect(line.contains("4          4       3  differs"))
    #expect(scene.text.contains("differs from the recording"))
  }

  @Test func aCommandOfTheLabIsTypedByName() {
    var scene = Self.scene()
    _ = scene.press(.escape, .character(":"))
    for letter in "lab restart server=vtgate-1 buffer_size=4" {
      _ = scene.press(.character(letter))
    }
    #expect(scene.press(.enter) == [.lab("restart server=vtgate-1 buffer_size=4")])
    let answer = LabAnswer(words: "vtgate-1 would not start", isRefused: true)
    scene.send(.labAnswered("restart", answer))
    #expect(scene.text.contains("restart: vtgate-1 would not start"))
  }

  @Test func withoutAScenarioThereIsNoKeyForItAndFIsAReparent() {
    var scene = Scene(isLab: true, permission: .fromStart, hasVtctld: true)
    scene.poll()
    _ = scene.press(.character("S"))
    #expect(scene.model.layers.over.isEmpty)
    _ = scene.press(.character("F"))
    #expect(scene.model.layers.last(ReparentForm.self) != nil)
  }

  @Test func noOtherClusterTakesCommandsOfTheLab() {
    var scene = Scene()
    scene.poll()
    _ = scene.press(.character(":"))
    for letter in "lab start" { _ = scene.press(.character(letter)) }
    #expect(scene.press(.enter) == [])
    #expect(scene.text.contains("lab works in the demo only"))
  }
}
