internal import Terms

/// Writes variables as `/metrics` shows them: the text format of Prometheus, as client_golang does.
package struct MetricsText {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package mutating func append(_ family: StatFamily) {
    header(family)
    let order = family.labels.indices.sorted { family.labels[$0] < family.labels[$1] }
    var series = family.series
    if family.type != "summary" {
      series.sort { left, right in
        order.map { left.labels.isEmpty ? "" : left.labels[$0] }
          .lexicographicallyPrecedes(order.map { right.labels.isEmpty ? "" : right.labels[$0] })
      }
    }
    for one in series {
      let pairs = one.labels.isEmpty ? [] : order.map { (family.labels[$0], one.labels[$0]) }
      switch one.value {
      case .number(let value): sample(family.metric, pairs, goFloat(value))
      case .histogram(let histogram):
        buckets(
          family.metric, pairs, LatencyHistogram.bounds.map(goFloat), histogram.buckets,
          sum: goFloat(histogram.sum.seconds))
      case .recorded(let text, _): recorded(text, family, pairs)
      }
    }
  }

  package mutating func header(_ family: StatFamily) {
    write("# HELP \(family.metric) \(family.help)\n# TYPE \(family.metric) \(family.type)\n")
  }

  private mutating func recorded(
    _ text: String, _ family: StatFamily, _ pairs: [(String, String)]
  ) {
    let parts = text.split(separator: " ").map(String.init)
    if family.type == "histogram", parts.count == 2 {
      let bounds = family.bounds ?? LatencyHistogram.bounds.map(goFloat)
      buckets(
        family.metric, pairs, bounds, parts[1].split(separator: ",").map { Int($0) ?? 0 },
        sum: parts[0])
    } else if parts.count == 2 {
      // A summary's sum and count.
      sample(family.metric + parts[0], pairs, parts[1])
    } else {
      sample(family.metric, pairs, text)
    }
  }

  private mutating func buckets(
    _ metric: String, _ pairs: [(String, String)], _ bounds: [String], _ counts: [Int],
    sum: String
  ) {
    var total = 0
    for (bound, count) in zip(bounds + ["+Inf"], counts) {
      total += count
      sample(metric + "_bucket", pairs + [("le", bound)], "\(total)")
    }
    sample(metric + "_sum", pairs, sum)
    sample(metric + "_count", pairs, "\(total)")
  }

  package mutating func sample(_ metric: String, _ pairs: [(String, String)], _ value: String) {
    write(metric)
    if !pairs.isEmpty {
      write("{")
      for (index, pair) in pairs.enumerated() {
        write("\(index == 0 ? "" : ",")\(pair.0)=\"\(Self.escaped(pair.1))\"")
      }
      write("}")
    }
    write(" \(value)\n")
  }

  private mutating func write(_ text: String) { bytes.append(contentsOf: text.utf8) }

  package static func escaped(_ text: String) -> String {
    guard text.utf8.contains(where: { "\\\"\n".utf8.contains($0) }) else { return text }
    return text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
      .replacing("\n", with: "\\n")
  }
}

/// A number as client_golang writes it: shortest digits, an exponent from 1e6 on and below 1e-4.
package func goFloat(_ value: Double) -> String {
  if value.isNaN { return "NaN" }
  if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
  if value == value.rounded(), value.magnitude < 1e6 { return "\(Int(value))" }
  if value.magnitude >= 1e-4, value.magnitude < 1e6 { return "\(value)" }
  return exponent(value)
}

/// `1.234e+06`: the shortest digits, and an exponent of two digits at least.
private func exponent(_ value: Double) -> String {
  var digits = "\(value.magnitude)"
  var power = 0
  if let e = digits.firstIndex(of: "e") {
    power = Int(digits[digits.index(after: e)...]) ?? 0
    digits = String(digits[..<e])
  }
  let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
  let whole = String(parts[0])
  var fraction = parts.count > 1 ? String(parts[1]) : ""
  if fraction == "0" { fraction = "" }
  var all = whole + fraction
  power += whole.count - 1
  while all.hasPrefix("0"), all.count > 1 {
    all.removeFirst()
    power -= 1
  }
  while all.hasSuffix("0"), all.count > 1 { all.removeLast() }
  let mantissa = all.count == 1 ? all : "\(all.prefix(1)).\(all.dropFirst())"
  let sign = power < 0 ? "-" : "+"
  let magnitude = String(abs(power))
  return (value < 0 ? "-" : "") + mantissa + "e" + sign
    + (magnitude.count < 2 ? "0" + magnitude : magnitude)
}

