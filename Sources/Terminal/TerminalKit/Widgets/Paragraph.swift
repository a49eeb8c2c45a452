/// Text broken into lines between its words.
package struct Paragraph {
  package let lines: [String]

  /// Texts that go below each other, a line each; one too long for that takes more where there is room
  /// for more lines.
  ///
  /// A word wider than a line is cut, and not broken: it may be a host that is masked as a whole.
  package static func stacked(_ texts: [String], columns: Int, rows: Int) -> [[String]] {
    var spare = rows - texts.count
    return texts.map { text in
      let lines = Paragraph(text, columns: columns).lines
      let isBroken = text.split(separator: " ").contains { DisplayWidth.of(String($0)) > columns }
      guard lines.count > 1, lines.count - 1 <= spare, !isBroken else { return [text] }
      spare -= lines.count - 1
      return lines
    }
  }

  /// A word wider than a line is broken at the end of the line.
  package init(_ text: String, columns: Int) {
    let columns = max(1, columns)
    var lines: [String] = []
    var line = ""
    var width = 0
    for word in Self.words(of: text) {
      let wordWidth = DisplayWidth.of(word)
      if !line.isEmpty, width + 1 + wordWidth > columns {
        lines.append(line)
        (line, width) = ("", 0)
      }
      if !line.isEmpty {
        line += " "
        width += 1
      }
      for character in word {
        let characterWidth = DisplayWidth.of(String(character))
        if width + characterWidth > columns, !line.isEmpty {
          lines.append(line)
          (line, width) = ("", 0)
        }
        line.append(character)
        width += characterWidth
      }
    }
    lines.append(line)
    self.lines = lines
  }

  /// The words between which a line may end.
  ///
  /// A number keeps its unit, and its thousands stay together.
  private static func words(of text: String) -> [String] {
    text.split(separator: " ", omittingEmptySubsequences: false).reduce(into: []) { words, word in
      let bare = word.drop { "(".contains($0) }.prefix { $0.isLetter || $0.isNumber || $0 == "%" }
      let belongs =
        ["s", "ms", "MiB", "%"].contains(bare) || bare.count == 3 && bare.allSatisfy(\.isNumber)
      if belongs, let last = words.last, last.last?.isNumber == true {
        words[words.count - 1] = "\(last) \(word)"
      } else {
        words.append(String(word))
      }
    }
  }
}
