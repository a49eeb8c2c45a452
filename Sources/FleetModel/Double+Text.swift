extension Double {
  /// The number with at most two decimals, trailing zeros cut: `0.25`, `5`, `1.5`.
  package var inHundredths: String {
    guard isFinite, magnitude < 1e12 else { return isNaN ? "NaN" : self < 0 ? "-∞" : "∞" }
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
