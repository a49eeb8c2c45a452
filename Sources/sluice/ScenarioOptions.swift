internal import ArgumentParser
internal import FoundationEssentials
internal import Lab
internal import LabScenarios
internal import TerminalKit

/// Which scenario to run, if any.
struct ScenarioOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      A scenario: 1 to 7 of Vitess's buffering guide, or by name (\
      \(GuideScenarios.names.joined(separator: ", "))), or a TOML file. It waits to be started; \
      flags of the cluster change its own.
      """, valueName: "scenario"))
  var scenario: String?

  @Flag(help: "Send the scenario's steps at their times instead of waiting to be told.")
  var start = false

  func validate() throws {
    if start, scenario == nil { throw ValidationError("--start goes with --scenario") }
  }

  /// The scenario with flags over its cluster; nil when none is named.
  func scenario(with lab: LabOptions) throws -> Scenario? {
    guard let name = self.scenario else { return nil }
    var scenario = try Self.read(name)
    scenario.configuration = lab.configuration(over: scenario.configuration, profile: nil)
    if let objection = scenario.objection { throw ValidationError("\(name): \(objection)") }
    return scenario
  }

  /// The time before the first step that the file wants, where they are sent by themselves.
  static func lead(of scenario: Scenario) -> Duration {
    scenario.steps.map(\.at).min() ?? .zero
  }

  static func read(_ text: String) throws -> Scenario {
    do {
      if let scenario = try GuideScenarios.named(text) { return scenario }
      guard text.hasSuffix(".toml") else {
        throw ValidationError(
          ("no scenario is called \"\(text)\": there are 1 to 7, "
            + "\(GuideScenarios.names.joined(separator: ", ")), and files ending in .toml").safe())
      }
      guard let data = try? Data(contentsOf: URL(filePath: text)) else {
        throw UnreadableFile.error(text)
      }
      return try ScenarioFile.read(String(decoding: data, as: UTF8.self), name: text)
    } catch let error as ScenarioError {
      throw ValidationError(error.description)
    }
  }
}
