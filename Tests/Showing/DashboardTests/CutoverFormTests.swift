import Actions
import FleetModel
import Foundation
import TerminalKit
import Terms
import TestSupport
import Testing
import VitessClient

@testable import Dashboard

/// The way to a cutover on the screen, in front of a proxy of which a real one told all that is shown.
@Suite struct CutoverFormTests {
  private static let route = ShardName(keyspace: "commerce", shard: "-")
  private static let proxy = Address(host: "127.0.0.1", port: 15999)
  private static let size = Size(columns: 100, rows: 30)
  static let sizes = [Size(columns: 80, rows: 24), Size(columns: 160, rows: 50)]

  private static func idle(_ size: Size = size) throws -> Scene {
    allowed(try ProxyScreenTests.idle(size, permission: .onRequest))
  }

  private static func holding(_ size: Size = size) throws -> Scene {
    allowed(try ProxyScreenTests.holding(size, permission: .onRequest))
  }

  private static func allowed(_ scene: Scene) -> Scene {
    var scene = scene
    scene.send(.audited(failure: nil, .nothing))
    return scene
  }

  private static func acts(_ effects: [Effect]) -> [Action] {
    effects.compactMap { if case .act(_, let report) = $0 { report.action } else { nil } }
  }

  private static func order(_ step: CutoverOrder.Step) -> Action {
    .cutover(CutoverOrder(step, of: route, from: "old", to: "new", at: proxy))
  }

  /// Types the route's name, as it has to be typed, and presses Enter.
  private static func confirm(_ scene: inout Scene) -> [Action] {
    ActionTests.type("commerce/-", into: &scene)
    return acts(scene.press(.enter))
  }

