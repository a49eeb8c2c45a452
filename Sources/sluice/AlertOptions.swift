internal import ArgumentParser

/// What alerts are made of besides the cluster's own settings.
struct AlertOptions: ParsableArguments {
  @OptionGroup(title: OptionSection.alerts) var label: ClusterLabelOptions

  var clusterLabel: LabelName { label.clusterLabel }
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
