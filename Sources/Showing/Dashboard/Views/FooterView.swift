internal import FleetModel
internal import TerminalKit
internal import Terms

/// The last line: the keys that do something here, or the filter being typed.
struct FooterView {
  let model: Model

  func render(into canvas: inout Canvas, in rect: Rect) {
    if let remark = model.currentRemark {
      canvas.draw(remark, in: rect.columns(from: 1), role: .warning)
      return
    }
    if model.dialog != nil { return }
    if model.help != nil {
      KeyHints(
        [.init("type", "to search"), .init(canvas.glyphs.upDown, "scroll"), .init("Esc", "close")]
      ).render(into: &canvas, in: rect)
      return
    }
    if model.isFilterOpen {
      canvas.draw(
        spans: [
          (" filter: ", .keyHint),
          ("\((model.showsEvents ? model.eventFilter : model.filter).text)_", .input),
          ("  enter keeps it, escape removes it", .keyHintLabel),
        ], in: rect)
      return
    }
    var rect = rect
    if let announced = model.announced {
      let others = model.shardsFailingOver.count - 1
      let more = others > 0 ? " and \(Phrases.plural(others, "other"))" : ""
      let width = canvas.draw(
        " n  \(announced.shard)\(more): failover ", at: rect.origin, role: .warning,
        limit: rect.columns / 2)
      rect = rect.columns(from: width)
    }
    KeyHints(hints(canvas.glyphs), always: [.init("?", "help"), .init("q", "quit")]).render(
      into: &canvas, in: rect)
  }

  private func hints(_ glyphs: Glyphs) -> [KeyHints.Hint] {
    guard model.behind == nil else {
      return Place.stoppedFooter.compactMap { hint($0.id, $0.words, glyphs) }
    }
    var hints = model.screen.place.footer.compactMap { hint($0.id, words($0), glyphs) }
    if case .events(.some) = model.screen, let all = hint(.events, "of all shards", glyphs) {
      hints.append(all)
    }
    if let stop = hint(.stop, "stop", glyphs) { hints.append(stop) }
    if model.settings.isLab, let rehearse = hint(.rehearse, "reparent", glyphs) {
      hints.append(rehearse)
    }
    return hints
  }

  /// What a key leads to where it depends on more than the screen.
  private func words(_ entry: (id: Command.ID, words: String)) -> String {
    guard case .events(let shard) = model.screen else { return entry.words }
    return switch entry.id {
    case .back: shard == nil ? "fleet" : "shard"
    case .sort: model.leastSeverity.next.filterName
    default: entry.words
    }
  }

  private func hint(_ id: Command.ID, _ words: String, _ glyphs: Glyphs) -> KeyHints.Hint? {
    // Up and down are one hint.
    if id == .up { return KeyHints.Hint(glyphs.upDown, words) }
    return Command.row(id)?.keys.first.map { KeyHints.Hint($0.text(glyphs), words) }
  }
}
