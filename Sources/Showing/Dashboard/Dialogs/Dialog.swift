internal import Actions
internal import TerminalKit
internal import Terms

/// A question on the way to an action, or an action's progress, in a box over the screen.
protocol Dialog: Layer {
  var title: String { get }
  /// The current step, from 1, and the number of steps; nil for a dialog with a single step.
  var step: (number: Int, of: Int)? { get }
  /// The contents of the box above the hints, for a number of columns and rows.
  func lines(in model: Model, _ room: Size, _ glyphs: Glyphs) -> [DialogLine]
}

extension Dialog {
  var step: (number: Int, of: Int)? { nil }

  func footer(in model: Model) -> FooterView.Purpose { .nothing }

  func render(_ model: Model, into canvas: inout Canvas, in rect: Rect) {
    view(in: model).render(into: &canvas, in: rect)
  }

  func isWhole(in model: Model, _ size: Size) -> Bool { view(in: model).isWhole(in: size) }

  private func view(in model: Model) -> DialogView {
    // A long name is cut at its end; the step never is.
    let step = step.map { "step \($0.number) of \($0.of): " } ?? ""
    return DialogView(title: model.ofCluster(step + title), offers: offers(in: model)) {
      lines(in: model, $0, $1)
    }
  }
}

/// A dialog to be filled in: a value that its commands change, and that may have an answer.
protocol Form: Dialog {
  /// Performs a command as it is meant here; nil if it means nothing here.
  mutating func answer(_ command: Command.ID, in model: Model) -> FormAnswer?
  mutating func edit(_ key: Key)
  /// Takes pasted text; false if the focused field takes no text.
  mutating func paste(_ text: String) -> Bool
}

/// The effect of a command in a form.
enum FormAnswer: Equatable, Sendable {
  case stay, cancel
  /// Do what has been confirmed.
  case send(Action)
  case ask(Effect)
}

extension Form {
  func edit(_ key: Key, on model: inout Model) {
    var form = self
    form.edit(key)
    model.layers.replaceTop(with: form)
  }

  func paste(_ text: String, on model: inout Model) -> Bool {
    var form = self
    guard form.paste(text) else { return false }
    model.layers.replaceTop(with: form)
    return true
  }

  func perform(_ command: Command.ID, on model: inout Model) -> [Effect]? {
    var form = self
    guard let answer = form.answer(command, in: model) else { return nil }
    model.layers.replaceTop(with: form)
    switch answer {
    case .stay: return []
    case .cancel:
      model.layers.pop()
      return []
    case .send(let action): return model.send(action)
    case .ask(let effect): return [effect]
    }
  }
}
