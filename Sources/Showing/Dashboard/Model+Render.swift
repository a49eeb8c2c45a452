internal import FleetModel
package import TerminalKit
internal import Terms
internal import Watching

extension Model {
  /// Draws the whole screen; what is left untouched stays blank.
  package func render(into canvas: inout Canvas) {
    let bounds = canvas.bounds
    guard !bounds.isEmpty else { return }
    let shards = visibleShards
    // On a screen too low for a frame the one line there is says what matters.
    guard bounds.rows >= 4 else {
      HeaderView(model: self).render(into: &canvas, in: bounds.line(0))
      let table = FleetTable(model: self, shards: shards)
      table.renderRows(into: &canvas, in: bounds.rows(from: 1))
      return
    }
    HeaderView(model: self).render(into: &canvas, in: bounds.line(0))
    let body = bounds.rows(from: 1, count: bounds.rows - 2)
    switch screen {
    case .fleet: FleetView(model: self, shards: shards).render(into: &canvas, in: body)
    case .shard: if let view = shardView { render(view, into: &canvas, in: body) }
    case .failover(let id):
      if let view = failoverView(id) {
        render(view, into: &canvas, in: body)
      } else {
        absence(of: [id], into: &canvas, in: body)
      }
    case .failovers: FailoverList(model: self).render(into: &canvas, in: body)
    case .events(let shard): render(eventsView(shard), into: &canvas, in: body)
    case .comparison(let one, let other):
      if let left = fleet.failovers[one], let right = fleet.failovers[other] {
        ComparisonView(left: left, right: right, now: now, utcOffset: settings.utcOffset)
          .render(into: &canvas, in: body)
      } else {
        absence(of: [one, other], into: &canvas, in: body)
      }
    }
    FooterView(model: self).render(into: &canvas, in: bounds.line(bounds.rows - 1))
    if let dialog { DialogView(model: self, dialog: dialog).render(into: &canvas, in: body) }
    if help != nil { HelpView(model: self).render(into: &canvas, in: body) }
  }

  /// In the past a failover that is looked at may not have begun, and an old one is forgotten some day.
  private func absence(of ids: [Int], into canvas: inout Canvas, in rect: Rect) {
    let body = Panel(ids.map { "failover \($0)" }.joined(separator: " and ")).renderRule(
      into: &canvas, in: rect)
    let missing = ids.filter { fleet.failovers[$0] == nil }
    for (line, id) in missing.enumerated() {
      let words =
        if let failover = live.failovers[id] {
          "failover \(id) of \(failover.shard) had not begun yet: its first sign came at "
            + "\(Phrases.preciseClock(failover.detected.at, utcOffset: settings.utcOffset))"
        } else {
          "failover \(id) is no longer kept: the last \(FailoverLog.capacity) are"
        }
      canvas.draw(words, in: body.columns(from: 1).line(line), role: .muted)
    }
  }

  private func render(_ view: some ScrollingView, into canvas: inout Canvas, in rect: Rect) {
    // The screen is drawn as high as it needs to be, and the part scrolled to is shown.
    let height = max(
      rect.rows, view.height(in: Size(columns: rect.columns, rows: rect.rows)))
    let visible = height > rect.rows ? rect.rows - 1 : rect.rows
    let offset = min(scroll, height - visible)
    var whole = Canvas(size: Size(columns: rect.columns, rows: height), glyphs: canvas.glyphs)
    view.render(into: &whole, in: whole.bounds, rows: rect.rows)
    canvas.copy(whole, from: offset, into: rect.rows(from: 0, count: visible))
    if height > rect.rows {
      let below = height - visible - offset
      canvas.draw(
        below > 0
          ? " \(canvas.glyphs.descending) \(Phrases.plural(below, "more line"))"
          : " \(canvas.glyphs.ascending) \(Phrases.plural(offset, "line")) above",
        in: rect.line(rect.rows - 1), role: .keyHint)
    }
  }

  private var shardView: ShardView? {
    guard let selection else { return nil }
    return ShardView(
      shard: fleet.shard(selection),
      trend: watch.trends.points(of: selection, until: now, count: ShardView.trendLength),
      events: fleet.log.events.filter { $0.shard == nil || $0.shard == selection }, now: now,
      utcOffset: settings.utcOffset)
  }

  private func failoverView(_ id: Int) -> FailoverView? {
    guard let failover = fleet.failovers[id] else { return nil }
    return FailoverView(
      failover: failover, shard: fleet.shard(failover.shard),
      events: fleet.log.events.filter { $0.shard == failover.shard }, now: now,
      utcOffset: settings.utcOffset, isMarked: marked == id)
  }

  private func eventsView(_ shard: ShardName?) -> EventsView {
    EventsView(
      events: fleet.log.events, shard: shard, filter: eventFilter, least: leastSeverity,
      utcOffset: settings.utcOffset)
  }

  /// How far the screen can be scrolled.
  var scrollLimit: Int {
    let room = Size(columns: size.columns, rows: bodyRows)
    let height: Int? =
      switch screen {
      case .shard: shardView?.height(in: room)
      case .failover(let id): failoverView(id)?.height(in: room)
      case .events(let shard): eventsView(shard).height(in: room)
      case .fleet, .failovers, .comparison: nil
      }
    guard let height, height > bodyRows else { return 0 }
    return height - bodyRows + 1
  }
}

/// A screen that may be higher than the terminal.
protocol ScrollingView {
  func height(in size: Size) -> Int
  /// Draws the screen as high as the rectangle, for a terminal with `rows` of room.
  func render(into canvas: inout Canvas, in rect: Rect, rows: Int)
}

extension ShardView: ScrollingView {}
extension FailoverView: ScrollingView {}
extension EventsView: ScrollingView {}
