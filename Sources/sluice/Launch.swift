internal import ArgumentParser
internal import FoundationEssentials
internal import Settings
internal import TerminalKit
internal import Terms

/// Runs the command that was typed, with what the environment and the configuration file set.
///
///     typed ─┬────────────────────────────────┬─> ArgumentParser ─> the command
///            └─> RunConfiguration ─> as flags ┘
@MainActor
enum Launch {
  static func run(_ arguments: [String]) async {
    let (type, head) = named(arguments)
    if let nothing = nothingSet(besides: arguments, for: type),
      // By itself, because the parser looks at the options of every command that it is given.
      let command = try? type.parseAsRoot(Array(arguments.dropFirst(head))),
      (command as? WatchCommand)?.clusters.isEmpty != false
    {
      return await RunConfiguration.$current.withValue(nothing) {
        await run(command, with: nothing)
      }
    }
    do {
      var configuration: RunConfiguration.Found?
      // Help must not hang on any configuration, and neither must what takes none.
      if !arguments.contains(where: asksForHelp) {
        let command = try CommandTree(type._dumpHelp())
        if command.options.contains(where: { $0.longName == "config" }) {
          let typed = TypedCommandLine(Array(arguments.dropFirst(head)), of: command)
          try refuseSecrets(typed)
          configuration = try RunConfiguration.found(
            typed, of: type, command, ProcessInfo.processInfo.environment)
        }
      }
      if let configuration, configuration.runs.count > 1 {
        try await SeveralClusters(configuration) { run in
          try parsed(arguments, with: run, at: head)
        }.show()
      } else {
        await Self.run(arguments, with: configuration?.runs.first, at: head)
      }
    } catch let fault as RunConfiguration.Fault {
      warn("Error: the configuration cannot be used")
      for problem in fault.problems { warn("\(problem)") }
      if fault.isOfFile {
        warn("sluice --no-config goes on without the file, and then takes no action")
      }
      Sluice.exit(withError: ExitCode.validationFailure)
    } catch {
      end(unknownOption(in: arguments, refusedFor: error) ?? error, nil)
    }
  }

  /// What counts where there is nothing besides what was typed; nil where there may be more.
  ///
  /// To describe every setting, as the rest of the way does, takes longer than the first frame may.
  private static func nothingSet(
    besides arguments: [String], for type: any ParsableCommand.Type
  ) -> RunConfiguration? {
    guard !(type is ConfigCommand.Type), !arguments.contains(where: concernsConfiguration) else {
      return nil
    }
    return RunConfiguration(
      ofNothingIn: ProcessInfo.processInfo.environment,
      readsFile: !arguments.contains("--no-config"))
  }

  /// Parses and runs a command; `head`: how many words name it.
  private static func run(
    _ arguments: [String], with configuration: RunConfiguration?, at head: Int
  ) async {
    await RunConfiguration.$current.withValue(configuration) {
      do {
        await run(try parsed(arguments, with: configuration, at: head), with: configuration)
      } catch {
        end(unknownOption(in: arguments, refusedFor: error) ?? error, configuration?.resolution)
      }
    }
  }

  private static func run(
    _ command: sending any ParsableCommand, with configuration: RunConfiguration?
  ) async {
    do {
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        var command = command
        try command.run()
      }
    } catch {
      end(error, configuration?.resolution)
    }
  }

  private nonisolated static func parsed(
    _ arguments: [String], with configuration: RunConfiguration?, at head: Int
  ) throws -> sending any ParsableCommand {
    var arguments = arguments
    arguments.insert(contentsOf: configuration?.resolution.arguments ?? [], at: head)
    return try Sluice.parseAsRoot(arguments)
  }

  /// That an option was typed which the command does not have.
  ///
  /// The parser validates a command first, and then says what is missing rather than what was misspelled.
  private static func unknownOption(
    in arguments: [String], refusedFor error: any Error
  ) -> ValidationError? {
    guard Sluice.exitCode(for: error) == .validationFailure else { return nil }
    let (type, head) = named(arguments)
    guard let command = try? CommandTree(type._dumpHelp()) else { return nil }
    let typed = TypedCommandLine(Array(arguments.dropFirst(head)), of: command)
    let known = Set(command.options.flatMap(\.names))
    let unknown = typed.options.keys.sorted().first {
      !known.contains("--\($0)") && !known.contains("-\($0)")
    }
    return unknown.map { name in
      let words = "--\(name)"
      return ValidationError(
        "unknown option \(words)\(Nearest.hint(words, among: known))".safe(limit: 400))
    }
  }

  /// The command that is meant, and how many words name it.
  private static func named(
    _ arguments: [String]
  ) -> (type: any ParsableCommand.Type, head: Int) {
    var (type, head): (any ParsableCommand.Type, Int) = (Sluice.self, 0)
    while head < arguments.count,
      let next = type.configuration.subcommands.first(where: {
        $0.configuration.commandName == arguments[head]
      })
    {
      (type, head) = (next, head + 1)
    }
    // `help` stands in no list.
    let isHelp = head == 0 && arguments.first == "help"
    return (isHelp ? type : type.configuration.defaultSubcommand ?? type, head)
  }

  private static func asksForHelp(_ word: String) -> Bool {
    ["-h", "--help", "--version", "---completion"].contains(word)
      || word.hasPrefix("--generate-completion")
      || word == "--experimental-dump-help"
  }

  /// Whether a word may be about the configuration, or holds what must not be typed.
  private static func concernsConfiguration(_ word: String) -> Bool {
    asksForHelp(word)
      || ["--config", "--cluster", "--all", "--http-header"].contains { word.hasPrefix($0) }
  }

  /// Ends as ArgumentParser does, and says of each setting that a refusal names who has set it.
  ///
  /// What is refused after the command line was understood has no usage behind it: that would be the
  /// whole program's.
  static func end(_ error: any Error, _ resolution: Resolution?) -> Never {
    guard Sluice.exitCode(for: error) == .validationFailure else { Sluice.exit(withError: error) }
    let message = Sluice.message(for: error)
    let named = resolution?.named(in: message) ?? []
    let isUnderstood = error is ValidationError || !named.isEmpty
    let text = isUnderstood ? "Error: \(message)" : Sluice.fullMessage(for: error)
    let explained = ValueForm.explained(text)
    let shown = resolution?.masked(explained) ?? explained.withoutPasswords
    for line in shown.split(separator: "\n", omittingEmptySubsequences: false) {
      warn(String(line))
    }
    for value in named { warn("--\(value.setting.name) is set by \(value.origin.words)") }
    Sluice.exit(withError: ExitCode.validationFailure)
  }

  /// Headers that say who one is.
  private static let secretHeaders: Set = ["authorization", "proxy-authorization", "cookie"]

  /// A command line can be read by every user of the machine.
  private static func refuseSecrets(_ typed: TypedCommandLine) throws {
    for header in typed.options["http-header"] ?? [] {
      let name = header.prefix { $0 != ":" }.lowercased()
      guard secretHeaders.contains(name) else { continue }
      throw ValidationError(
        "--http-header \(name): every user of this machine can read a command line; use "
          + "--http-credentials FILE, or http-header in the configuration file")
    }
  }
}
