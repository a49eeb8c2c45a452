/// A series and its samples, in the order of time, as places in the answer that has them.
///
/// It may be used only as long as the answer's bytes are there.
struct StoredSeries {
  private let bytes: UnsafeRawBufferPointer
  /// With the name of the series, as `__name__`; empty for a scalar.
  var labels: [(name: Range<Int>, value: Range<Int>)] = []
  /// Milliseconds since 1970, and a value as an exposition would have it.
  var samples: [(at: Int64, value: Range<Int>)] = []

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  mutating func clear() {
    labels.removeAll(keepingCapacity: true)
    samples.removeAll(keepingCapacity: true)
  }

  subscript(label: String) -> String? {
    labels.first { raw($0.name).elementsEqual(label.utf8) }.map { text($0.value) }
  }

  /// Every label that a scrape adds or a server exposes, with its value.
  var allLabels: [String: String] {
    Dictionary(labels.map { (text($0.name), text($0.value)) }, uniquingKeysWith: { $1 })
  }

  /// Its labels as they are stored, without some of the server's own and its name.
  func bytes(without own: Set<String>) -> [UInt8] {
    var bytes: [UInt8] = []
    for (name, value) in labels {
      let name = raw(name)
      guard !name.elementsEqual("__name__".utf8),
        !own.contains(where: { name.elementsEqual($0.utf8) })
      else {
        continue
      }
      bytes += name
      bytes.append(UInt8(ascii: "="))
      bytes += raw(value)
      bytes.append(UInt8(ascii: "\""))
    }
    return bytes
  }

  func raw(_ place: Range<Int>) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[place])
  }

  /// A value; nil where it is none.
  func number(_ place: Range<Int>) -> Double? {
    let raw = raw(place)
    if raw.count <= 15, !raw.isEmpty, raw.allSatisfy({ (0x30...0x39).contains($0) }) {
      return Double(raw.reduce(0) { $0 * 10 + Int($1 - 0x30) })
    }
    return Double(String(decoding: raw, as: UTF8.self))
  }

  /// The text of a JSON string.
  func text(_ place: Range<Int>) -> String {
    let raw = raw(place)
    return raw.contains(UInt8(ascii: "\\"))
      ? Self.unescaped(raw) : String(decoding: raw, as: UTF8.self)
  }

  /// Undoes the escapes of a JSON string: `\n`, `\t`, `\r`, `\b`, `\f`, `\u…` (RFC 8259, section 7).
  private static func unescaped(_ raw: UnsafeRawBufferPointer) -> String {
    var text: [UInt16] = []
    var rest = String(decoding: raw, as: UTF8.self).utf16[...]
    while let unit = rest.popFirst() {
      guard unit == 0x5C, let mark = rest.popFirst() else {
        text.append(unit)
        continue
      }
      switch mark {
      case 0x6E: text.append(0x0A)
      case 0x74: text.append(0x09)
      case 0x72: text.append(0x0D)
      case 0x62: text.append(0x08)
      case 0x66: text.append(0x0C)
      case 0x75:
        text.append(UInt16(String(rest.prefix(4)) ?? "", radix: 16) ?? 0xFFFD)
        rest = rest.dropFirst(4)
      default: text.append(mark)
      }
    }
    return String(decoding: text, as: UTF16.self)
  }
}
