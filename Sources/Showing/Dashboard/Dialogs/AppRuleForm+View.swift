internal import Actions
internal import TerminalKit
internal import Wording

extension AppRuleForm {
  var title: String { "throttle an app on \(shard)" }

  func lines(in model: Model, _ room: Size, _ glyphs: Glyphs) -> [DialogLine] {
    if isReviewed, let order {
      return DialogLine.review(
        model.ofCluster(Wording().sentence(order)), columns: room.columns, caution: caution)
    }
    func field(_ field: Field, _ label: String, _ text: String) -> DialogLine {
      .input(label, text, isFocused: focus == field, columns: room.columns, glyphs)
    }
    func presets(_ field: PresetField) -> DialogLine {
      .presets(field.presets, field.text, columns: room.columns, glyphs)
    }
    return [
      field(.app, "app", app.text),
      presets(app),
      field(.duration, "for", duration.text),
      presets(duration), ratioLine(room.columns, glyphs), presets(ratio),
      .choices(
        "exempt", ["no", "yes: never deny it"], isExempt ? 1 : 0, isFocused: focus == .exempt,
        columns: room.columns, glyphs),
    ] + scopeLines(room.columns, glyphs)
      + DialogLine.complaint(
        complaint ?? Wording().caution(scopes) ?? caution, columns: room.columns) + [DialogLine()]
  }

  /// The ratio, and what it denies.
  private func ratioLine(_ columns: Int, _ glyphs: Glyphs) -> DialogLine {
    var line = DialogLine.input(
      "ratio", ratio.text, isFocused: focus == .ratio, columns: columns, glyphs)
    if let share = Double(ratio.text), AppRuleOrder.objection(toRatio: share) == nil {
      line.spans.append(("  denies \(Wording().denial(ofRatio: share))", .muted))
    }
    return line
  }

  /// Where it can go; a reason too long for the line continues below it.
  private func scopeLines(_ columns: Int, _ glyphs: Glyphs) -> [DialogLine] {
    let wording = Wording()
    return scopes.choices.enumerated().flatMap { index, choice in
      let isChosen = index == scopeIndex
      let mark = isChosen ? glyphs.dot : glyphs.ring
      let title =
        choice.reason == nil ? wording.title(choice, of: shard) : wording.name(choice, of: shard)
      let indent = DialogLine.pad("", 13)
      let titles = Paragraph(title, columns: columns - 13).lines
      var line = DialogLine.field(
        index == 0 ? "where" : "", "\(mark) \(titles[0])", isFocused: focus == .scope && isChosen,
        glyphs)
      let more = titles.dropFirst().map {
        DialogLine("\(indent)\($0)", line.spans.last?.1 ?? .text)
      }
      guard let reason = choice.reason.map({ wording.words($0) }) else { return [line] + more }
      line.spans[line.spans.count - 1].1 = .muted
      let width = line.spans.reduce(0) { $0 + DisplayWidth.of($1.0) }
      let role: StyleRole = isChosen ? .warning : .muted
      let words = ": \(reason)"
      guard !more.isEmpty || width + DisplayWidth.of(words) > columns else {
        line.spans.append((words, role))
        return [line]
      }
      return [line] + more
        + DialogLine.paragraph(reason, columns: columns - 13, role).map {
          DialogLine(spans: [(indent, .text)] + $0.spans)
        }
    }
  }
}
