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

  /// Columns before the contents of a field.
  private static let indent = 11

  /// A field that can be typed into; a text too long for its line shows its end, where one types.
  static func input(
    _ label: String, _ text: String, isFocused: Bool, columns: Int, _ glyphs: Glyphs
  ) -> DialogLine {
    guard isFocused else { return field(label, text, isFocused: false, glyphs) }
    let room = columns - 1 - max(10, DisplayWidth.of(label) + 1) - 1
    var width = 0
    let end = text.reversed().prefix { character in
      width += DisplayWidth.of(character)
      return width <= room
    }
    let isCut = end.count < text.count
    let shown = (isCut ? "\(glyphs.ellipsis)" : "") + String(end.dropLast(isCut ? 1 : 0).reversed())
    return field(label, "\(shown)_", isFocused: true, glyphs)
  }

  /// A field with all its choices, if they fit the line; otherwise just the chosen one.
  static func choices(
    _ label: String, _ choices: [String], _ chosen: Int, isFocused: Bool, columns: Int,
    _ glyphs: Glyphs
  ) -> DialogLine {
    var line = field(label, "", isFocused: isFocused, glyphs)
    line.spans.removeLast()
    for (index, choice) in choices.enumerated() {
      let isChosen = index == chosen
      line.spans.append(
        (
          "\(isChosen ? glyphs.dot : glyphs.ring) \(choice)",
          isChosen ? isFocused ? .input : .text : .muted
        ))
      line.spans.append(("  ", .text))
    }
    let width = line.spans.reduce(0) { $0 + DisplayWidth.of($1.0) }
    guard width > columns else { return line }
    return field(
      label, "\(choices[chosen]) (\(chosen + 1) of \(choices.count))", isFocused: isFocused, glyphs)
  }

  /// As many presets as fit, the chosen one included; an ellipsis stands for the others.
  static func presets(
    _ presets: [String], _ chosen: String, columns: Int, _ glyphs: Glyphs
  ) -> DialogLine {
    // Presets of several words need more than one blank between them.
    let gap = presets.contains { $0.contains(" ") } ? "   " : " "
    let all = presets.reduce(indent) { $0 + DisplayWidth.of($1) + gap.count }
    let start = all <= columns ? 0 : presets.firstIndex(of: chosen).map { max(0, $0 - 3) } ?? 0
    let more = "\(glyphs.ellipsis) "
    var spans: [(String, StyleRole)] = [(pad("", indent), .text)]
    var width = indent
    if start > 0 {
      spans.append((more, .muted))
      width += 2
    }
    for (index, preset) in presets.enumerated().dropFirst(start) {
      let size = DisplayWidth.of(preset) + gap.count
      let isLast = index == presets.count - 1
      guard width + size + (isLast ? 0 : 2) <= columns else {
        spans.append((more, .muted))
        break
      }
      spans.append((preset, preset == chosen ? .emphasis : .muted))
      spans.append((gap, .text))
      width += size
    }
    return DialogLine(spans: spans)
  }

  /// What is wrong, or worth knowing; no line if there is nothing.
  static func complaint(_ words: String?, columns: Int) -> [DialogLine] {
    words.map { paragraph("! \($0)", columns: columns, .warning) } ?? []
  }

  static func paragraph(
    _ text: String, columns: Int, _ role: StyleRole = .text
  ) -> [DialogLine] {
    Paragraph(text.safe(limit: 4000), columns: columns).lines.map { DialogLine($0, role) }
  }

  /// What will be done, in words, and anything worth knowing about it.
  static func review(
    _ sentence: String, columns: Int, caution: String? = nil
  ) -> [DialogLine] {
    paragraph(sentence, columns: columns, .emphasis) + complaint(caution, columns: columns) + [
      DialogLine()
    ]
  }

  /// What the keys do, on as many lines as that takes.
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
