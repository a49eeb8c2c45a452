internal import FleetModel
internal import TerminalKit
internal import Terms

/// The last line: the keys that do something here, or what is being typed or was said.
struct FooterView {
  /// What the line is for.
  enum Purpose {
    case remark(String)
    /// A dialog says itself what its keys do.
    case dialog
    case help
    /// A filter is being typed.
    case filter(String)
    case keys(Keys)
  }

  /// The keys that do something.
  struct Keys {
    let screen: ScreenKind
    let isStopped: Bool
    let isLab: Bool
    /// Events of less are not listed.
    let leastSeverity: FleetEvent.Severity
    /// The shard of a failover that this screen does not show, and how many others there are.
    let elsewhere: (shard: ShardName, others: Int)?
  }

  let purpose: Purpose

  func render(into canvas: inout Canvas, in rect: Rect) {
    switch purpose {
    case .remark(let words): canvas.draw(words, in: rect.columns(from: 1), role: .warning)
    case .dialog: break
    case .help:
      KeyHints(
        [.init("type", "to search"), .init(canvas.glyphs.upDown, "scroll"), .init("Esc", "close")]
      ).render(into: &canvas, in: rect)
    case .filter(let text):
      canvas.draw(
        spans: [
          (" filter: ", .keyHint), ("\(text)_", .input),
          ("  enter keeps it, escape removes it", .keyHintLabel),
        ], in: rect)
    case .keys(let keys): render(keys, into: &canvas, in: rect)
    }
  }

  private func render(_ keys: Keys, into canvas: inout Canvas, in rect: Rect) {
    var rect = rect
    if let (shard, others) = keys.elsewhere {
      let more = others > 0 ? " and \(Phrases.plural(others, "other"))" : ""
      let width = canvas.draw(
        " n  \(shard)\(more): failover ", at: rect.origin, role: .warning, limit: rect.columns / 2)
      rect = rect.columns(from: width)
    }
    KeyHints(keys.hints(canvas.glyphs), always: [.init("?", "help"), .init("q", "quit")]).render(
      into: &canvas, in: rect)
  }
}

extension FooterView.Keys {
  fileprivate func hints(_ glyphs: Glyphs) -> [KeyHints.Hint] {
    guard !isStopped else {
      return Place.stoppedFooter.compactMap { hint($0.id, $0.words, glyphs) }
    }
    var hints = screen.place.footer.compactMap { hint($0.id, words($0), glyphs) }
    if case .events(.some) = screen, let all = hint(.events, "of all shards", glyphs) {
      hints.append(all)
    }
    if let stop = hint(.stop, "stop", glyphs) { hints.append(stop) }
    if isLab, let rehearse = hint(.rehearse, "reparent", glyphs) { hints.append(rehearse) }
    return hints
  }

  /// What a key leads to where it depends on more than the screen.
  private func words(_ entry: (id: Command.ID, words: String)) -> String {
    guard case .events(let shard) = screen else { return entry.words }
    return switch entry.id {
    case .back: shard == nil ? "fleet" : "shard"
    case .sort: leastSeverity.next.filterName
    default: entry.words
    }
  }

  private func hint(_ id: Command.ID, _ words: String, _ glyphs: Glyphs) -> KeyHints.Hint? {
    // Up and down are one hint.
    if id == .up { return KeyHints.Hint(glyphs.upDown, words) }
    return Command.row(id)?.keys.first.map { KeyHints.Hint($0.text(glyphs), words) }
  }
}
