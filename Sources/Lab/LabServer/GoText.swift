internal import FleetModel
internal import Lab

/// Floating-point numbers as `strconv.ParseFloat` takes them, NaN and infinities among them.
enum GoFloat {
  static func parse(_ text: String) -> Double? {
    switch text.lowercased() {
    case "nan": .nan
    case "inf", "+inf", "infinity", "+infinity": .infinity
    case "-inf", "-infinity": -.infinity
    default: text.contains(where: \.isWhitespace) ? nil : Double(text)
    }
  }
}

/// Bytes as Go's JSON prints them.
func goBase64(_ bytes: [UInt8]) -> String {
  let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  var text = ""
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let group = bytes[start..<min(start + 3, bytes.count)]
    let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
    for position in 0...group.count { text.append(digits[bits >> (18 - 6 * position) & 63]) }
    text += String(repeating: "=", count: 3 - group.count)
  }
  return text
}

/// A string as Go's `%q` prints it.
func goQuoted(_ text: String) -> String { JSONText.string(text) }

/// An instant as Go's JSON prints it: RFC 3339 in UTC with the nanoseconds it needs.
func goTime(_ instant: Instant) -> String {
  let clock = UTCTime(instant)
  var fraction = String(instant.nanoseconds.floorModulo(1_000_000_000))
  fraction = String(repeating: "0", count: 9 - fraction.count) + fraction
  while fraction.hasSuffix("0") { fraction.removeLast() }
  return "\(clock.year)-\(two(clock.month))-\(two(clock.day))T\(clock.time)"
    + "\(fraction.isEmpty ? "" : "." + fraction)Z"
}

/// An instant as HTTP's Date header has it.
func httpTime(_ instant: Instant) -> String {
  let clock = UTCTime(instant)
  let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
  let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
  return "\(weekdays[Int(clock.days.floorModulo(7))]), \(two(clock.day)) "
    + "\(months[Int(clock.month) - 1]) \(clock.year) \(clock.time) GMT"
}

private func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }

/// An instant's date and time of day in UTC.
private struct UTCTime {
  let days: Int64
  let year, month, day: Int64
  /// As `hh:mm:ss`.
  let time: String

  init(_ instant: Instant) {
    let seconds = instant.nanoseconds.floorDivided(by: 1_000_000_000)
    days = seconds.floorDivided(by: 86_400)
    let rest = seconds.floorModulo(86_400)
    (year, month, day) = civilDate(days)
    time = "\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60))"
  }
}

/// The date of a day counted from 1970-01-01, by the Gregorian calendar's cycle of 400 years.
private func civilDate(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
  let shifted = days + 719_468
  let era = shifted.floorDivided(by: 146_097)
  let dayOfEra = shifted - era * 146_097
  let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let shiftedMonth = (5 * dayOfYear + 2) / 153
  let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  return (
    yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month,
    dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
  )
}

extension Int64 {
  fileprivate func floorDivided(by divisor: Int64) -> Int64 {
    self >= 0 ? self / divisor : -((-self + divisor - 1) / divisor)
  }

  fileprivate func floorModulo(_ divisor: Int64) -> Int64 {
    self - floorDivided(by: divisor) * divisor
  }
}
