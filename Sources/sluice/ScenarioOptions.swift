internal import ArgumentParser
internal import FoundationEssentials
internal import Lab
internal import LabScenarios

/// Which scenario to run, if any.
struct ScenarioOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      A scenario: 1 to 7 of Vitess's buffering guide, or by name (\
      \(GuideScenarios.names.joined(separator: ", "))), or a TOML file.
      """, valueName: "scenario"))
  var scenario: String?

  /// A cluster, and what is done to it.
  struct Plan {
    var title: String?
    var configuration: LabCluster.Configuration
    var steps: [DrillStep] = []
  }

  /// The scenario's cluster and steps; without a scenario, the configuration as it is.
  func plan(over configuration: LabCluster.Configuration) throws -> Plan {
    guard let scenario else { return Plan(configuration: configuration) }
    if let flag = CommandLine.arguments.first(where: { argument in
      LabOptions.names.contains { argument == $0 || argument.hasPrefix($0 + "=") }
    }) {
      throw ValidationError(
        "\(flag.prefix { $0 != "=" }) has no effect beside --scenario, which brings its own cluster"
      )
    }
    let read = try Self.read(scenario)
    return Plan(title: read.title, configuration: read.configuration, steps: read.steps)
  }

  static func read(_ text: String) throws -> Scenario {
    do {
      if let scenario = try GuideScenarios.named(text) { return scenario }
      guard text.hasSuffix(".toml") else {
        throw ValidationError(
          "no scenario is called \"\(text)\": there are 1 to 7, "
            + "\(GuideScenarios.names.joined(separator: ", ")), and files ending in .toml")
      }
      let data: Data
      do {
        data = try Data(contentsOf: URL(filePath: text))
      } catch {
        throw ValidationError("cannot read the scenario \(text)")
      }
      return try ScenarioFile.read(String(decoding: data, as: UTF8.self), name: text)
    } catch let error as ScenarioError {
      throw ValidationError(error.description)
    }
  }
}
