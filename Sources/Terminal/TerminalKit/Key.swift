/// A key as the terminal reports it.
package enum Key: Sendable, Hashable {
  case character(Character)
  case enter, escape, backspace, delete, tab, backTab
  case up, down, left, right, pageUp, pageDown, home, end
  /// A letter with Control held, in lower case.
  case control(Character)
}

/// What was done with a mouse, and over which cell.
package struct MouseAction: Sendable, Hashable {
  package enum Kind: Sendable, Hashable { case click, wheelUp, wheelDown }

  package let kind: Kind
  package let at: Point

  package init(_ kind: Kind, at point: Point) {
    self.kind = kind
    at = point
  }
}

/// A key that has reached the program, and whether a person must have pressed it.
package struct KeyPress: Sendable, Hashable {
  package var key: Key
  /// Nothing arrived together with it, or shortly before or after it, so it is not part of a paste,
  /// of an answer from the terminal, or of keys that queued up somewhere.
  package var cameAlone: Bool

  package init(_ key: Key, cameAlone: Bool = true) {
    self.key = key
    self.cameAlone = cameAlone
  }
}
