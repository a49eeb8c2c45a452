import FleetModel
import TerminalKit
import Terms
import Testing
import Watching

@testable import Dashboard

/// Views draw from what they are given, without a model behind them.
@Suite struct ViewInputTests {
  /// On a high terminal the charts take the rows that are free.
  @Test func aHighTerminalIsUsed() {
    let scene = Scene.failover(Size(columns: 250, rows: 70), isOver: false)
    #expect(scene.canvas.lines.count { $0.isEmpty } < 18)
  }

  private func lines(
    _ size: Size = Size(columns: 80, rows: 6), _ draw: (inout Canvas, Rect) -> Void
  ) -> String {
    var canvas = Canvas(size: size)
    draw(&canvas, canvas.bounds)
    return canvas.lines.joined(separator: "\n")
  }

  private func header(
    behind: Duration? = nil, allowed: Duration? = nil, playback: Playback? = nil
  ) -> HeaderView {
    HeaderView(
      title: ClusterTitle(name: "", title: "prod-eu"), clusters: [], color: nil, isLab: false,
      fleet: Fleet(), now: Scene.start, behind: behind, playback: playback, isUnverified: false,
      isRecorded: false, allowed: allowed,
      intervals: (.seconds(1), .seconds(4)), closely: ([], []), troubled: [], utcOffset: 0)
  }

  @Test func theHeaderSaysHowLongActionsAreAllowedAndThatTimeStandsStill() {
    #expect(!lines { header().render(into: &$0, in: $1) }.contains("ACTIONS"))
    #expect(
      lines { header(allowed: .seconds(61)).render(into: &$0, in: $1) }.contains("ACTIONS 2m"))
    #expect(
      lines { header(behind: .seconds(42)).render(into: &$0, in: $1) }.contains("42s ago"))
  }

  @Test func theHeaderOfARecordingSaysSoWithItsDate() {
    var playback = Playback(from: Scene.start, began: Scene.start, ended: Scene.start)
    func text() -> String { lines { header(playback: playback).render(into: &$0, in: $1) } }
    let date = UTCTime(Scene.start)
    #expect(text().contains(" RECORDING \(date.date) \(date.time)"))
    playback.speed = 0.25
    #expect(text().contains("\(date.time), 0.25x"))
    playback.isPlaying = false
    #expect(text().contains("\(date.time), standing still"))
  }

  /// What does not fit is left out whole.
  @Test(arguments: 76...130) func theHeaderCutsNoWord(_ columns: Int) {
    var scene = Scene(
      Size(columns: columns, rows: 24), isLab: true, permission: .fromStart, hasVtctld: true)
    for _ in 0..<3 { scene.poll() }
    _ = scene.press(.character("a"))
    let header = scene.canvas.lines[0]
    #expect(header.contains("ARMED commerce/-80") && header.contains("2 vtgates"))
    #expect(!header.contains("…"))
  }

  @Test func theFooterSaysWhatWasSaidBeforeAnythingElse() {
    func line(_ purpose: FooterView.Purpose) -> String {
      lines(Size(columns: 80, rows: 1)) { FooterView(purpose: purpose).render(into: &$0, in: $1) }
    }
    #expect(line(.remark("press it again")) == " press it again")
    #expect(line(.nothing).isEmpty)
    #expect(
      line(.line("filter", "80-", [Offer(.removeFilter, "remove")]))
        .hasPrefix(" filter: 80-_  Esc remove"))
    let keys = FooterView.Purpose.keys(
      [Offer(.up, "scroll")], always: [Offer(.quit, "quit")], elsewhere: (Scene.shards[0], 2))
    #expect(line(keys).hasPrefix(" n  commerce/-80 and 2 others: failover"))
    #expect(line(keys).contains("↑↓ scroll  q quit"))
  }

  @Test func theHelpIsSearched() {
    let text = lines(Size(columns: 80, rows: 24)) {
      HelpView(
        query: InputLine(text: "baseline"), scroll: 0, isLab: false, pace: Pace(), ownCost: nil
      ).render(into: &$0, in: $1)
    }
    #expect(text.contains("counters count from now on") && !text.contains("quit"))
  }

  @Test func anEmptyListSaysHowManyAreKept() {
    let list = FailoverList(
      failovers: SharingArray(), selection: nil, marked: nil, now: Scene.start, utcOffset: 0)
    #expect(lines { list.render(into: &$0, in: $1) }.contains("the last 500 of them"))
  }

  @Test func aDialogWithoutItsActionSaysSo() {
    let model = Scene().model
    #expect(
      lines { ProgressDialog(7).render(model, into: &$0, in: $1) }
        .contains("it is no longer known"))
  }

  /// No word is cut while rows are free; after that the number of servers stands for their names.
  @Test func eventsAreShortenedOnlyWhereRoomIsShort() {
    let event = FleetEvent(
      at: Scene.start, shard: Scene.shards[0], .buffering(.drained),
      sources: (1...3).map {
        .init(Address(host: "proxy-gate\($0).example", port: 15001), count: 4000)
      })
    let list = EventList(
      title: "events", events: Array(repeating: event, count: 3), utcOffset: 0)
    func lines(_ rows: Int) -> [String] {
      var canvas = Canvas(size: Size(columns: 72, rows: rows))
      list.render(into: &canvas, in: canvas.bounds)
      return canvas.lines
    }
    #expect(lines(20).filter { $0.contains("gate3.example:15001") }.count == 3)
    #expect(lines(8).filter { $0.contains("requests drained by 3 servers (12 000)") }.count == 3)
    #expect(!lines(8).joined().contains("…"))
  }
}
