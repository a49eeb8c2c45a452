internal import ArgumentParser
internal import Lab
internal import LabScenarios

struct LabScenarioCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scenario",
    abstract: "List the scenarios of Vitess's buffering guide, or print one as a file to change.")

  @Argument(help: "1 to 7, or a name.")
  var scenario: String?

  func run() throws {
    guard let scenario else {
      for (index, name) in GuideScenarios.names.enumerated() {
        let pad = String(repeating: " ", count: 18 - name.count)
        StandardOutput.say("\(index + 1)  \(name)\(pad)\(try ScenarioOptions.read(name).title)")
      }
      return
    }
    guard let file = GuideScenarios.file(scenario) else {
      throw ValidationError(
        "no scenario is called \"\(scenario)\": there are 1 to 7 and "
          + GuideScenarios.names.joined(separator: ", "))
    }
    StandardOutput.say(file.hasSuffix("\n") ? String(file.dropLast()) : file)
  }
}
