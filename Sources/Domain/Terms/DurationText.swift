/// How durations are written: each format exists once and is named after its purpose.
extension Duration {
  /// A measured time in a sentence: `0.3 s`, `12.4 s`, `2m05s`, `1h58m`; below a tenth but not
  /// zero, `63 ms`.
  package var inTenths: String {
    let milliseconds = (wholeNanoseconds &+ 500_000) / 1_000_000
    if (1..<100).contains(milliseconds) { return "\(milliseconds) ms" }
    let tenths = (wholeNanoseconds &+ 50_000_000) / 100_000_000
    if tenths < 600 { return "\(tenths / 10).\(tenths % 10) s" }
    let seconds = tenths / 10
    if seconds < 3600 { return "\(seconds / 60)m\((seconds % 60).twoDigits)s" }
    return "\(seconds / 3600)h\((seconds / 60 % 60).twoDigits)m"
  }

  /// A short measured time, in at most seven columns: `40 ms`, `1.25 s`, `12.3 s`.
  package var tight: String {
    if seconds < 0.9995 { return "\(Int((seconds * 1000).rounded())) ms" }
    if seconds >= 9.995 { return inTenths }
    let hundredths = Int64((seconds * 100).rounded())
    return "\(hundredths / 100).\((hundredths % 100).twoDigits) s"
  }

  /// The time left, in at most six columns, seconds rounded up: `42s`, `9m59s`, `1h58m`, `12d`.
  package var countdown: String {
    let seconds = Int(self.seconds.rounded(.up))
    return switch seconds {
    case ..<60: "\(max(0, seconds))s"
    case ..<3600: "\(seconds / 60)m\((seconds % 60).twoDigits)s"
    case ..<86_400: "\(seconds / 3600)h\((seconds / 60 % 60).twoDigits)m"
    case ..<8_640_000: "\(seconds / 86_400)d"
    default: ">99d"
    }
  }

  /// How often something is done: `1.0 s`, `250 ms`.
  package var asInterval: String {
    let milliseconds = wholeNanoseconds / 1_000_000
    return milliseconds < 1000 ? "\(milliseconds) ms" : inTenths
  }

  /// A time to be set, to the second, as one would type it: `10m`, `1h30m`, `45s`.
  package var asFlag: String {
    let total = Int(seconds.rounded())
    let parts = [(total / 3600, "h"), (total / 60 % 60, "m"), (total % 60, "s")]
    let text = parts.filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined()
    return text.isEmpty ? "0s" : text
  }
}
