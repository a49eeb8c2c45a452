internal import Actions
internal import TerminalKit

/// A form whose fields are filled in first; then it says in words what will be done, to be
/// confirmed or gone back from.
protocol ReviewedForm: Form {
  /// True once everything is filled in and the form says what will be done.
  var isReviewed: Bool { get set }
  var complaint: String? { get set }
  /// What is to be confirmed; nil while something is missing.
  var action: Action? { get }
  /// The focused field, if it can be typed into; nil if not.
  var typed: WritableKeyPath<Self, PresetField>? { get }

  mutating func move(by count: Int)
  /// Moves to another choice of the focused field.
  mutating func step(_ count: Int)
  /// Goes on if everything is right, or else to the field that is not.
  mutating func check()
}

extension ReviewedForm {
  var place: Place { isReviewed ? .review : .form }
  var step: (number: Int, of: Int)? { (isReviewed ? 2 : 1, 2) }

  func offers(in model: Model) -> [Offer] {
    guard !isReviewed else { return [Offer(.send, "sends it"), Offer(.goBack, "goes back")] }
    return [
      Offer(.previousField, "field"), Offer(.previousChoice, "choice"),
      Offer(.goOn, "shows what will be sent"),
      Offer(.cancel, "cancels"),
    ]
  }

  func takesText(_ character: Character) -> Bool { !isReviewed && typed != nil }

  mutating func edit(_ key: Key) {
    guard !isReviewed, let typed else { return }
    complaint = nil
    self[keyPath: typed].edit(key)
  }

  mutating func paste(_ text: String) -> Bool {
    guard !isReviewed, let typed else { return false }
    complaint = nil
    self[keyPath: typed].paste(text)
    return true
  }

  mutating func answer(_ command: Command.ID, in model: Model) -> FormAnswer? {
    switch command {
    case .send: return action.map { .send($0) } ?? .stay
    case .goBack:
      isReviewed = false
      return .stay
    case .cancel: return .cancel
    default: break
    }
    complaint = nil
    switch command {
    case .previousField: move(by: -1)
    case .nextField: move(by: 1)
    case .previousChoice: step(-1)
    case .nextChoice, .toggle: step(1)
    case .goOn: check()
    default: return nil
    }
    return .stay
  }
}
