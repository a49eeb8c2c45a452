/// One exported variable with its series.
package struct StatFamily: Sendable {
  /// Whose names begin with it.
  package enum Server: String, Sendable { case vtgate, vttablet }

  package enum Value: Sendable {
    case number(Double)
    case histogram(LatencyHistogram)
    /// As a server showed it; `variable` when `/debug/vars` uses another unit.
    case recorded(String, variable: String?)
  }

  package struct Series: Sendable {
    /// Values in the family's own order of labels.
    package let labels: [String]
    package let value: Value

    package init(labels: [String], value: Value) {
      self.labels = labels
      self.value = value
    }
  }

  /// Its name in `/debug/vars`; nil for what only `/metrics` has.
  package let variable: String?
  package let metric: String
  package let type: String
  /// A histogram's upper bounds, if not those of timings.
  package let bounds: [String]?
  package let labels: [String]
  package var help: String
  package var series: [Series] = []

  package init(
    variable: String?, metric: String, type: String, bounds: [String]?, labels: [String],
    help: String
  ) {
    self.variable = variable
    self.metric = metric
    self.type = type
    self.bounds = bounds
    self.labels = labels
    self.help = help
  }

  /// A live family, under its variable's name.
  package static func live(
    _ variable: String, _ type: String, _ server: Server, labels: [String] = [],
    help: String = "", _ series: [(labels: [String], value: Double)]
  ) -> StatFamily {
    var family = StatFamily(
      variable: variable, metric: metricName(of: variable, in: server.rawValue), type: type,
      bounds: nil, labels: labels, help: help)
    family.series = series.sorted { $0.labels.lexicographicallyPrecedes($1.labels) }
      .map { Series(labels: $0.labels, value: .number($0.value)) }
    return family
  }

  package static func timings(
    _ variable: String, _ server: Server, labels: [String],
    _ series: [(labels: [String], value: LatencyHistogram)]
  ) -> StatFamily {
    var family = StatFamily(
      variable: variable, metric: metricName(of: variable, in: server.rawValue),
      type: "histogram", bounds: nil, labels: labels, help: "")
    family.series = series.sorted { $0.labels.lexicographicallyPrecedes($1.labels) }
      .map { Series(labels: $0.labels, value: .histogram($0.value)) }
    return family
  }

  /// The metric that Vitess's Prometheus backend makes of a variable's name.
  ///
  /// Source: go/stats/snake_case_converter.go and prometheusbackend.go, v10 to v24.
  package static func metricName(of variable: String, in namespace: String) -> String {
    var name = snakeCase(variable)
    if name.hasPrefix(namespace + "_") { name.removeFirst(namespace.count + 1) }
    return namespace + "_" + name
  }

  private static func snakeCase(_ name: String) -> String {
    let characters = Array(
      name.replacing("VSchema", with: "vschema").replacing("VtGate", with: "vtgate"))
    var result = ""
    for (index, character) in characters.enumerated() {
      if index > 0, character.isUppercase {
        let previous = characters[index - 1]
        let isBeforeLower = index + 1 < characters.count && characters[index + 1].isLowercase
        if previous.isLowercase || (previous.isUppercase && isBeforeLower) { result += "_" }
      }
      result += character == "." || character == "-" ? "_" : character.lowercased()
    }
    return result
  }
}
