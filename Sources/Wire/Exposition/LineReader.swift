/// A cursor over one sample line.
struct LineReader {
  private let line: UnsafeRawBufferPointer
  private(set) var position = 0

  init(_ line: UnsafeRawBufferPointer) { self.line = line }

  var isAtEnd: Bool { position >= line.count }

  @inline(__always)
  private var current: UInt8? { position < line.count ? line[position] : nil }

  @inline(__always)
  mutating func skipBlanks() {
    while position < line.count, ASCII.isBlank(line[position]) { position += 1 }
  }

  /// Takes the metric's name and returns its length.
  mutating func takeName() -> Int {
    while position < line.count, ASCII.continuesName(line[position]) { position += 1 }
    return position
  }

  /// Takes `{name="value", …}` if it comes next; false when it is malformed.
  mutating func takeLabels(into labels: inout [Sample.LabelRange]) -> Bool {
    skipBlanks()
    guard current == ASCII.openBrace else { return true }
    position += 1
    while true {
      skipBlanks()
      guard let byte = current else { return false }
      if byte == ASCII.closeBrace {
        position += 1
        return true
      }
      guard ASCII.startsName(byte), byte != ASCII.colon else { return false }
      let nameStart = position
      while position < line.count, ASCII.continuesName(line[position]) { position += 1 }
      let nameEnd = position
      skipBlanks()
      guard current == ASCII.equals else { return false }
      position += 1
      skipBlanks()
      guard current == ASCII.quote else { return false }
      position += 1
      let valueStart = position
      var hasEscapes = false
      while position < line.count, line[position] != ASCII.quote {
        if line[position] == ASCII.backslash {
          hasEscapes = true
          position += 1
        }
        position += 1
      }
      guard position < line.count else { return false }
      labels.append(
        Sample.LabelRange(
          nameStart: nameStart, nameEnd: nameEnd, valueStart: valueStart, valueEnd: position,
          hasEscapes: hasEscapes))
      position += 1
      skipBlanks()
      if current == ASCII.comma {
        position += 1
      } else if current != ASCII.closeBrace {
        return false
      }
    }
  }

  /// Takes a value as Go's `strconv.ParseFloat` reads it; nil when it is not a number.
  mutating func takeValue() -> Double? {
    let start = position
    if let base = line.baseAddress,
      let (value, length) = ShortNumber.read(base + start, line.count - start),
      start + length == line.count || ASCII.isBlank(line[start + length])
    {
      position += length
      return value
    }
    while position < line.count, !ASCII.isBlank(line[position]) { position += 1 }
    return number(start..<position)
  }

  /// Takes a whole number; nil when it is not one or does not fit.
  mutating func takeInteger() -> Int64? {
    let start = position
    while position < line.count, !ASCII.isBlank(line[position]) { position += 1 }
    return Int64(String(decoding: line[start..<position], as: UTF8.self))
  }

  private static let alphabet = Array("0123456789+-.eE".utf8)

  private func number(_ range: Range<Int>) -> Double? {
    // Longer than any number Go prints; not worth a general parser's time.
    guard range.count > 0, range.count <= 64 else { return nil }
    let text = String(decoding: line[range], as: UTF8.self)
    switch text.lowercased() {
    case "nan", "+nan", "-nan": return .nan
    case "inf", "+inf", "infinity", "+infinity": return .infinity
    case "-inf", "-infinity": return -.infinity
    default: break
    }
    // Swift would also read hexadecimal, which the format does not have.
    guard text.utf8.allSatisfy({ Self.alphabet.contains($0) }) else { return nil }
    return Double(text)
  }
}
