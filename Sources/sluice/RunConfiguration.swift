internal import ArgumentParser
internal import FoundationEssentials
internal import Operations
internal import Settings
internal import TerminalKit

/// What the environment and the configuration file add to what was typed.
struct RunConfiguration: Sendable {
  /// Of the command that runs.
  let resolution: Resolution
  /// Where the file is, whether it is there or not; nil where none is to be read.
  let path: String?
  /// Why it is not known what the file says of actions; nil where it is.
  let doubt: String?
  /// Variables that look like settings and are none.
  let strangers: [String]

  /// The one of this run; nil where settings are parsed for another purpose.
  @TaskLocal static var current: RunConfiguration?

  /// Why a run cannot begin.
  struct Fault: Error {
    let problems: [SettingsProblem]
    /// The file is at fault, and not the environment.
    var isOfFile = true
  }

  /// `type`: the command that was typed, and `typed` what was behind its name.
  init(
    _ typed: TypedCommandLine, of type: any ParsableCommand.Type, _ command: CommandTree,
    _ environment: [String: String]
  ) throws {
    let all = type is ConfigCommand.Type ? Setting.all(of: command) : try Self.settings
    let counting = Setting.among(all, for: command, shared: OptionSection.shared)
    var file: SettingsFile?
    if typed.options["no-config"] != nil {
      (path, doubt) = (nil, "with --no-config it is not known what may be done")
    } else if let named = Self.named(typed, environment) {
      (path, doubt) = (named, nil)
      file = try Self.read(ConfigFile(path: named), all, environment)
      guard file != nil else {
        throw Fault(problems: [SettingsProblem(named, "there is no such file")])
      }
    } else {
      do throws(ConfigFile.Doubt) {
        path = try ConfigFile { environment[$0] }.path
        doubt = nil
      } catch {
        (path, doubt) = (nil, error.reason)
      }
      file = try path.flatMap { try Self.read(ConfigFile(path: $0), all, environment) }
    }
    let names = Set(all.map(\.environmentName)).union([Hook.droppedVariable])
    strangers = environment.keys.filter { $0.hasPrefix(Setting.prefix) && !names.contains($0) }
      .sorted()
    var options = typed.options
    var cluster: SettingsFile.Cluster?
    if counting.contains(where: { $0.name == "cluster" }),
      let choice = try ClusterChoice(typed, of: type, environment, file)
    {
      cluster = try choice.cluster(in: file, at: path)
      if choice.isTyped { options["cluster"] = [choice.name] }
    }
    do throws(SettingsProblem) {
      resolution = try Resolution(
        counting, typed: options, environment: environment, file: file, cluster: cluster)
    } catch {
      throw Fault(problems: [error], isOfFile: false)
    }
  }

  /// Every setting, as `sluice config` takes them.
  static var settings: [Setting] {
    get throws { Setting.all(of: try CommandTree(ConfigCommand._dumpHelp())) }
  }

  // MARK: The file

  /// The path of the file that a flag or the environment names; nil where neither does.
  private static func named(
    _ typed: TypedCommandLine, _ environment: [String: String]
  ) -> String? {
    let variable = environment[Setting.prefix + "CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
    return (typed.options["config"]?.last ?? variable).map(absolute)
  }

  static func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
  }

  /// Nil where there is none.
  private static func read(
    _ file: ConfigFile, _ settings: [Setting], _ environment: [String: String]
  ) throws -> SettingsFile? {
    let read: SettingsFile?
    do throws(ConfigFile.Doubt) {
      read = try file.text().map {
        SettingsFile($0, path: file.path, settings: settings, home: environment["HOME"])
      }
    } catch {
      throw Fault(problems: [SettingsProblem(file.path, error.reason)])
    }
    if let problems = read?.problems, !problems.isEmpty { throw Fault(problems: problems) }
    return read
  }
}

/// Which cluster of the configuration file a run is about.
private struct ClusterChoice {
  let name: String
  /// Nil where the file itself chooses.
  let origin: Resolution.Origin
  /// As a word by itself: `sluice prod-eu`.
  let isWord: Bool

  var isTyped: Bool { origin == .flag }

  /// Nil where none is chosen.
  init?(
    _ typed: TypedCommandLine, of type: any ParsableCommand.Type, _ environment: [String: String],
    _ file: SettingsFile?
  ) throws {
    let words = type is WatchCommand.Type ? typed.words : []
    let flags = typed.options["cluster"] ?? []
    if Set(words + flags).count > 1 {
      throw ValidationError(
        "\((words + flags).joined(separator: ", ")): several clusters cannot be shown at once yet; "
          + "name one")
    }
    if let name = words.first ?? flags.first {
      (self.name, origin, isWord) = (name, .flag, !words.isEmpty)
      return
    }
    isWord = false
    let variable = Setting.prefix + "CLUSTER"
    if let name = environment[variable], !name.isEmpty {
      (self.name, origin) = (name, .environment(variable))
    } else if let file, let entry = file.entries["cluster"], let name = entry.texts.first {
      (self.name, origin) = (name, .file(place: file.place(entry.position)))
    } else {
      return nil
    }
  }

  func cluster(in file: SettingsFile?, at path: String?) throws -> SettingsFile.Cluster {
    let known = file?.clusters.map(\.name) ?? []
    if let found = file?.clusters.first(where: { $0.name == name }) { return found }
    let there: String
    if let path {
      there =
        known.isEmpty
        ? "\(path) names no cluster" : "\(path) has \(known.joined(separator: ", "))"
    } else {
      there = "no configuration is read"
    }
    let words = name.safe(limit: 100)
    if isWord {
      let commands = Set(
        Sluice.configuration.subcommands.compactMap { $0.configuration.commandName })
      throw ValidationError(
        "there is no command \(words)\(Nearest.hint(name, among: commands.union(known))): "
          + "sluice --help lists them; and no cluster \(words): \(there)".safe(limit: 1000))
    }
    let whose =
      switch origin {
      case .flag: "--cluster \(words)"
      case .environment(let variable): "\(variable) \(words)"
      case .cluster(_, let place), .file(let place): "\(place): cluster \(words)"
      case .standard: words
      }
    throw ValidationError(
      "\(whose): there is no such cluster\(Nearest.hint(name, among: Set(known))): \(there)"
        .safe(limit: 1000))
  }
}
