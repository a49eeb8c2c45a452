/// A 64-bit digest of lines, eight bytes at a time.
///
/// The mixing step is wyhash's: the halves of a full product, folded.
struct Digest {
  private(set) var value: UInt64 = 0

  @inline(__always)
  mutating func add(_ line: UnsafeRawBufferPointer) {
    mix(UInt64(line.count))
    var offset = 0
    while offset + 8 <= line.count {
      mix(line.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      offset += 8
    }
    guard offset < line.count else { return }
    var rest: UInt64 = 0
    for byte in line[offset...] { rest = rest << 8 | UInt64(byte) }
    mix(rest)
  }

  @inline(__always)
  private mutating func mix(_ word: UInt64) {
    let product = (word ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(
      by: value ^ 0xE703_7ED1_A0B4_28DB)
    value = product.high ^ product.low
  }
}
