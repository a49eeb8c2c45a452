internal import ArgumentParser
internal import Lab
internal import LabScenarios

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Run scenarios on a simulated clock and compare their counters with their sources.",
    discussion: """
      Without arguments the seven scenarios of Vitess's buffering guide are run. A counter marked = is
      determined by the algorithm and must be equal; one marked ~ depends on timing and must agree in \
      being zero or not. Where there is a recording of a real cluster, it decides over the guide. The exit \
      status is 1 when a scenario did not come out as it must.
      """)

  @Argument(help: "Scenarios by number, name or TOML file.")
  var scenarios: [String] = []

  func run() throws {
    let wanted = scenarios.isEmpty ? GuideScenarios.names : scenarios
    var failed: [String] = []
    for name in wanted {
      let run = ScenarioRun(try ScenarioOptions.read(name))
      StandardOutput.say(Self.report(run))
      if !run.problems.isEmpty { failed.append(run.scenario.name) }
    }
    guard failed.isEmpty else {
      StandardOutput.say(
        "\(failed.count) of \(wanted.count) scenarios failed: \(failed.joined(separator: ", "))")
      throw ExitCode.failure
    }
    StandardOutput.say(
      wanted.count == 1
        ? "the scenario came out as it must" : "all \(wanted.count) scenarios came out as they must"
    )
  }

  /// The table of one run: every source's counters beside the lab's.
  private static func report(_ run: ScenarioRun) -> String {
    let scenario = run.scenario
    var lines = [scenario.title]
    lines += scenario.tableLines(of: run.counters, titled: "lab").map { "  " + $0 }
    for (text, count) in run.clientErrors.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
      let line = text.split(separator: "\n").joined(separator: " / ")
      lines.append("  \(count) × \(line)")
    }
    for (step, text) in run.outcomes where text != "done" { lines.append("  \(step): \(text)") }
    for problem in run.problems { lines.append("  FAILED: \(problem)") }
    return lines.joined(separator: "\n") + "\n"
  }
}
