package import TerminalKit

/// The lines of an asciinema recording, version 2: a header, then `[seconds, kind, data]` for each event.
package enum AsciicastText {
  /// `second`: when it begins, since 1970.
  package static func header(_ size: Size, second: Int64, term: String) -> String {
    "{\"version\":2,\"width\":\(size.columns),\"height\":\(size.rows),\"timestamp\":\(second),"
      + "\"env\":{\"TERM\":\(quoted(term))}}"
  }

  /// What the terminal was sent, `time` after the beginning.
  package static func output(_ bytes: [UInt8], after time: Duration) -> String {
    line("o", String(decoding: bytes, as: UTF8.self), time)
  }

  package static func resize(_ size: Size, after time: Duration) -> String {
    line("r", "\(size.columns)x\(size.rows)", time)
  }

  private static func line(_ kind: String, _ data: String, _ time: Duration) -> String {
    let microseconds = max(0, time / .microseconds(1))
    let whole = Int64(microseconds.rounded(.down))
    let rest = String(1_000_000 + whole % 1_000_000).dropFirst()
    return "[\(whole / 1_000_000).\(rest), \"\(kind)\", \(quoted(data))]"
  }

  /// A JSON string, all on one line.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value):
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
