internal import Lab
internal import Stats
internal import Terms

/// Floating-point numbers as `strconv.ParseFloat` accepts them, NaN and infinities included.
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
  var fraction = String(clock.nanosecond)
  fraction = String(repeating: "0", count: 9 - fraction.count) + fraction
  while fraction.hasSuffix("0") { fraction.removeLast() }
  return "\(clock.date)T\(clock.time)"
    + "\(fraction.isEmpty ? "" : "." + fraction)Z"
}

/// An instant as in HTTP's Date header.
func httpTime(_ instant: Instant) -> String {
  let clock = UTCTime(instant)
  return "\(clock.weekdayName), \(clock.day.twoDigits) \(clock.monthName) \(clock.year) "
    + "\(clock.time) GMT"
}

/// An instant in Go's layout ANSIC, `Thu Nov 26 14:02:34 2026`, in UTC.
func ansiC(_ instant: Instant) -> String {
  let clock = UTCTime(instant)
  let day = clock.day < 10 ? " \(clock.day)" : "\(clock.day)"
  return "\(clock.weekdayName) \(clock.monthName) \(day) \(clock.time) \(clock.year)"
}

/// An instant in Go's layout RFC822, `26 Nov 26 14:02 UTC`.
func rfc822(_ instant: Instant) -> String {
  let clock = UTCTime(instant)
  return "\(clock.day.twoDigits) \(clock.monthName) \((clock.year % 100).twoDigits) "
    + "\(clock.time.prefix(5)) UTC"
}

extension UTCTime {
  fileprivate var weekdayName: String {
    ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][Int(weekday)]
  }

  fileprivate var monthName: String {
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][
      Int(month) - 1]
  }
}
