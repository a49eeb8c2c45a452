internal import Actions
internal import TerminalKit

extension ThrottleForm {
  var title: String { "throttle an app" }

  func offers(in model: Model) -> [Offer] {
    guard !isReviewed else { return [Offer(.send, "sends it"), Offer(.goBack, "goes back")] }
    return [
      Offer(.previousField, "field"), Offer(.previousChoice, "choice"), Offer(.goOn, "goes on"),
      Offer(.cancel, "cancels"),
    ]
  }

  func lines(in model: Model, _ room: Size, _ glyphs: Glyphs) -> [DialogLine] {
    if isReviewed, let order {
      return DialogLine.review(order.sentence, columns: room.columns, caution: caution)
    }
    func field(_ field: Field, _ label: String, _ text: String) -> DialogLine {
      .input(label, text, isFocused: focus == field, glyphs)
    }
    return [
      field(.app, "app", app.text),
      .presets(app.presets, app.text, columns: room.columns),
      field(.duration, "for", duration.text),
      .presets(duration.presets, duration.text, columns: room.columns),
      ratioLine(glyphs),
      .presets(ratio.presets, ratio.text, columns: room.columns),
      .field(
        "exempt", isExempt ? "yes: never deny it" : "no", isFocused: focus == .exempt, glyphs),
    ] + scopeLines(glyphs)
      + DialogLine.complaint(complaint ?? scope.warning ?? caution) + [DialogLine()]
  }

  /// The ratio, and what it denies.
  private func ratioLine(_ glyphs: Glyphs) -> DialogLine {
    var line = DialogLine.input("ratio", ratio.text, isFocused: focus == .ratio, glyphs)
    if let share = Double(ratio.text), ThrottleOrder.objection(toRatio: share) == nil {
      line.spans.append(("  denies \(ThrottleOrder.denial(ofRatio: share))", .muted))
    }
    return line
  }

  private func scopeLines(_ glyphs: Glyphs) -> [DialogLine] {
    scopes.choices.enumerated().map { index, choice in
      let isChosen = index == scopeIndex
      let mark = isChosen ? glyphs.dot : glyphs.ring
      let title = choice.reason == nil ? choice.title : choice.name
      var line = DialogLine.field(
        index == 0 ? "where" : "", "\(mark) \(title)", isFocused: focus == .scope && isChosen,
        glyphs)
      if let reason = choice.reason {
        line.spans[line.spans.count - 1].1 = .muted
        line.spans.append((": \(reason)", isChosen ? .warning : .muted))
      }
      return line
    }
  }
}
