internal import FleetModel
package import TerminalKit

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
    case .shard: renderShard(into: &canvas, in: body)
    }
    FooterView(model: self).render(into: &canvas, in: bounds.line(bounds.rows - 1))
    if isHelpOpen { HelpView(model: self).render(into: &canvas, in: body) }
  }

  private func renderShard(into canvas: inout Canvas, in rect: Rect) {
    guard let selection else { return }
    let view = ShardView(
      shard: fleet.shard(selection, at: now), history: fleet.history(of: selection),
      events: fleet.log.events.filter { $0.shard == nil || $0.shard == selection }, now: now,
      utcOffset: settings.utcOffset, interval: settings.interval)
    // The screen is drawn as high as it needs to be, and the part scrolled to is shown.
    let height = max(rect.rows, view.height(columns: rect.columns))
    var whole = Canvas(size: Size(columns: rect.columns, rows: height), glyphs: canvas.glyphs)
    view.render(into: &whole, in: whole.bounds)
    canvas.copy(whole, from: min(scroll, height - rect.rows), into: rect)
    if height > rect.rows {
      let below = height - rect.rows - min(scroll, height - rect.rows)
      if below > 0 {
        let text = " \(canvas.glyphs.descending) \(Phrases.plural(below, "more line")) "
        let width = DisplayWidth.of(text)
        canvas.draw(
          text, in: rect.line(rect.rows - 1).columns(from: rect.columns - width - 1), role: .keyHint)
      }
    }
  }

  /// How high the shard screen would be if all of it were shown.
  var shardScreenHeight: Int {
    guard let selection else { return 0 }
    return ShardView(
      shard: fleet.shard(selection, at: now), history: ShardHistory(), events: [], now: now,
      utcOffset: settings.utcOffset, interval: settings.interval
    ).height(columns: size.columns)
  }
}
