extension String {
  /// What makes the TOML parser end the program instead of refusing the text, and in which line, counted
  /// from 1; nil if nothing does.
  ///
  /// toml++ 3.4 asserts that a key begins behind a table's bracket, and a value where an array has room
  /// for one: a text is searched for that before it is parsed.
  package var tomlFlaw: (line: Int, words: String)? {
    if let line = lineOfNamelessTable { return (line, "a table's name is missing behind [") }
    return lineOfMissingValue.map { ($0, "an array has no value where one is due") }
  }

  private var lineOfNamelessTable: Int? {
    let lines = split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    let index = lines.firstIndex { line in
      let line = line.drop(while: \.isTOMLBlank)
      guard line.first == "[" else { return false }
      var name = line.dropFirst().drop(while: \.isTOMLBlank)
      if name.first == "[" { name = name.dropFirst().drop(while: \.isTOMLBlank) }
      guard let first = name.first else { return false }
      // The parser reports a bracket that closes at once as an error.
      return !(first.isASCII && (first.isLetter || first.isNumber) || "_-\"']".contains(first))
    }
    return index.map { $0 + 1 }
  }

  /// An array holds a closing brace, or a line's end of Unicode's, as in `[ }` and `[1, }`.
  private var lineOfMissingValue: Int? {
    var rest = unicodeScalars[...]
    var line = 1
    var brackets: [Unicode.Scalar] = []
    var isValueDue = false
    while let scalar = rest.popFirst() {
      switch scalar {
      case "\n": line += 1
      case " ", "\t", "\r": break
      case "#": rest = rest.drop { $0 != "\n" }
      case "\"", "'":
        line += rest.dropTOMLString(in: scalar)
        isValueDue = false
      case "}" where isValueDue, "\u{85}" where isValueDue, "\u{2028}" where isValueDue,
        "\u{2029}" where isValueDue:
        return line
      case "[", "{":
        brackets.append(scalar)
        isValueDue = scalar == "["
      case "]", "}":
        _ = brackets.popLast()
        isValueDue = false
      case ",": isValueDue = brackets.last == "["
      default: isValueDue = false
      }
    }
    return nil
  }
}

extension Substring.UnicodeScalarView {
  /// Drops what is left of a string behind its first quote, and returns how many lines that was.
  fileprivate mutating func dropTOMLString(in quote: Unicode.Scalar) -> Int {
    let isLong = starts(with: [quote, quote])
    if isLong { removeFirst(2) }
    var lines = 0
    while let scalar = popFirst() {
      switch scalar {
      case "\\" where quote == "\"": if popFirst() == "\n" { lines += 1 }
      // One that is not ended on its line is an error.
      case "\n" where !isLong: return lines + 1
      case "\n": lines += 1
      case quote where !isLong: return lines
      case quote where starts(with: [quote, quote]):
        removeFirst(2)
        return lines
      default: break
      }
    }
    return lines
  }
}

extension Character {
  fileprivate var isTOMLBlank: Bool { self == " " || self == "\t" }
}
