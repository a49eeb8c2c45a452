internal import FleetModel
internal import TerminalKit
internal import Terms

/// The last line: the keys that do something here, what is being typed, or a remark.
struct FooterView {
  /// What the line is for.
  enum Purpose {
    /// A dialog names its own keys.
    case nothing
    case remark(String)
    /// Why what was typed cannot be done.
    case complaint(String)
    /// What is being typed: its purpose, and the text so far.
    case line(String, String, [Offer])
    /// Keys that do something, those that are always there, and the shard of a failover not on this
    /// screen, with the number of others.
    case keys([Offer], always: [Offer], elsewhere: (shard: ShardName, others: Int)?)
  }

  let purpose: Purpose

  func render(into canvas: inout Canvas, in rect: Rect) {
    switch purpose {
    case .nothing: break
    case .remark(let words): canvas.draw(words, in: rect.columns(from: 1), role: .emphasis)
    case .complaint(let words): canvas.draw(words, in: rect.columns(from: 1), role: .warning)
    case .line(let prompt, let text, let offers):
      let spans: [(String, StyleRole)] = [(" \(prompt): ", .keyHint), ("\(text)_ ", .input)]
      canvas.draw(spans: spans, in: rect)
      let width = spans.reduce(0) { $0 + DisplayWidth.of($1.0) }
      KeyHints(offers.hints(canvas.glyphs)).render(into: &canvas, in: rect.columns(from: width))
    case .keys(let offers, let always, let elsewhere):
      var rect = rect
      if let (shard, others) = elsewhere {
        let more = others > 0 ? " and \(Phrases.plural(others, "other"))" : ""
        let key = Command.row(.jump)?.hintKey(canvas.glyphs) ?? ""
        let width = canvas.draw(
          " \(key)  \(shard)\(more): failover ", at: rect.origin, role: .warning,
          limit: rect.columns / 2)
        rect = rect.columns(from: width)
      }
      KeyHints(offers.hints(canvas.glyphs), always: always.hints(canvas.glyphs))
        .render(into: &canvas, in: rect)
    }
  }
}

extension [Offer] {
  /// The offers as hints, with their keys from the table.
  func hints(_ glyphs: Glyphs) -> [KeyHints.Hint] {
    compactMap { offer in
      Command.row(offer.id).map { KeyHints.Hint($0.hintKey(glyphs), offer.words) }
    }
  }
}
