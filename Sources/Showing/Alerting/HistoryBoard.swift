internal import FoundationEssentials
internal import VitessClient

/// A dashboard of Grafana with the figures of this one's screens over time.
///
///     FleetQueries ─> panels ─> JSON that Grafana imports
///
/// Source: Grafana's dashboard JSON model, schema version 36 (Grafana 9).
package struct HistoryBoard: Sendable {
  private let queries: FleetQueries
  private let clusterLabel: String

  /// `clusterLabel`: what tells fleets apart.
  package init(clusterLabel: String = "cluster") {
    self.clusterLabel = clusterLabel
    let keyspace = #"keyspace=~"$keyspace""#
    queries = FleetQueries(
      clusterLabel: clusterLabel, matchers: [#"\#(clusterLabel)=~"$cluster""#],
      ofShard: [keyspace, #"shard_name=~"$shard""#], ofKeyspace: [keyspace])
  }

  /// Each of its queries, with variables in it, by the panel's title.
  package var panelQueries: [(panel: String, query: String)] {
    panels.flatMap { panel in panel.targets.map { (panel.title, $0.expr) } }
  }

  package var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(Board(panels, variables)), as: UTF8.self)
    }
  }

  // MARK: Panels

  /// As long as Grafana thinks right for the time that is shown.
  private static let window = "$__rate_interval"

  private var panels: [Panel] {
    let shard = "{{keyspace}}/{{shard_name}}"
    let rows: [(String, String, String, String)] = [
      ("Held requests", "short", queries.held, shard),
      ("Vtgates that buffer", "short", queries.buffering, shard),
      ("Buffered", "short", queries.buffered(in: Self.window), shard),
      ("Drained", "short", queries.drained(in: Self.window), shard),
      ("Evicted", "short", queries.evicted(in: Self.window), "\(shard) {{reason}}"),
      ("Skipped", "short", queries.skipped(in: Self.window), "\(shard) {{reason}}"),
      ("Without a serving primary", "bool", queries.primaryMissing, shard),
      (
        "Time without a serving primary", "s",
        queries.timeWithoutPrimary(in: "$__range", step: 15), shard
      ),
      ("Last failover, as buffered", "s", queries.lastFailover, shard),
      ("Worst replication lag", "s", queries.lag, "{{keyspace}}/{{shard}}"),
      ("Client errors", "short", queries.clientErrors(in: Self.window), "{{keyspace}} {{code}}"),
      ("Failed calls to primaries", "short", queries.callErrors(in: Self.window), shard),
    ]
    return rows.enumerated().map { place, panel in
      Panel(
        id: place + 1, title: panel.0, unit: panel.1, place: place,
        targets: [Panel.Target(expr: panel.2, legendFormat: panel.3)])
    }
  }

  private var variables: [Variable] {
    let own = "\(clusterLabel)=~\"$cluster\""
    let starts = queries.shardSeries
    return [
      Variable(name: "datasource", type: "datasource", query: "prometheus"),
      Variable(
        name: "cluster", type: "query",
        query: "label_values(\(queries.vtgateSeries), \(clusterLabel))"),
      Variable(name: "keyspace", type: "query", query: "label_values(\(starts){\(own)}, keyspace)"),
      Variable(
        name: "shard", type: "query",
        query: "label_values(\(starts){\(own),keyspace=~\"$keyspace\"}, shard_name)"),
    ]
  }
}

/// Where the data comes from: what the variable of that name says.
private struct Source: Encodable {
  let type = "prometheus"
  let uid = "${datasource}"
}

private struct Board: Encodable {
  struct Time: Encodable {
    let from = "now-1h"
    let to = "now"
  }

  struct Templating: Encodable {
    let list: [Variable]
  }

  let title = "Vitess failovers"
  let uid = "sluice"
  let tags = ["vitess", "sluice"]
  let schemaVersion = 36
  let editable = true
  let refresh = "30s"
  let time = Time()
  let timezone = "browser"
  let panels: [Panel]
  let templating: Templating

  init(_ panels: [Panel], _ variables: [Variable]) {
    self.panels = panels
    templating = Templating(list: variables)
  }
}

private struct Panel: Encodable {
  struct Target: Encodable {
    let datasource = Source()
    let expr: String
    let legendFormat: String
    let refId = "A"
  }

  /// In a grid of 24 columns.
  struct Place: Encodable {
    let h = 8
    let w = 12
    let x: Int
    let y: Int
  }

  struct FieldConfig: Encodable {
    struct Defaults: Encodable {
      let unit: String
      let min = 0
    }

    let defaults: Defaults
    let overrides: [String] = []
  }

  let id: Int
  let title: String
  let type = "timeseries"
  let datasource = Source()
  let fieldConfig: FieldConfig
  let gridPos: Place
  let targets: [Target]

  init(id: Int, title: String, unit: String, place: Int, targets: [Target]) {
    self.id = id
    self.title = title
    self.targets = targets
    fieldConfig = FieldConfig(defaults: .init(unit: unit))
    gridPos = Place(x: place % 2 * 12, y: place / 2 * 8)
  }
}

/// What is chosen above the panels.
private struct Variable: Encodable {
  let name: String
  let type: String
  let query: String

  private var isChoiceOfLabels: Bool { type == "query" }

  private enum Key: String, CodingKey {
    case name, type, query, datasource, refresh, includeAll, multi, allValue, sort, hide
  }

  func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: Key.self)
    try fields.encode(name, forKey: .name)
    try fields.encode(type, forKey: .type)
    try fields.encode(query, forKey: .query)
    try fields.encode(1, forKey: .refresh)
    try fields.encode(0, forKey: .hide)
    guard isChoiceOfLabels else { return }
    try fields.encode(Source(), forKey: .datasource)
    try fields.encode(true, forKey: .includeAll)
    try fields.encode(true, forKey: .multi)
    // It matches a label that is not there, too.
    try fields.encode(".*", forKey: .allValue)
    try fields.encode(1, forKey: .sort)
  }
}
