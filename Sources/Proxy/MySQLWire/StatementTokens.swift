/// The words of SQL, as far as the proxy has to tell them apart.
enum StatementToken: Sendable, Equatable {
  /// A word without quotes, in capitals.
  case word(String)
  /// What stands in backquotes.
  case name(String)
  case string
  case number
  /// `@name`, in small letters.
  case userVariable(String)
  /// `@@name` or `@@scope.name`, in small letters.
  case systemVariable(String)
  case symbol(UInt8)

  func isWord(_ word: String) -> Bool { self == .word(word) }
  func isSymbol(_ symbol: Unicode.Scalar) -> Bool { self == .symbol(UInt8(ascii: symbol)) }

  /// Whether it names the variable that says what strings look like.
  var isSQLMode: Bool {
    switch self {
    case .word(let name): name == "SQL_MODE"
    case .name(let name): name.lowercased() == "sql_mode"
    case .systemVariable(let name): name.hasSuffix("sql_mode")
    default: false
    }
  }
}

/// Takes SQL apart as MySQL's lexer does, where that matters here.
///
/// Comments are left out, and what stands in `/*! … */` counts as if it stood alone, whatever
/// release it is meant for.
struct StatementTokens {
  private let bytes: [UInt8]
  private let escapes: Bool
  private(set) var position = 0
  /// Where the token at hand begins.
  private var start = 0

  /// `escapes`: whether a backslash escapes in strings, which NO_BACKSLASH_ESCAPES ends.
  init(_ bytes: [UInt8], escapes: Bool) {
    self.bytes = bytes
    self.escapes = escapes
  }

  private func byte(_ offset: Int = 0) -> UInt8? {
    position + offset < bytes.count ? bytes[position + offset] : nil
  }

  private func isAhead(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard position + count <= bytes.count else { return false }
    return (0..<count).allSatisfy { bytes[position + $0] == text.utf8Start[$0] }
  }

  mutating func next() -> StatementToken? {
    skipBlanks()
    start = position
    guard let first = byte() else { return nil }
    switch first {
    case UInt8(ascii: "'"), UInt8(ascii: "\""):
      skipQuoted(first)
      return .string
    case UInt8(ascii: "`"):
      skipQuoted(first)
      return .name(quoted)
    case UInt8(ascii: "@"): return variable()
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      skipWord(orAnyOf: ".")
      return .number
    case _ where Self.isOfWord(first):
      skipWord()
      return .word(text(start..<position).uppercased())
    default:
      position += 1
      return .symbol(first)
    }
  }

  /// What stands between the quotes of the token at hand.
  private var quoted: String {
    let quote = String(UnicodeScalar(bytes[start]))
    return text(start + 1..<max(start + 1, position - 1)).replacing(quote + quote, with: quote)
  }

  /// The string or number at hand as a server may take it for a name: one that begins with a digit, or
  /// that ANSI_QUOTES allows in double quotes; nil where it is neither.
  var possibleName: String? {
    guard start < position else { return nil }
    switch bytes[start] {
    case UInt8(ascii: "\""): return quoted
    case UInt8(ascii: "0")...UInt8(ascii: "9"): return text(start..<position)
    default: return nil
    }
  }

  /// Whether the token at hand is in quotes and has a backslash that need not escape: in double quotes
  /// ANSI_QUOTES would make it a letter of a name, and `maySetMode`, NO_BACKSLASH_ESCAPES in any.
  func isOfDoubtfulLength(maySetMode: Bool) -> Bool {
    guard start < position else { return false }
    let quote = bytes[start]
    return (quote == UInt8(ascii: "\"") || maySetMode && quote == UInt8(ascii: "'"))
      && bytes[start..<position].contains(UInt8(ascii: "\\"))
  }

  /// Whether one of some case-folded words stands anywhere from the token at hand on, in quotes and
  /// comments as well.
  func hasWordAhead(of words: Set<String>) -> Bool {
    bytes[start...].split { !Self.isOfWord($0) }
      .contains { words.contains(String(decoding: $0, as: UTF8.self).caseFolded) }
  }

  private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  private mutating func variable() -> StatementToken {
    let isOfSystem = byte(1) == UInt8(ascii: "@")
    position += isOfSystem ? 2 : 1
    let start = position
    if let quote = byte(), "'\"`".utf8.contains(quote) {
      skipQuoted(quote)
      let name = text(start + 1..<max(start + 1, position - 1)).lowercased()
      return isOfSystem ? .systemVariable(name) : .userVariable(name)
    }
    skipWord(orAnyOf: ".")
    let name = text(start..<position).lowercased()
    return isOfSystem ? .systemVariable(name) : .userVariable(name)
  }

  private mutating func skipBlanks() {
    while let first = byte() {
      if first <= 0x20 {
        position += 1
      } else if first == UInt8(ascii: "#")
        || (isAhead("--") && (byte(2).map { $0 <= 0x20 } ?? true))
      {
        while let byte = byte(), byte != 0x0A { position += 1 }
      } else if isAhead("/*!") || isAhead("/*M!") {
        position += isAhead("/*!") ? 3 : 4
        while let digit = byte(), (0x30...0x39).contains(digit) { position += 1 }
      } else if isAhead("/*") {
        position += 2
        while position < bytes.count, !isAhead("*/") { position += 1 }
        position = min(bytes.count, position + 2)
      } else if isAhead("*/") {
        position += 2
      } else {
        return
      }
    }
  }

  private mutating func skipQuoted(_ quote: UInt8) {
    position += 1
    while let next = byte() {
      position += 1
      if next == UInt8(ascii: "\\"), escapes, quote != UInt8(ascii: "`") {
        position += 1
      } else if next == quote {
        guard byte() == quote else { break }
        position += 1
      }
    }
    position = min(position, bytes.count)
  }

  private mutating func skipWord(orAnyOf others: String = "") {
    while let next = byte(), Self.isOfWord(next) || others.utf8.contains(next) { position += 1 }
  }

  private static func isOfWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...:
      true
    default: false
    }
  }
}
