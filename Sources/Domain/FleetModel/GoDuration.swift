extension Duration {
  /// Reads a duration as Go writes it: `10s`, `1m30s`, `1.5h`, `250ms`; nil when it is none.
  package init?(goText text: String) {
    var rest = Substring(text)
    var isNegative = false
    if rest.hasPrefix("-") || rest.hasPrefix("+") {
      isNegative = rest.hasPrefix("-")
      rest.removeFirst()
    }
    if rest == "0" {
      self = .zero
      return
    }
    guard !rest.isEmpty else { return nil }
    var seconds = 0.0
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isNumber || $0 == "." }
      rest.removeFirst(digits.count)
      let unit = rest.prefix { !$0.isNumber && $0 != "." }
      rest.removeFirst(unit.count)
      guard let number = Double(digits), let scale = Self.goUnits[String(unit)] else { return nil }
      seconds += number * scale
    }
    guard seconds < 1e9 else { return nil }
    self = .nanoseconds(Int64((isNegative ? -seconds : seconds) * 1e9))
  }

  private static let goUnits = [
    "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600,
  ]
}
