/// The bytes are not what the format says.
struct PackedMismatch: Error {}

/// Writes numbers and values compactly, as docs/recording.md describes.
struct PackedWriter {
  private(set) var bytes: [UInt8] = []

  /// A varint: seven bits a byte, lowest first; the eighth bit says that another byte follows.
  mutating func put(_ number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// A signed varint, its sign in the lowest bit.
  mutating func put(signed number: Int64) {
    put(UInt64(bitPattern: number << 1 ^ number >> 63))
  }

  /// The value at a path; nil if there is none.
  mutating func put(_ leaf: Leaf?, at path: Int64) {
    func head(_ form: PackedForm) { put(UInt64(path) << 3 | form.rawValue) }
    switch leaf?.stored {
    case nil: head(.nothing)
    case .empty?: head(.empty)
    case .integer(let number)?:
      head(.integer)
      put(signed: number)
    case .real(let number)?:
      for form in [PackedForm.millionths, .billionths] {
        guard let parts = form.parts(of: number) else { continue }
        head(form)
        return put(signed: parts)
      }
      head(.real)
      withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes += $0 }
    case .text(let text)?:
      head(.text)
      put(UInt64(text.utf8.count))
      bytes += text.utf8
    }
  }
}

/// How a value is encoded; three bits.
private enum PackedForm: UInt64 {
  case nothing, integer, millionths, billionths, real, text, empty

  /// How many of its units make 1.
  private var denominator: Double { self == .millionths ? 1e6 : 1e9 }

  /// Nil if the number is not a whole number of units.
  func parts(of number: Double) -> Int64? {
    let parts = (number * denominator).rounded()
    guard abs(parts) < 0x1p53, parts / denominator == number else { return nil }
    return Int64(parts)
  }

  func number(_ parts: Int64) -> Double { Double(parts) / denominator }
}

struct PackedReader {
  private(set) var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func number() throws(PackedMismatch) -> UInt64 {
    var number: UInt64 = 0
    var shift: UInt64 = 0
    while let byte = rest.popFirst() {
      guard shift < 64 else { throw PackedMismatch() }
      number |= UInt64(byte & 0x7F) << shift
      guard byte & 0x80 != 0 else { return number }
      shift += 7
    }
    throw PackedMismatch()
  }

  mutating func signed() throws(PackedMismatch) -> Int64 {
    let number = try number()
    return Int64(bitPattern: number >> 1) ^ -Int64(bitPattern: number & 1)
  }

  /// A number that must fit a count.
  mutating func count() throws(PackedMismatch) -> Int {
    guard let count = Int(exactly: try number()) else { throw PackedMismatch() }
    return count
  }

  mutating func value() throws(PackedMismatch) -> PackedValue {
    let head = try number()
    guard let form = PackedForm(rawValue: head & 7) else { throw PackedMismatch() }
    let leaf: Leaf? =
      switch form {
      case .nothing: nil
      case .empty: .empty
      case .integer: .integer(try signed())
      case .millionths, .billionths: .real(form.number(try signed()))
      case .real:
        .real(
          Double(
            bitPattern: try take(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }))
      case .text: .text(String(decoding: try take(try count()), as: UTF8.self))
      }
    return PackedValue(path: Int64(head >> 3), leaf: leaf)
  }

  private mutating func take(_ count: Int) throws(PackedMismatch) -> ArraySlice<UInt8> {
    guard count <= rest.count else { throw PackedMismatch() }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }
}
