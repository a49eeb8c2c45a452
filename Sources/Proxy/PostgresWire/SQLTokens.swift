internal import NIOCore

/// Takes the text of statements apart, as far as it has to be understood: words, quoted names and
/// signs, without comments, and with strings and numbers as what they are and no more.
///
/// Mirrors Postgres' scanner (src/backend/parser/scan.l): nested comments, dollar quotes, `E''`.
/// Client encodings whose characters may hold a byte of ASCII are read as if they were ASCII.
struct SQLTokens: IteratorProtocol {
  enum Token: Equatable {
    /// A word, in lower case, or a quoted name as it is.
    case word(String)
    case sign(UInt8)
    /// A string, a number or a parameter.
    case value
  }

  private let text: ByteBufferView
  /// Where the scanner is: behind the last token.
  private(set) var index: Int
  /// Where the last token begins.
  private(set) var tokenStart: Int
  /// `standard_conforming_strings` is off: a backslash escapes in every string.
  private let isBackslashEscape: Bool

  init(_ text: ByteBufferView, isBackslashEscape: Bool = false) {
    self.text = text
    self.isBackslashEscape = isBackslashEscape
    index = text.startIndex
    tokenStart = index
  }

  mutating func next() -> Token? {
    skipBlanks()
    tokenStart = index
    guard let byte = peek() else { return nil }
    switch byte {
    case UInt8(ascii: "'"):
      skipString(escaping: isBackslashEscape)
      return .value
    case UInt8(ascii: "\""): return .word(quotedName())
    case UInt8(ascii: "$"): return dollar()
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      skip(while: Self.isInsideWord)
      return .value
    case _ where Self.isStartOfWord(byte): return word()
    default:
      index += 1
      return .sign(byte)
    }
  }

  // MARK: Blanks

  private mutating func skipBlanks() {
    while let byte = peek() {
      switch (byte, peek(1)) {
      case (UInt8(ascii: " "), _), (9...13, _): index += 1
      case (UInt8(ascii: "-"), UInt8(ascii: "-")): skip { $0 != 10 && $0 != 13 }
      case (UInt8(ascii: "/"), UInt8(ascii: "*")): skipComment()
      default: return
      }
    }
  }

  private mutating func skipComment() {
    var depth = 0
    repeat {
      switch (peek(), peek(1)) {
      case (nil, _): return
      case (UInt8(ascii: "/"), UInt8(ascii: "*")):
        depth += 1
        index += 2
      case (UInt8(ascii: "*"), UInt8(ascii: "/")):
        depth -= 1
        index += 2
      default: index += 1
      }
    } while depth > 0
  }

  // MARK: Words

  private mutating func word() -> Token {
    let start = index
    skip(while: Self.isInsideWord)
    if index == start + 1, text[start] | 0x20 == UInt8(ascii: "e"), peek() == UInt8(ascii: "'") {
      skipString(escaping: true)
      return .value
    }
    let name = text[start..<index].lazy.map { byte in
      (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
    return .word(String(decoding: name, as: UTF8.self))
  }

  private mutating func quotedName() -> String {
    let start = index
    skipQuoted(by: UInt8(ascii: "\""), escaping: false)
    let name = text[start..<index].dropFirst().dropLast()
    guard name.contains(UInt8(ascii: "\"")) else { return String(decoding: name, as: UTF8.self) }
    return String(decoding: name, as: UTF8.self).replacing("\"\"", with: "\"")
  }

  // MARK: Values

  private mutating func skipString(escaping: Bool) {
    skipQuoted(by: UInt8(ascii: "'"), escaping: escaping)
  }

  /// A doubled quote is part of what is quoted: it ends one run, and the next begins at once.
  private mutating func skipQuoted(by quote: UInt8, escaping: Bool) {
    repeat {
      index += 1
      skip { $0 != quote && !(escaping && $0 == UInt8(ascii: "\\")) }
      while escaping, peek() == UInt8(ascii: "\\") {
        index = min(index + 2, text.endIndex)
        skip { $0 != quote && $0 != UInt8(ascii: "\\") }
      }
      index = min(index + 1, text.endIndex)
    } while peek() == quote
  }

  /// A parameter, or a string between two equal tags.
  private mutating func dollar() -> Token {
    let start = index
    index += 1
    if let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
      skip(while: Self.isInsideWord)
      return .value
    }
    skip { Self.isInsideWord($0) && $0 != UInt8(ascii: "$") }
    guard peek() == UInt8(ascii: "$") else {
      index = start + 1
      return .sign(UInt8(ascii: "$"))
    }
    index += 1
    let tag = text[start..<index]
    while let byte = peek() {
      if byte == UInt8(ascii: "$"), text[index...].starts(with: tag) {
        index += tag.count
        return .value
      }
      index += 1
    }
    return .value
  }

  // MARK: Bytes

  private func peek(_ offset: Int = 0) -> UInt8? {
    index + offset < text.endIndex ? text[index + offset] : nil
  }

  private mutating func skip(while condition: (UInt8) -> Bool) {
    while index < text.endIndex, condition(text[index]) { index += 1 }
  }

  private static func isStartOfWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "_"), 0x80...:
      true
    default: false
    }
  }

  private static func isInsideWord(_ byte: UInt8) -> Bool {
    isStartOfWord(byte) || byte == UInt8(ascii: "$")
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
