extension Double {
  /// The number with at most two decimals, trailing zeros cut: `0.25`, `5`, `1.5`; a huge one as
  /// `9.2e+18`.
  package var inHundredths: String {
    guard isFinite, magnitude < 1e12 else {
      return isFinite ? "\(self)" : isNaN ? "NaN" : self < 0 ? "-∞" : "∞"
    }
    let hundredths = Int64((magnitude * 100).rounded())
    var text = "\(hundredths / 100)"
    let rest = hundredths % 100
    if rest % 10 != 0 {
      text += rest < 10 ? ".0\(rest)" : ".\(rest)"
    } else if rest != 0 {
      text += ".\(rest / 10)"
    }
    return self < 0 && hundredths != 0 ? "-" + text : text
  }
}

extension Int {
  /// A count as people read it, thousands apart: `4 873`.
  package var grouped: String {
    let digits = String(magnitude)
    var text = self < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text.append(" ") }
      text.append(digit)
    }
    return text
  }
}

extension Duration {
  /// The duration in words an operator reads: `0.3 s`, `12.4 s`, `2m05s`, `1h58m`.
  package var inTenths: String {
    let tenths = (wholeNanoseconds &+ 50_000_000) / 100_000_000
    if tenths < 600 { return "\(tenths / 10).\(tenths % 10) s" }
    let seconds = tenths / 10
    if seconds < 3600 { return "\(seconds / 60)m\(twoDigits(seconds % 60))s" }
    return "\(seconds / 3600)h\(twoDigits(seconds / 60 % 60))m"
  }

  /// A short time in at most seven columns: `40 ms`, `1.25 s`, `12.3 s`.
  package var tight: String {
    if seconds < 0.9995 { return "\(Int((seconds * 1000).rounded())) ms" }
    if seconds >= 9.995 { return inTenths }
    let hundredths = Int64((seconds * 100).rounded())
    return "\(hundredths / 100).\(twoDigits(hundredths % 100)) s"
  }

  private func twoDigits(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
