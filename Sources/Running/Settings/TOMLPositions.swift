/// A place in a text, both counted from 1; a column is a Unicode scalar.
package struct TextPosition: Sendable, Equatable, Comparable {
  package let line: Int
  package let column: Int

  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  package static func < (a: Self, b: Self) -> Bool { (a.line, a.column) < (b.line, b.column) }
}

/// Where keys and values stand in a TOML document.
///
/// TOMLKit says where a document cannot be read, and of one that it has read only the values. This
/// follows a document that it has accepted, so that a key that is not known and a value that does not
/// fit are said with line and column. What is within an inline table counts as its key's.
struct TOMLPositions {
  private(set) var keys: [[String]: TextPosition] = [:]
  private(set) var values: [[String]: TextPosition] = [:]
  /// Of the values in a list.
  private(set) var elements: [[String]: [TextPosition]] = [:]

  private let text: [Unicode.Scalar]
  private var index = 0
  private var position = (line: 1, column: 1)

  init(_ text: String) {
    self.text = Array(text.unicodeScalars)
    var table: [String] = []
    while skipBlanks(andLines: true) {
      let start = here
      if peek == "[" {
        while peek == "[" { advance() }
        table = keyPath()
        for count in table.indices where keys[Array(table[...count])] == nil {
          keys[Array(table[...count])] = start
        }
        skipLine()
      } else {
        let path = table + keyPath()
        guard path.count > table.count, peek == "=" else { return }
        advance()
        _ = skipBlanks(andLines: false)
        keys[path] = start
        values[path] = here
        elements[path] = skipValue()
      }
    }
  }

  /// Where a key stands, or else the nearest table that holds it.
  func key(_ path: [String]) -> TextPosition? {
    var path = path
    while !path.isEmpty {
      if let found = keys[path] { return found }
      path.removeLast()
    }
    return nil
  }

  // MARK: Reading

  private var here: TextPosition { TextPosition(line: position.line, column: position.column) }
  private var peek: Unicode.Scalar? { index < text.count ? text[index] : nil }

  private func starts(with mark: String) -> Bool {
    text[index...].starts(with: mark.unicodeScalars)
  }

  private mutating func advance(_ count: Int = 1) {
    for _ in 0..<count where index < text.count {
      position =
        text[index] == "\n" ? (position.line + 1, 1) : (position.line, position.column + 1)
      index += 1
    }
  }

  private mutating func skipLine() {
    while let scalar = peek, scalar != "\n" { advance() }
  }

  /// Skips blanks, and with them lines and comments; false at the end of the text.
  private mutating func skipBlanks(andLines: Bool) -> Bool {
    while let scalar = peek {
      if scalar == " " || scalar == "\t" || scalar == "\r" || andLines && scalar == "\n" {
        advance()
      } else if andLines, scalar == "#" {
        skipLine()
      } else {
        return true
      }
    }
    return false
  }

  /// `a.b."c d"`, with the blanks behind it.
  private mutating func keyPath() -> [String] {
    var path: [String] = []
    while true {
      _ = skipBlanks(andLines: false)
      guard let part = keyPart() else { return path }
      path.append(part)
      _ = skipBlanks(andLines: false)
      guard peek == "." else { return path }
      advance()
    }
  }

  private mutating func keyPart() -> String? {
    var part = String.UnicodeScalarView()
    if let quote = peek, quote == "\"" || quote == "'" {
      advance()
      while let scalar = peek, scalar != quote, scalar != "\n" {
        if scalar == "\\", quote == "\"" { advance() }
        if let scalar = peek { part.append(scalar) }
        advance()
      }
      advance()
      return String(part)
    }
    while let scalar = peek,
      scalar == "-" || scalar == "_" || scalar.properties.isAlphabetic
        || scalar.properties.numericType != nil
    {
      part.append(scalar)
      advance()
    }
    return part.isEmpty ? nil : String(part)
  }

  /// Skips a value and the rest of its line; returns where the values of a list begin.
  private mutating func skipValue() -> [TextPosition] {
    var found: [TextPosition] = []
    var depth = 0
    var isList = false
    var isExpected = false
    while let scalar = peek {
      if scalar == "#" {
        skipLine()
        continue
      }
      let isBlank = " \t\r\n".unicodeScalars.contains(scalar)
      if isList, depth == 1, isExpected, !isBlank, scalar != "]" {
        found.append(here)
        isExpected = false
      }
      switch scalar {
      case "\n" where depth == 0: return found
      case "\"", "'": skipString(scalar)
      case "[", "{":
        depth += 1
        if depth == 1 { (isList, isExpected) = (scalar == "[", true) }
        advance()
      case "]", "}":
        depth -= 1
        advance()
      case ",":
        if depth == 1 { isExpected = true }
        advance()
      default: advance()
      }
    }
    return found
  }

  private mutating func skipString(_ quote: Unicode.Scalar) {
    let triple = String(repeating: String(quote), count: 3)
    let end = starts(with: triple) ? triple : String(quote)
    advance(end.count)
    while peek != nil, !starts(with: end) {
      advance(peek == "\\" && quote == "\"" ? 2 : 1)
    }
    advance(end.count)
    // Up to two more quotation marks may belong to the text.
    if end.count == 3 { while peek == quote { advance() } }
  }
}
