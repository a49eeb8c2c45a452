internal import Actions
internal import FleetModel
package import TerminalKit
internal import Terms
internal import Watching

extension Model {
  /// Draws the whole screen; what is left untouched stays blank.
  package func render(into canvas: inout Canvas) {
    let bounds = canvas.bounds
    guard !bounds.isEmpty else { return }
    headerView.render(into: &canvas, in: bounds.line(0))
    // On a screen too low for a frame the one line there is says what matters.
    guard bounds.rows >= 4 else {
      let rest = bounds.rows(from: 1)
      // What takes the keys is what must be seen.
      if let dialog {
        view(of: dialog).render(into: &canvas, in: rest)
      } else if let help {
        helpView(help).render(into: &canvas, in: rest)
      } else {
        fleetTable.renderRows(into: &canvas, in: rest)
      }
      return
    }
    let body = bounds.rows(from: 1, count: bounds.rows - 2)
    switch screen {
    case .fleet: fleetView.render(into: &canvas, in: body)
    case .shard: if let view = shardView { render(view, into: &canvas, in: body) }
    case .failover(let id):
      if let view = failoverView(id) {
        render(view, into: &canvas, in: body)
      } else {
        absence(of: [id], into: &canvas, in: body)
      }
    case .failovers: failoverList.render(into: &canvas, in: body)
    case .events(let shard): render(eventsView(shard), into: &canvas, in: body)
    case .comparison(let one, let other):
      if let left = fleet.failovers[one], let right = fleet.failovers[other] {
        ComparisonView(left: left, right: right, now: now, utcOffset: settings.utcOffset)
          .render(into: &canvas, in: body)
      } else {
        absence(of: [one, other], into: &canvas, in: body)
      }
    }
    footerView.render(into: &canvas, in: bounds.line(bounds.rows - 1))
    if let dialog { view(of: dialog).render(into: &canvas, in: body) }
    if let help { helpView(help).render(into: &canvas, in: body) }
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

  // MARK: What each view draws

  private var headerView: HeaderView {
    HeaderView(
      title: settings.title, isLab: settings.isLab, fleet: fleet, now: now, behind: behind,
      allowed: areActionsAllowed ? allowedUntil.map { $0 - present } : nil,
      intervals: (watch.wishes.interval, watch.pace.tabletInterval),
      closely: (Set(watch.armed.keys), watch.closelyWatched), utcOffset: settings.utcOffset)
  }

  private var fleetTable: FleetTable {
    FleetTable(
      shards: visibleShards, selection: selection, sort: sort, fill: fleet.fill,
      trends: watch.trends, aside: aside, now: now)
  }

  /// The word for a shard whose trouble the operator ignores, or in whose place others serve.
  private func aside(_ shard: ShardSummary) -> String? {
    guard watch.setsAside(shard, in: fleet) else { return nil }
    return fleet.successors(of: shard.name) == nil ? "ignored" : "replaced"
  }

  private var fleetView: FleetView {
    FleetView(
      fleet: fleet, table: fleetTable, filter: filter.text, hiddenInTrouble: hiddenInTrouble,
      topoFailure: watch.topoFailure, now: now, utcOffset: settings.utcOffset)
  }

  private var failoverList: FailoverList {
    FailoverList(
      failovers: fleet.failovers.all, selection: chosenFailover, marked: marked, now: now,
      utcOffset: settings.utcOffset)
  }

  private var footerView: FooterView {
    let purpose: FooterView.Purpose =
      if let currentRemark {
        .remark(currentRemark)
      } else if dialog != nil {
        .dialog
      } else if help != nil {
        .help
      } else if isFilterOpen {
        .filter((showsEvents ? eventFilter : filter).text)
      } else {
        .keys(
          .init(
            screen: screen, isStopped: isPaused, isLab: settings.isLab,
            leastSeverity: leastSeverity,
            elsewhere: announced.map { ($0.shard, shardsFailingOver.count - 1) }))
      }
    return FooterView(purpose: purpose)
  }

  func showsWhole(_ dialog: Dialog) -> Bool {
    view(of: dialog).isWhole(in: Size(columns: size.columns, rows: bodyRows))
  }

  private func view(of dialog: Dialog) -> DialogView {
    var view = DialogView(dialog: dialog, cluster: settings.title, now: present)
    switch dialog {
    case .reparent(let form): view.preflight = preflight(form)
    case .progress(let id, _):
      view.report = reports[id]
      view.canBreakOff = canBreakOff(id)
      view.summary = reports[id]?.action.shard.flatMap { shard in
        live.summaries.first { $0.name == shard }
      }
    case .leave: view.going = (shardsFailingOver, hasRunningActions)
    case .allow, .throttle, .rules, .throttler, .notice: break
    }
    return view
  }

  func helpView(_ help: Help) -> HelpView {
    HelpView(help: help, isLab: settings.isLab, pace: watch.pace, ownCost: ownCost)
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
