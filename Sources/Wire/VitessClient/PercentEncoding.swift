/// A name and a value behind the `?` of a URL.
package typealias URLParameter = (name: String, value: String)

extension Sequence where Element == URLParameter {
  /// What stands behind a path: `?to=new&force=3`, or nothing.
  package var query: String {
    let pairs = map { "\($0.name.percentEncoded)=\($0.value.percentEncoded)" }
    return pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
  }
}

extension String {
  /// All but letters, digits and `-._~` as `%XX`.
  package var percentEncoded: String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        bytes.append(byte)
      default:
        bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
