/// What a terminal says about its background in answer to OSC 11: `11;rgb:1e1e/1e1e/1e1e`.
///
/// `rgb:` has one to four hexadecimal digits per part, as XParseColor reads them; with `rgba:` a
/// fourth part follows, which does not matter here.
struct TerminalBackground: Equatable {
  /// Each 0...1.
  let red: Double
  let green: Double
  let blue: Double

  init(red: Double, green: Double, blue: Double) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// `answer`: what is between the introducer and the terminator.
  init?(answer: [UInt8]) {
    guard let text = String(validating: answer, as: UTF8.self), text.hasPrefix("11;") else {
      return nil
    }
    let words = text.dropFirst(3).split(separator: ":", omittingEmptySubsequences: false)
    guard words.count == 2, words[0] == "rgb" || words[0] == "rgba" else { return nil }
    let parts = words[1].split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == (words[0] == "rgb" ? 3 : 4) else { return nil }
    var values: [Double] = []
    for part in parts {
      guard (1...4).contains(part.utf8.count), part.allSatisfy(\.isHexDigit),
        let value = UInt32(part, radix: 16)
      else { return nil }
      values.append(Double(value) / Double((1 << (4 * part.utf8.count)) - 1))
    }
    self.init(red: values[0], green: values[1], blue: values[2])
  }

  /// White can be read on it better than black.
  ///
  /// Judged by the parts' weights in brightness (ITU-R BT.601), gamma included: half of it looks
  /// like the middle between the two.
  var isDark: Bool { 0.299 * red + 0.587 * green + 0.114 * blue < 0.5 }
}