  @Test func itStartsByTheRoutesName() throws {
    var scene = try Self.idle()
    #expect(Self.acts(scene.press(.character("X"), .enter, .enter)).isEmpty)
    #expect(scene.text.contains("step 1 of 2") && scene.text.contains("type commerce/- to send it"))
    #expect(
      scene.text.contains(
        "start the cutover of commerce/- from old to new at proxy 127.0.0.1:15999"))
    #expect(Self.confirm(&scene) == [Self.order(.start(isUnbuffered: false))])
    // The same keys send nothing more.
    #expect(Self.confirm(&scene).isEmpty)
  }

  @Test func whatWouldNotBeBufferedIsSaidAndMeant() throws {
    var scene = try Self.idle()
    _ = scene.press(.character("X"), .up, .character(" "))
    #expect(Self.confirm(&scene) == [Self.order(.start(isUnbuffered: true))])
  }

  @Test func aHoldThatHasBegunIsEndedByTheNextForm() throws {
    var scene = try Self.idle()
    _ = scene.press(.character("X"))
    let action = try #require(Self.confirm(&scene).first)
    var report = ActionReport(action, at: scene.now)
    report.end(.done, .answered("commerce/- is held, to be switched to new"), at: scene.now)
    scene.send(.reported(1, report))
    #expect(scene.text.contains("step 2 of 2"))
    // Who looks at something else is not interrupted.
    scene = try Self.idle()
    _ = scene.press(.character("X"))
    _ = Self.confirm(&scene)
    _ = scene.press(.escape)
    scene.send(.reported(1, report))
    #expect(!scene.text.contains("step 2 of 2"))
  }

  @Test func itSwitchesOrCancels() throws {
    var scene = try Self.holding()
    _ = scene.press(.character("X"))
    #expect(
      Self.confirm(&scene) == [Self.order(.carryThrough(isChecked: true, ending: nil))])
    scene = try Self.holding()
    _ = scene.press(.character("X"), .up, .up, .right)
    #expect(
      Self.confirm(&scene) == [Self.order(.carryThrough(isChecked: false, ending: nil))])
    scene = try Self.holding()
    _ = scene.press(.character("X"), .up)
    ActionTests.type("12", into: &scene)
    #expect(Self.confirm(&scene) == [Self.order(.carryThrough(isChecked: true, ending: 12))])
    scene = try Self.holding()
    _ = scene.press(.character("X"), .up, .up, .up, .right)
    #expect(Self.confirm(&scene) == [Self.order(.cancel)])
  }

  /// It was meant to be one, and the switch would wait instead.
  @Test func whatIsPastedAsANumberAndIsNoneIsNamed() throws {
    var scene = try Self.holding()
    _ = scene.press(.character("X"), .up)
    scene.send(.pasted("1e3", at: scene.now))
    _ = scene.press(.down)
    #expect(Self.confirm(&scene).isEmpty)
    #expect(scene.text.contains("what may be ended is a number"))
    #expect(scene.text.contains("▶end up to"))
  }

  @Test func whatFailsIsNotSent() throws {
    var scene = Self.allowed(
      try ProxyScreenTests.idle(Self.size, permission: .onRequest) { pages in
        let gateway = pages.gateway.map { String(decoding: $0, as: UTF8.self) } ?? ""
        // The second of the two servers is the new one.
        let halves = gateway.components(separatedBy: #""tablet_type": 2"#)
        pages.gateway = Data(
          (halves[0]
            + halves.dropFirst().map {
              #""tablet_type": 2"#
                + $0.replacing(
                  #""Serving": true"#, with: #""Serving": false"#)
            }.joined()).utf8)
      })
    _ = scene.press(.character("X"))
    #expect(scene.text.contains("new is down or draining"))
    #expect(Self.confirm(&scene).isEmpty)

    // That the old one is down is a reason to start.
    scene = Self.allowed(try ProxyScreenTests.down(Self.size, permission: .onRequest))
    _ = scene.press(.character("X"))
    #expect(Self.confirm(&scene).count == 1)

    // A proxy that is silent may hold, or lead elsewhere, by now.
    scene = try Self.idle()
    _ = scene.press(.character("X"))
    scene.wait(.seconds(20))
    #expect(scene.text.contains("does not answer: how it stands is not known"))
    #expect(Self.confirm(&scene).isEmpty)

    // A hold that is over while its form is open.
    scene = try Self.holding()
    _ = scene.press(.character("X"))
    let form = scene.model.layers.last(CutoverForm.self)
    scene = Self.allowed(try ProxyScreenTests.over(Self.size, permission: .onRequest))
    scene.model.layers.push(try #require(form))
    scene.showFrame()
    #expect(scene.text.contains("no cutover is under way"))
    #expect(Self.confirm(&scene).isEmpty)
  }

  /// If the new server serves already, to go back means two that do.
  @Test func whatIsUndecidedIsNotCancelledLightly() throws {
    var scene = Self.allowed(
      try ProxyScreenTests.holding(Self.size, permission: .onRequest, phase: "undecided"))
    _ = scene.press(.character("X"))
    #expect(scene.text.contains("cutover from old to new: undecided"))
    _ = scene.press(.up, .up, .up, .right)
    #expect(scene.text.contains("whether new takes writes by now is not known"))
    #expect(scene.text.contains("127.0.0.1:15999, though new may"))
    var order = CutoverOrder(.cancel, of: Self.route, from: "old", to: "new", at: Self.proxy)
    order.knowsOfDoubt = true
    #expect(Self.confirm(&scene) == [.cutover(order)])
  }

  @Test func itTakesPermissionAndAToken() throws {
    var scene = try ProxyScreenTests.idle(Self.size)
    _ = scene.press(.character("X"))
    #expect(scene.text.contains("this run only reads: --read-only"))
    scene = try ProxyScreenTests.idle(Self.size, permission: .onRequest)
    _ = scene.press(.character("X"))
    ActionTests.type("yes", into: &scene)
    #expect(scene.press(.enter) == [.probeAudit(.cutover)])
    scene = Self.allowed(
      try ProxyScreenTests.idle(Self.size, permission: .onRequest, hasProxyToken: false))
    _ = scene.press(.character("X"))
    #expect(scene.text.contains("--proxy-token-file FILE"))
  }

  /// Advice names the key where it leads to an order, and the command elsewhere.
  @Test func adviceNamesItWhereItMayBeUsed() throws {
    let size = Size(columns: 160, rows: 50)
    let (key, command) = (
      "X switches to the new server, or cancels", "sluice cutover switch goes on"
    )
    func advice(_ scene: Scene) -> [String] { [key, command].filter(scene.text.contains) }
    var scene = try ProxyScreenTests.holding(size, permission: .onRequest)
    #expect(advice(scene) == [key])
    _ = scene.press(.enter)
    #expect(advice(scene) == [key])
    _ = scene.press(.character("f"))
    #expect(advice(scene) == [key])
    _ = scene.press(.character(" "))
    #expect(advice(scene) == [command])
    #expect(advice(try ProxyScreenTests.holding(size)) == [command])
    let tokenless = try ProxyScreenTests.holding(
      size, permission: .onRequest, hasProxyToken: false)
    #expect(advice(tokenless) == [command])
  }

  @Test func allAdviceThatLeadsToItNamesIt() throws {
    let size = Size(columns: 160, rows: 50)
    var scene = try ProxyScreenTests.holding(size, permission: .fromStart, phase: "undecided")
    #expect(scene.text.contains("switch by X, else cancel by it"))
    // Wide enough for the sentence.
    scene = try ProxyScreenTests.down(Size(columns: 200, rows: 50), permission: .fromStart)
    _ = scene.press(.enter)
    #expect(scene.text.contains("X starts a cutover to old, then switch without the check"))
    scene = try ProxyScreenTests.idle(size, permission: .fromStart)
    _ = scene.press(.character("R"))
    #expect(scene.text.contains("no vtctld: X starts a"))
  }

  /// In front of vtgates the key does nothing, and no footer has it.
  @Test func vtgatesHaveNone() {
    var scene = ActionTests.scene()
    #expect(!scene.text.contains("cutover"))
    _ = scene.press(.character("X"))
    #expect(scene.model.layers.over.isEmpty)
  }

  /// What cannot be shown whole cannot be confirmed.
  @Test(arguments: [Size(columns: 80, rows: 18), Size(columns: 60, rows: 24)])
  func itFitsIntoASmallTerminal(_ size: Size) throws {
    var scene = try Self.holding(size)
    _ = scene.press(.character("X"))
    #expect(
      Self.confirm(&scene) == [Self.order(.carryThrough(isChecked: true, ending: nil))])
  }

  @Test(arguments: sizes) func beforeTheStart(_ size: Size) throws {
    var scene = try Self.idle(size)
    _ = scene.press(.character("X"))
    try expectGolden(scene.canvas, named: "\(size.columns)x\(size.rows)/cutover-start")
  }

  @Test(arguments: sizes) func beforeTheSwitch(_ size: Size) throws {
    var scene = try Self.holding(size)
    _ = scene.press(.character("X"))
    ActionTests.type("commerce", into: &scene)
    try expectGolden(scene.canvas, named: "\(size.columns)x\(size.rows)/cutover-switch")
  }

  @Test(arguments: sizes) func aSwitchThatIsRefused(_ size: Size) throws {
    var scene = try Self.holding(size)
    _ = scene.press(.character("X"))
    let action = try #require(Self.confirm(&scene).first)
    var report = ActionReport(action, at: scene.now)
    let refusal = CallFailure(
      .refused, nil, .answered(status: 409, words: "new does not replicate from old"))
    report.sentAt = scene.now
    report.note(.proxy(Self.proxy), .failed, .failed(refusal))
    report.end(.failed, .refused(refusal, topo: nil), at: scene.now + .milliseconds(40))
    scene.send(.reported(1, report))
    #expect(scene.text.contains("new does not replicate from old"))
    try expectGolden(scene.canvas, named: "\(size.columns)x\(size.rows)/cutover-refused")
  }
}
