internal import Alerting
internal import ArgumentParser

struct GrafanaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grafana",
    abstract: "Print a dashboard for Grafana: the figures of the screens over time.",
    discussion: """
      Import it in Grafana and choose the data source above the panels: Prometheus, or another with its \
      API. One dashboard shows all clusters, by a variable above the panels; what the configuration file \
      sets for one of them does not count. docs/prometheus.md says which labels it needs.

      For example:
        sluice grafana > vitess-failovers.json
      """)

  @OptionGroup(title: OptionSection.alerts) var label: ClusterLabelOptions
  @OptionGroup(title: OptionSection.configuration) var configuration: ConfigurationOptions

  func run() throws {
    StandardOutput.require()
    RunConfiguration.current?.warnOfClusters("a dashboard is for all of them")
    StandardOutput.say(try HistoryBoard(clusterLabel: label.clusterLabel.name).json)
  }
}
