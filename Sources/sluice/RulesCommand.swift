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
      environment or configuration file; what the file sets for a cluster counts only where --cluster names it. \
      docs/prometheus.md says which labels they need.

      For example:
        sluice rules --cluster prod-eu > /etc/prometheus/rules/prod-eu.yml
        sluice rules --ignore 'restore_*' --lag-threshold 10s --for 2m
      """)

  @OptionGroup(title: OptionSection.fleet) var scope: ClusterScopeOptions
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
    RunConfiguration.current?.warnOfClusters("--cluster NAME takes one")
    var settings = TroubleRules.Settings()
    settings.queries = FleetQueries(
      clusterLabel: alerts.clusterLabel.name, matchers: [scope.match].compactMap(\.self))
    settings.lasting = lasting.duration
    settings.lagThreshold = scope.lagThreshold.duration.seconds
    settings.ignored = scope.ignored
    StandardOutput.say(String(TroubleRules(settings).yaml.dropLast()))
  }
}
