internal import CZlib
internal import FoundationEssentials

/// Bytes deflated by zlib, preceded by the uncompressed size as a varint.
enum Deflated {
  /// The largest size accepted when inflating; a recorder never writes more.
  private static let limit = 1 << 28

  /// How much time it takes.
  enum Effort: Int32 {
    case fast = 1
    case usual = 6
  }

  static func bytes(of plain: some Collection<UInt8>, _ effort: Effort = .usual) -> Data {
    let plain = Array(plain)
    var head = PackedWriter()
    head.put(UInt64(plain.count))
    var count = compressBound(uLong(plain.count))
    var body = [UInt8](repeating: 0, count: Int(count))
    // It fails only if the output buffer is too small, and this one never is.
    _ = compress2(&body, &count, plain, uLong(plain.count), effort.rawValue)
    return Data(head.bytes + body.prefix(Int(count)))
  }

  static func plain(_ deflated: some Collection<UInt8>) throws(PackedMismatch) -> [UInt8] {
    var reader = PackedReader(Array(deflated))
    guard let size = Int(exactly: try reader.number()), size <= limit else {
      throw PackedMismatch()
    }
    let body = Array(reader.rest)
    var plain = [UInt8](repeating: 0, count: size)
    var count = uLong(size)
    guard uncompress(&plain, &count, body, uLong(body.count)) == Z_OK, Int(count) == size else {
      throw PackedMismatch()
    }
    return plain
  }
}
