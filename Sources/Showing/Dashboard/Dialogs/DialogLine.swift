internal import TerminalKit

/// A line of a dialog.
struct DialogLine {
  var spans: [(String, StyleRole)]

  init(_ text: String = "", _ role: StyleRole = .text) { spans = [(text, role)] }
  init(spans: [(String, StyleRole)]) { self.spans = spans }

  static func field(
    _ label: String, _ text: String, isFocused: Bool, _ glyphs: Glyphs
  ) -> DialogLine {
    DialogLine(spans: [
      (isFocused ? "\(glyphs.selection)" : " ", .keyHint), (pad(label, 10), .tableHeader),
      (text, isFocused ? .input : .text),
    ])
  }

  /// A field that can be typed into.
  static func input(
    _ label: String, _ text: String, isFocused: Bool, _ glyphs: Glyphs
  ) -> DialogLine {
    field(label, isFocused ? "\(text)_" : text, isFocused: isFocused, glyphs)
  }

  /// As many of the presets as fit, from the chosen one on.
  static func presets(_ presets: [String], _ chosen: String, columns: Int) -> DialogLine {
    let all = presets.reduce(11) { $0 + DisplayWidth.of($1) + 1 }
    let start = all <= columns ? 0 : presets.firstIndex(of: chosen).map { max(0, $0 - 3) } ?? 0
    var spans: [(String, StyleRole)] = [(pad("", 11), .text)]
    var width = 11
    for preset in presets[start...] {
      let size = DisplayWidth.of(preset) + 1
      guard width + size <= columns else { break }
      spans.append((preset, preset == chosen ? .emphasis : .muted))
      spans.append((" ", .text))
      width += size
    }
    return DialogLine(spans: spans)
  }

  /// What is wrong, or to be known; no line where there is nothing.
  static func complaint(_ words: String?, columns: Int) -> [DialogLine] {
    words.map { paragraph("! \($0)", columns: columns, .warning) } ?? []
  }

  static func paragraph(
    _ text: String, columns: Int, _ role: StyleRole = .text
  ) -> [DialogLine] {
    Paragraph(text.safe(limit: 4000), columns: columns).lines.map { DialogLine($0, role) }
  }

  /// What will be done, in words, and what to know about it.
  static func review(
    _ sentence: String, columns: Int, caution: String? = nil
  ) -> [DialogLine] {
    paragraph(sentence, columns: columns, .emphasis) + complaint(caution, columns: columns) + [
      DialogLine()
    ]
  }

  /// What keys do, in as many lines as that takes.
  static func hints(_ hints: [KeyHints.Hint], columns: Int) -> [DialogLine] {
    var lines: [DialogLine] = []
    var width = 0
    for hint in hints {
      let needed = DisplayWidth.of(hint.key) + 1 + DisplayWidth.of(hint.label)
      if lines.isEmpty || width + 3 + needed > columns {
        lines.append(DialogLine(spans: []))
        width = 0
      } else {
        lines[lines.count - 1].spans.append(("   ", .text))
        width += 3
      }
      lines[lines.count - 1].spans += [
        (hint.key, .keyHint), (" ", .text), (hint.label, .keyHintLabel),
      ]
      width += needed
    }
    return lines
  }

  static func pad(_ text: String, _ width: Int) -> String {
    let missing = width - DisplayWidth.of(text)
    return missing > 0 ? text + String(repeating: " ", count: missing) : text + " "
  }
}
