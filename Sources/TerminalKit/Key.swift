/// A key as the terminal reports it.
package enum Key: Sendable, Hashable {
  case character(Character)
  case enter, escape, backspace, delete, tab, backTab
  case up, down, left, right, pageUp, pageDown, home, end
  /// A letter with Control held, in lower case.
  case control(Character)
}
