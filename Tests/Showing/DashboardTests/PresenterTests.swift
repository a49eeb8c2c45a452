import FleetModel
import TerminalKit
import Terms
import TestSupport
import Testing

@testable import Dashboard

@Suite struct PresenterTests {
  static let sizes = [
    Size(columns: 80, rows: 24), Size(columns: 160, rows: 50), Size(columns: 300, rows: 100),
  ]

  @Test(arguments: sizes) func aFailoverGoingOn(_ size: Size) throws {
    var scene = Scene.failover(size, isOver: false)
    _ = scene.press(.character("p"))
    try expectGolden(scene.canvas, named: "\(size.columns)x\(size.rows)/presenter-buffering")
  }

  @Test(arguments: sizes) func whatCameOfIt(_ size: Size) throws {
    var scene = Scene.failover(size, isOver: true)
    _ = scene.press(.character("p"))
    try expectGolden(scene.canvas, named: "\(size.columns)x\(size.rows)/presenter-over")
  }

  @Test(arguments: sizes) func aCalmFleet(_ size: Size) throws {
    var scene = Scene(size)
    for _ in 0..<3 { scene.poll() }
    _ = scene.press(.character("p"))
    try expectGolden(scene.canvas, named: "\(size.columns)x\(size.rows)/presenter-calm")
  }

  /// Whatever is shown, nobody looking on learns where a server is.
  @Test func noAddressIsOnIt() {
    for isOver in [false, true] {
      var scene = Scene.failover(Size(columns: 160, rows: 50), isOver: isOver)
      #expect(scene.text.contains("gate1:15001"))
      _ = scene.press(.character("p"))
      #expect(!scene.text.contains("gate1") && !scene.text.contains("15001"))
      #expect(scene.text.contains("vtgate-1"))
    }
  }

  @Test func itFollowsTheTroubleUntilItIsPinned() {
    var scene = Scene(Size(columns: 160, rows: 50))
    for _ in 0..<3 { scene.poll() }
    _ = scene.press(.character("p"))
    #expect(scene.text.contains("ALL 4 SHARDS SERVE") && scene.text.contains("follows the worst"))
    scene.losePrimary(3)
    for _ in 0..<3 { scene.poll() }
    #expect(scene.text.contains("CUSTOMER/1 NO PRIMARY"))
    _ = scene.press(.tab)
    #expect(scene.text.contains("pinned to "))
    _ = scene.press(.character("p"))
    #expect(scene.text.contains("CUSTOMER/1 NO PRIMARY"))
  }

  @Test func theRoomSeesWhatAKeyAskedFor() {
    var scene = Scene(Size(columns: 160, rows: 50))
    for _ in 0..<3 { scene.poll() }
    _ = scene.press(.character("p"), .character("a"))
    #expect(scene.text.contains("\n arm "))
    scene.wait(.seconds(4))
    #expect(!scene.text.contains("\n arm "))
  }

  /// Of a failover the room is told what happened to the primary and to the requests.
  @Test func aFailoverIsNotHiddenBehindNewsOfLag() {
    var scene = Scene(Size(columns: 80, rows: 24))
    for _ in 0..<3 { scene.poll() }
    scene.change(2) {
      $0.starts = 1; $0.buffered = 40
    }
    scene.losePrimary(2)
    scene.poll()
    scene.change(2) {
      $0.stops[.newPrimarySeen] = 1; $0.drained = 40
    }
    scene.promote(2)
    scene.isLagging = false
    for _ in 0..<6 { scene.poll() }
    #expect(scene.text.contains("lag is back under the threshold"), "\(scene.text)")
    _ = scene.press(.character("p"))
    #expect(scene.text.contains("primary is now zone1-302"), "\(scene.text)")
    #expect(!scene.text.contains("lag is"), "\(scene.text)")
  }

  /// A fourth digit does not make them small as long as there is room beside.
  @Test(arguments: [300, 3000]) func fourDigitsAreAsLargeAsThree(_ held: Int) {
    var scene = Scene(Size(columns: 80, rows: 24))
    for _ in 0..<3 { scene.poll() }
    scene.changeOne(0, 0) {
      $0.starts = 1; $0.buffered = held
    }
    scene.losePrimary(0)
    scene.poll()
    _ = scene.press(.character("p"))
    #expect(scene.text.contains("██████") && !scene.text.contains(" ███ "), "\(scene.text)")
  }

