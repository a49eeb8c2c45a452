internal import Actions
internal import TerminalKit

/// A field of a ``NamedForm``.
protocol NamedFormField: Equatable {
  /// The last line, where the name is typed.
  static var confirmation: Self { get }
}

/// What keeps a form from being sent.
struct FormObstacle<Field> {
  /// The field where it can be fixed.
  let field: Field
  let words: String
  /// What Enter does while it is there.
  let hint: String
}

/// A form that is sent once the name of what it changes stands in its last line.
protocol NamedForm: Form {
  associatedtype Field: NamedFormField

  /// The cursor starts where the decision is made.
  var focus: Field { get set }
  var confirmation: InputLine { get set }
  var complaint: String? { get set }
  /// What must be typed before it is sent.
  var password: String { get }
  /// What is sent; nil while something is missing.
  var action: Action? { get }
  /// The field besides that can be typed into, if it has the cursor, and the characters that it takes.
  var typed: (field: WritableKeyPath<Self, PresetField>, characters: Set<Character>)? { get }

  /// From the first line to the last.
  func fields(in model: Model) -> [Field]
  /// What keeps it from being sent as it stands; nil if nothing does.
  func obstacle(in model: Model) -> FormObstacle<Field>?
  /// Moves to another choice of the focused field.
  mutating func step(_ count: Int)
  mutating func toggle()
}

extension NamedForm {
  var place: Place { .named }

  /// Letters go into the field that is typed into or the name; a space may be a choice.
  func takesText(_ character: Character) -> Bool {
    character != " " || focus == .confirmation || typed != nil
  }

  mutating func edit(_ key: Key) {
    complaint = nil
    switch (typed, key) {
    case (let (_, characters)?, .character(let character)) where !characters.contains(character):
      type(String(character))
    case (let (field, _)?, _): self[keyPath: field].edit(key)
    case (nil, _) where focus == .confirmation: confirmation.edit(key)
    // Anything else typed is taken to be the name.
    case (nil, .character(let character)): type(String(character))
    default: break
    }
  }

  mutating func paste(_ text: String) -> Bool {
    guard typed != nil || focus == .confirmation else { return false }
    complaint = nil
    if let typed { self[keyPath: typed.field].paste(text) } else { confirmation.insert(text) }
    return true
  }

  private mutating func type(_ text: String) {
    focus = .confirmation
    confirmation.insert(text)
  }

  mutating func answer(_ command: Command.ID, in model: Model) -> FormAnswer? {
    complaint = nil
    let fields = fields(in: model)
    // A line may be gone in the meantime.
    if !fields.contains(focus) { focus = .confirmation }
    switch command {
    case .cancel: return .cancel
    case .previousField: move(by: -1, in: fields)
    case .nextField: move(by: 1, in: fields)
    case .previousChoice: step(-1)
    case .nextChoice: step(1)
    case .toggle: toggle()
    case .sendNamed where focus == .confirmation: return confirm(in: model)
    case .sendNamed: complaint = "Enter sends from the last line, where \(password) is typed"
    default: return nil
    }
    return .stay
  }

  mutating func toggle() { step(1) }

  private mutating func move(by count: Int, in fields: [Field]) {
    let index = fields.firstIndex(of: focus) ?? fields.count - 1
    focus = fields[min(max(0, index + count), fields.count - 1)]
  }

  private mutating func confirm(in model: Model) -> FormAnswer {
    if let obstacle = obstacle(in: model) {
      focus = obstacle.field
      complaint = obstacle.words
      return .stay
    }
    return action.map { .send($0) } ?? .stay
  }

  /// What still keeps it from being sent once nothing else does: that the name is not typed.
  var unnamed: FormObstacle<Field>? {
    guard confirmation.text != password else { return nil }
    return FormObstacle(
      field: .confirmation, words: "type \(password) to send it",
      hint: "sends, once \(password.count == 1 ? password : "the name") is typed")
  }

  /// What Enter does next.
  private func hint(in model: Model) -> String {
    guard focus == .confirmation else { return "sends, from the last line" }
    return obstacle(in: model)?.hint ?? "sends it"
  }

  func offers(in model: Model) -> [Offer] {
    [
      Offer(.sendNamed, hint(in: model)),
      Offer(.previousField, "field"), Offer(.previousChoice, "choice"), Offer(.cancel, "cancels"),
    ]
  }

  /// The last line, in which the name is typed.
  func nameLines(columns: Int, _ glyphs: Glyphs) -> [DialogLine] {
    let label = "type \(password):"
    // A long name gets a line of its own to be typed into.
    let isLong = 2 * DisplayWidth.of(label) > columns
    return (isLong ? [DialogLine(" \(label)", .tableHeader)] : []) + [
      .input(
        isLong ? "" : label, confirmation.text, isFocused: focus == .confirmation, columns: columns,
        glyphs)
    ] + DialogLine.complaint(complaint, columns: columns)
  }
}
