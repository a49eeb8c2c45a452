internal import Terms

/// Texts as PromQL and the exposition format write them.
extension String {
  /// As between the quotes of a label's value.
  package var labelEscaped: String {
    guard contains(where: { "\\\"\n".contains($0) }) else { return self }
    var text = ""
    for character in unicodeScalars {
      switch character {
      case "\\": text += #"\\"#
      case "\"": text += #"\""#
      case "\n": text += #"\n"#
      default: text.unicodeScalars.append(character)
      }
    }
    return text
  }

  /// As a regular expression that matches this alone.
  package var regexEscaped: String {
    reduce(into: "") { text, character in
      if #".+*?()|[]{}^$\"#.contains(character) { text.append("\\") }
      text.append(character)
    }
  }
}

extension NamePattern {
  /// As a regular expression, which PromQL matches with the whole of a label's value.
  static func expression(_ pattern: some StringProtocol) -> String {
    pattern.map { character in
      switch character {
      case "*": ".*"
      case "?": "."
      default: String(character).regexEscaped
      }
    }.joined()
  }
}
