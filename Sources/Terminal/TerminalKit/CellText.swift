/// A cell's character as a number: up to three scalars side by side.
///
/// A screen has thousands of cells, which every frame copies and compares; a `Character` may be an
/// object, which is counted each time. Text that is safe leaves two marks to a letter, so that three
/// scalars are enough; whatever else belongs to a character is left out.
package struct CellText: Sendable, Equatable {
  private static let bitsPerScalar = 21
  private static let mostScalars = 3

  /// The first scalar in the lowest bits; no scalar of a drawn character is 0.
  private let bits: UInt64

  package static let space = CellText(UInt8(ascii: " "))
  /// What stands in the right half of a wide character.
  package static let rightHalf = CellText(bits: 0)

  private init(bits: UInt64) { self.bits = bits }

  /// A printable character of ASCII.
  package init(_ byte: UInt8) { self.init(bits: UInt64(byte)) }

  package init(_ character: Character) {
    var bits: UInt64 = 0
    for (place, scalar) in character.unicodeScalars.prefix(Self.mostScalars).enumerated() {
      bits |= UInt64(scalar.value) << (place * Self.bitsPerScalar)
    }
    self.init(bits: bits)
  }

  /// Calls with each scalar, in their order.
  package func forEachScalar(_ take: (Unicode.Scalar) -> Void) {
    var rest = bits
    while rest != 0, let scalar = Unicode.Scalar(UInt32(rest & (1 << Self.bitsPerScalar - 1))) {
      take(scalar)
      rest >>= Self.bitsPerScalar
    }
  }

  /// Nil in the right half of a wide character.
  package var character: Character? {
    guard self != .rightHalf else { return nil }
    var text = String.UnicodeScalarView()
    forEachScalar { text.append($0) }
    return Character(String(text))
  }
}
