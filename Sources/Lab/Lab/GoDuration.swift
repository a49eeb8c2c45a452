internal import FleetModel

/// Durations as Go reads them: `1h30m`, `250ms`, `-5s`, `0`.
package enum GoDuration {
  package struct Problem: Error, Sendable {
    package let text: String
  }

  package static func parse(_ text: String) -> Result<Duration, Problem> {
    let invalid = Problem(text: "time: invalid duration \(quoted(text))")
    var rest = Substring(text)
    let isNegative = rest.hasPrefix("-")
    if rest.hasPrefix("-") || rest.hasPrefix("+") { rest = rest.dropFirst() }
    if rest == "0" { return .success(.zero) }
    guard !rest.isEmpty else { return .failure(invalid) }
    var total = 0.0
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      guard let value = Double(digits.hasPrefix(".") ? "0" + digits : String(digits)) else {
        return .failure(invalid)
      }
      rest = rest.dropFirst(digits.count)
      let unit = rest.prefix { !($0.isNumber || $0 == ".") }
      guard !unit.isEmpty else {
        return .failure(Problem(text: "time: missing unit in duration \(quoted(text))"))
      }
      guard let scale = units[String(unit)] else {
        return .failure(
          Problem(
            text: "time: unknown unit \(quoted(String(unit))) in duration \(quoted(text))"))
      }
      total += value * scale
      rest = rest.dropFirst(unit.count)
    }
    guard total < 9.2e18 else { return .failure(invalid) }
    let nanoseconds = Int64(total.rounded())
    return .success(.nanoseconds(isNegative ? -nanoseconds : nanoseconds))
  }

  private static let units: [String: Double] = [
    "ns": 1, "us": 1e3, "µs": 1e3, "μs": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9,
  ]

  private static func quoted(_ text: String) -> String { "\"\(text)\"" }
}

/// A duration as Go prints it: `1m0s`, `1.5s`, `250ms`.
package func goText(_ duration: Duration) -> String {
  let nanoseconds = duration.wholeNanoseconds
  guard nanoseconds != 0 else { return "0s" }
  guard nanoseconds > 0 else { return "-" + goText(.nanoseconds(-nanoseconds)) }
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
