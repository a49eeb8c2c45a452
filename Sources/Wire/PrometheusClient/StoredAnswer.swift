package import FoundationEssentials
package import Terms
internal import VitessClient

/// What one scrape of a vtgate brought.
package struct StoredAnswer: Sendable, Equatable {
  package let at: Instant
  /// The lines of `/metrics` that matter; nil where the scrape failed.
  package let metrics: Data?

  /// Puts the samples of one vtgate's series together by the times that they share.
  ///
  /// What every vtgate reports says when there was an answer; `up` is 0 where there was none.
  static func all(of series: [StoredSeries]) -> [StoredAnswer] {
    var bodies: [Int64: Data] = [:]
    var failed: Set<Int64> = []
    for one in series {
      switch one.labels["__name__"] {
      case VtgateMetrics.sizeName: for sample in one.samples { bodies[sample.at] = Data() }
      case "up": failed.formUnion(one.samples.lazy.filter { $0.value == "0" }.map(\.at))
      default: break
      }
    }
    for one in series {
      guard let name = one.exposed else { continue }
      for sample in one.samples where sample.value.utf8.allSatisfy(isOfNumbers) {
        bodies[sample.at]?.append(contentsOf: "\(name) \(sample.value)\n".utf8)
      }
    }
    let answers = bodies.map { StoredAnswer(at: Instant(milliseconds: $0.key), metrics: $0.value) }
    let failures = failed.filter { bodies[$0] == nil }
      .map { StoredAnswer(at: Instant(milliseconds: $0), metrics: nil) }
    return (answers + failures).sorted { $0.at < $1.at }
  }

  /// `1.5e+09`, `NaN`, `+Inf`.
  private static func isOfNumbers(_ byte: UInt8) -> Bool { byte > 0x20 && byte < 0x7F }
}

extension StoredSeries {
  /// The line of an exposition up to its value; nil for what no vtgate exposes.
  fileprivate var exposed: String? {
    guard let name = labels["__name__"], name != "up", name.isOfMetric else { return nil }
    var own: [String: String] = [:]
    for (label, value) in labels where label != "__name__" {
      let spelled = label.map { $0 == "-" || $0 == "." ? "_" : $0 }
      own[String(spelled)] = value
    }
    // Where the scrape's labels have a name that the vtgate's have too, these are renamed
    // (Prometheus, scrape_config, honor_labels).
    for (label, value) in own where label.hasPrefix("exported_") {
      own[String(label.dropFirst("exported_".count))] = value
    }
    let pairs = own.filter { $0.key.isOfMetric }.sorted { $0.key < $1.key }
      .map { "\($0.key)=\"\($0.value.labelEscaped)\"" }
    return pairs.isEmpty ? name : "\(name){\(pairs.joined(separator: ","))}"
  }
}

extension Instant {
  fileprivate init(milliseconds: Int64) { self.init(nanoseconds: milliseconds * 1_000_000) }
}

extension String {
  /// Letters, digits, `_` and `:`.
  fileprivate var isOfMetric: Bool {
    !isEmpty
      && utf8.allSatisfy { byte in
        (0x30...0x3A).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
          || byte == UInt8(ascii: "_")
      }
  }

  /// As between the quotes of a label's value.
  var labelEscaped: String {
    var text = ""
    for character in unicodeScalars {
      switch character {
      case "\\": text += #"\\"#
      case "\"": text += #"\""#
      case "\n": text += #"\n"#
      default: text.unicodeScalars.append(character)
      }
    }
    return text
  }
}
