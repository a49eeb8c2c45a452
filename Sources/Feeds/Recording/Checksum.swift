/// A 64-bit FNV-1a checksum of a batch or a row: SQLite itself does not notice a flipped bit.
struct Checksum {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  /// The same bits as the signed integer that SQLite stores.
  var stored: Int64 { Int64(bitPattern: value) }

  mutating func add(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
  }

  /// The checksum of a row's values, in the order of its columns.
  init(of values: [Leaf?]) { for value in values { add(value) } }

  init() {}

  mutating func add(_ number: Int64) {
    withUnsafeBytes(of: number.littleEndian) { add($0) }
  }

  /// Adds a byte for the kind of value, then the value: integers and reals as eight little-endian
  /// bytes, text as UTF-8.
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
