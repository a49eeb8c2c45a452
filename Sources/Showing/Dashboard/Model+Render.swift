internal import FleetModel
package import TerminalKit
internal import Terms
internal import Watching
internal import Wording

extension Model {
  /// Draws the whole screen; what is left untouched stays blank.
  package func render(into canvas: inout Canvas) {
    let bounds = canvas.bounds
    guard !bounds.isEmpty else { return }
    // Whatever drew it, no host reaches the terminal.
    defer { if let mask { canvas.rewrite { mask.masked($0) } } }
    if screen.isForOthers {
      screen.render(self, into: &canvas, in: bounds)
      let body = bounds.rows(from: 1, count: bounds.rows - 2)
      for layer in layers.over { layer.render(self, into: &canvas, in: body) }
      return
    }
    if screen.place == .clusters {
      clustersHeader.render(into: &canvas, in: bounds.line(0))
    } else {
      headerView.render(into: &canvas, in: bounds.line(0))
    }
    // On a terminal too small for a frame, the layer that takes the keys must be seen, or else the
    // states.
    guard bounds.rows >= 4 else {
      let rest = bounds.rows(from: 1)
      if screen.place == .clusters {
        screen.render(self, into: &canvas, in: rest)
      } else {
        fleetTable.renderRows(into: &canvas, in: rest)
      }
      for layer in layers.over { layer.render(self, into: &canvas, in: rest) }
      return
    }
    let body = bounds.rows(from: 1, count: bounds.rows - 2)
    situation?.render(into: &canvas, in: body.line(0))
    rehearsalLine?.render(into: &canvas, in: body.line(situation == nil ? 0 : 1))
    layers.screen.render(self, into: &canvas, in: body.rows(from: linesAboveScreen))
    FooterView(purpose: currentRemark.map { .remark($0) } ?? layers.top.footer(in: self))
      .render(into: &canvas, in: bounds.line(bounds.rows - 1))
    for layer in layers.over { layer.render(self, into: &canvas, in: body) }
  }

  /// What is going on, in a line above the screen; nil if it has none, or if every row is needed.
  var situation: VerdictLine? {
    guard size.rows >= 8 else { return nil }
    return layers.screen.situation(in: self).map {
      VerdictLine(situation: $0, utcOffset: settings.utcOffset)
    }
  }

  /// How the scenario stands, in a line below that.
  var rehearsalLine: RehearsalLine? {
    guard size.rows >= 16 else { return nil }
    return rehearsal.map { RehearsalLine(rehearsal: $0, now: present) }
  }

  var linesAboveScreen: Int { (situation == nil ? 0 : 1) + (rehearsalLine == nil ? 0 : 1) }

  private var clustersHeader: ClustersHeader {
    ClustersHeader(
      clusters: clusters, count: settings.clusters.count, now: present,
      utcOffset: settings.utcOffset)
  }

  private var headerView: HeaderView {
    HeaderView(
      title: ClusterTitle(name: settings.cluster ?? "", title: settings.title),
      clusters: clusters.map(\.named), color: settings.color, isLab: settings.isLab, fleet: fleet,
      now: now,
      behind: behind,
      playback: playback, isUnverified: watch.settings.isUnverified,
      isRecorded: recordedInto != nil,
      allowed: areActionsAllowed ? allowedUntil.map { $0 - present } : nil,
      intervals: (watch.wishes.interval, watch.pace.tabletInterval),
      closely: (Set(watch.armed.keys), watch.closelyWatched),
      troubled: settings.cluster == nil
        ? [] : otherClusters.filter(\.isInTrouble).map(\.named),
      utcOffset: settings.utcOffset)
  }
}
