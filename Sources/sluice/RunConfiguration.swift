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

  /// What is set for a run: for one cluster or for none, or for each of several.
  struct Found {
    let runs: [RunConfiguration]
    /// Where there are several, what is set for none of them, such as how to draw.
    let whole: RunConfiguration
  }

  /// Why it is not known what may be done in a run that reads no file.
  private static let unread = "with --no-config it is not known what may be done"

  /// `type`: the command that was typed, and `typed` what was behind its name.
  static func found(
    _ typed: TypedCommandLine, of type: any ParsableCommand.Type, _ command: CommandTree,
    _ environment: [String: String]
  ) throws -> Found {
    let all = type is ConfigCommand.Type ? Setting.all(of: command) : try Self.settings
    let counting = Setting.among(all, for: command, shared: OptionSection.shared)
    let (path, doubt, file): (String?, String?, SettingsFile?)
    if typed.options["no-config"] != nil {
      (path, doubt, file) = (nil, unread, nil)
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
    let names = Set(all.map(\.environmentName)).union([Hook.droppedVariable, Hook.clusterVariable])
    let strangers = environment.keys
      .filter { $0.hasPrefix(Setting.prefix) && !names.contains($0) }.sorted()
    func run(_ cluster: SettingsFile.Cluster?, isTyped: Bool = false) throws -> RunConfiguration {
      var options = typed.options
      if let cluster, isTyped { options["cluster"] = [cluster.name] }
      do throws(SettingsProblem) {
        return RunConfiguration(
          resolution: try Resolution(
            counting, typed: options, environment: environment, file: file, cluster: cluster),
          path: path, doubt: doubt, strangers: strangers)
      } catch {
        throw Fault(problems: [error], isOfFile: false)
      }
    }
    guard let setting = counting.first(where: { $0.name == "cluster" }),
      let choice = try ClusterChoice(setting, typed, of: type, environment, file, at: path)
    else {
      let run = try run(nil)
      return Found(runs: [run], whole: run)
    }
    let clusters = try choice.clusters(in: file, at: path)
    if clusters.count > 1, type is ConfigCommand.Type, !choice.isTyped {
      let run = try run(nil)
      return Found(runs: [run], whole: run)
    }
    guard clusters.count == 1 || type is WatchCommand.Type else {
      throw ValidationError(
        "\(command.name) is about one cluster: name one of "
          + clusters.map(\.name).joined(separator: ", ").safe(limit: 400))
    }
    return Found(
      // Of several, each counts as chosen by itself, wherever all of them were named.
      runs: try clusters.map { try run($0, isTyped: choice.isTyped || clusters.count > 1) },
      whole: try run(nil))
  }

  /// Says of which clusters what the file sets does not count, because none was chosen.
  ///
  /// `hint`: what is said behind that.
  func warnOfClusters(_ hint: String) {
    let names = resolution.clustersLeftOut
    guard !names.isEmpty else { return }
    warn(
      "what \(path ?? "the file") sets for \(names.joined(separator: ", ")) does not count: \(hint)"
    )
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

extension RunConfiguration {
  /// What counts where nothing is set besides what was typed; nil where there may be more: a
  /// variable, or the file where it is looked for unless another is named.
  init?(ofNothingIn environment: [String: String], readsFile: Bool) {
    guard !environment.keys.contains(where: { $0.hasPrefix(Setting.prefix) }) else { return nil }
    var path: String?
    if readsFile {
      guard let file = try? ConfigFile({ environment[$0] }), !file.isThere else { return nil }
      path = file.path
    }
    self.init(
      resolution: Resolution(), path: path, doubt: readsFile ? nil : Self.unread, strangers: [])
  }
}

/// Which clusters of the configuration file a run is about.
private struct ClusterChoice {
  /// Each once, in the order in which they were named.
  let names: [String]
  /// Where they are named.
  let origin: Resolution.Origin
  /// As words by themselves: `sluice prod-eu`.
  let isWord: Bool

  var isTyped: Bool { origin == .flag }

  /// Nil where none is chosen.
  init?(
    _ setting: Setting, _ typed: TypedCommandLine, of type: any ParsableCommand.Type,
    _ environment: [String: String], _ file: SettingsFile?, at path: String?
  ) throws {
    let words = type is WatchCommand.Type ? typed.words : []
    let flags = typed.options["cluster"] ?? []
    isWord = !words.isEmpty
    if type is WatchCommand.Type, typed.options["all"] != nil {
      guard words.isEmpty, flags.isEmpty else {
        throw ValidationError("--all shows every cluster: name none, or leave --all out")
      }
      guard let file, !file.clusters.isEmpty else {
        throw ValidationError(
          "--all: \(path.map { "\($0) names no cluster" } ?? "no configuration is read")"
            .safe(limit: 400))
      }
      (names, origin) = (file.clusters.map(\.name), .flag)
    } else if isWord || !flags.isEmpty {
      (names, origin) = ((words + flags).unique, .flag)
    } else if let named = try Resolution.texts(of: setting, in: environment), !named.isEmpty {
      (names, origin) = (named.unique, .environment(setting.environmentName))
    } else if let file, let entry = file.entries[setting.name], !entry.texts.isEmpty {
      (names, origin) = (entry.texts.unique, .file(place: file.place(entry.position)))
    } else {
      return nil
    }
  }

  func clusters(in file: SettingsFile?, at path: String?) throws -> [SettingsFile.Cluster] {
    try names.map { try cluster($0, in: file, at: path) }
  }

  private func cluster(
    _ name: String, in file: SettingsFile?, at path: String?
  ) throws -> SettingsFile.Cluster {
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
      let hint = Nearest.hint(name, among: commands.union(known))
      throw ValidationError(
        "there is no command \(words), and no cluster \(words)\(hint.isEmpty ? ":" : hint) "
          + "sluice --help lists the commands; \(there)".safe(limit: 1000))
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

extension [String] {
  /// Each once, where it came first.
  fileprivate var unique: [String] {
    var seen: Set<String> = []
    return filter { seen.insert($0).inserted }
  }
}
