import FleetModel
import Foundation
import TerminalKit
import Terms
import TestSupport
import Testing
import VitessClient

@testable import Dashboard

/// The screens in front of a proxy, of which a real one told all that they show.
@Suite struct ProxyScreenTests {
  /// What the proxy answered at one moment.
  private struct Told {
    let at: Instant
    var pages: SavedPages
  }

  private static func told() throws -> [Told] {
    let vars = try Fixtures.data("proxy/mariadb.vars.json")
    return try Fixtures.objects("proxy/mariadb.cutover.ndjson.gz").map { line in
      func page(_ name: String) -> Data { Data((line[name] as? String ?? "").utf8) }
      var pages = SavedPages(metrics: page("metrics"))
      (pages.gateway, pages.cutover, pages.vars) = (page("gateway"), page("cutover"), vars)
      return Told(at: Instant(secondsSinceEpoch: line["t"] as? Double ?? 0), pages: pages)
    }
  }

  /// What a dashboard shows that has heard all of it until the first moment at which some page says
  /// something; the other moments before it come in turn.
  private static func scene(
    _ size: Size, permission: Permission = .never(because: "--read-only"),
    hasProxyToken: Bool = true, changing: (inout SavedPages) -> Void = { _ in },
    until isLast: ([SavedPages]) -> Bool
  ) throws -> Scene {
    var scene = Scene(size, permission: permission, hasProxyToken: hasProxyToken)
    let target = Target(.vtgate, Address(host: "127.0.0.1", port: 15999))
    var server = SavedServer(target)
    var heard: [SavedPages] = []
    for var told in try told() {
      changing(&told.pages)
      scene.now = told.at
      heard.append(told.pages)
      scene.send(
        Scene.observed(
          .outcome(
            ScrapeOutcome(
              target: target, at: told.at, took: .milliseconds(2),
              result: try server.read(told.pages))), at: told.at))
      scene.send(.tick(told.at))
      if isLast(heard) { return scene }
    }
    Issue.record("the recording does not get there")
    return scene
  }

  private static func says(_ text: String, _ page: Data?) -> Bool {
    page.map { String(decoding: $0, as: UTF8.self).contains(text) } ?? false
  }

  static func idle(
    _ size: Size, permission: Permission = .never(because: "--read-only"),
    hasProxyToken: Bool = true, changing: (inout SavedPages) -> Void = { _ in }
  ) throws -> Scene {
    try scene(
      size, permission: permission, hasProxyToken: hasProxyToken, changing: changing
    ) { $0.count == 3 }
  }

  /// The second moment of a hold.
  ///
  /// `phase`: what the proxy says in place of holding.
  static func holding(
    _ size: Size, permission: Permission = .never(because: "--read-only"),
    hasProxyToken: Bool = true, phase: String = "holding"
  ) throws -> Scene {
    func renamed(_ pages: inout SavedPages) {
      pages.cutover = pages.cutover.map {
        Data(
          String(decoding: $0, as: UTF8.self).replacing("\"holding\"", with: "\"\(phase)\"").utf8)
      }
    }
    return try scene(
      size, permission: permission, hasProxyToken: hasProxyToken, changing: renamed
    ) { heard in
      heard.count { says("\"\(phase)\"", $0.cutover) } == 2
    }
  }

  /// Some seconds after the switch.
  static func over(
    _ size: Size, permission: Permission = .never(because: "--read-only")
  ) throws -> Scene {
    try scene(size, permission: permission) { heard in
      heard.count { says("\"switched\"", $0.cutover) } == 5
    }
  }

  static func down(
    _ size: Size, permission: Permission = .never(because: "--read-only")
  ) throws -> Scene {
    try scene(size, permission: permission) { heard in
      heard.count { says("\"up\": false", $0.cutover) } == 2
    }
  }

  @Test(arguments: ViewGoldenTests.sizes) func itIsCalledAProxy(_ size: Size) throws {
    let scene = try Self.idle(size)
    #expect(scene.text.contains("1 proxy"))
    #expect(!scene.text.contains("vtgate") && !scene.text.contains("tablet"))
    #expect(!scene.text.contains("throttle") && !scene.text.contains("reparent"))
    try expectGolden(scene.canvas, named: "\(size.columns)x\(size.rows)/proxy-fleet")
  }

  @Test(arguments: ViewGoldenTests.sizes) func itsServersAreItsMembers(_ size: Size) throws {
    var scene = try Self.idle(size)
    _ = scene.press(.enter)
    try expectGolden(scene.canvas, named: "\(size.columns)x\(size.rows)/proxy-shard")
  }

  /// To switch to it takes `unchecked`, and leaves behind what was written.
  @Test func aServerThatFollowsNoOtherIsNoReplica() throws {
    var scene = try Self.idle(Size(columns: 120, rows: 40)) { pages in
      pages.gateway = pages.gateway.map {
        Data(
          String(decoding: $0, as: UTF8.self)
            .replacing(/"readOnly": \w+/, with: { "\($0.0), \"replicates\": false" }).utf8)
      }
    }
    _ = scene.press(.enter)
    let rows = scene.canvas.lines.map { $0.split(separator: " ").prefix(6).joined(separator: " ") }
    #expect(rows.contains("old-1 127.0.0.1:28106 primary yes yes -"))
    #expect(rows.contains("new-2 127.0.0.1:28107 standalone yes read-only -"))
  }

  @Test(arguments: ViewGoldenTests.sizes) func aCutoverThatHolds(_ size: Size) throws {
    var scene = try Self.holding(size)
    #expect(scene.text.contains("cutover from old to new: holding"))
    _ = scene.press(.character("f"))
    try expectGolden(scene.canvas, named: "\(size.columns)x\(size.rows)/proxy-holding")
  }

  @Test(arguments: [Size(columns: 80, rows: 24), Size(columns: 160, rows: 50)])
  func aFleetThatIsHeld(_ size: Size) throws {
    let scene = try Self.holding(size)
    #expect(scene.text.contains("HOLDING"))
    try expectGolden(scene.canvas, named: "\(size.columns)x\(size.rows)/proxy-fleet-holding")
  }

  @Test(arguments: ViewGoldenTests.sizes) func aCutoverThatIsOver(_ size: Size) throws {
    var scene = try Self.over(size)
    _ = scene.press(.character("f"), .enter)
    #expect(scene.text.contains("cutover 1 of commerce/-"))
    try expectGolden(scene.canvas, named: "\(size.columns)x\(size.rows)/proxy-cutover")
  }

  @Test(arguments: ViewGoldenTests.sizes) func aServerThatDied(_ size: Size) throws {
    var scene = try Self.down(size)
    _ = scene.press(.enter)
    #expect(scene.text.contains("new cannot be used"))
    try expectGolden(scene.canvas, named: "\(size.columns)x\(size.rows)/proxy-server-down")
  }

  /// Asked for by name they say why, and the way to what can be done.
  @Test(arguments: ["throttle", "release", "throttler", "reparent"])
  func whatItHasNoTabletsForIsRefused(_ name: String) throws {
    var scene = try Self.idle(Size(columns: 120, rows: 40))
    _ = scene.press(.character(":"))
    for character in name { _ = scene.press(.character(character)) }
    _ = scene.press(.enter)
    #expect(scene.text.contains("sluice cutover start"))
  }

  @Test func theirKeysSayWhy() throws {
    for key in ["t", "u", "T", "R"] as [Character] {
      var scene = try Self.idle(Size(columns: 120, rows: 40))
      _ = scene.press(.character(key))
      #expect(scene.text.contains("behind a proxy there are database servers"), "\(key)")
    }
  }
}
