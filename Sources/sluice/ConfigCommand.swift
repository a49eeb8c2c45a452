internal import ArgumentParser
internal import FleetModel
internal import FoundationEssentials
internal import Lines
internal import Operations
internal import Settings
internal import TerminalKit

struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config",
    abstract: "Print every setting and who set it, or check a configuration file.",
    discussion: """
      A flag counts before the environment, the environment before the chosen cluster's part of the \
      file, that before the rest of the file, and that before the default. What is secret is not printed.

      For example:
        sluice config --cluster prod-eu
        sluice config --template > ~/.config/sluice/config.toml
        sluice config check
      """,
    subcommands: [CheckCommand.self])

  @OptionGroup var settings: AllSettings

  @Flag(help: "Print one JSON object, as docs/configuration.md describes.")
  var json = false

  @Flag(help: "Print a configuration file in which nothing is set, with every setting in it.")
  var template = false

  func run() throws {
    StandardOutput.require()
    if template {
      let text = SettingsTemplate(try RunConfiguration.settings).text
      return StandardOutput.say(String(text.dropLast()))
    }
    guard let run = RunConfiguration.current else { return }
    if json { return StandardOutput.say(Self.json(run)) }
    StandardOutput.say(
      "file: \(run.path ?? "none")\(run.isThere ? "" : ", which is not there")".safe())
    if let cluster = run.resolution.cluster {
      StandardOutput.say("cluster: \(cluster.name)".safe())
    }
    let rows = run.resolution.values.map { value in
      let shared = Self.shared(value)
      let texts = shared.isEmpty ? value.shown : shared.map(\.shown)
      let origin = shared.isEmpty ? value.origin.words : shared.map(\.name).joined(separator: ", ")
      return (
        value.setting.name,
        texts.isEmpty ? "–" : texts.joined(separator: ", ").safe(limit: 400),
        origin.safe(limit: 400)
      )
    }
    let names = rows.map(\.0.count).max() ?? 0
    let values = min(30, rows.map { DisplayWidth.of($0.1) }.max() ?? 0)
    for (name, value, origin) in rows {
      StandardOutput.say("\(name.padded(to: names))  \(value.padded(to: values))  \(origin)")
    }
    let known = Set(run.resolution.values.map(\.setting.environmentName))
    for name in run.strangers { warn("\(name) is no setting\(Nearest.hint(name, among: known))") }
  }

  /// The variables that other programs read as well and that are in force where nothing else is set,
  /// such as `http_proxy`.
  private static func shared(_ value: Resolution.Value) -> [(name: String, shown: String)] {
    guard value.origin == .standard else { return [] }
    return HTTPOptions.sharedVariables(ProcessInfo.processInfo.environment)
      .filter { "--\(value.setting.name)" == $0.flag }
      .map { ($0.name, value.setting.shown($0.text, isSecretItself: false)) }
  }

  // MARK: JSON

  private struct Told: Encodable {
    struct Value: Encodable {
      let name: String
      let value: [String]
      let origin: String
      let place: String?
    }

    let type = "configuration"
    let version = JSONLine.version
    let file: String?
    let cluster: String?
    let settings: [Value]
    let unknown: [String]
  }

  private static func json(_ run: RunConfiguration) -> String {
    let told = Told(
      file: run.resolution.file?.path, cluster: run.resolution.cluster?.name,
      settings: run.resolution.values.map { value in
        let shared = Self.shared(value)
        let (origin, place): (String, String?) =
          switch value.origin {
          case .flag: ("flag", nil)
          case .environment(let name): ("environment", name)
          case .cluster(_, let place): ("cluster", place)
          case .file(let place): ("file", place)
          case .standard where !shared.isEmpty:
            ("environment", shared.map(\.name).joined(separator: ", "))
          case .standard: ("default", nil)
          }
        return Told.Value(
          name: value.setting.name,
          value: shared.isEmpty ? value.shown : shared.map(\.shown), origin: origin, place: place)
      }, unknown: run.strangers)
    return JSONLine().encode(told)
  }
}

extension RunConfiguration {
  /// The file is there, and was read.
  fileprivate var isThere: Bool { path == nil || resolution.file != nil }
}

extension String {
  fileprivate func padded(to columns: Int) -> String {
    self + String(repeating: " ", count: max(0, columns - DisplayWidth.of(self)))
  }
}

extension ConfigCommand {
  struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check",
      abstract: "Say what is wrong with a configuration file; exit with 0, 1 or 2.",
      discussion: """
        Every key must be known and every value fit, in the file as a whole and for each of its clusters; \
        files that it names must be there. The exit status is 0 when nothing is found, 1 when something \
        is, and 2 when the file cannot be read.
        """)

    @Argument(
      help: "The file. (default: sluice/config.toml below $XDG_CONFIG_HOME or ~/.config)",
      completion: .file(extensions: ["toml"]))
    var file: String?

    func run() throws {
      StandardOutput.require()
      let environment = ProcessInfo.processInfo.environment
      let settings = try RunConfiguration.settings
      let read: SettingsFile
      do throws(ConfigFile.Doubt) {
        let file =
          if let path = self.file { ConfigFile(path: RunConfiguration.absolute(path)) } else {
            try ConfigFile { environment[$0] }
          }
        guard let text = try file.text() else {
          throw ConfigFile.Doubt("\(file.path): there is no such file")
        }
        read = SettingsFile(text, path: file.path, settings: settings, home: environment["HOME"])
      } catch {
        warn(error.reason)
        throw ExitCode(2)
      }
      var problems = read.problems
      for cluster in [nil] + read.clusters.map(Optional.some) {
        for problem in try Self.misfits(of: read, cluster, settings)
        where !problems.contains(problem) {
          problems.append(problem)
        }
      }
      if problems.isEmpty { problems = try SeveralClusters.refusals(of: read, settings) }
      for problem in problems.sorted() { StandardOutput.say("\(problem)") }
      guard problems.isEmpty else { throw ExitCode.failure }
      StandardOutput.say("\(read.path): nothing found".safe(limit: 400))
    }

    /// Values that do not fit, found by giving them to the parser until it refuses none any more.
    ///
    /// What is only wrong without a value that did not fit, such as one of a pair, is no fault of its own.
    private static func misfits(
      of file: SettingsFile, _ cluster: SettingsFile.Cluster?, _ settings: [Setting]
    ) throws -> [SettingsProblem] {
      func resolution(without misfits: Set<String>) throws -> Resolution {
        try Resolution(
          settings.filter { !misfits.contains($0.name) }, typed: [:], environment: [:], file: file,
          cluster: cluster)
      }
      let whole = try resolution(without: [])
      var misfits: Set<String> = []
      var problems: [SettingsProblem] = []
      while true {
        do {
          _ = try AllSettings.parse(try resolution(without: misfits).arguments)
          return problems
        } catch {
          let message = AllSettings.message(for: error)
          let named = whole.named(in: message)
          let names = Set(named.map(\.setting.name))
          if names.isDisjoint(with: misfits) {
            let place = named.first?.place ?? file.path
            problems.append(SettingsProblem(place, whole.masked(ValueForm.explained(message))))
          }
          guard !names.isSubset(of: misfits) else { return problems }
          misfits.formUnion(names)
        }
      }
    }
  }
}

extension Resolution.Value {
  fileprivate var place: String? {
    switch origin {
    case .cluster(_, let place), .file(let place): place
    default: nil
    }
  }
}
