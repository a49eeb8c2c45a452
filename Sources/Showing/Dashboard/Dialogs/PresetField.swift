internal import TerminalKit

/// A field that can be typed into or stepped through presets.
struct PresetField: Equatable, Sendable {
  var presets: [String]
  private(set) var line: InputLine
  /// Whether typing replaces the current text.
  private var isFresh = true

  /// `limit`: the most characters that can be typed.
  init(_ text: String, presets: [String], limit: Int = 64) {
    line = InputLine(text: text, limit: limit)
    self.presets = presets
  }

  var text: String { line.text }

  /// Takes an editing key.
  mutating func edit(_ key: Key) {
    if isFresh, case .character = key { line.text = "" }
    if line.edit(key) { isFresh = false }
  }

  /// Replaces the offered text with pasted text.
  mutating func paste(_ more: String) {
    if isFresh { line.text = "" }
    line.insert(more)
    isFresh = false
  }

  /// Steps to another preset.
  mutating func step(_ count: Int) {
    guard !presets.isEmpty else { return }
    isFresh = true
    guard let index = presets.firstIndex(of: text) else {
      line.text = presets[count > 0 ? 0 : presets.count - 1]
      return
    }
    line.text = presets[(index + count + presets.count) % presets.count]
  }
}