/// Writes variables as `/debug/vars` does: one JSON object, names sorted, labels joined by dots.
package enum VarsText {
  package static func write(
    _ families: [StatFamily], strings: [(name: String, json: String)]
  ) -> String {
    var entries = strings.map { ($0.name, $0.json) }
    for family in families {
      // A variable with neither labels nor value is left out.
      guard let variable = family.variable, !(family.series.isEmpty && family.labels.isEmpty) else {
        continue
      }
      entries.append((variable, json(family)))
    }
    let lines = entries.sorted { $0.0.lowercased() < $1.0.lowercased() }
      .map { "\(JSONText.string($0.0)): \($0.1)" }
    return "{\n" + lines.joined(separator: ",\n") + "\n}\n"
  }

  private static func json(_ family: StatFamily) -> String {
    if family.labels.isEmpty, let first = family.series.first, family.type != "histogram" {
      return scalar(first.value)
    }
    if family.type == "histogram" { return histogram(family) }
    let entries = family.series.map {
      "\(JSONText.string($0.labels.joined(separator: "."))): \(scalar($0.value))"
    }
    return "{\(entries.joined(separator: ", "))}"
  }

  private static func scalar(_ value: StatFamily.Value) -> String {
    switch value {
    case .number(let number): JSONText.number(number)
    case .recorded(let text, let variable):
      variable ?? (Double(text).map(JSONText.number) ?? "0")
    case .histogram: "0"
    }
  }

  /// Writes `{"TotalCount", "TotalTime", "Histograms": {key: {bound in ns: n, …, "inf", "Count", "Time"}}}`.
  private static func histogram(_ family: StatFamily) -> String {
    var totalCount = 0
    var totalTime: Int64 = 0
    var entries: [String] = []
    for one in family.series {
      let (counts, nanoseconds): ([Int], Int64)
      switch one.value {
      case .histogram(let histogram):
        (counts, nanoseconds) = (histogram.buckets, histogram.sum.wholeNanoseconds)
      case .recorded(let text, _):
        let parts = text.split(separator: " ")
        counts = parts.count == 2 ? parts[1].split(separator: ",").map { Int($0) ?? 0 } : []
        nanoseconds = Int64((Double(parts[0]) ?? 0) * (family.bounds == nil ? 1e9 : 1))
      case .number: continue
      }
      let count = counts.reduce(0, +)
      totalCount += count
      totalTime += nanoseconds
      let bounds =
        family.bounds
        ?? LatencyHistogram.bounds.map { "\(Int64($0 * 1e9))" }
      let cells = zip(bounds + ["inf"], counts).map { "\"\($0.0)\": \($0.1)" }
      entries.append(
        "\(JSONText.string(one.labels.joined(separator: "."))): {\(cells.joined(separator: ", ")), "
          + "\"Count\": \(count), \"Time\": \(nanoseconds)}")
    }
    return "{\"TotalCount\": \(totalCount), \"TotalTime\": \(totalTime), "
      + "\"Histograms\": {\(entries.joined(separator: ", "))}}"
  }
}

/// Writes JSON's few forms as Go's encoding/json does, with strings escaped.
package enum JSONText {
  package static func string(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy {
      (0x20..<0x7F).contains($0) && !"\"\\<>&".utf8.contains($0)
    }
    if isPlain { return "\"\(text)\"" }
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "<", ">", "&", "\u{2028}", "\u{2029}": result += unicode(scalar)
      default:
        if scalar.value < 0x20 {
          result += unicode(scalar)
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }

  private static func unicode(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16)
    return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
  }

  /// A number, whole ones without a fraction; the caller deals with NaN and infinities.
  package static func number(_ value: Double) -> String {
    value == value.rounded() && value.magnitude < 1e15 ? "\(Int(value))" : "\(value)"
  }
}
