internal import Actions
internal import TerminalKit
internal import Terms

/// What stands over the screen and takes the keys: a question on the way to an action, or how one goes.
enum Dialog: Equatable, Sendable {
  /// Actions are to be allowed; then what was wanted is opened.
  case allow(InputLine, Wanted, complaint: String?)
  case throttle(ThrottleForm)
  case rules(RuleList)
  case throttler(ThrottlerForm)
  case reparent(ReparentForm)
  /// An action by its number; the call may be broken off once that is asked.
  case progress(Int, asksToBreakOff: Bool = false)
  /// The program is to end while actions or failovers run.
  case leave
  case notice(String)

  /// How far it has come: another step is another question, to be seen before it is answered.
  enum Step: Equatable, Sendable {
    case allow, form, review, list, leave
    case progress(Int), breakOff(Int)
    case notice(String)
  }

  var step: Step {
    switch self {
    case .allow: .allow
    case .throttle(let form): form.isReviewed ? .review : .form
    case .throttler(let form): form.isReviewed ? .review : .form
    case .rules(let list): list.order == nil ? .list : .review
    case .reparent: .form
    case .progress(let id, let asks): asks ? .breakOff(id) : .progress(id)
    case .leave: .leave
    case .notice(let text): .notice(text)
    }
  }

  /// The shard that is about to be reparented.
  var shardInHand: ShardName? { if case .reparent(let form) = self { form.shard } else { nil } }

  /// A field that takes text has the cursor.
  var isTyping: Bool {
    switch self {
    case .allow: true
    case .throttle(let form): !form.isReviewed && form.takesText
    case .throttler(let form): !form.isReviewed && form.takesText
    case .reparent(let form): form.takesText
    case .rules, .progress, .leave, .notice: false
    }
  }

  /// Whether a key does no harm whoever sends it: it moves, goes back, or is text for a field.
  ///
  /// Every other one must be meant.
  func isHarmless(_ key: Key) -> Bool {
    switch key {
    case .escape, .up, .down, .left, .right, .tab, .backTab, .home, .end, .pageUp, .pageDown: true
    case .character, .backspace, .delete, .control: isTyping
    case .enter: false
    }
  }

  /// Takes pasted text into the field that has the cursor; false where none takes text.
  mutating func paste(_ text: String) -> Bool {
    guard isTyping else { return false }
    switch self {
    case .allow(var line, let wanted, _):
      line.insert(text)
      self = .allow(line, wanted, complaint: nil)
    case .throttle(var form):
      form.paste(text)
      self = .throttle(form)
    case .throttler(var form):
      form.paste(text)
      self = .throttler(form)
    case .reparent(var form):
      form.paste(text)
      self = .reparent(form)
    case .rules, .progress, .leave, .notice: return false
    }
    return true
  }

  /// Sends what a form has put into words.
  ///
  /// It is another key than the one that goes on to the words, so that the same key again and again
  /// sends nothing.
  static let confirmation = Key.character("y")

  /// What a form asks for after a key.
  enum Answer: Equatable, Sendable {
    case stay
    case cancel
    case send(Action)
  }
}