  /// A sentence is fitted into its line as it will be read.
  @Test func whatTheMaskMakesShorterIsNotCut() {
    var scene = Scene(Size(columns: 52, rows: 24))
    for _ in 0..<3 { scene.poll() }
    scene.change(0) {
      $0.starts = 1; $0.buffered = 40
    }
    scene.losePrimary(0)
    scene.poll()
    _ = scene.press(.character("p"))
    #expect(scene.text.contains("buffering started on vtgate-1, vtgate-2"), "\(scene.text)")
  }

  /// What touches the edge looks cut.
  @Test(arguments: [80, 100, 160]) func noFigureTouchesTheEdge(_ columns: Int) {
    var scene = Scene.failover(Size(columns: columns, rows: 24), isOver: false)
    _ = scene.press(.character("p"))
    scene.wait(.seconds(12))
    let figures = scene.canvas.lines.filter { $0.contains("██  ") }
    #expect(!figures.isEmpty && figures.allSatisfy { $0.count < columns }, "\(scene.text)")
  }

  /// More than that nobody reads across a room.
  @Test func itHasFewWords() {
    for isOver in [false, true] {
      var scene = Scene.failover(Size(columns: 160, rows: 50), isOver: isOver)
      _ = scene.press(.character("p"))
      let words = scene.text.split { !$0.isLetter && !$0.isNumber && !"-/:.".contains($0) }
      #expect(words.count { $0.contains { $0.isLetter } } <= 60)
    }
  }

  /// Where nobody buffered it took as long as there was no primary to be seen.
  @Test func whatNobodyBufferedTookSomeTimeToo() {
    var scene = Scene(Size(columns: 160, rows: 50))
    for _ in 0..<3 { scene.poll() }
    scene.losePrimary(0)
    for _ in 0..<2 { scene.poll() }
    scene.promote(0)
    for _ in 0..<5 { scene.poll() }
    _ = scene.press(.character("p"))
    let failover = scene.model.live.failovers.last(of: Scene.shards[0])
    #expect(failover?.longestBuffering == nil && failover?.time == .seconds(2))
    #expect(scene.text.contains("SECONDS"))
    scene = Scene.failover(Size(columns: 160, rows: 50), isOver: true)
    #expect(scene.model.live.failovers.last(of: Scene.shards[0])?.time == .milliseconds(2345))
  }

  @Test func whatTookNoTimeToSpeakOfIsSaidInMilliseconds() {
    var scene = Scene(Size(columns: 160, rows: 50))
    for _ in 0..<3 { scene.poll() }
    scene.change(0) {
      $0.starts = 1; $0.stops[.newPrimarySeen] = 1; $0.buffered = 6; $0.drained = 6
      $0.lastFailoverDuration = .milliseconds(38)
    }
    scene.promote(0)
    scene.poll()
    _ = scene.press(.character("p"))
    #expect(scene.text.contains("MILLISECONDS"))
  }

  @Test(arguments: [
    (52, 20, 4, 3), (26, 6, 2, 1), (13, 5, 1, 1), (96, 60, 7, 5), (400, 12, 4, 2),
  ])
  func figuresAreAsLargeAsThereIsRoomFor(_ columns: Int, _ rows: Int, _ wide: Int, _ high: Int) {
    let scale = BlockText.scale(of: ["00.0"], in: Size(columns: columns, rows: rows))
    #expect(scale?.columns == wide && scale?.rows == high)
  }

  @Test func everySizeDraws() {
    var scene = Scene.failover(Size(columns: 160, rows: 50), isOver: false)
    _ = scene.press(.character("p"))
    for columns in stride(from: 1, to: 320, by: 40) {
      for rows in stride(from: 1, to: 60, by: 4) {
        _ = scene.canvas(Size(columns: columns, rows: rows))
      }
    }
  }
}
