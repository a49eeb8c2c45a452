extension Double {
  /// The number with at most two decimals and no trailing zeros: `0.25`, `5`, `1.5`; a huge one as
  /// `9.2e+18`.
  package var inHundredths: String { rounded(toHundredths: 1) }

  /// The same with at most one decimal.
  package var inTenths: String { rounded(toHundredths: 10) }

  private func rounded(toHundredths unit: Double) -> String {
    guard isFinite, magnitude < 1e12 else {
      return isFinite ? "\(self)" : isNaN ? "NaN" : self < 0 ? "-∞" : "∞"
    }
    let hundredths = Int64((magnitude * 100 / unit).rounded()) * Int64(unit)
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
  /// A count with its thousands set apart: `4 873`.
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

extension FixedWidthInteger {
  /// At least two digits: `05`, `12`.
  package var twoDigits: String { (0..<10).contains(self) ? "0\(self)" : "\(self)" }
}
