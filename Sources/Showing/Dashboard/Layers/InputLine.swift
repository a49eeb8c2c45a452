internal import TerminalKit

/// A line of text being typed.
struct InputLine: Equatable, Sendable {
  var text = ""
  /// The most characters it takes.
  var limit = 64

  var isEmpty: Bool { text.isEmpty }

  /// Takes an editing key; false for any other.
  @discardableResult
  mutating func edit(_ key: Key) -> Bool {
    switch key {
    case .backspace: if !text.isEmpty { text.removeLast() }
    case .control("u"): text = ""
    case .control("w"): removeWord()
    case .character(let character): insert(String(character))
    default: return false
    }
    return true
  }

  /// Inserts as much of a text as there is room for.
  ///
  /// Characters that cannot be seen in a line are left out, line ends included: they confirm
  /// nothing.
  mutating func insert(_ more: String) {
    for scalar in more.unicodeScalars where Self.isVisible(scalar) {
      guard text.count < limit else { return }
      text.unicodeScalars.append(scalar)
    }
  }

  private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator:
      false
    default: true
    }
  }

  private mutating func removeWord() {
    while text.last == " " { text.removeLast() }
    while let last = text.last, last != " " { text.removeLast() }
  }

  /// Whether every word typed occurs somewhere in a text, ignoring case.
  func matches(_ other: String) -> Bool {
    let other = other.lowercased()
    return text.lowercased().split(separator: " ").allSatisfy { other.contains($0) }
  }
}
