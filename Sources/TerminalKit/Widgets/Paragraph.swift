/// Text broken into lines between its words.
package struct Paragraph {
  package let lines: [String]

  /// A word wider than a line is broken where the line ends.
  package init(_ text: String, columns: Int) {
    let columns = max(1, columns)
    var lines: [String] = []
    var line = ""
    var width = 0
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      let wordWidth = DisplayWidth.of(String(word))
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
}
