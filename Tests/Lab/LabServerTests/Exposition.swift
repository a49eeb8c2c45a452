import Foundation
import TestSupport

/// What a body of `/metrics` has, without its values: read by the tests themselves, line by line.
struct SeriesSet {
  /// `name{labels}` with the labels sorted; histograms with their buckets.
  private(set) var series: Set<String> = []
  private(set) var types: [String: String] = [:]
  private(set) var values: [String: String] = [:]

  init(_ text: String) {
    for line in text.split(separator: "\n") {
      if line.hasPrefix("# TYPE ") {
        let words = line.split(separator: " ")
        types[String(words[2])] = String(words[3])
      } else if !line.hasPrefix("#"), let space = line.lastIndex(of: " ") {
        let name = String(line[..<space])
        series.insert(name)
        values[name] = String(line[line.index(after: space)...])
      }
    }
  }

  init(fixture path: String) throws {
    self.init(String(decoding: try Fixtures.data(path), as: UTF8.self))
  }

  func value(_ series: String) -> Double? { values[series].flatMap(Double.init) }
}

/// A difference between the lab and a recording that is meant, and why.
struct AllowedDifference {
  let pattern: Regex<AnyRegexOutput>
  let reason: String

  init<Output>(_ pattern: Regex<Output>, _ reason: String) {
    self.pattern = Regex(pattern)
    self.reason = reason
  }
}

/// The differences that nothing allows.
func unexplained(_ differences: Set<String>, _ allowed: [AllowedDifference]) -> [String] {
  differences.filter { name in !allowed.contains { name.contains($0.pattern) } }.sorted()
}
