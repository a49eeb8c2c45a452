/// Why a text is not a duration, in the words of Go's `time.ParseDuration`.
package struct GoDurationProblem: Error, Sendable, Equatable, CustomStringConvertible {
  package let description: String
}

extension Duration {
  /// Reads a duration as Go does: `10s`, `1h30m`, `1.5h`, `250ms`, `-5s`, `0`.
  ///
  /// Throws the error Go would report; Go, too, rejects durations beyond 292 years.
  package init(goText text: String) throws(GoDurationProblem) {
    var rest = Substring(text)
    let isNegative = rest.hasPrefix("-")
    if isNegative || rest.hasPrefix("+") { rest.removeFirst() }
    if rest == "0" {
      self = .zero
      return
    }
    let invalid = GoDurationProblem(description: "time: invalid duration \"\(text)\"")
    guard !rest.isEmpty else { throw invalid }
    var nanoseconds = 0.0
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      guard let value = Double(digits.hasPrefix(".") ? "0" + digits : String(digits)) else {
        throw invalid
      }
      rest.removeFirst(digits.count)
      let unit = rest.prefix { !($0.isNumber || $0 == ".") }
      guard !unit.isEmpty else {
        throw GoDurationProblem(description: "time: missing unit in duration \"\(text)\"")
      }
      guard let scale = Self.goUnits[String(unit)] else {
        throw GoDurationProblem(
          description: "time: unknown unit \"\(unit)\" in duration \"\(text)\"")
      }
      nanoseconds += value * scale
      rest.removeFirst(unit.count)
    }
    guard nanoseconds < 9.2e18 else { throw invalid }
    let whole = Int64(nanoseconds.rounded())
    self = .nanoseconds(isNegative ? -whole : whole)
  }

  private static let goUnits: [String: Double] = [
    "ns": 1, "us": 1e3, "µs": 1e3, "μs": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9,
  ]

  /// The duration as Go prints it: `1m0s`, `1.5s`, `250ms`.
  package var goText: String {
    let nanoseconds = wholeNanoseconds
    guard nanoseconds != 0 else { return "0s" }
    guard nanoseconds > 0 else { return "-" + Duration.nanoseconds(-nanoseconds).goText }
    func decimal(_ value: Int64, _ unit: Int64) -> String {
      guard value % unit != 0 else { return "\(value / unit)" }
      var fraction = String(value % unit + unit).dropFirst()
      while fraction.hasSuffix("0") { fraction = fraction.dropLast() }
      return "\(value / unit).\(fraction)"
    }
    if nanoseconds < 1_000 { return "\(nanoseconds)ns" }
    if nanoseconds < 1_000_000 { return decimal(nanoseconds, 1_000) + "µs" }
    if nanoseconds < 1_000_000_000 { return decimal(nanoseconds, 1_000_000) + "ms" }
    let minutes = nanoseconds / 60_000_000_000
    let seconds = decimal(nanoseconds % 60_000_000_000, 1_000_000_000) + "s"
    if minutes == 0 { return seconds }
    return (minutes >= 60 ? "\(minutes / 60)h" : "") + "\(minutes % 60)m" + seconds
  }
}
