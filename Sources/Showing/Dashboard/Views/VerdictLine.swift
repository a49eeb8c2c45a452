internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Wording

/// What is going on, in one full-width line in the colour of its state.
struct VerdictLine {
  let situation: Situation
  let utcOffset: Int

  func render(into canvas: inout Canvas, in rect: Rect) {
    let (word, role) = condition(canvas, columns: rect.columns)
    canvas.fill(rect, role: role)
    canvas.draw(
      text(word, canvas.glyphs, columns: rect.columns - 2), in: rect.columns(from: 1), role: role)
  }

  /// All of it for a cell of this many columns, and the role to show it in.
  func sentence(_ canvas: Canvas, columns: Int) -> (String, StyleRole) {
    let (word, role) = condition(canvas, columns: columns)
    return (text(word, canvas.glyphs, columns: columns), role)
  }

  /// The facts alone, as many as fit.
  func facts(_ glyphs: Glyphs, columns: Int) -> String { text("", glyphs, columns: columns) }

  /// As many facts as fit; none is ever cut, and none reassures in place of a warning without room.
  private func text(_ word: String, _ glyphs: Glyphs, columns: Int) -> String {
    let wording = Wording()
    var text = word
    var isWarningLeftOut = false
    let facts = situation.facts.filter { $0 != cause }
    for fact in facts where !(isWarningLeftOut && fact.isReassuring) {
      let words = wording.words(fact, of: situation.gates) {
        Phrases.clock($0, utcOffset: utcOffset)
      }
      let longer = [words, wording.brief(fact)].compactMap(\.self)
        .map { text.isEmpty ? $0 : "\(text) \(glyphs.separator) \($0)" }
        .first { DisplayWidth.of($0) <= columns }
      text = longer ?? text
      isWarningLeftOut = isWarningLeftOut || (longer == nil && fact.isWarning)
    }
    return text
  }

  /// Why nothing is known, where it is not merely not known yet: it stands first, as what lacks room is cut.
  private var cause: Situation.Fact? {
    guard situation.condition == .unanswered else { return nil }
    return situation.facts.first { fact in
      if case .silentVtgates(let silent, let all) = fact { silent == all } else { fact.isWarning }
    }
  }

  /// The subject and its state, and the role to show them in; a long name leaves room for both in
  /// this many columns, and for a fact or two.
  func condition(_ canvas: Canvas, columns: Int) -> (String, StyleRole) {
    let glyphs = canvas.glyphs
    let subject =
      if case .shard(let name) = situation.subject {
        canvas.fit(name, to: columns / 2)
      } else {
        Wording().words(situation.subject)
      }
    switch situation.condition {
    case .unanswered:
      if let cause {
        let words = Wording().words(cause, of: situation.gates) {
          Phrases.clock($0, utcOffset: utcOffset)
        }
        return ("\(Shard.State.blind.glyph(glyphs)) \(words)", Shard.State.blind.role)
      }
      let words = "no shard is known yet"
      return situation.hasWarning
        ? ("\(glyphs.warning) \(words)", .warning) : ("\(glyphs.ring) \(words)", .stateNoData)
    case .state(.serving):
      let verb = situation.subject.isPlural ? "serve" : "serves"
      return situation.hasWarning
        ? ("\(glyphs.warning) \(subject) \(verb)", .warning)
        : ("\(glyphs.dot) \(subject) \(verb)", .stateServing)
    case .state(let state):
      return ("\(state.glyph(glyphs)) \(subject) \(state.word)", state.role)
    case .idle(let idleness):
      return ("\(glyphs.none) \(subject) \(Wording().words(idleness))", .stateNoData)
    case .failover(let failover):
      let (word, role) = Phrases.outcome(failover)
      // It ended well, and yet not all is well.
      if role == .stateRecovered, situation.hasWarning {
        return ("\(glyphs.warning) \(subject) \(word)", .warning)
      }
      return ("\(failover.glyph(glyphs)) \(subject) \(word)", role)
    }
  }
}

extension Situation.Subject {
  fileprivate var isPlural: Bool {
    if case .shards(let count) = self { count > 1 } else { false }
  }
}
