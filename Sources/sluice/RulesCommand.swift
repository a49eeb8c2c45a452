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
      Like the dashboard they set aside what --ignore names and look at series that --match picks, by flag, \
      environment or configuration file. docs/prometheus.md says which labels they need.

      For example:
        sluice rules --cluster prod-eu > /etc/prometheus/rules/prod-eu.yml
        sluice rules --ignore 'restore_*' --lag-threshold 10s --for 2m
      """)

  @OptionGroup(title: OptionSection.fleet) var cluster: ClusterOptions
  @OptionGroup(title: OptionSection.alerts) var alerts: AlertOptions
  @OptionGroup(title: OptionSection.configuration) var configuration: ConfigurationOptions

  @Option(
    name: .customLong("for"),
    help: ArgumentHelp(
      "How long trouble must last that may be a reparent; what has failed is alerted at once.",
      valueName: "duration"))
  var lasting = TimeArgument(.seconds(60))

  func validate() throws {
    if lasting.duration < .zero { throw ValidationError("--for must not be less than 0") }
  }

  func run() throws {
    StandardOutput.require()
    var settings = TroubleRules.Settings()
    settings.queries = FleetQueries(
      clusterLabel: alerts.clusterLabel.name, matchers: [cluster.match].compactMap(\.self))
    settings.lasting = lasting.duration
    settings.lagThreshold = alerts.lagThreshold.duration.seconds
    settings.ignored = cluster.ignored
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

  @OptionGroup(title: OptionSection.alerts) var label: ClusterLabelOptions
  @OptionGroup(title: OptionSection.configuration) var configuration: ConfigurationOptions

  func run() throws {
    StandardOutput.require()
    StandardOutput.say(try HistoryBoard(clusterLabel: label.clusterLabel.name).json)
  }
}

/// What alerts are made of besides the cluster's own settings.
struct AlertOptions: ParsableArguments {
  @OptionGroup(title: OptionSection.alerts) var label: ClusterLabelOptions

  @Option(
    help: ArgumentHelp(
      "The lag above which Prometheus alerts on a replica; it does not know the throttlers' thresholds.",
      valueName: "duration"))
  var lagThreshold = TimeArgument(.seconds(5))

  var clusterLabel: LabelName { label.clusterLabel }

  func validate() throws {
    if lagThreshold.duration <= .zero {
      throw ValidationError("--lag-threshold must be more than 0")
    }
  }
}

struct ClusterLabelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The label that tells clusters apart in Prometheus.", valueName: "label"))
  var clusterLabel = LabelName(name: "cluster")
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
