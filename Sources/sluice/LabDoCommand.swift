internal import ArgumentParser
internal import Lab

struct LabDoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "do",
    abstract: "Have a lab that runs do something; without a command, list them.",
    discussion: ControlPage.exitStatuses + """


      For example:
        sluice lab do start
        sluice lab do start-clients
        sluice lab do restart server=vtgate-1 enable_buffer=1 buffer_size=4
        sluice lab do planned-reparent shard=commerce/0
      """)

  @OptionGroup var lab: LabControl

  @Argument(
    help: "A command, and its parameters as name=value.",
    completion: .list(
      DrillCommand.vocabulary.map { String($0.usage.prefix { $0 != " " }) }))
  var words: [String] = []

  func validate() throws {
    if let word = words.dropFirst().first(where: { !$0.contains("=") }) {
      throw ValidationError("\(word) is no parameter: those are written name=value")
    }
  }

  func run() async throws {
    guard let command = words.first else { return try await lab.send(.status, to: "") }
    let parameters = words.dropFirst().map { word in
      let name = word.prefix { $0 != "=" }
      return (name: String(name), value: String(word.dropFirst(name.count + 1)))
    }
    try await lab.send(.command(parameters), to: command)
  }
}

struct LabStatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Say how the scenario of a lab that runs and its clients stand.")

  @OptionGroup var lab: LabControl

  func run() async throws { try await lab.send(.status, to: "scenario") }
}
