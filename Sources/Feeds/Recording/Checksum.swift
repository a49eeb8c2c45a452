/// FNV-1a of 64 bits over a batch: SQLite itself does not notice a bit that has flipped.
struct Checksum {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  /// As SQLite holds it.
  var stored: Int64 { Int64(bitPattern: value) }

  mutating func add(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
  }

  /// Of a row that is referred to by its number: its values in their order.
  init(of values: [Leaf?]) { for value in values { add(value) } }

  init() {}

  mutating func add(_ number: Int64) {
    withUnsafeBytes(of: number.littleEndian) { add($0) }
  }

  /// A kind, and what it holds: integers and reals as eight bytes, the lowest first, text as UTF-8.
  mutating func add(_ leaf: Leaf?) {
    switch leaf?.stored {
    case nil: add([0])
    case .integer(let number)?:
      add([1])
      add(number)
    case .real(let number)?:
      add([2])
      add(Int64(bitPattern: number.bitPattern))
    case .text(let text)?:
      add([3])
      add(text.utf8)
    case .empty?: add([4])
    }
  }
}
