internal import Alerting
internal import ArgumentParser
internal import TerminalKit
internal import Terms
internal import VitessClient

struct RulesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rules",
    abstract: "Print Prometheus' alerting and recording rules for what a check calls trouble.",
    usage: "sluice rules [<options>]",
    discussion: """
      docs/prometheus.md says which labels they need.

      For example:
        sluice rules > /etc/prometheus/rules/vitess.yml
        sluice rules --ignore 'restore_*/0' --lag 10s --for 2m
      """)

  @OptionGroup var series: SeriesOptions

  @Option(
    name: .customLong("for"),
    help: ArgumentHelp(
      "How long trouble must last that may be a reparent; what has failed is alerted at once.",
      valueName: "duration"))
  var lasting = TimeArgument(.seconds(60))

  @Option(
    help: ArgumentHelp(
      "The lag from which on a replica is in trouble, as its throttler's threshold.",
      valueName: "duration"))
  var lag = TimeArgument(.seconds(5))

  @Option(
    name: .customLong("ignore"),
    help: ArgumentHelp(
      "Shards whose trouble is meant to be, such as restore_*/0. Repeatable.", valueName: "pattern")
  )
  var ignored: [ShardPattern] = []

  func validate() throws {
    if lasting.duration < .zero { throw ValidationError("--for must not be less than 0") }
    if lag.duration <= .zero { throw ValidationError("--lag must be more than 0") }
  }

  func run() throws {
    StandardOutput.require()
    var settings = TroubleRules.Settings()
    settings.queries = FleetQueries(
      clusterLabel: series.clusterLabel.name, matchers: series.match.map { [$0] } ?? [])
    settings.lasting = lasting.duration
    settings.lagThreshold = lag.duration.seconds
    settings.ignored = ignored.map { ($0.keyspace, $0.shard) }
    StandardOutput.say(String(TroubleRules(settings).yaml.dropLast()))
  }
}

struct GrafanaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grafana",
    abstract: "Print a dashboard for Grafana: the figures of the screens over time.",
    discussion: """
      Import it in Grafana and choose the data source above the panels: Prometheus, or another with its \
      API. docs/prometheus.md says which labels it needs.

      For example:
        sluice grafana > vitess-failovers.json
      """)

  @Option(
    help: ArgumentHelp("The label that tells clusters apart.", valueName: "label"))
  var clusterLabel = LabelName(name: "cluster")

  func run() throws {
    StandardOutput.require()
    StandardOutput.say(try HistoryBoard(clusterLabel: clusterLabel.name).json)
  }
}

/// Which series are asked for, and by which label clusters are told apart.
struct SeriesOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The label that tells clusters apart.", valueName: "label"))
  var clusterLabel = LabelName(name: "cluster")

  @Option(
    help: ArgumentHelp(
      "Only series with these labels, such as 'cluster=\"prod\"'.", valueName: "labels"))
  var match: String?
}

/// A label's name as Prometheus allows it: letters, digits and underscores.
struct LabelName: ExpressibleByArgument {
  let name: String

  init(name: String) { self.name = name }

  init?(argument: String) {
    guard argument.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]*/) != nil else { return nil }
    name = argument
  }

  var defaultValueDescription: String { name }
}

/// `KEYSPACE/SHARD` with `*` and `?`, as two regular expressions.
struct ShardPattern: ExpressibleByArgument {
  let keyspace: String
  let shard: String

  init?(argument: String) {
    guard let name = ShardName(argument), !argument.contains(where: { "\"\\'\n".contains($0) })
    else {
      return nil
    }
    (keyspace, shard) = (Self.expression(name.keyspace), Self.expression(name.shard))
  }

  private static func expression(_ pattern: String) -> String {
    pattern.map { character in
      switch character {
      case "*": ".*"
      case "?": "."
      // A backslash is one in PromQL's strings, too.
      case _ where ".+()|[]{}^$".contains(character): "\\\\\(character)"
      default: String(character)
      }
    }.joined()
  }
}
