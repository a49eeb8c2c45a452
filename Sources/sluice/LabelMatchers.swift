internal import ArgumentParser

/// Labels by which Prometheus picks series: `cluster="prod",env=~"eu|us"`.
enum LabelMatchers {
  /// Refuses what Prometheus would, such as values without quotes, which a shell takes away.
  ///
  /// As the grammar of PromQL has it: quotes of any of its three kinds around values, names that may have
  /// quotes as well (Prometheus 3), and a comma that may come last.
  static func check(_ text: String) throws {
    let matcher =
      #/\s*(?:[A-Za-z_][A-Za-z0-9_]*|"(?:\\.|[^"\\])+")\s*(?:=~|!~|!=|=)\s*(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)\s*/#
    var rest = text[...]
    while let found = rest.prefixMatch(of: matcher) {
      rest = rest[found.range.upperBound...]
      guard rest.first == "," else { break }
      rest = rest.dropFirst()
    }
    guard rest.allSatisfy(\.isWhitespace) else {
      throw ValidationError(
        "--match must be labels as in cluster=\"prod\", with quotes around the value: in a shell, 'cluster=\"prod\"'"
      )
    }
  }
}
