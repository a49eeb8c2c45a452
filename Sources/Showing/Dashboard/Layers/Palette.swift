internal import TerminalKit

/// The line in which a command is typed by name, with its candidates.
struct Palette: Layer {
  private(set) var line = InputLine(limit: 200)
  /// The chosen candidate; nil while the line itself counts.
  private(set) var chosen: String?
  /// How far back in the history the line comes from; nil if it was typed.
  private var past: Int?
  /// What is wrong with the line.
  private var complaint: String?

  init() {}

  /// With the name of a command, to which only what it takes is missing.
  init(beginning command: Command.ID) { line.text = "\(command.rawValue) " }

  var place: Place { .palette }
  var question: String? { [line.text, chosen].compactMap(\.self).joined(separator: " > ") }

  func isWhole(in model: Model, _ size: Size) -> Bool {
    size.rows > 0 && DisplayWidth.of(line.text) + 2 <= size.columns
  }

  // MARK: Typing

  func takesText(_ character: Character) -> Bool { true }

  func edit(_ key: Key, on model: inout Model) {
    // With nothing left to delete, backspace closes the palette.
    if key == .backspace, line.isEmpty { return model.layers.pop() }
    replace(on: &model) { $0.edit(key) }
  }

  func paste(_ text: String, on model: inout Model) -> Bool {
    replace(on: &model) { $0.insert(text) }
    return true
  }

  private func replace(on model: inout Model, _ change: (inout InputLine) -> Void) {
    var palette = Palette()
    palette.line = line
    change(&palette.line)
    model.layers.replaceTop(with: palette)
  }

  private func candidates(in model: Model) -> [TypedCommand.Candidate] {
    TypedCommand(line.text).candidates(in: model)
  }

  /// The line completed with the chosen candidate, or else with the first.
  private func completed(in model: Model) -> String? {
    let all = candidates(in: model)
    return (all.first { $0.text == chosen } ?? all.first)
      .map { TypedCommand(line.text).line(with: $0) }
  }

  // MARK: Keys

  func perform(_ command: Command.ID, on model: inout Model) -> [Effect]? {
    switch command {
    case .complete:
      if let completed = completed(in: model) { replace(on: &model) { $0.text = completed } }
    case .closePalette: model.layers.pop()
    case .runCommand: return run(on: &model)
    default:
      guard let rows = model.rows(of: command) else { return nil }
      move(by: rows, on: &model)
    }
    return []
  }

  /// Chooses another candidate, or walks the history: up from an empty line, and on from there.
  private func move(by rows: Int, on model: inout Model) {
    var palette = self
    palette.complaint = nil
    if chosen == nil, past != nil || (line.isEmpty && rows < 0) {
      let runs = model.typedCommands
      let next = (past ?? 0) - rows.signum()
      guard next <= runs.count else { return }
      palette.past = next > 0 ? next : nil
      palette.line.text = next > 0 ? runs[runs.count - next] : ""
    } else {
      let all = candidates(in: model).map(\.text)
      let index = chosen.flatMap { all.firstIndex(of: $0) } ?? (rows > 0 ? -1 : all.count)
      let next = min(index + rows, all.count - 1)
      palette.chosen = next < 0 ? nil : all[next]
    }
    model.layers.replaceTop(with: palette)
  }

  private func run(on model: inout Model) -> [Effect] {
    let text = (chosen == nil ? line.text : completed(in: model) ?? line.text)
    guard text.contains(where: { $0 != " " }) else {
      model.layers.pop()
      return []
    }
    var palette = Palette()
    palette.line.text = text
    do {
      let (command, arguments) = try TypedCommand(text).resolved(in: model)
      model.layers.pop()
      model.remember(text.split(separator: " ").joined(separator: " "))
      model.noteAsked(command)
      return model.screen.perform(command.id, on: &model)
        ?? command.perform?(&model, arguments) ?? []
    } catch {
      // A chosen candidate is then only completed, and typing goes on.
      palette.complaint = chosen == nil ? error.words : nil
      model.layers.replaceTop(with: palette)
      return []
    }
  }

  /// The theme chosen in the list or typed in the line; nil if there is none.
  func themeInSight(in model: Model) -> String? {
    let typed = TypedCommand(line.text)
    guard typed.command?.id == .theme else { return nil }
    return model.settings.themes.first { $0 == chosen ?? typed.word }
  }

  // MARK: Drawing

  func offers(in model: Model) -> [Offer] {
    [
      Offer(.runCommand, "run"), Offer(.complete, "complete"),
      Offer(.up, line.isEmpty ? "choose, or history" : "choose"),
      Offer(.closePalette, "close"),
    ]
  }

  func footer(in model: Model) -> FooterView.Purpose {
    complaint.map { .complaint($0) } ?? .keys(offers(in: model), always: [], elsewhere: nil)
  }

  func render(_ model: Model, into canvas: inout Canvas, in rect: Rect) {
    let typed = TypedCommand(line.text)
    PaletteView(
      line: line.text, title: typed.command?.usage ?? "commands",
      isOfNames: typed.command == nil, candidates: typed.candidates(in: model), chosen: chosen,
      remark: typed.remarkOnNothing(in: model)
    ).render(into: &canvas, in: rect)
  }
}
