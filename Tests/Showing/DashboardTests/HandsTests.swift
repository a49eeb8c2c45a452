import FleetModel
import TerminalKit
import Terms
import TestSupport
import Testing

@testable import Dashboard

/// Copying, writing and the mouse.
@Suite struct HandsTests {
  private static let size = Size(columns: 120, rows: 40)

  private func copied(_ effects: [Effect]) -> (text: String, what: String)? {
    for case .copy(let text, let what) in effects { return (text, what) }
    return nil
  }

  // MARK: Copying

  @Test func theSelectedRowIsCopied() throws {
    var scene = Scene.busy(Self.size)
    _ = scene.press(.down)
    for way in [[], [Key.enter]] {
      for key in way { _ = scene.press(key) }
      let (text, what) = try #require(copied(scene.press(.character("y"))))
      #expect(what == "the row of commerce/80-")
      #expect(
        text.hasPrefix(
          "prod-eu, \(scene.model.now.rfc3339): commerce/80- BUFFERING, primary zone1-201?"))
      #expect(text.contains("held 312, buffered 312") && !text.contains("\n"))
    }
  }

  @Test func aFailoverIsCopiedWithItsVtgates() throws {
    var scene = Scene.failover(Self.size, isOver: true)
    scene.wait(.seconds(1))
    let (text, what) = try #require(copied(scene.press(.character("y"))))
    #expect(what == "the summary of failover 1")
    let lines = text.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines[0].contains("commerce/-80 failover 1 is over: recovered"))
    #expect(lines[0].contains("primary zone1-101 to zone1-102"))
    #expect(
      lines[1].contains("gate1:15001: lost some, buffered for 2.35 s, peak 500, buffered 504"))
    #expect(lines[1].contains("evicted BufferFull 4"))
    #expect(
      lines[2].contains("gate2:15001: NOT BUFFERED")
        && lines[2].contains("LastFailoverTooRecent 17"))
    // The same from the list of failovers and from the presenter's screen, there without hosts.
    _ = scene.press(.character("f"))
    #expect(copied(scene.press(.character("y")))?.text == text)
    _ = scene.press(.character("p"))
    let shared = try #require(copied(scene.press(.character("y"))))
    #expect(
      shared.text
        == text.replacing("gate1:15001", with: "vtgate-1").replacing(
          "gate2:15001", with: "vtgate-2"))
  }

  @Test func oneThatGoesOnIsNotOver() throws {
    var scene = Scene.failover(Self.size, isOver: false)
    scene.wait(.seconds(1))
    let text = try #require(copied(scene.press(.character("y")))).text
    #expect(text.contains("failover 1 goes on, ") && !text.contains("is over"))
  }

  @Test func bothOfAComparisonAreCopied() throws {
    var scene = Scene.comparison(Self.size)
    let (text, what) = try #require(copied(scene.press(.character("y"))))
    #expect(what == "the summaries of failovers 1 and 2")
    #expect(text.contains("failover 1 is over") && text.contains("failover 2 is over"))
  }

  @Test func theListedEventsAreCopiedNewestFirst() throws {
    var scene = Scene.failover(Self.size, isOver: true)
    scene.wait(.seconds(1))
    _ = scene.press(.escape)
    _ = scene.press(.escape)
    _ = scene.press(.character("e"))
    let all = try #require(copied(scene.press(.character("y"))))
    let events = scene.model.fleet.log.events
    #expect(all.what == "\(events.count) events")
    let lines = all.text.split(separator: "\n")
    #expect(lines.count == events.count)
    #expect(lines.last?.hasPrefix("prod-eu, \(events[0].at.rfc3339): ") == true)
    // What is filtered out is not copied.
    _ = scene.press(.character("s"))
    let warnings = try #require(copied(scene.press(.character("y"))))
    #expect(warnings.text.split(separator: "\n").count < lines.count)
    #expect(!warnings.text.contains(" good: "))
  }

  @Test func noMoreThanTheNewestHundredEventsAreCopied() throws {
    let model = Scene.busy(Self.size).model
    let events = (0..<130).map { second in
      FleetEvent(at: Instant(secondsSinceEpoch: Double(second)), .primaryUnseen)
    }
    let copied = try #require(model.copied(events))
    #expect(copied.what == "the newest 100 events" && copied.lines.count == 100)
    #expect(copied.lines[0].contains(events[129].at.rfc3339))
    #expect(model.copied([FleetEvent]()) == nil)
  }

  @Test func whatIsMaskedIsCopiedMasked() throws {
    var scene = Scene.comparison(Self.size)
    scene.model.toggleMask()
    for way in [[], [.escape], [.enter], [.escape, .escape]] as [[Key]] {
      for key in way { _ = scene.press(key) }
      let text = try #require(copied(scene.press(.character("y")))).text
      #expect(!text.contains(/gate[12]|db\d/), "\(text)")
    }
  }

  /// As part of a paste neither key means anything.
  @Test func onlyAKeyByItselfCopiesOrWrites() {
    for key in [Key.character("y"), .character("w")] {
      var scene = Scene.busy(Self.size)
      #expect(scene.burst([key, key]).isEmpty)
      #expect(!scene.press(key).isEmpty)
    }
  }

  @Test(
    arguments: [
      (.sent, "copied the row of commerce/-80, 1 204 bytes"),
      (
        .sentThrough("tmux"),
        "copied the row of commerce/-80, 1 204 bytes, as far as tmux lets it pass"
      ),
      (
        .tooLong(limit: 1000),
        "not copied: the row of commerce/-80 has 1 204 bytes, and terminals take 1 000"
      ),
      (.impossible, "not copied: this terminal has no clipboard"),
    ] as [(Copying, String)])
  func whatBecameOfItIsSaid(_ copying: Copying, _ words: String) {
    var scene = Scene.busy(Self.size)
    scene.send(.copied("the row of commerce/-80", bytes: 1204, copying))
    #expect(scene.text.contains(words))
  }

  @Test func theFilesAreNamed() {
    var scene = Scene.busy(Self.size)
    #expect(scene.press(.character("w")) == [.writeScreen(reporting: nil)])
    scene.send(.wrote("sluice-1", in: ".", hasReport: false))
    #expect(scene.text.contains("written: sluice-1.txt and .html here"))
    scene.send(.notWritten("/full: No space left on device"))
    #expect(scene.text.contains("the screen was not written: /full: No space left on device"))
  }

  @Test func onAFailoverItsReportIsWrittenToo() {
    var scene = Scene.failover(Self.size, isOver: true)
    #expect(scene.press(.character("w")) == [.writeScreen(reporting: 1)])
    scene.send(.wrote("sluice-1", in: "/tmp", hasReport: true))
    #expect(
      scene.text.contains(
        "written: sluice-1-report.html and .md, the screen as .txt and .html in /tmp"))
  }

  // MARK: The mouse

  private func row(of text: String, in scene: Scene) throws -> Point {
    let row = try #require(scene.canvas.lines.lastIndex { $0.dropFirst().hasPrefix(text) })
    return Point(column: 4, row: row)
  }

  private func take(_ kind: MouseAction.Kind, at point: Point, in scene: inout Scene) -> [Effect] {
    defer { scene.showFrame() }
    return scene.model.update(.mouse(MouseAction(kind, at: point), at: scene.now))
  }

  @Test func aClickSelectsARowAndASecondOneOpensIt() throws {
    var scene = Scene.busy(Self.size)
    let point = try row(of: "customer/1", in: scene)
    #expect(take(.click, at: point, in: &scene).isEmpty)
    #expect(scene.model.selection == Scene.shards[3] && scene.shows(FleetScreen()))
    _ = take(.click, at: point, in: &scene)
    #expect(scene.model.selection == Scene.shards[3] && scene.shows(ShardScreen()))
    // Elsewhere it means nothing.
    let before = scene.model
    for row in 0..<40 { #expect(take(.click, at: Point(column: 3, row: row), in: &scene).isEmpty) }
    #expect(scene.model.layers == before.layers)
  }

  @Test func aClickOpensAFailoverOfTheList() throws {
    var scene = Scene.comparison(Self.size)
    _ = scene.press(.escape)
    let lines = scene.canvas.lines
    let row = try #require(lines.firstIndex { $0.contains("commerce/-80") })
    let first = try #require(scene.model.fleet.failovers.all.first)
    for _ in 0..<2 { _ = take(.click, at: Point(column: 9, row: row), in: &scene) }
    #expect(scene.shows(FailoverScreen(id: first.id)))
  }

  @Test func theWheelMovesTheSelectionAndScrolls() {
    var scene = Scene.busy(Size(columns: 120, rows: 14))
    let point = Point(column: 0, row: 5)
    let first = scene.model.selection
    _ = take(.wheelDown, at: point, in: &scene)
    #expect(scene.model.selection != first)
    _ = take(.wheelUp, at: point, in: &scene)
    #expect(scene.model.selection == first)
    _ = scene.press(.enter)
    _ = take(.wheelDown, at: point, in: &scene)
    #expect(scene.model.scroll == 3)
    _ = take(.wheelUp, at: point, in: &scene)
    #expect(scene.model.scroll == 0)
  }

  /// Over whatever asks something the mouse has no say, wherever it points.
  @Test func noClickAnswersAQuestionOrLeadsToAnAction() {
    for permission in [Permission.fromStart, .onRequest] {
      for key in "tuTRvAq:?/aF" {
        var scene = ActionTests.scene(permission)
        _ = scene.press(.character(key))
        let before = scene.model.layers
        for row in 0..<30 {
          for kind in [MouseAction.Kind.click, .click] {
            #expect(take(kind, at: Point(column: 50, row: row), in: &scene).isEmpty)
          }
        }
        #expect(scene.model.layers == before || before.over.isEmpty, "\(key)")
        #expect(scene.model.reports.isEmpty)
      }
    }
  }

  /// What has come up by itself a moment ago was not pointed at.
  @Test func aScreenThatHasJustOpenedIsNotPointedAt() {
    var scene = Scene.failover(Self.size, isOver: false)
    let before = scene.model
    _ = take(.wheelDown, at: Point(column: 0, row: 5), in: &scene)
    #expect(scene.model.scroll == before.scroll && scene.model.layers == before.layers)
  }
}
