internal import FleetModel
package import Terms
package import VitessClient
internal import Wording

/// Prometheus' rules for what `check` calls trouble, as far as metrics tell of it.
///
///     FleetCheck.Finding ─┬─ FleetQueries ─> expr          ─┐
///                         └─ Wording ─────> annotations    ─┴─> YAML of a rule file
///
/// What is failing to a check is critical, what is degraded is a warning; buffering itself is worth a
/// look and no alarm. What has happened, such as lost requests, is alerted at once; what may be a
/// change, once it has lasted.
package struct TroubleRules: Sendable {
  package struct Settings: Sendable {
    package var queries = FleetQueries()
    /// How long trouble must last that a reparent explains.
    package var lasting: Duration = .seconds(60)
    /// In seconds.
    package var lagThreshold = Lag.standardThreshold
    /// Keyspaces, shards, cells, tablets and servers whose trouble is intended, as far as labels name
    /// them.
    package var ignored: [NamePattern] = []

    package init() {}
  }

  /// How far back it is looked for what has happened.
  private static let window = "5m"

  private let settings: Settings
  private var queries: FleetQueries { settings.queries }

  package init(_ settings: Settings) { self.settings = settings }

  /// A rule file.
  package var yaml: String {
    var yaml = YAML()
    yaml.line(0, "groups:")
    yaml.line(1, "- name: sluice")
    yaml.line(2, "rules:")
    for rule in recorded { write(rule, to: &yaml) }
    for rule in alerts { write(rule, to: &yaml) }
    return yaml.text
  }

  // MARK: Recording rules

  private struct Recorded {
    let name: String
    let query: String
  }

  /// What a dashboard asks for again and again.
  private var recorded: [Recorded] {
    [
      Recorded(name: "keyspace_shard:vtgate_buffer_held:sum", query: queries.held),
      Recorded(name: "keyspace_shard:vtgate_buffering:count", query: queries.buffering),
      Recorded(
        name: "keyspace_shard:vtgate_buffer_lost:increase5m", query: queries.lost(in: Self.window)),
      Recorded(name: "keyspace_shard:vtgate_primary_missing:bool", query: queries.primaryMissing),
    ]
  }

  private func write(_ rule: Recorded, to yaml: inout YAML) {
    yaml.line(3, "- record: \(rule.name)")
    yaml.text(4, "expr", rule.query)
  }

  // MARK: Alerts

  private struct Alert {
    let name: String
    let query: String
    let lasting: Duration
    let severity: String
    let summary: String
    let description: String
  }

  /// Whose labels an alert has.
  private enum Subject { case fleet, shard, vtgate, tablet }

  private static let shard = "{{ $labels.keyspace }}/{{ $labels.shard_name }}"
  private static let server = "{{ $labels.instance }}"
  private static let count = #"{{ printf "%.0f" $value }}"#

  private func alert(
    _ name: String, _ query: String, of subject: Subject = .shard, after lasting: Duration? = nil,
    _ health: FleetCheck.Health, _ summary: String, _ description: String
  ) -> Alert {
    Alert(
      name: "Vitess\(name)", query: withoutIgnored(query, of: subject),
      lasting: lasting ?? settings.lasting, severity: health == .failing ? "critical" : "warning",
      summary: summary, description: description)
  }

  private var alerts: [Alert] {
    let wording = Wording()
    func words(_ finding: FleetCheck.Finding) -> String { wording.words(finding) }
    let shard = Self.shard
    return [
      alert(
        "Blind", queries.blind, of: .fleet, .failing, words(.blind),
        "Prometheus cannot scrape a single vtgate, so nothing is known of any shard."),
      alert(
        "VtgateDown", queries.vtgatesDown, of: .vtgate, .degraded,
        "vtgate \(Self.server): \(words(.noAnswer(.notScraped)))",
        "What it holds, drains and loses is not known."),
      alert(
        "TabletDown", queries.tabletsDown, of: .tablet, .degraded,
        "vttablet \(Self.server): \(words(.noAnswer(.notScraped)))",
        "Its lag and how it serves are not known."),
      alert(
        "NoPrimary", queries.withoutPrimary, .failing,
        "\(shard): \(words(.primaryUnseen(hasOnlyReplicas: false)))",
        "Writes wait in vtgates' buffers or fail. A shard without a primary on purpose, as of a "
          + "snapshot keyspace, is set aside with --ignore."),
      alert(
        "SeveralPrimaries", queries.severalPrimaries, .failing,
        "\(shard): \(Self.count) tablets serve as primary",
        "Usual for 20 s after an emergency reparent. Compare with topo (vtctldclient GetShard), and "
          + "make sure that only one takes writes."),
      alert(
        "PrimaryUnseenBySome", queries.primaryUnseenBySome, .degraded,
        "\(shard): \(Self.count) vtgates see no serving primary, others see one",
        "Queries fail there: see their logs and --cells-to-watch, or take them out of the load "
          + "balancer."),
      Alert(
        name: "VitessBuffering", query: withoutIgnored(queries.buffering, of: .shard),
        lasting: .zero,
        severity: "info",
        summary: "\(shard): \(Shard.State.buffering.word) on \(Self.count) vtgates",
        description: "A failover is going on, or tables are being moved: requests wait."),
      alert(
        "RequestsLost", "(\(queries.lost(in: Self.window))) > 0", after: .zero, .degraded,
        "\(shard): \(Self.count) requests failed in a failover",
        "The buffer was full, or clients gave up waiting."),
      alert(
        "BufferingGaveUp", "\(queries.gaveUp(in: Self.window)) > 0", after: .zero, .degraded,
        "\(shard): buffering ended (\(StopReason.maxDurationExceeded.rawValue)) before there was a "
          + "primary",
        "The failover took longer than --buffer_max_failover_duration; what came after it was not "
          + "buffered."),
      alert(
        "BufferingOff", queries.bufferingOff(in: Self.window), .degraded,
        "\(shard): \(words(.bufferingOff))", "Every reparent of it fails requests."),
      alert(
        "VtgateWithoutBuffer", queries.withoutBuffer, of: .vtgate,
        after: max(settings.lasting, .seconds(600)),
        .degraded, "vtgate \(Self.server) does not buffer",
        "It reports its buffer's size and no shard: with v18 and later --enable-buffer is off there."
      ),
      alert(
        "LagOverThreshold", queries.lag(over: settings.lagThreshold), of: .tablet, .degraded,
        "{{ $labels.keyspace }}/{{ $labels.shard }} \(Self.server): "
          + wording.excess(lag, of: #"{{ printf "%.0f" $value }} s"#),
        "A throttler with that threshold holds its apps back, and a reparent takes longer."),
    ]
  }

  private var lag: Lag {
    var lag = Lag(value: nil, threshold: settings.lagThreshold)
    lag.witness = .replicationStatus
    return lag
  }

  private func withoutIgnored(_ query: String, of subject: Subject) -> String {
    let names = settings.ignored.flatMap { pattern in
      switch subject {
      case .fleet: [String]()
      case .shard: [queries.shards(named: pattern)]
      case .vtgate: queries.servers(named: pattern, of: "vtgate")
      case .tablet: queries.servers(named: pattern, of: "vttablet")
      }
    }
    return names.isEmpty ? query : names.reduce("(\(query))") { "\($0) unless \($1)" }
  }

  private func write(_ alert: Alert, to yaml: inout YAML) {
    yaml.line(3, "- alert: \(alert.name)")
    yaml.text(4, "expr", alert.query)
    if alert.lasting > .zero { yaml.line(4, "for: \(alert.lasting.asFlag)") }
    yaml.line(4, "labels:")
    yaml.line(5, "severity: \(alert.severity)")
    yaml.line(4, "annotations:")
    yaml.text(5, "summary", alert.summary)
    yaml.text(5, "description", alert.description)
  }
}

/// As much of YAML as a rule file needs.
private struct YAML {
  private(set) var text = ""

  mutating func line(_ depth: Int, _ words: String) {
    text += String(repeating: "  ", count: depth) + words + "\n"
  }

  /// A text in single quotes, in which nothing but these has a meaning.
  mutating func text(_ depth: Int, _ key: String, _ words: String) {
    line(depth, "\(key): '\(words.replacing("'", with: "''"))'")
  }
}
