internal import TerminalKit

/// A field that is typed into or stepped through presets.
struct PresetField: Equatable, Sendable {
  var presets: [String]
  private(set) var line: InputLine
  /// What is typed next replaces what stands there.
  private var isFresh = true

  /// `limit`: the most characters that can be typed.
  init(_ text: String, presets: [String], limit: Int = 64) {
    line = InputLine(text: text, limit: limit)
    self.presets = presets
  }

  var text: String { line.text }

  /// Takes an editing key, or steps with left and right; false for any other.
  mutating func press(_ key: Key) -> Bool {
    switch key {
    case .left, .right:
      step(key == .left ? -1 : 1)
      return true
    default:
      if isFresh, case .character = key { line.text = "" }
      guard line.edit(key) else { return false }
      isFresh = false
      return true
    }
  }

  /// Takes pasted text in place of what is offered.
  mutating func paste(_ more: String) {
    if isFresh { line.text = "" }
    line.insert(more)
    isFresh = false
  }

  private mutating func step(_ count: Int) {
    guard !presets.isEmpty else { return }
    isFresh = true
    guard let index = presets.firstIndex(of: text) else {
      line.text = presets[count > 0 ? 0 : presets.count - 1]
      return
    }
    line.text = presets[(index + count + presets.count) % presets.count]
  }
}
