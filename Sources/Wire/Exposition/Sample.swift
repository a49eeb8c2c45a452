/// A wanted sample, as a view into the scanned bytes.
///
/// Valid only inside the closure that receives it; take what is needed as values.
package struct Sample {
  /// The index in ``Selection/selectors`` of the selector that matched.
  package let selector: Int
  /// The sample's value.
  ///
  /// `NaN` and `±Inf` are legal values of the format.
  package let value: Double
  /// Milliseconds since the Unix epoch, if the line carries a timestamp.
  package let timestamp: Int64?

  let line: UnsafeRawBufferPointer
  let nameLength: Int
  /// How long the name and the labels are.
  let seriesLength: Int
  let labels: UnsafeBufferPointer<LabelRange>

  /// Where one label is in its line: offsets of its name and of its value's text between quotes.
  struct LabelRange {
    var nameStart: Int
    var nameEnd: Int
    var valueStart: Int
    var valueEnd: Int
    var hasEscapes: Bool
  }

  package var name: String {
    String(decoding: UnsafeRawBufferPointer(rebasing: line[0..<nameLength]), as: UTF8.self)
  }

  /// The bytes of its name and labels, as the line has them.
  var series: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: line[0..<seriesLength])
  }

  package var labelCount: Int { labels.count }

  /// Returns the value of a label with its escapes resolved, or nil when the label is absent.
  package func label(_ name: StaticString) -> String? {
    for range in labels where matches(range, name) { return text(of: range) }
    return nil
  }

  /// Returns the label at a position in the order of the line.
  package func label(at index: Int) -> (name: String, value: String) {
    let range = labels[index]
    let name = UnsafeRawBufferPointer(rebasing: line[range.nameStart..<range.nameEnd])
    return (String(decoding: name, as: UTF8.self), text(of: range))
  }

  private func matches(_ range: LabelRange, _ name: StaticString) -> Bool {
    let length = range.nameEnd - range.nameStart
    guard length == name.utf8CodeUnitCount, let base = line.baseAddress else { return false }
    return equalBytes(base + range.nameStart, name.utf8Start, length)
  }

  private func text(of range: LabelRange) -> String {
    let raw = UnsafeRawBufferPointer(rebasing: line[range.valueStart..<range.valueEnd])
    return range.hasEscapes ? unescaped(raw) : String(decoding: raw, as: UTF8.self)
  }

  /// Resolves `\\`, `\"` and `\n`; any other escape is left as it is, as in Prometheus' own parser.
  private func unescaped(_ raw: UnsafeRawBufferPointer) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(raw.count)
    var index = 0
    while index < raw.count {
      if raw[index] == ASCII.backslash, index + 1 < raw.count {
        switch raw[index + 1] {
        case ASCII.backslash: bytes.append(ASCII.backslash)
        case ASCII.quote: bytes.append(ASCII.quote)
        case ASCII.n: bytes.append(ASCII.newline)
        case let other: bytes += [ASCII.backslash, other]
        }
        index += 2
      } else {
        bytes.append(raw[index])
        index += 1
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// The bytes to which the format gives a meaning.
enum ASCII {
  static let tab = UInt8(ascii: "\t")
  static let newline = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")
  static let space = UInt8(ascii: " ")
  static let quote = UInt8(ascii: "\"")
  static let hash = UInt8(ascii: "#")
  static let comma = UInt8(ascii: ",")
  static let equals = UInt8(ascii: "=")
  static let backslash = UInt8(ascii: "\\")
  static let openBrace = UInt8(ascii: "{")
  static let closeBrace = UInt8(ascii: "}")
  static let colon = UInt8(ascii: ":")
  static let n = UInt8(ascii: "n")

  static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }

  /// `[a-zA-Z_:]`, the first byte of a metric name; label names are the same without the colon.
  static func startsName(_ byte: UInt8) -> Bool {
    let lower = byte | 0x20
    return (lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z")) || byte == UInt8(ascii: "_")
      || byte == colon
  }

  static func continuesName(_ byte: UInt8) -> Bool {
    startsName(byte) || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
  }
}
