/// Numbers as Go's client writes nearly all of them: `17`, `0.25`, `1.234567e+06`.
enum ShortNumber {
  /// Beyond so many digits a number may have to be rounded before it is scaled.
  private static let digitLimit = 15
  /// The powers of ten that a double holds exactly.
  private static let powers: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
  ]

  /// Reads the number that begins here, and says how many bytes it has; nil where it takes a general
  /// parser to read it, or is none.
  ///
  /// Digits and power are exact as doubles, so that the one operation on them rounds as it should
  /// (Clinger, "How to read floating point numbers accurately", 1990).
  @inline(__always)
  static func read(_ text: UnsafeRawPointer, _ count: Int) -> (value: Double, length: Int)? {
    var whole: Int64 = 0
    var position = 0
    while position < count, position <= digitLimit, let digit = digit(text, position) {
      whole = whole &* 10 &+ digit
      position += 1
    }
    guard position > 0, position <= digitLimit else { return nil }
    guard position < count else { return (Double(whole), position) }
    let byte = text.load(fromByteOffset: position, as: UInt8.self)
    guard byte == UInt8(ascii: ".") || byte == UInt8(ascii: "e") else {
      return (Double(whole), position)
    }
    return scaled(text, count, whole, position)
  }

  /// Reads on where a number has a point or an exponent.
  private static func scaled(
    _ text: UnsafeRawPointer, _ count: Int, _ whole: Int64, _ wholeDigits: Int
  ) -> (value: Double, length: Int)? {
    var (digits, position, power) = (whole, wholeDigits, 0)
    if text.load(fromByteOffset: position, as: UInt8.self) == UInt8(ascii: ".") {
      position += 1
      while position < count, position <= digitLimit + 1, let digit = digit(text, position) {
        digits = digits &* 10 &+ digit
        position += 1
        power -= 1
      }
      guard power < 0, position <= digitLimit + 1 else { return nil }
    }
    if position < count, text.load(fromByteOffset: position, as: UInt8.self) == UInt8(ascii: "e") {
      position += 1
      guard position < count else { return nil }
      let sign = text.load(fromByteOffset: position, as: UInt8.self)
      guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return nil }
      position += 1
      let start = position
      var exponent = 0
      while position < count, position - start < 3, let digit = digit(text, position) {
        exponent = exponent * 10 + Int(digit)
        position += 1
      }
      guard position > start, position - start < 3 else { return nil }
      power += sign == UInt8(ascii: "-") ? -exponent : exponent
    }
    guard abs(power) < powers.count else { return nil }
    let value = power < 0 ? Double(digits) / powers[-power] : Double(digits) * powers[power]
    return (value, position)
  }

  @inline(__always)
  private static func digit(_ text: UnsafeRawPointer, _ position: Int) -> Int64? {
    let value = text.load(fromByteOffset: position, as: UInt8.self) &- UInt8(ascii: "0")
    return value < 10 ? Int64(value) : nil
  }
}
