internal import Exposition

/// Reads a JSON document from its beginning to its end, and makes values only of what is asked for.
///
/// A decoder makes a map of the whole document first, which for megabytes of which little is wanted
/// takes most of the time. This one knows nothing of errors: whoever needs words for what is wrong
/// with a document gives it to a decoder.
package struct JSONScanner: ~Copyable {
  /// The document is not JSON, or holds something else than was asked for.
  package struct Unexpected: Error {
    package init() {}
  }

  /// A member's name, as it stands in the document.
  package struct Name {
    fileprivate let bytes: Slice<UnsafeRawBufferPointer>
    /// It may be another name than it looks like.
    let isEscaped: Bool

    package var place: Range<Int> { bytes.startIndex..<bytes.endIndex }

    package static func ~= (name: StaticString, found: Name) -> Bool {
      found.bytes.count == name.utf8CodeUnitCount && found.bytes.starts(with: name)
    }
  }

  /// Of objects and arrays within each other.
  private static let deepest = 64

  private let bytes: UnsafeRawBufferPointer
  private var place = 0
  private var depth = 0

  /// `bytes` must outlive it.
  package init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// Requires that nothing follows but blanks.
  package mutating func end() throws(Unexpected) {
    guard next() == nil else { throw Unexpected() }
  }

  // MARK: Values

  /// Goes over null; false where there is something else.
  mutating func null() throws(Unexpected) -> Bool {
    guard next() == UInt8(ascii: "n") else { return false }
    try take("null")
    return true
  }

  package mutating func truth() throws(Unexpected) -> Bool {
    let isTrue = next() == UInt8(ascii: "t")
    try take(isTrue ? "true" : "false")
    return isTrue
  }

  /// Without fraction and exponent.
  mutating func integer() throws(Unexpected) -> Int {
    let isNegative = next() == UInt8(ascii: "-")
    if isNegative { place += 1 }
    let start = place
    var value = 0
    while place < bytes.count, (0x30...0x39).contains(bytes[place]) {
      let digit = Int(bytes[place] - 0x30)
      let (tens, isTooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, isTooLargeYet) = tens.addingReportingOverflow(isNegative ? -digit : digit)
      guard !isTooLarge, !isTooLargeYet else { throw Unexpected() }
      value = sum
      place += 1
    }
    let isWhole = place == bytes.count || !Self.continuesNumber(bytes[place])
    guard place > start, isWhole, place - start == 1 || bytes[start] != 0x30 else {
      throw Unexpected()
    }
    return value
  }

  /// A text in which nothing is escaped.
  mutating func text() throws(Unexpected) -> String {
    let (range, isEscaped) = try string()
    guard !isEscaped, let text = String(validating: bytes[range], as: UTF8.self) else {
      throw Unexpected()
    }
    return text
  }

  /// Goes over a text and returns where it stands, with whatever is escaped in it.
  package mutating func textPlace() throws(Unexpected) -> Range<Int> { try string().range }

  /// One that a Double can hold: a larger one is none, as for a decoder.
  package mutating func number() throws(Unexpected) -> Double {
    guard next() != nil else { throw Unexpected() }
    let start = place
    try skipNumber()
    guard let number = Double(String(decoding: bytes[start..<place], as: UTF8.self)),
      number.isFinite
    else { throw Unexpected() }
    return number
  }

  /// Whether an object is next.
  package var isAtObject: Bool { mutating get { next() == UInt8(ascii: "{") } }

  /// Goes over a text, and says whether it has any characters.
  mutating func isEmptyText() throws(Unexpected) -> Bool { try string().range.isEmpty }

  /// Goes over an object; `member` must go over the value of each.
  package mutating func object(
    _ member: (inout JSONScanner, Name) throws(Unexpected) -> Void
  ) throws(Unexpected) {
    try enter(UInt8(ascii: "{"))
    var isFirst = true
    while try goesOn(to: UInt8(ascii: "}"), isFirst) {
      isFirst = false
      let (range, isEscaped) = try string()
      guard next() == UInt8(ascii: ":") else { throw Unexpected() }
      place += 1
      try member(&self, Name(bytes: bytes[range], isEscaped: isEscaped))
    }
    depth -= 1
  }

  /// The same, where a member that is null counts as missing.
  mutating func members(
    _ member: (inout JSONScanner, Name) throws(Unexpected) -> Void
  ) throws(Unexpected) {
    try object { (scanner, name) throws(Unexpected) in
      guard !name.isEscaped else { throw Unexpected() }
      if try scanner.null() { return }
      try member(&scanner, name)
    }
  }

  /// Goes over an array; `element` must go over each.
  package mutating func array(
    _ element: (inout JSONScanner) throws(Unexpected) -> Void
  ) throws(Unexpected) {
    try enter(UInt8(ascii: "["))
    var isFirst = true
    while try goesOn(to: UInt8(ascii: "]"), isFirst) {
      isFirst = false
      try element(&self)
    }
    depth -= 1
  }

  /// Goes over a value, whatever it is.
  package mutating func skip() throws(Unexpected) {
    switch next() {
    case UInt8(ascii: "{"):
      try object { (scanner, _) throws(Unexpected) in try scanner.skip() }
    case UInt8(ascii: "["): try array { (scanner) throws(Unexpected) in try scanner.skip() }
    case UInt8(ascii: "\""): _ = try string()
    case UInt8(ascii: "t"): try take("true")
    case UInt8(ascii: "f"): try take("false")
    case UInt8(ascii: "n"): try take("null")
    default: try skipNumber()
    }
  }

  // MARK: Bytes

  /// The next byte that is no blank, which is not gone over; nil at the end.
  private mutating func next() -> UInt8? {
    while place < bytes.count {
      switch bytes[place] {
      case 0x20, 0x0A, 0x0D, 0x09: place += 1
      case let byte: return byte
      }
    }
    return nil
  }

  private mutating func enter(_ bracket: UInt8) throws(Unexpected) {
    guard next() == bracket, depth < Self.deepest else { throw Unexpected() }
    depth += 1
    place += 1
  }

  /// Goes over a comma, or over the closing bracket and returns false.
  private mutating func goesOn(to bracket: UInt8, _ isFirst: Bool) throws(Unexpected) -> Bool {
    let byte = next()
    if byte == bracket {
      place += 1
      return false
    }
    if isFirst { return true }
    guard byte == UInt8(ascii: ",") else { throw Unexpected() }
    place += 1
    // A comma before the bracket is an error.
    guard next() != bracket else { throw Unexpected() }
    return true
  }

  private mutating func string() throws(Unexpected) -> (range: Range<Int>, isEscaped: Bool) {
    guard next() == UInt8(ascii: "\"") else { throw Unexpected() }
    place += 1
    let start = place
    var isEscaped = false
    while place < bytes.count {
      switch bytes[place] {
      case UInt8(ascii: "\""):
        place += 1
        return (start..<place - 1, isEscaped)
      case UInt8(ascii: "\\"):
        isEscaped = true
        place += 2
      case 0..<0x20: throw Unexpected()
      default: place += 1
      }
    }
    throw Unexpected()
  }

  private mutating func take(_ word: StaticString) throws(Unexpected) {
    let end = place + word.utf8CodeUnitCount
    guard end <= bytes.count, bytes[place..<end].starts(with: word) else { throw Unexpected() }
    place = end
  }

  private mutating func skipNumber() throws(Unexpected) {
    if place < bytes.count, bytes[place] == UInt8(ascii: "-") { place += 1 }
    let start = place
    try skipDigits()
    guard place - start == 1 || bytes[start] != 0x30 else { throw Unexpected() }
    if place < bytes.count, bytes[place] == UInt8(ascii: ".") {
      place += 1
      try skipDigits()
    }
    if place < bytes.count, bytes[place] | 0x20 == UInt8(ascii: "e") {
      place += 1
      if place < bytes.count, [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(bytes[place]) {
        place += 1
      }
      try skipDigits()
    }
  }

  private mutating func skipDigits() throws(Unexpected) {
    let start = place
    while place < bytes.count, (0x30...0x39).contains(bytes[place]) { place += 1 }
    guard place > start else { throw Unexpected() }
  }

  /// Whether a byte behind digits belongs to the same number.
  private static func continuesNumber(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ".") || byte | 0x20 == UInt8(ascii: "e")
  }
}

extension Slice<UnsafeRawBufferPointer> {
  /// Whether it begins with a text, than which it must not be shorter.
  @inline(__always)
  fileprivate func starts(with text: StaticString) -> Bool {
    guard let start = base.baseAddress else { return false }
    return equalBytes(start + startIndex, text.utf8Start, text.utf8CodeUnitCount)
  }
}
